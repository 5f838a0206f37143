"""Arrays of every dtype, shape and memory layout."""

import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from facecascade.errors import ImageError
from facecascade.read import Color, read_picture
from facecascade.read.arrays import BACKGROUND

RNG = np.random.default_rng(7)
RGB = RNG.integers(0, 256, (5, 7, 3), np.uint8)
RGBA = RNG.integers(0, 256, (5, 7, 4), np.uint8)
FLOATS = [np.float16, np.float32, np.float64, np.longdouble]
INTEGERS = [np.int8, np.int16, np.int32, np.int64, np.uint32, np.uint64]


def test_rgb_is_returned_as_it_is_without_a_copy() -> None:
    assert read_picture(RGB) is RGB


@pytest.mark.parametrize("shape", [(5, 7), (5, 7, 1)])
def test_grey_becomes_three_equal_channels(shape: tuple[int, ...]) -> None:
    grey = RNG.integers(0, 256, shape, np.uint8)
    pixels = read_picture(grey)
    assert pixels.shape == (5, 7, 3)
    for channel in range(3):
        np.testing.assert_array_equal(pixels[:, :, channel], grey.reshape(5, 7))


def test_bgr_is_turned_round() -> None:
    np.testing.assert_array_equal(read_picture(RGB[:, :, ::-1], color="bgr"), RGB)
    np.testing.assert_array_equal(read_picture(RGBA[:, :, [2, 1, 0, 3]], color="bgr"), read_picture(RGBA))


def test_bgr_changes_nothing_about_grey() -> None:
    grey = RGB[:, :, 0]
    np.testing.assert_array_equal(read_picture(grey, color="bgr"), read_picture(grey))


def test_transparency_shows_black() -> None:
    assert BACKGROUND == 0
    picture = np.array([[[200, 100, 50, 0], [200, 100, 50, 255], [200, 100, 50, 51]]], np.uint8)
    np.testing.assert_array_equal(read_picture(picture), [[[0, 0, 0], [200, 100, 50], [40, 20, 10]]])


def test_every_value_through_every_alpha_is_rounded_exactly() -> None:
    values, alpha = np.meshgrid(np.arange(256), np.arange(256))
    picture = np.stack([values, values, values, alpha], axis=2).astype(np.uint8)
    exact = np.rint(values * alpha / 255)  # never halfway: 255 is odd
    np.testing.assert_array_equal(read_picture(picture)[:, :, 1], exact)


def test_bool_is_black_and_white() -> None:
    np.testing.assert_array_equal(read_picture(np.array([[False, True]]))[0, :, 0], [0, 255])


@pytest.mark.parametrize("dtype", ["<u2", ">u2"])
def test_every_16_bit_value_is_divided_by_257_and_rounded(dtype: Any) -> None:
    values = np.arange(65536, dtype=dtype).reshape(256, 256)
    exact = np.rint(values.astype(np.float64) / 257)  # never halfway: 257 is odd
    np.testing.assert_array_equal(read_picture(values)[:, :, 2], exact)


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("scale", [1, 255])
def test_floats_of_either_range_give_back_every_level(dtype: Any, scale: int) -> None:
    levels = np.arange(256, dtype=np.uint8).reshape(16, 16)
    np.testing.assert_array_equal(read_picture(levels.astype(dtype) / dtype(255 / scale))[:, :, 0], levels)


def test_floats_are_rounded_not_cut() -> None:
    np.testing.assert_array_equal(read_picture(np.array([[0.4, 0.6, 254.6]]))[0, :, 0], [0, 1, 255])
    np.testing.assert_array_equal(read_picture(np.array([[0.4, 0.6]]) / 255)[0, :, 0], [0, 1])


@pytest.mark.parametrize(("largest", "level"), [(0.5, 128), (1.0, 255), (1.0019, 255), (2.0, 2), (255.5, 255)])
def test_the_largest_float_decides_the_range(largest: float, level: int) -> None:
    assert read_picture(np.array([[0.0, largest]]))[0, 1, 0] == level


