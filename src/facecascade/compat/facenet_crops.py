"""Pictures and crops in the form of facenet-pytorch: which argument is one picture, and a face cut out as a tensor."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facecascade.engines.reference import coverage
from facecascade.errors import SettingsError
from facecascade.extras import load
from facecascade.files import Replacement
from facecascade.read import read_picture

Corners = tuple[int, int, int, int]
"""x1, y1, x2, y2 in whole pixels."""


def fixed_image_standardization(image_tensor: Any) -> Any:
    """Levels from 0 to 255 as (x - 127.5) / 128, what FaceNet was trained on; of a tensor or an array."""
    return (image_tensor - 127.5) / 128.0


def extract_face(img: Any, box: Any, image_size: int = 160, margin: float = 0, save_path: str | None = None) -> Any:
    """One face cut out of its picture and brought to a square of one size.

    Args:
        img: Pillow image, array or tensor (h, w, 3), RGB; a path or bytes are read first.
        box: x1, y1, x2, y2 in pixels; cut to whole pixels and to the picture.
        image_size: side of the crop in pixels.
        margin: added to the box, both sides together, in pixels of the crop.
        save_path: file to write the crop to; its folder is made.

    Returns:
        (3, image_size, image_size) float32 tensor, 0 to 255.

    Raises:
        SettingsError: the margin is not below `image_size`, the box covers no pixel, or the path has no known suffix.
        ImageError: the picture cannot be read.
        MissingExtra: torch is not installed.
    """
    torch = load("torch", feature="extract_face")
    img = img if hasattr(img, "shape") else opened(img)
    face = _resized(img, _widened(box, image_size, margin, size(img)), image_size)
    if save_path is not None:
        _save(face, Path(save_path))
    return torch.from_numpy(face.transpose(2, 0, 1).astype(np.float32))


def is_batch(img: Any) -> bool:
    """Whether these are several pictures: a list, a tuple, or an array or tensor of four axes."""
    return isinstance(img, list | tuple) or len(getattr(img, "shape", ())) == 4


def pixels(img: Any) -> NDArray[np.uint8]:
    """(h, w, 3) uint8 RGB of one picture; a Pillow image as it is stored, so that boxes fit the caller's image."""
    if hasattr(img, "shape"):
        return read_picture(_array(img))
    return np.asarray(opened(img).convert("RGB"))


def size(img: Any) -> tuple[int, int]:
    """(width, height) of one picture in pixels."""
    if hasattr(img, "shape"):
        return img.shape[1], img.shape[0]
    width, height = opened(img).size
    return width, height


def opened(source: Any) -> Any:
    """A Pillow image as it is; whatever else can be read as one."""
    from PIL import Image

    return source if isinstance(source, Image.Image) else Image.fromarray(read_picture(source))


def _array(img: Any) -> NDArray[Any]:
    """The numbers of an array, or of a tensor, on whatever device and with whatever gradients."""
    return np.asarray(img.detach().cpu() if hasattr(img, "detach") else img)


def _widened(box: Any, image_size: int, margin: float, limit: tuple[int, int]) -> Corners:
    """The box with its margin, cut to whole pixels and to the picture."""
    if not 0 <= margin < image_size:
        raise SettingsError(f"expected a margin from 0 to below image_size={image_size}, got {margin!r}")
    x1, y1, x2, y2 = (float(value) for value in box)
    dx, dy = (margin * side / (image_size - margin) / 2 for side in (x2 - x1, y2 - y1))
    corners = int(max(x1 - dx, 0)), int(max(y1 - dy, 0)), int(min(x2 + dx, limit[0])), int(min(y2 + dy, limit[1]))
    if corners[0] >= corners[2] or corners[1] >= corners[3]:
        raise SettingsError(f"expected a box that covers a pixel of a picture of {limit}, got {(x1, y1, x2, y2)}")
    return corners


def _resized(img: Any, corners: Corners, side: int) -> NDArray[np.uint8]:
    """(side, side, 3): what facenet-pytorch does with each kind of picture, since recognition depends on it."""
    x1, y1, x2, y2 = corners
    if not hasattr(img, "shape"):
        from PIL.Image import Resampling

        return np.asarray(img.convert("RGB").crop(corners).resize((side, side), Resampling.BILINEAR))
    if hasattr(img, "detach"):
        return _pooled(img[y1:y2, x1:x2], side)
    inside = read_picture(img)[y1:y2, x1:x2]
    rows, columns = (coverage(0, length, side, low=0, high=length, least=0) for length in inside.shape[:2])
    levels = np.einsum("iy,yxc,jx->ijc", rows, inside, columns, optimize=True)
    crop: NDArray[np.uint8] = np.rint(levels).astype(np.uint8)
    return crop


def _pooled(inside: Any, side: int) -> NDArray[np.uint8]:
    """A tensor's pixels averaged in torch's way, cut to whole levels."""
    interpolate = load("torch", feature="extract_face").nn.functional.interpolate
    levels = interpolate(inside.detach().permute(2, 0, 1)[None].float(), size=(side, side), mode="area")
    crop: NDArray[np.uint8] = levels[0].permute(1, 2, 0).byte().cpu().numpy()
    return crop


def _save(face: NDArray[np.uint8], path: Path) -> None:
    from PIL import Image

    formats = Image.registered_extensions()
    if path.suffix.lower() not in formats:
        raise SettingsError(f"expected save_path with the suffix of a picture format, got {str(path)!r}")
    path.parent.mkdir(parents=True, exist_ok=True)
    with Replacement(path) as replacement:
        Image.fromarray(face).save(replacement.path, format=formats[path.suffix.lower()])
