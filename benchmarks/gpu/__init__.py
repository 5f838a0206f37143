"""The Keras engine on a GPU beside facenet-pytorch's batch mode: `python -m benchmarks.gpu`.

How it is measured:

- From decoded pixels in the memory of the host to faces there: what is copied to the device and back counts.
- The same pictures in the same order, min_face_size 20, in batches; one batch of each size goes before, uncounted, and
  compiles what is compiled. facenet-pytorch, in an environment and a process of its own, is given the same batches as
  arrays (n, h, w, 3), which its batch mode takes, on the same GPU, right after.
- The profile runs the same batches once more and waits for the device after each stage, so its sum is a little more
  than the whole. "fixed" is what a batch costs without regard to its pictures: launches and waiting; it is the
  intercept of a line through times of batches of 1 picture and of a full one.
- Arithmetic is counted as the networks are written down (`benchmarks.limit.flops`), over the crops that the networks
  looked at, those that fill up their number included. The limit is what a product of two matrices of 8192 x 8192
  reaches on the same device, in full float32 and, for comparison, as the backend does it by itself, which may be TF32.
- Where there is no such device, nothing is measured: exit code 3.
"""
