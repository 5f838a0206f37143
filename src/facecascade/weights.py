"""The numbers the networks have learnt: `Weights`, and `SHAPES`, which says what each array is called and looks like.

`weights/` beside this file holds the bundled file and its model card.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from facecascade import legacy, safetensors
from facecascade.errors import WeightsError
from facecascade.files import Replacement


def _conv(net: str, position: int, *, side: int, inputs: int, outputs: int) -> Iterator[tuple[str, tuple[int, ...]]]:
    yield f"{net}.conv{position}.weight", (side, side, inputs, outputs)
    yield f"{net}.conv{position}.bias", (outputs,)
    yield f"{net}.prelu{position}.alpha", (outputs,)


def _dense(name: str, *, inputs: int, outputs: int) -> Iterator[tuple[str, tuple[int, ...]]]:
    yield f"{name}.weight", (inputs, outputs)
    yield f"{name}.bias", (outputs,)


def _layers() -> Iterator[tuple[str, tuple[int, ...]]]:
    """The three networks of the paper's figure 2, layer by layer."""
    yield from _conv("pnet", 1, side=3, inputs=3, outputs=10)
    yield from _conv("pnet", 2, side=3, inputs=10, outputs=16)
    yield from _conv("pnet", 3, side=3, inputs=16, outputs=32)
    yield from _dense("pnet.score", inputs=32, outputs=2)
    yield from _dense("pnet.box", inputs=32, outputs=4)
    yield from _conv("rnet", 1, side=3, inputs=3, outputs=28)
    yield from _conv("rnet", 2, side=3, inputs=28, outputs=48)
    yield from _conv("rnet", 3, side=2, inputs=48, outputs=64)
    yield from _dense("rnet.dense", inputs=3 * 3 * 64, outputs=128)
    yield "rnet.prelu4.alpha", (128,)
    yield from _dense("rnet.score", inputs=128, outputs=2)
    yield from _dense("rnet.box", inputs=128, outputs=4)
    yield from _conv("onet", 1, side=3, inputs=3, outputs=32)
    yield from _conv("onet", 2, side=3, inputs=32, outputs=64)
    yield from _conv("onet", 3, side=3, inputs=64, outputs=64)
    yield from _conv("onet", 4, side=2, inputs=64, outputs=128)
    yield from _dense("onet.dense", inputs=3 * 3 * 128, outputs=256)
    yield "onet.prelu5.alpha", (256,)
    yield from _dense("onet.score", inputs=256, outputs=2)
    yield from _dense("onet.box", inputs=256, outputs=4)
    yield from _dense("onet.landmarks", inputs=256, outputs=10)


SHAPES: Final[Mapping[str, tuple[int, ...]]] = MappingProxyType(dict(_layers()))
"""Shape of each array by name, in the order of the networks.

Kernels are (height, width, inputs, outputs). The rows of a dense layer follow the map's (height, width, channel).
Scores are (not a face, face); boxes (x1, y1, x2, y2); landmarks five x, then five y, in the order of `LANDMARK_NAMES`.
"""


