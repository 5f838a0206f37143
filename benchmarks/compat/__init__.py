"""The drop-ins beside the packages whose calls they have: `python -m benchmarks.compat`, or `make compat`.

One script, `script.py`, runs twice for each package, in processes of their own: in an environment with that package,
and in this one with the drop-in. Only the import differs. Both get the same pixels. Compared are the forms of the
results, type by type, and the faces: how many, and how well they overlap.

The environments are those of `benchmarks.peers`; deepface lives in that of mtcnn 1.0.0, its detector.
"""