@pytest.mark.parametrize(
    "values", [[0, 1.01], [0, 1.999], [-0.01, 1], [-0.6, 200], [0, 255.6], [-1, 1], [-2.1, 2.6], [0, 65535]]
)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_floats_out_of_range_say_what_was_expected(values: Any, dtype: Any) -> None:
    with pytest.raises(ImageError, match=r"within 0 to 1 or within 0 to 255, got .* to "):
        read_picture(np.array([values], dtype))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("dtype", FLOATS)
def test_floats_must_be_finite(value: Any, dtype: Any) -> None:
    picture = np.full((4, 4, 3), 0.5, dtype)
    picture[2, 3, 1] = value
    with pytest.raises(ImageError, match="finite"):
        read_picture(picture)


@pytest.mark.parametrize("dtype", INTEGERS)
def test_other_integers_are_levels(dtype: Any) -> None:
    top = min(255, np.iinfo(dtype).max)
    np.testing.assert_array_equal(read_picture(np.array([[0, 9, top]], dtype))[0, :, 0], [0, 9, top])


@pytest.mark.parametrize(
    ("dtype", "value"),
    [(np.int8, -1), (np.int16, 256), (np.int32, -5), (np.int32, 65535), (np.int64, 2**40), (np.uint64, 2**63)],
)
def test_other_integers_out_of_range_are_refused(dtype: Any, value: Any) -> None:
    with pytest.raises(ImageError, match=re.escape(f"{np.dtype(dtype)} values within 0 to 255, got ")):
        read_picture(np.array([[7, value]], dtype))


@pytest.mark.parametrize("shape", [(), (5,), (5, 7, 2), (5, 7, 5), (1, 5, 7, 3), (5, 7, 3, 1)])
def test_wrong_shapes_are_named(shape: tuple[int, ...]) -> None:
    with pytest.raises(ImageError, match=re.escape(f"array of shape {shape}, dtype uint8: expected shape (h, w)")):
        read_picture(np.zeros(shape, np.uint8))


@pytest.mark.parametrize(
    ("shape", "hint"), [((3, 50, 60), "transpose(1, 2, 0)"), ((8, 5, 7, 3), "one picture at a time")]
)
def test_a_hint_is_given_for_common_shapes(shape: tuple[int, ...], hint: str) -> None:
    with pytest.raises(ImageError, match=re.escape(hint)):
        read_picture(np.zeros(shape, np.uint8))


@pytest.mark.parametrize("shape", [(0, 5), (5, 0), (0, 0, 3), (5, 0, 4), (0, 5, 1)])
def test_arrays_without_pixels_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ImageError, match="at least one pixel"):
        read_picture(np.zeros(shape, np.float32))


@pytest.mark.parametrize("shape", [(1, 1), (1, 1, 1), (1, 1, 3), (1, 1, 4), (1, 9), (9, 1, 3)])
def test_one_pixel_is_a_picture(shape: tuple[int, ...]) -> None:
    assert read_picture(np.full(shape, 255, np.uint8)).tolist() == np.full((*shape[:2], 3), 255).tolist()


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((4, 4), complex),
        np.full((4, 4), "a"),
        np.zeros((4, 4), object),
        np.zeros((4, 4), "M8[s]"),
        np.zeros((4, 4), [("red", np.uint8)]),
    ],
    ids=lambda array: str(array.dtype),
)
def test_what_is_no_number_is_refused(array: NDArray[Any]) -> None:
    with pytest.raises(ImageError, match="expected numbers"):
        read_picture(array)


def test_any_memory_layout_reads_the_same() -> None:
    wide = np.zeros((5, 14, 3), np.uint8)
    wide[:, ::2] = RGB
    fortran = np.asfortranarray(RGB)
    read_only = RGB.copy()
    read_only.setflags(write=False)
    planar = np.ascontiguousarray(RGB.transpose(2, 0, 1)).transpose(1, 2, 0)
    for layout in (wide[:, ::2], fortran, read_only, planar, np.flipud(np.flipud(RGB).copy())):
        pixels = read_picture(layout)
        np.testing.assert_array_equal(pixels, RGB)
        assert pixels.flags.c_contiguous
    np.testing.assert_array_equal(read_picture(RGB[::-1, ::-1]), RGB[::-1, ::-1])
    row = np.broadcast_to(RGB[:1], RGB.shape)  # one row with stride 0
    np.testing.assert_array_equal(read_picture(row), row)


