"""The little of torchvision that facenet-pytorch 2.6.0 needs to detect, for a torch that no torchvision on PyPI fits.

It goes on the search path of that package's process alone, and comes before no real torchvision, since there is none.
"""
