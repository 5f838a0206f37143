"""Fine-tune the landmark head of O-Net on marked faces, and use the result in the native engine.

    KERAS_BACKEND=torch python -m examples.fine_tune_landmarks -o mine.safetensors
    KERAS_BACKEND=torch python -m examples.fine_tune_landmarks --data FOLDER -o mine.safetensors

It takes these steps, one function each:

 1. Pictures with five marked points a face: from a folder, or composed of two public-domain portraits.
 2. The squares that R-Net hands to O-Net in them, and some beside these: `MTCNN.trace`.
 3. Crops of them as O-Net sees them, and the marks in shares of their side: `facecascade.engines.reference`.
 4. A few epochs of the one layer that gives landmarks, all others as they are: `facecascade.networks.ONet`.
 5. A file of weights, `Weights.save`, and the error that the whole detector makes with it: `facecascade.evaluate`.

FOLDER holds annotations.json, a list of objects, one a picture:

    {"image": "images/one.jpg", "faces": [{"box": [x1, y1, x2, y2], "landmarks": [[x, y], ...]}]}

in pixels of the upright picture; five points a face, left_eye, right_eye, nose, mouth_left, mouth_right, where left is
the left side of the picture, and (0, 0) is the centre of the first pixel. "box" may be the hull of the points.

Without a folder it needs the sample pictures of this repository, and marks them itself: where the detector finds the
points in the clean portrait, moved as the portrait is turned, shrunk and shifted. That shows how to train and that it
works. Two people are no set to train a detector on: use the weights of such a run for nothing.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from facecascade import MTCNN, FacecascadeError, Weights, read_picture
from facecascade.backend import keras
from facecascade.engines.reference import GEOMETRIES, crops, normalised, tightened
from facecascade.evaluate import Marked, landmark_errors, read_marked
from facecascade.networks import ONet, tensors_of
from facecascade.settings import ONET_SIDE

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float64]
GEOMETRY = GEOMETRIES["subpixel"]
CROPS_OF_A_FACE = 4
SIDE = 256
"""Side in pixels of a composed picture."""


@dataclass(frozen=True)
class Sample:
    """A picture, (h, w, 3) uint8 RGB, and the faces that are marked in it."""

    name: str
    picture: Pixels
    marked: Marked


@dataclass(frozen=True)
class Crops:
    """What O-Net is trained with.

    Attributes:
        pixels: (n, 48, 48, 3) float32, about -1 to 1.
        points: (n, 5, 2) float32, the marked points in shares of the crop's side from its left upper corner.
    """

    pixels: NDArray[np.float32]
    points: NDArray[np.float32]


# --- 1. Pictures with marked faces ------------------------------------------------------------------------------------


def read_samples(folder: Path, *, limit: int) -> list[Sample]:
    """The first pictures of a folder whose faces are marked with landmarks."""
    marked = {name: faces for name, faces in read_marked(folder).items() if faces.landmarks is not None}
    return [Sample(name, read_picture(folder / name), marked[name]) for name in list(marked)[:limit]]


def compose_samples(count: int, *, chance: np.random.Generator) -> list[Sample]:
    """Two portraits in turns, each time turned, shrunk and shifted otherwise, with the points of the clean portrait."""
    from scripts.sample_pictures import SOURCES, sample_pictures

    paths = sample_pictures()
    portraits = [read_picture(paths[name]) for name in SOURCES]
    with MTCNN(min_face_size=60) as detector:
        clean = [detector.detect(portrait)[0] for portrait in portraits]
    samples = []
    for number in range(count):
        which = number % len(portraits)
        points = np.asarray(clean[which].landmarks, np.float64)
        size = chance.uniform(50, 110) / clean[which].width
        picture, points = _moved(portraits[which], points, size=size, chance=chance)
        hull = np.concatenate([points.min(axis=0), points.max(axis=0)])
        samples.append(
            Sample(f"composed {number}", picture, Marked(hull[None], {"all": np.ones(1, bool)}, points[None]))
        )
    return samples


def _moved(picture: Pixels, points: Floats, *, size: float, chance: np.random.Generator) -> tuple[Pixels, Floats]:
    """The picture shrunk to `size`, turned by up to 25 degrees around the face, the face about in the middle."""
    small = Image.fromarray(picture).resize(
        (round(picture.shape[1] * size), round(picture.shape[0] * size)), Image.Resampling.LANCZOS
    )
    shrunk = (points + 0.5) * (small.width / picture.shape[1], small.height / picture.shape[0])  # edges, not centres
    angle = np.radians(chance.uniform(-25, 25))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    middle, target = shrunk.mean(axis=0), SIDE / 2 + chance.uniform(-30, 30, 2)
    back = np.column_stack([turn.T, middle - turn.T @ target])  # from the new picture to the shrunk one
    turned = small.transform((SIDE, SIDE), Image.Transform.AFFINE, back.ravel().tolist(), Image.Resampling.BICUBIC)
    return np.asarray(turned), (shrunk - middle) @ turn.T + target - 0.5


# --- 2. and 3. What O-Net is shown ------------------------------------------------------------------------------------


def crops_of(samples: list[Sample], *, detector: MTCNN, chance: np.random.Generator) -> Crops:
    """Crops around the marked faces as the detector makes them, a few of each face, and as many a little off."""
    pixels, points = [], []
    for sample in samples:
        squares = detector.trace(sample.picture).refined.boxes.astype(np.float64)
        for face in _faces(sample.marked):
            around = tightened(squares[_belong(squares, face)][:CROPS_OF_A_FACE], GEOMETRY.onet_crop)
            around = np.concatenate([around, _shaken(around, chance=chance)])
            sides = around[:, 2] - around[:, 0]
            pixels.append(normalised(crops(sample.picture, around, ONET_SIDE, geometry=GEOMETRY)))
            points.append((face + GEOMETRY.point - around[:, None, :2]) / sides[:, None, None])
    if not pixels or not sum(map(len, pixels)):
        raise SystemExit("expected pictures in which R-Net finds the marked faces, got none; are the marks in pixels?")
    return Crops(np.concatenate(pixels).astype(np.float32), np.concatenate(points).astype(np.float32))


def _faces(marked: Marked) -> list[Floats]:
    """The points (5, 2) of each face that counts and has them."""
    assert marked.landmarks is not None
    counted = np.logical_or.reduce([np.zeros(len(marked), bool), *marked.members.values()])
    return [face for face, counts in zip(marked.landmarks, counted, strict=True) if counts and np.isfinite(face).all()]


def _belong(squares: Floats, face: Floats) -> NDArray[np.bool_]:
    """Which squares show this face: all five points lie inside, and spread over a good part of it."""
    inside = (face >= squares[:, None, :2]) & (face <= squares[:, None, 2:])
    spread = np.ptp(face, axis=0).max() / (squares[:, 2] - squares[:, 0])
    belong: NDArray[np.bool_] = inside.all(axis=(1, 2)) & (spread > 0.3)
    return belong


def _shaken(squares: Floats, *, chance: np.random.Generator) -> Floats:
    """Squares up to a twelfth of their side away, and up to a tenth larger or smaller."""
    sides = squares[:, 2:] - squares[:, :2]
    middle = (squares[:, :2] + squares[:, 2:]) / 2 + sides * chance.uniform(-1 / 12, 1 / 12, sides.shape)
    half = sides / 2 * chance.uniform(0.9, 1.1, (len(sides), 1))
    return np.concatenate([middle - half, middle + half], axis=1)


# --- 4. Training ------------------------------------------------------------------------------------------------------


def body_and_head(onet: Any) -> tuple[Any, Any]:
    """O-Net up to the layer that gives landmarks, and from there on; both share its layers.

    The body does not learn here, so it sees each crop once, and an epoch costs next to nothing. To train more of the
    network, set `trainable` of its layers and `fit` the whole: onet.compile(loss={"landmarks": "mean_squared_error"}).
    """
    body = keras.Model(onet.input, onet.get_layer("landmarks").input)
    features = x = keras.Input(body.output.shape[1:])  # (n, 256)
    for name in ("landmarks", "rows", "pairs"):
        x = onet.get_layer(name)(x)  # (n, 5, 2) at last
    return body, keras.Model(features, x)


def train(onet: Any, learn: Crops, held_out: Crops, *, epochs: int, rate: float) -> None:
    """Train the landmark head, and say how the loss goes: the mean squared error in shares of the crop's side."""
    body, head = body_and_head(onet)
    known, other = (body.predict(data.pixels, batch_size=64, verbose=0) for data in (learn, held_out))
    head.compile(optimizer=keras.optimizers.Adam(rate), loss="mean_squared_error")
    print(f"{'epoch':>8}  {'loss':>9}  {'held out':>9}", flush=True)
    done = 0
    for stop in sorted({round(epochs * tenth / 10) for tenth in range(11)}):
        if stop > done:
            head.fit(known, learn.points, batch_size=64, epochs=stop - done, verbose=0)
        done = stop
        losses = [
            head.evaluate(x, data.points, batch_size=256, verbose=0) for x, data in ((known, learn), (other, held_out))
        ]
        print(f"{done:>8}  {losses[0]:9.6f}  {losses[1]:9.6f}", flush=True)


