"""Accuracy, side by side with other packages, on the same pictures: `python -m benchmarks.ranking`.

Each package of `benchmarks.peers` runs in its environment, on the same decoded pixels, with its own default settings.
What it finds is kept under .cache/, so that only this package runs again. Measured are:

- **Average precision** by the WIDER FACE protocol, on two sets of WIDER FACE pictures.
- **Recall**, at any score: on these, faces of the hard subset at IoU .5; on `dlib_faces` at IoU .4, since its boxes are
  squares of few sizes; on portraits, whose marked boxes are hulls of points, faces whose centre lies in a found box.
- **Landmark error** (NME by the distance of the eyes) of the faces that a detector finds itself, and of those that all
  compared detectors find: who finds the difficult faces too should not pay for it.

A difference has a 95 % interval by bootstrap over pictures, paired; one that holds 0 is a difference that other
pictures of this kind need not show. The sets are small: compare detectors, never with published figures.

Targets are set against the best of the other MTCNNs in each figure by itself; no one package is that good in all of
them. Detectors of another kind are shown beside them and are no target.
"""
