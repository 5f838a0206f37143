"""The script that a user of facenet-pytorch writes to find the faces of one file: `python facenet_script.py PICTURE`.

It runs in that package's environment, without this repository, and imports what it needs by name for type checkers.
"""

import json
import sys
from importlib import import_module

detector = import_module("facenet_pytorch").MTCNN(keep_all=True)
picture = import_module("PIL.Image").open(sys.argv[1]).convert("RGB")
boxes, scores, landmarks = detector.detect(picture, landmarks=True)
for box, score, points in zip(boxes, scores, landmarks, strict=True) if boxes is not None else ():
    print(json.dumps({"box": box.tolist(), "score": float(score), "landmarks": points.tolist()}))
