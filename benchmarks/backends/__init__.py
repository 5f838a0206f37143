"""The Keras engine on each of its backends: `python -m benchmarks.backends`.

How it is measured:

- Each backend runs in a process of its own, one after the other, and nothing else of ours beside it.
- The first call is that of a new process: it makes the networks' tables and compiles every stage for the shapes it
  meets. What importing Keras takes is a column of its own.
- Steady is the median of calls on the same picture after the first; a batch is eight pictures of one size.
- Memory is the most that the process had at any time, with its backend, which has hundreds of megabytes alone.
- Differences are the largest to the reference over all faces of the pictures, each face with its own.
"""
