"""Speed, side by side with other packages: `python -m benchmarks.peers`.

How it is kept fair:

- Each package lives in a virtual environment of its own under .venvs/, made on first use from pinned requirements (the
  text files in this folder), and runs in a process of its own, as its users have it, with its default settings but for
  the least face size, which is the same for all. Landmarks are asked for wherever a package can give them.
- Every package gets the same decoded pixels, from one .npy file. Only its detection call is timed, in its own process;
  reading the picture, loading the weights and turning the result into a common form are not.
- Packages take turns, A B A B, so that a machine that slows down slows all of them. A process is stopped while it is
  not its turn, since OpenMP's threads wait in a busy loop. In a turn, a short detection is repeated for a tenth of a
  second.
- Rounds in which other programs kept threads waiting for a core, as Linux tells it, are run again. torch loses far more
  than its share on a busy machine, since its threads wait for each other in a busy loop: figures that come with the
  program's warning flatter everybody else.
- All use the same number of threads, set by each package's own means and by the environment variables of the usual
  numeric libraries.
- Medians are compared, and besides them the ratios of neighbours in time, round by round, whose median is less shaken
  by other load on the machine. The number of faces found is shown: a fast detector that finds nothing is no detector.

facenet-pytorch 2.6.0 runs with torch 2.2.2 and torchvision 0.17.2, because its own metadata asks for torch < 2.3 and
torchvision < 0.18. PyPI has them as builds for CUDA, about 5 GB, which run on the CPU with the same CPU kernels as any
other build (oneDNN and MKL; AVX-512 where there is one) and with torchvision's own compiled NMS, so nothing had to be
replaced. A newer torch, 2.13.0 for CPUs alone, is there too, with a stand-in for that NMS (stand_in/), so that nobody
can say we had chosen the slower one. `--verify N` compares what a package finds with results recorded elsewhere.

YuNet is no MTCNN: it is here for those who would otherwise take the detector that OpenCV brings along. It has no least
face size, so its time and the others' are not for the same work.

Another package is a file in detectors/ with `PEER` and `load`, its pinned requirements, and its name in peer.py.
"""