@dataclass(frozen=True, eq=False, repr=False)
class Weights:
    """The weights of the three networks, checked and read-only.

    Two of them are equal when every number is the same to the bit, whatever file they came from.

    Attributes:
        tensors: float32 array by name, in the names, order and shapes of `SHAPES`.
        name: where they came from: "bundled", "mapping", or the name of the file.
        metadata: what a .safetensors file says about itself; kept when saved as one.

    Raises:
        WeightsError: a layer is missing, unknown, of a wrong shape or type, or not finite; the message names it.
    """

    tensors: Mapping[str, NDArray[np.float32]]
    name: str = "mapping"
    metadata: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _check_names(self.tensors)
        tensors = {name: _tensor(name, self.tensors[name], shape) for name, shape in SHAPES.items()}
        object.__setattr__(self, "tensors", MappingProxyType(tensors))
        object.__setattr__(self, "metadata", MappingProxyType(dict(self.metadata)))

    @classmethod
    def load(cls, source: str | os.PathLike[str] | Mapping[str, Any] | None = None) -> Weights:
        """Weights from anywhere.

        Args:
            source: None for the bundled ones; the path of a .safetensors file or of a legacy .npy file; arrays by the
                names of `SHAPES`; or lists of arrays by network ("pnet", "rnet", "onet"), as the legacy file has them.

        Raises:
            WeightsError: the file is missing, broken or hostile, or a layer is not as it must be.
        """
        if source is None:
            tensors, metadata = safetensors.decode(_bundled())
            return cls(tensors, "bundled", metadata)
        if isinstance(source, Mapping):
            return cls(_from_mapping(source))
        return cls._from_file(Path(source))

    @classmethod
    def _from_file(cls, path: Path) -> Weights:
        suffix = _suffix(path)
        try:
            data = path.read_bytes()
        except OSError as error:
            raise WeightsError(f"expected a weights file at {path}, got {error.strerror}") from error
        try:
            if suffix == ".npy":
                return cls(legacy.from_lists(legacy.read_npy(data), shapes=SHAPES), path.name)
            tensors, metadata = safetensors.decode(data)
            return cls(tensors, path.name, metadata)
        except WeightsError as error:
            raise WeightsError(f"{path}: {error}") from error

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write them to a .safetensors file, or to a .npy file in the legacy layout.

        The file appears whole or not at all: it is written aside and then renamed.

        Raises:
            WeightsError: the path ends in anything else.
            OSError: the file cannot be written.
        """
        path = Path(path)
        if _suffix(path) == ".npy":
            data = legacy.write_npy(self.to_legacy())
        else:
            data = safetensors.encode(self.tensors, metadata=self.metadata)
        with Replacement(path) as aside:
            aside.path.write_bytes(data)

    def to_legacy(self) -> dict[str, list[NDArray[np.float32]]]:
        """Lists of float32 arrays by network, in the order, shapes and axes of the legacy file."""
        return legacy.to_lists(self.tensors, shapes=SHAPES)

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of the arrays as a .safetensors file without metadata: one for the same numbers from any file."""
        return hashlib.sha256(safetensors.encode(self.tensors)).hexdigest()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Weights):
            return NotImplemented
        return self.sha256 == other.sha256

    def __hash__(self) -> int:
        return hash(self.sha256)

    def __reduce__(self) -> tuple[object, ...]:
        return Weights, (dict(self.tensors), self.name, dict(self.metadata))

    def __repr__(self) -> str:
        return f"Weights({self.name!r}, sha256={self.sha256[:12]!r})"


def _check_names(tensors: Mapping[str, Any]) -> None:
    missing = [name for name in SHAPES if name not in tensors]
    unknown = [name for name in tensors if name not in SHAPES]
    if missing or unknown:
        parts = [f"missing {_some(missing)}"] if missing else []
        parts += [f"unknown {_some(unknown)}"] if unknown else []
        raise WeightsError(
            f"expected the {len(SHAPES)} layers of P-Net, R-Net and O-Net, got others: {'; '.join(parts)}"
        )


def _some(names: list[str]) -> str:
    more = f" and {len(names) - 4} more" if len(names) > 4 else ""
    return ", ".join(f"{name!s:.100}" for name in names[:4]) + more


def _tensor(name: str, value: Any, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """A read-only float32 copy in C order."""
    array = legacy.as_array(name, value)
    if array.shape != shape:
        raise WeightsError(f"expected {name} of shape {shape}, got {array.shape}")
    if array.dtype.kind != "f" or array.dtype.itemsize not in (2, 4, 8):
        raise WeightsError(f"expected {name} as float16, float32 or float64, got {array.dtype}")
    with np.errstate(over="ignore"):  # what is too large for float32 becomes infinite, and is refused below
        tensor = np.array(array, np.float32, order="C")
    if not np.isfinite(tensor).all():
        raise WeightsError(f"expected finite numbers in {name}, got {_first_not_finite(array, tensor)}")
    tensor.setflags(write=False)
    return tensor


def _first_not_finite(array: NDArray[Any], tensor: NDArray[np.float32]) -> str:
    where = tuple(int(i) for i in np.argwhere(~np.isfinite(tensor))[0])
    return f"{array[where]} at {where}"


def _from_mapping(source: Mapping[str, Any]) -> Mapping[str, Any]:
    if any(net in source for net in legacy.NETS):
        return legacy.from_lists(source, shapes=SHAPES)
    return source


def _suffix(path: Path) -> str:
    suffix = path.suffix.lower()
    if suffix not in (".safetensors", ".npy"):
        raise WeightsError(f"expected a weights file that ends in .safetensors or .npy, got {path}")
    return suffix


def _bundled() -> bytes:
    from importlib import resources  # here, since it costs more than the rest of this file

    return (resources.files("facecascade") / "weights" / "mtcnn.safetensors").read_bytes()