# --- 5. The result ----------------------------------------------------------------------------------------------------


def error(samples: list[Sample], weights: Path | None) -> tuple[float, int]:
    """Mean error of the native detector's points by the distance of the eyes, and how many faces it finds."""
    with MTCNN(weights=weights) as detector:
        found = {sample.name: detector.detect(sample.picture) for sample in samples}
    errors = landmark_errors(found, {sample.name: sample.marked for sample in samples})
    return errors.by_eyes().mean, int(errors.matched.sum())


def main() -> None:
    """Read or compose, train, save, compare."""
    chosen = _arguments()
    chance = np.random.default_rng(chosen.seed)
    keras.utils.set_random_seed(chosen.seed)
    if chosen.data is None:
        samples = compose_samples(chosen.pictures, chance=chance)
    else:
        samples = read_samples(chosen.data, limit=chosen.pictures)
    if len(samples) < 4:
        raise SystemExit(f"expected at least 4 pictures with marked landmarks, got {len(samples)}")
    learn, held_out = samples[: -(len(samples) // 4)], samples[-(len(samples) // 4) :]
    bundled = Weights.load()
    with MTCNN(weights=bundled) as detector:
        parts = [crops_of(part, detector=detector, chance=chance) for part in (learn, held_out)]
    print(f"Keras {keras.__version__} on {keras.backend.backend()}")
    print(
        f"{len(learn)} pictures to learn from, {len(parts[0].pixels)} crops; {len(held_out)} and "
        f"{len(parts[1].pixels)} held out"
    )
    onet = ONet(bundled.tensors)
    train(onet, *parts, epochs=chosen.epochs, rate=chosen.rate)
    metadata = {"origin": "fine-tuned: examples/fine_tune_landmarks.py"}
    Weights(dict(bundled.tensors) | tensors_of(onet), metadata=metadata).save(chosen.output)
    print("landmark error on held-out pictures, native engine (by the eyes' distance; faces found):")
    for name, weights in (("bundled", None), (str(chosen.output), chosen.output)):
        mean, faces = error(held_out, weights)
        print(f"  {name}: {mean:.4f} ({faces})")
    print(f'use it: MTCNN(weights="{chosen.output}")')


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m examples.fine_tune_landmarks",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        default=Path("fine_tuned.safetensors"),
        metavar="FILE",
        help="weights of all three networks, .safetensors or .npy (default: %(default)s)",
    )
    parser.add_argument("--data", type=Path, metavar="FOLDER", help="marked pictures; without it some are composed")
    parser.add_argument(
        "--pictures",
        type=int,
        default=60,
        metavar="N",
        help="how many to take or compose; the last quarter is held out (default: %(default)s)",
    )
    parser.add_argument("--epochs", type=int, default=6, metavar="N", help="rounds of training (default: %(default)s)")
    parser.add_argument("--rate", type=float, default=0.001, help="Adam's learning rate (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of all that is drawn by chance (default: %(default)s)")
    chosen = parser.parse_args()
    # Before anything is trained, so that no result is lost for want of a place.
    if chosen.output.suffix not in (".safetensors", ".npy") or not chosen.output.parent.is_dir():
        parser.error(f"expected a .safetensors or .npy file in a folder that exists, got {chosen.output}")
    if chosen.epochs < 1:
        parser.error(f"expected at least 1 epoch, got {chosen.epochs}")
    return chosen


if __name__ == "__main__":
    try:
        main()
    except FacecascadeError as problem:
        raise SystemExit(str(problem)) from None