@pytest.mark.filterwarnings("ignore:the matrix subclass:PendingDeprecationWarning")
def test_subclasses_of_arrays_are_read_as_plain_arrays() -> None:
    masked = np.ma.masked_less(RGB, 100)
    for array, expected in ((masked, RGB), (np.asmatrix(RGB[:, :, 0]), np.stack([RGB[:, :, 0]] * 3, axis=2))):
        pixels = read_picture(array)
        assert type(pixels) is np.ndarray
        np.testing.assert_array_equal(pixels, expected)


def test_the_array_passed_in_is_not_changed() -> None:
    for array in (RGBA, RGBA / 255, RGBA.astype(np.uint16) * 257, RGBA.astype(np.int64)):
        before = array.copy()
        pixels = read_picture(array, color="bgr")
        pixels[:] = 1
        np.testing.assert_array_equal(array, before)


class Tensor:
    """Another library's array."""

    def __init__(self, result: Any) -> None:
        self.result = result

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        if isinstance(self.result, BaseException):
            raise self.result
        return self.result


def test_another_librarys_array_is_read_by_its_array_method() -> None:
    np.testing.assert_array_equal(read_picture(Tensor(RGB)), RGB)
    np.testing.assert_array_equal(read_picture(Tensor(RGB), color="bgr"), RGB[:, :, ::-1])


def test_a_tensor_that_cannot_be_an_array_is_an_image_error_with_the_cause() -> None:
    cause = RuntimeError("it lies on a device")
    with pytest.raises(ImageError, match=r"Tensor: .*it lies on a device") as caught:
        read_picture(Tensor(cause))
    assert caught.value.__cause__ is cause


def test_exhausted_memory_is_not_an_image_error() -> None:
    with pytest.raises(MemoryError):
        read_picture(Tensor(MemoryError()))


def test_the_message_names_the_tensor() -> None:
    with pytest.raises(ImageError, match=re.escape("Tensor, an array of shape (3, 8, 9), dtype float64: ")):
        read_picture(Tensor(np.zeros((3, 8, 9))))


ANY_ARRAY = arrays.arrays(
    dtype=st.one_of(
        arrays.scalar_dtypes(),
        arrays.integer_dtypes(),
        arrays.floating_dtypes(),
        st.just(np.dtype(bool)),
        st.just(np.dtype(object)),
    ),
    shape=arrays.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=5),
)


@given(array=ANY_ARRAY, color=st.sampled_from(["rgb", "bgr"]))
@settings(max_examples=300, deadline=None)
def test_any_array_is_a_picture_or_an_image_error(array: NDArray[Any], color: Color) -> None:
    try:
        pixels = read_picture(array, color=color)
    except ImageError as error:
        refusal = str(error)
    else:
        assert pixels.dtype == np.uint8
        assert pixels.shape == (*array.shape[:2], 3)
        assert pixels.flags.c_contiguous
        return
    assert refusal.startswith(f"array of shape {array.shape}, dtype {array.dtype}: expected ")


@given(
    array=arrays.arrays(
        dtype=st.sampled_from([np.dtype(t) for t in (np.uint8, np.uint16, np.bool_, np.float32, np.float16)]),
        shape=st.tuples(st.integers(1, 6), st.integers(1, 6), st.sampled_from([1, 3, 4])),
        elements=st.integers(0, 1),
    ),
    flip=st.sampled_from([(slice(None), slice(None)), (slice(None, None, -1), slice(None, None, 2))]),
)
@settings(max_examples=200, deadline=None)
def test_reading_commutes_with_slicing(array: NDArray[Any], flip: tuple[slice, slice]) -> None:
    np.testing.assert_array_equal(read_picture(array)[flip], read_picture(array[flip]))
