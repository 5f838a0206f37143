"""Extraction on a Ray cluster: the result of one machine, whatever fails, at what cost, and how it grows.

    python -m benchmarks.distributed                     # all of it, which takes hours; or parts by name
    python -m benchmarks.distributed faults --faults 300

- same: photographs and made pictures, every file and every row beside those of the one-machine job;
- faults: three nodes on this machine: one is removed in the middle, processes are killed, a picture ends them;
- store: from and to a server that answers as S3 does, by a driver that is killed and begun again;
- large: one picture of 100 megapixels among small ones;
- overhead: pictures a second beside the one-machine job, in turn, on as many cores;
- growth: one and two actors;
- driver: its memory with 10,000 and with 1,000,000 names alone, and a constant in the place of detection;
- cost: processor seconds and bytes a picture, and what follows from them for a million and a billion.

Made pictures are parts of the public-domain samples, see `scripts.sample_pictures`. Every process that is begun here
ends here.
"""
