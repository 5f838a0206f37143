"""The weights file of the `mtcnn` packages before their version 1: a pickled dict of lists of arrays.

Its arrays come from a program that stored pictures column by column, so the two sides of every kernel are swapped:

    convolution     (w, h, in, out)         here (h, w, in, out)
    dense layer     rows in (w, h, c)       here rows in (h, w, c)
    P-Net's heads   (1, 1, in, out)         here (in, out)
    PReLU           (1, 1, n) after a convolution, (n,) after a dense layer; here (n,)

A pickle may run anything when it is read. This reader hands it three harmless stand-ins instead of NumPy's own
functions, refuses every other name, and builds the arrays itself.
"""

from __future__ import annotations

import io
import pickle
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from facecascade.errors import WeightsError

NETS: Final = ("pnet", "rnet", "onet")
Shapes = Mapping[str, tuple[int, ...]]
Tensors = dict[str, NDArray[Any]]


def read_npy(data: bytes) -> dict[str, list[NDArray[Any]]]:
    """The lists of arrays in the bytes of a legacy file, by network.

    Raises:
        WeightsError: the bytes are no such file, or their pickle asks for anything but arrays.
    """
    stream = io.BytesIO(data)
    try:
        _skip_header(stream)
        value = _Unpickler(stream, encoding="latin1").load()
    except WeightsError:
        raise
    except Exception as error:
        # A broken pickle may fail in any way; all of them mean the same to the caller.
        raise WeightsError(f"expected a legacy .npy file of weights, got {type(error).__name__}: {error}") from error
    return _lists(value)


def write_npy(lists: Mapping[str, Sequence[NDArray[Any]]]) -> bytes:
    """The bytes of a legacy file."""
    holder = np.empty((), object)
    holder[()] = {net: list(arrays) for net, arrays in lists.items()}
    stream = io.BytesIO()
    np.save(stream, holder, allow_pickle=True)  # writing a pickle runs nothing
    return stream.getvalue()


def from_lists(lists: Mapping[str, Any], *, shapes: Shapes) -> Tensors:
    """Arrays by name in the layout of this package; `shapes` names them in the order of the lists.

    Raises:
        WeightsError: a network or an array is missing, too many, or of another shape; the message names it.
    """
    if set(lists) != set(NETS):
        raise WeightsError(f"expected the networks {', '.join(NETS)}, got {', '.join(map(repr, lists)) or 'none'}")
    tensors: Tensors = {}
    for net in NETS:
        names = _names(net, shapes)
        if isinstance(lists[net], str) or not isinstance(lists[net], Sequence) or len(lists[net]) != len(names):
            got = len(lists[net]) if isinstance(lists[net], Sequence) else type(lists[net]).__name__
            raise WeightsError(f"expected a list of {len(names)} arrays for {net}, got {got}")
        for name, array in zip(names, lists[net], strict=True):
            tensors[name] = _from_legacy(name, array, shapes[name])
    return tensors


def to_lists(tensors: Mapping[str, NDArray[np.float32]], *, shapes: Shapes) -> dict[str, list[NDArray[np.float32]]]:
    """The inverse of `from_lists`: the same numbers in the same shapes as the legacy file has them."""
    return {net: [_to_legacy(name, tensors[name]) for name in _names(net, shapes)] for net in NETS}


def as_array(name: str, value: Any) -> NDArray[Any]:
    """What NumPy makes of a value; a `WeightsError` that names the layer where it can make nothing of it."""
    try:
        return np.asarray(value)
    except ValueError as error:
        raise WeightsError(f"expected an array for {name}, got {error}") from error


def _names(net: str, shapes: Shapes) -> list[str]:
    return [name for name in shapes if name.startswith(f"{net}.")]


def _from_legacy(name: str, array: Any, shape: tuple[int, ...]) -> NDArray[Any]:
    wanted = _legacy_shape(name, shape)
    tensor = as_array(name, array)
    if tensor.shape != wanted:
        raise WeightsError(f"expected {name} of shape {wanted} in a legacy file, got {tensor.shape}")
    if len(shape) == 4:
        tensor = tensor.transpose(1, 0, 2, 3)
    elif name.endswith(".dense.weight"):
        tensor = tensor.reshape(_grid(shape)).transpose(1, 0, 2, 3)
    return tensor.reshape(shape)


def _to_legacy(name: str, tensor: NDArray[np.float32]) -> NDArray[np.float32]:
    shape = tensor.shape
    if len(shape) == 4:
        tensor = tensor.transpose(1, 0, 2, 3)
    elif name.endswith(".dense.weight"):
        tensor = tensor.reshape(_grid(shape)).transpose(1, 0, 2, 3)
    return tensor.reshape(_legacy_shape(name, shape)).copy()


