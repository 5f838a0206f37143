"""`MTCNN`, `extract_face` and `fixed_image_standardization` with the calls of facenet-pytorch 2.6.

    from facecascade.compat.facenet_pytorch import MTCNN      # was: from facenet_pytorch import MTCNN

Detecting needs NumPy alone; whatever returns crops returns torch tensors, and so needs torch.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from facecascade.compat.arguments import check_choice, warn_device
from facecascade.compat.facenet_crops import extract_face, fixed_image_standardization, is_batch, pixels, size
from facecascade.detector import MTCNN as Detector  # noqa: N811 - this file has an MTCNN of its own
from facecascade.errors import SettingsError
from facecascade.extras import load
from facecascade.faces import Faces
from facecascade.settings import Geometry, Settings

__all__ = ["MTCNN", "extract_face", "fixed_image_standardization"]

SELECTION_METHODS: Final = ("largest", "probability", "largest_over_threshold", "center_weighted_size")

Floats = NDArray[np.float64]


class MTCNN:
    """The detector with the calls of facenet-pytorch.

    All arguments but `device` and `geometry` are attributes, and may be changed between calls.

    Args:
        image_size: side of a crop in pixels.
        margin: added to the box for a crop, both sides together, in pixels of the crop.
        min_face_size: side in pixels of the smallest face to look for.
        thresholds: probabilities to reach in P-Net, R-Net and O-Net.
        factor: ratio of the sides of neighbouring levels of the image pyramid.
        post_process: crops as (x - 127.5) / 128 instead of 0 to 255.
        select_largest: largest face first, else the most probable.
        selection_method: which face is taken where one is: "largest", "probability", "largest_over_threshold" or
            "center_weighted_size"; None for what `select_largest` says.
        keep_all: all faces instead of one.
        device: everything is computed on the CPU; another device gives a warning.
        geometry: "classic" for boxes like those of facenet-pytorch, "subpixel" for more exact ones.

    Raises:
        SettingsError: a setting cannot work.
    """

    def __init__(
        self,
        image_size: int = 160,
        margin: float = 0,
        min_face_size: float = 20,
        thresholds: Sequence[float] = (0.6, 0.7, 0.7),
        factor: float = 0.709,
        post_process: bool = True,
        select_largest: bool = True,
        selection_method: str | None = None,
        keep_all: bool = False,
        device: Any = None,
        *,
        geometry: Geometry = "classic",
    ) -> None:
        warn_device(device)
        self.image_size = image_size
        self.margin = margin
        self.min_face_size = min_face_size
        self.thresholds = thresholds
        self.factor = factor
        self.post_process = post_process
        self.select_largest = select_largest
        self.selection_method = selection_method or ("largest" if select_largest else "probability")
        self.keep_all = keep_all
        check_choice("selection_method", self.selection_method, SELECTION_METHODS)
        self._detector = Detector(geometry=geometry)
        self._settings()

    @property
    def device(self) -> Any:
        """The CPU, as a torch device; needs torch."""
        return load("torch", feature="MTCNN.device").device("cpu")

    def to(self, device: Any) -> Self:
        """The detector itself, since it stays on the CPU; another device gives a warning."""
        warn_device(device)
        return self

    def eval(self) -> Self:
        """The detector itself, which never learns."""
        return self

    def __call__(self, img: Any, save_path: Any = None, return_prob: bool = False) -> Any:
        """See `forward`."""
        return self.forward(img, save_path, return_prob)

    def forward(self, img: Any, save_path: Any = None, return_prob: bool = False) -> Any:
        """Faces cut out of one picture or of several.

        Args:
            img: as in `detect`.
            save_path: file to write the crop to; a list of them for several pictures. With `keep_all`, the second face
                goes to a file whose name ends in _2, and so on.
            return_prob: return the probabilities too.

        Returns:
            (3, image_size, image_size) float32 tensor of the selected face; with `keep_all`, (n, 3, image_size,
            image_size); None if there is no face. For several pictures a list of these. With `return_prob`, that and
            the probabilities, None or [None] where there is no face.

        Raises:
            ImageError: a picture cannot be read, or is none.
            MissingExtra: torch is not installed.
        """
        boxes, probs, points = self.detect(img, landmarks=True)
        if not self.keep_all:
            boxes, probs, points = self.select_boxes(boxes, probs, points, img, method=self.selection_method)
        faces = self.extract(img, boxes, save_path)
        return (faces, probs) if return_prob else faces

    def detect(self, img: Any, landmarks: bool = False) -> Any:
        """Boxes and probabilities of the faces of one picture or of several, of any sizes.

        Args:
            img: Pillow image, RGB array or tensor (h, w, 3); for several a list, a tuple, or an array or tensor
                (n, h, w, 3). Pillow images are taken as they are stored, so that boxes fit the image passed in.
            landmarks: return landmarks too.

        Returns:
            Boxes (n, 4) x1 y1 x2 y2, probabilities (n,), landmarks (n, 5, 2), arrays of Python floats (dtype object),
            as facenet-pytorch has them; None, [None], None where there is no face. For several pictures arrays of
            these. Largest face first, or the most probable if not `select_largest`.

        Raises:
            ImageError: a picture cannot be read, or is none.
        """
        pictures = [pixels(one) for one in (img if is_batch(img) else [img])]
        found = self._detector.engine.detect(pictures, self._settings())
        columns = _columns([faces.sorted("size" if self.select_largest else "score") for faces in found])
        boxes, probs, points = columns if is_batch(img) else (column[0] for column in columns)
        return (boxes, probs, points) if landmarks else (boxes, probs)

    def select_boxes(
        self,
        all_boxes: Any,
        all_probs: Any,
        all_points: Any,
        imgs: Any,
        method: str = "probability",
        threshold: float = 0.9,
        center_weight: float = 2.0,
    ) -> tuple[Any, Any, Any]:
        """One face of each picture.

        Args:
            all_boxes: what `detect` returned.
            all_probs: likewise.
            all_points: likewise.
            imgs: the picture or the pictures that they were found in.
            method: one of `SELECTION_METHODS`.
            threshold: least probability for "largest_over_threshold".
            center_weight: for "center_weighted_size", what a squared pixel between the centres of face and picture
                counts, in pixels of the face's area.

        Returns:
            Boxes (1, 4), a probability, landmarks (1, 5, 2), or None three times; for several pictures arrays of (1,
            4), (1,) and (1, 5, 2), or of None, [None] and None.

        Raises:
            SettingsError: there is no such method.
        """
        check_choice("method", method, SELECTION_METHODS)
        batch = is_batch(imgs)
        columns = (
            (all_boxes, all_probs, all_points, imgs) if batch else ([all_boxes], [all_probs], [all_points], [imgs])
        )
        chosen = []
        for boxes, probs, points, img in zip(*columns, strict=True):
            best = None
            if boxes is not None:
                numbers = np.asarray(boxes, np.float64), np.asarray(probs, np.float64)
                best = _best(*numbers, method=method, size=size(img), threshold=threshold, center_weight=center_weight)
            chosen.append((None, [None], None) if best is None else (boxes[[best]], probs[[best]], points[[best]]))
        if batch:
            boxes, probs, points = map(_stacked, zip(*chosen, strict=True))
            return boxes, probs, points
        return chosen[0][0], chosen[0][1][0], chosen[0][2]

    def extract(self, img: Any, batch_boxes: Any, save_path: Any) -> Any:
        """Faces cut out of their picture or pictures, as `forward` returns them.

        Args:
            img: as in `detect`.
            batch_boxes: boxes as `detect` or `select_boxes` returned them; the first alone unless `keep_all`.
            save_path: as in `forward`.

        Raises:
            SettingsError: there are not as many paths as pictures.
            MissingExtra: torch is not installed.
        """
        if not is_batch(img):
            return self._extract(img, batch_boxes, save_path)
        paths = [None] * len(img) if save_path is None else save_path
        if isinstance(paths, str) or len(paths) != len(img):
            raise SettingsError(f"expected a list of {len(img)} paths, one a picture, got {save_path!r}")
        return [self._extract(*each) for each in zip(img, batch_boxes, paths, strict=True)]

    def _extract(self, img: Any, boxes: Any, path: str | None) -> Any:
        if boxes is None:
            return None
        faces = [
            self._crop(img, box, _numbered(path, i)) for i, box in enumerate(boxes if self.keep_all else boxes[:1])
        ]
        return load("torch", feature="MTCNN.extract").stack(faces) if self.keep_all else faces[0]

    def _crop(self, img: Any, box: Any, path: str | None) -> Any:
        face = extract_face(img, box, self.image_size, self.margin, path)
        return fixed_image_standardization(face) if self.post_process else face

    def _settings(self) -> Settings:
        return Settings(
            min_face_size=self.min_face_size,
            scale_factor=self.factor,
            thresholds=tuple(self.thresholds),  # type: ignore[arg-type]  # Settings checks that there are three
            geometry=self._detector.settings.geometry,
        )


def _columns(found: Sequence[Faces]) -> Iterator[NDArray[Any]]:
    """Boxes, probabilities and landmarks of all pictures: NumPy makes one table where their numbers of faces agree."""
    yield np.array([faces.boxes if len(faces) else None for faces in found], object)
    yield np.array([faces.scores if len(faces) else [None] for faces in found], object)
    yield np.array([faces.landmarks if len(faces) else None for faces in found], object)


def _stacked(rows: Sequence[Any]) -> NDArray[Any]:
    return np.array(rows, object if any(row is None for row in rows) else None)


def _best(
    boxes: Floats, probs: Floats, *, method: str, size: tuple[int, int], threshold: float, center_weight: float
) -> int | None:
    """Position of the face that the method takes; None if none reaches the threshold."""
    rank = probs if method == "probability" else np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)
    if method == "center_weighted_size":
        offset = (boxes[:, :2] + boxes[:, 2:]) / 2 - np.array(size) / 2
        rank = rank - center_weight * np.sum(offset**2, axis=1)
    if method == "largest_over_threshold":
        rank = np.where(probs > threshold, rank, -np.inf)
    best = int(np.argmax(rank))
    return best if np.isfinite(rank[best]) else None


def _numbered(path: str | None, position: int) -> str | None:
    """The path for this face: the second one's ends in _2 before the suffix."""
    if path is None or position == 0:
        return path
    return str(Path(path).with_stem(f"{Path(path).stem}_{position + 1}"))
