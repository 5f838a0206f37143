"""`MTCNN` with the calls of the `mtcnn` package, in the form of its release 0.1.1 or 1.0.0.

from facecascade.compat.mtcnn import MTCNN              # was: from mtcnn import MTCNN
from facecascade.compat.mtcnn import MTCNN0 as MTCNN    # the same, for a script that ran with mtcnn 0.1.1
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from facecascade.compat import mtcnn_rows
from facecascade.compat.arguments import check_choice, check_fixed, warn, warn_device
from facecascade.detector import MTCNN as Detector  # noqa: N811 - this file has an MTCNN of its own
from facecascade.engines.reference import GEOMETRIES, nms
from facecascade.errors import ImageError
from facecascade.faces import Faces
from facecascade.read import PictureSource, read_picture
from facecascade.settings import (
    CELL,
    NMS_ACROSS_LEVELS,
    NMS_AFTER_RNET,
    NMS_FINAL,
    NMS_WITHIN_LEVEL,
    Geometry,
    Settings,
    Stages,
)

STAGES: Final[dict[str, Stages]] = {"face_detection_only": 2, "face_and_landmarks_detection": 3}
"""Choices of stages by the names that mtcnn 1.0.0 has for them."""
BOX_FORMATS: Final = ("xywh", "xyxy")
OUTPUT_TYPES: Final = ("json", "numpy")
JUSTIFICATIONS: Final = (
    *("center", "top", "topleft", "topright", "bottom", "bottomleft", "bottomright"),
    *("left", "right"),
)
OF_RELEASE_0: Final = frozenset({"weights_file", "min_face_size", "steps_threshold", "scale_factor"})
"""What the constructor of mtcnn 0.1.1 alone takes."""

InvalidImage = ImageError
"""What mtcnn 0.1.1 raises for something that is no picture."""


class MTCNN:
    """The detector of the `mtcnn` package: `MTCNN0` where the arguments are those of 0.1.1, else `MTCNN1`.

    `weights_file`, `min_face_size`, `steps_threshold` and `scale_factor`, by name or by position, belong to 0.1.1;
    `stages` and `device` to 1.0.0, which is also what `MTCNN()` alone stands for.
    """

    def __new__(cls, *args: Any, **options: Any) -> MTCNN:
        """The detector that takes these arguments."""
        if cls is not MTCNN:
            return super().__new__(cls)
        return super().__new__(MTCNN0 if _of_release_0(args, options) else MTCNN1)

    if TYPE_CHECKING:

        def detect_faces(self, *args: Any, **options: Any) -> Any:
            """See `MTCNN0.detect_faces` and `MTCNN1.detect_faces`."""

        def predict(self, *args: Any, **options: Any) -> Any:
            """See `MTCNN1.predict`."""


class MTCNN0(MTCNN):
    """The detector with the calls of mtcnn 0.1.1.

    Args:
        weights_file: a legacy `.npy` or a `.safetensors` file; None for the bundled weights, which are the same.
        min_face_size: side in pixels of the smallest face to look for.
        steps_threshold: three probabilities, for P-Net, R-Net and O-Net; None for .6, .7, .7.
        scale_factor: ratio of the sides of neighbouring levels of the image pyramid.
        geometry: "classic" for the boxes of mtcnn, "subpixel" for more exact ones.

    Raises:
        SettingsError: a setting cannot work.
        WeightsError: the weights cannot be read or have a wrong shape.
    """

    def __init__(
        self,
        weights_file: str | Path | None = None,
        min_face_size: int = 20,
        steps_threshold: list[float] | None = None,
        scale_factor: float = 0.709,
        *,
        geometry: Geometry = "classic",
    ) -> None:
        self._detector = Detector(
            weights=weights_file,
            min_face_size=min_face_size,
            scale_factor=scale_factor,
            thresholds=(0.6, 0.7, 0.7) if steps_threshold is None else steps_threshold,
            geometry=geometry,
        )

    @property
    def min_face_size(self) -> int:
        """Side in pixels of the smallest face that is looked for; cut to a whole number when set."""
        return int(self._detector.settings.min_face_size)

    @min_face_size.setter
    def min_face_size(self, size: int) -> None:
        settings = self._detector.settings.to_dict() | {"min_face_size": int(size)}
        self._detector = Detector(weights=self._detector.weights, **settings)

    def detect_faces(self, img: PictureSource) -> list[dict[str, Any]]:
        """Faces of one picture, best first.

        Args:
            img: RGB array (h, w, 3); whatever else `facecascade.read_picture` takes is taken too.

        Returns:
            A dict a face: "box" [x, y, width, height], whole numbers cut towards zero, x and y at least 0;
            "confidence"; "keypoints", an (x, y) of whole numbers for each landmark, by name. [] if there are none.

        Raises:
            ImageError: it is no picture; also known as `InvalidImage`.
        """
        return [_release_0_dict(**face) for face in self._detector.detect_faces(img)]


class MTCNN1(MTCNN):
    """The detector with the calls of mtcnn 1.0.0.

    Args:
        stages: "face_and_landmarks_detection", or "face_detection_only" to stop after R-Net.
        device: everything is computed on the CPU; another device gives a warning.
        geometry: "classic" for boxes like those of mtcnn, "subpixel" for more exact ones.

    Raises:
        SettingsError: there are no such stages; mtcnn's own stage objects are not taken.
    """

    def __init__(
        self, stages: str = "face_and_landmarks_detection", device: str = "CPU:0", *, geometry: Geometry = "classic"
    ) -> None:
        check_choice("stages", stages, tuple(STAGES))
        warn_device(device)
        self._device = device
        self._detector = Detector(geometry=geometry, stages=STAGES[stages])

    @property
    def device(self) -> str:
        """The device that was asked for."""
        return self._device

    def predict(self, image: Any, *args: Any, **options: Any) -> Any:
        """Another name of `detect_faces`."""
        return self.detect_faces(image, *args, **options)

    def detect_faces(
        self,
        image: Any,
        fit_to_image: bool = True,
        limit_boundaries_landmarks: bool = False,
        box_format: str = "xywh",
        output_type: str = "json",
        postprocess: bool = True,
        batch_stack_justification: str = "center",
        *,
        min_face_size: float = 20,
        min_size: float = CELL,
        scale_factor: float = 0.709,
        threshold_pnet: float = 0.6,
        nms_pnet1: float = NMS_WITHIN_LEVEL,
        nms_pnet2: float = NMS_ACROSS_LEVELS,
        threshold_rnet: float = 0.7,
        nms_rnet: float = NMS_AFTER_RNET,
        threshold_onet: float = 0.8,
        nms_onet: float = NMS_FINAL,
    ) -> Any:
        """Faces of one picture, best first, or of each of a list of pictures, which may differ in size.

        Args:
            image: a path, an encoded picture as bytes, an RGB array (h, w, 3), or a list of these.
            fit_to_image: cut boxes to the picture, to x from 0 to w - 1 and y from 0 to h - 1.
            limit_boundaries_landmarks: the same for landmarks; only together with `fit_to_image`.
            box_format: "xywh" for [x, y, width, height], "xyxy" for [x1, y1, x2, y2].
            output_type: "json" for dicts, "numpy" for one array.
            postprocess: False leaves boxes and landmarks as they are, whatever the two arguments above say.
            batch_stack_justification: pictures of a list are not padded to one size, so this has no effect.
            min_face_size: side in pixels of the smallest face to look for.
            min_size: mtcnn takes it and does not use it; another value than 12 gives a warning.
            scale_factor: ratio of the sides of neighbouring levels of the image pyramid.
            threshold_pnet: probability to reach in P-Net.
            nms_pnet1: fixed: another value than .5 is an error.
            nms_pnet2: fixed at .7, likewise.
            threshold_rnet: probability to reach in R-Net.
            nms_rnet: fixed at .7, likewise.
            threshold_onet: probability to reach in O-Net.
            nms_onet: fixed at .7, likewise.

        Returns:
            "json": a list of dicts: "box" of rounded ints, "confidence", and unless R-Net was the last stage
            "keypoints", [x, y] of rounded numpy.int64 by name; for a list of pictures a list of these. "numpy": (n, 16)
            float64, or (n, 6) after R-Net: position of the picture, box, confidence, five x, five y.

        Raises:
            ImageError: a picture cannot be read, or is none.
            SettingsError: a value cannot work, or is none that this cascade can have.
        """
        check_choice("box_format", box_format, BOX_FORMATS)
        check_choice("output_type", output_type, OUTPUT_TYPES)
        check_choice("batch_stack_justification", batch_stack_justification, JUSTIFICATIONS)
        check_fixed("nms_pnet1", nms_pnet1, NMS_WITHIN_LEVEL)
        check_fixed("nms_pnet2", nms_pnet2, NMS_ACROSS_LEVELS)
        check_fixed("nms_rnet", nms_rnet, NMS_AFTER_RNET)
        check_fixed("nms_onet", nms_onet, NMS_FINAL)
        if min_size != CELL:
            warn(f"min_size={min_size!r} has no effect, nor has it in mtcnn 1.0.0: set min_face_size")
        settings = Settings(
            min_face_size=min_face_size,
            scale_factor=scale_factor,
            thresholds=(threshold_pnet, threshold_rnet, threshold_onet),
            geometry=self._detector.settings.geometry,
            stages=self._detector.settings.stages,
        )
        pictures = [read_picture(one) for one in (image if isinstance(image, list) else [image])]
        rows = mtcnn_rows.from_faces(self._detect(pictures, settings), points=settings.stages == 3)
        if postprocess and fit_to_image:
            mtcnn_rows.fit(rows, [picture.shape[:2] for picture in pictures], points=limit_boundaries_landmarks)
        if box_format == "xywh":
            rows[:, 3:5] -= rows[:, 1:3]
        if output_type == "numpy":
            return rows
        dicts = mtcnn_rows.to_dicts(rows, pictures=len(pictures))
        return dicts if isinstance(image, list) else dicts[0]

    def _detect(self, pictures: list[NDArray[np.uint8]], settings: Settings) -> list[Faces]:
        found = self._detector.engine.detect(pictures, settings)
        return found if settings.stages == 3 else [_apart(faces) for faces in found]


def _of_release_0(args: tuple[Any, ...], options: dict[str, Any]) -> bool:
    if args:
        # No stages have a suffix, and every weights file has one.
        return args[0] is None or (isinstance(args[0], str | os.PathLike) and bool(Path(args[0]).suffix))
    return not OF_RELEASE_0.isdisjoint(options)


def _release_0_dict(*, box: list[int], confidence: float, keypoints: dict[str, list[int]]) -> dict[str, Any]:
    places = {name: tuple(place) for name, place in keypoints.items()}
    return {"box": box, "confidence": np.float64(confidence), "keypoints": places}


def _apart(faces: Faces) -> Faces:
    """The faces of R-Net without those that calibration has moved onto a better one: mtcnn suppresses after it."""
    boxes, scores = faces.boxes.astype(np.float64), faces.scores.astype(np.float64)
    return faces[nms(boxes, scores, threshold=NMS_AFTER_RNET, geometry=GEOMETRIES["subpixel"])]