def _legacy_shape(name: str, shape: tuple[int, ...]) -> tuple[int, ...]:
    after_dense = name in ("rnet.prelu4.alpha", "onet.prelu5.alpha")
    head_of_pnet = name in ("pnet.score.weight", "pnet.box.weight")
    if head_of_pnet or (name.endswith(".alpha") and not after_dense):
        return (1, 1, *shape)
    return shape


def _grid(shape: tuple[int, ...]) -> tuple[int, int, int, int]:
    """Sides, channels and outputs of a dense layer: both nets flatten a map of 3 x 3 cells."""
    return 3, 3, shape[0] // 9, shape[1]


def _skip_header(stream: io.BytesIO) -> None:
    version = np.lib.format.read_magic(stream)
    readers = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
    if version not in readers:
        raise WeightsError(f"expected a .npy file of version 1 or 2, got version {version[0]}.{version[1]}")
    shape, _, dtype = readers[version](stream)
    if shape != () or dtype != np.dtype(object):
        raise WeightsError(f"expected a .npy file that holds one dict, got an array of {dtype} of shape {shape}")


class _DType:
    """Stands in for `numpy.dtype`; it only remembers what it was told."""

    __slots__ = ("code", "order")

    def __init__(self, code: Any, *_: Any) -> None:
        self.code, self.order = code, "|"

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        self.order = state[1]

    def resolve(self) -> np.dtype[Any] | None:
        """The floating-point type meant; None for objects."""
        if self.code in ("O8", "O4", "O"):
            return None
        if self.code not in ("f2", "f4", "f8") or self.order not in ("<", ">"):
            raise WeightsError(
                f"expected arrays of float16, float32 or float64, got {self.order!r:.20}{self.code!r:.20}"
            )
        dtype: np.dtype[Any] = np.dtype(self.order + self.code)
        return dtype


class _Array:
    """Stands in for `numpy.ndarray` and its `_reconstruct`; `value` is the array, or the list of an object array."""

    __slots__ = ("value",)

    def __init__(self, *_: Any) -> None:
        self.value: Any = None

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        _, shape, kind, by_columns, content = state
        dtype = kind.resolve()
        if dtype is None:
            self.value = list(content)
        else:
            self.value = np.frombuffer(content, dtype).reshape(shape, order="F" if by_columns else "C")


class _Latin1:
    """Stands in for `_codecs.encode`, by which pickles of protocol 2 spell bytes."""

    __slots__ = ()

    def __new__(cls, text: str, encoding: str) -> bytes:  # type: ignore[misc]  # it is a function to the pickle
        if encoding != "latin1":
            raise WeightsError(f"expected bytes spelt in latin1, got {encoding!r:.100}")
        return text.encode("latin1")

    def __setstate__(self, state: object) -> None:
        raise WeightsError("expected bytes without further state")


# Classes with a __setstate__ each, not functions: a pickle can set attributes of a function, but not of these.
_STAND_INS: Final[dict[tuple[str, str], type]] = {
    ("numpy", "dtype"): _DType,
    ("numpy", "ndarray"): _Array,
    ("numpy.core.multiarray", "_reconstruct"): _Array,
    ("numpy._core.multiarray", "_reconstruct"): _Array,
    ("_codecs", "encode"): _Latin1,
}


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _STAND_INS:
            raise WeightsError(
                f"refused to read the file: its pickle asks for {module}.{name}, which no array of weights needs; "
                "the file is damaged or hostile"
            )
        return _STAND_INS[module, name]

    def persistent_load(self, pid: Any) -> Any:
        raise WeightsError(f"refused to read the file: its pickle refers to an object outside of it, {pid!r:.100}")


def _lists(value: Any) -> dict[str, list[NDArray[Any]]]:
    """The dict of lists of arrays in what the stand-ins have gathered."""
    if not isinstance(value, _Array) or not isinstance(value.value, list) or len(value.value) != 1:
        raise WeightsError("expected a .npy file that holds one dict, got something else")
    (content,) = value.value
    if not isinstance(content, dict) or not all(isinstance(arrays, list) for arrays in content.values()):
        raise WeightsError("expected a dict of lists of arrays in the .npy file, got something else")
    return {str(net): [_array(net, item) for item in arrays] for net, arrays in content.items()}


def _array(net: Any, item: Any) -> NDArray[Any]:
    if not isinstance(item, _Array) or not isinstance(item.value, np.ndarray):
        raise WeightsError(f"expected arrays in the list of {net!r:.100}, got something else")
    return item.value
