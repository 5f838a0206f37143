"""Extraction on a Ray cluster: the result of one machine, whatever fails, at what cost, and how it grows.

    python -m benchmarks.distributed                     # all of it; or by name: same faults overhead growth cost
    python -m benchmarks.distributed faults --pictures 500

- same: photographs and made pictures, every file and every row beside those of the one-machine job;
- faults: three nodes on this machine: one is removed in the middle, processes are killed, a picture ends them;
- overhead: pictures a second beside the one-machine job, in turn, on as many cores;
- growth: one and two actors; and the memory of the driver, with names alone and a constant in the place of detection;
- cost: processor seconds and bytes a picture, and what follows from them for a million and a billion.

Made pictures are parts of the public-domain samples, see `scripts.sample_pictures`. Every process that is begun here
ends here.
"""
