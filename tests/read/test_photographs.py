"""Photographs in many formats, modes and orientations, from the shared data; skipped where they are missing."""

import json
import warnings
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from facecascade.errors import ImageError
from facecascade.read import find_pictures
from facecascade.read import read_picture as read

EDGE = Path(__file__).resolve().parents[3] / "shared" / "data" / "edge"
pytestmark = pytest.mark.skipif(not EDGE.is_dir(), reason="the shared photographs are not here")

PILLOW_WARNINGS = "ignore:(Corrupt EXIF data|Image was not the expected size)"

# The portrait in one colour, in two levels, or in few: compared by its grey, blurred.
GREY_PORTRAITS = [
    *["hopper2I.tif", "hopper2IR.tif", "hopper2R.tif", "hopper4.tif", "hopper4I.tif", "hopper4IR.tif", "hopper4R.tif"],
    *["hopper_16bit_plain.pgm", "hopper_1bit_plain.pbm", "hopper_8bit.pgm", "hopper_gray.jpg", "hopper_gray_4bpp.tif"],
]
COLOUR_PORTRAITS = [
    *["hopper-XYZ.png", "hopper-missing-pixi.avif", "hopper.Lab.tif", "hopper.avif", "hopper.ppm", "hopper.psd"],
    *["hopper.qoi", "hopper.tif", "hopper.webp", "hopper_16bit_qtables.jpg", "hopper_8bit_plain.ppm"],
    *["hopper_avif_write.png", "hopper_float_dpi_2.tif", "hopper_float_dpi_3.tif", "hopper_float_dpi_None.tif"],
    *["hopper_jpg.tif", "hopper_lzma.tif", "hopper_merged.psd", "hopper_rle8_row_overflow.bmp", "hopper_webp.png"],
    *["hopper_webp_write.ppm", "hopper_zero_comment_subblocks.gif"],
    *[f"hopper_orientation_{n}.jpg" for n in (2, 3, 4, 6)],
    *[f"hopper_orientation_{n}.webp" for n in (4, 5, 6, 7, 8)],
]


def has_avif() -> bool:
    Image.init()
    return "AVIF" in Image.SAVE


def read_picture(source: Path | bytes) -> NDArray[np.uint8]:
    if isinstance(source, Path) and source.suffix == ".avif" and not has_avif():
        pytest.skip("this Pillow reads no AVIF")
    return read(source)


def files(folder: str) -> list[Path]:
    return find_pictures(EDGE / folder) if (EDGE / folder).is_dir() else []


def thumbnail(pixels: NDArray[np.uint8], *, grey: bool = False, side: int = 16) -> NDArray[np.int64]:
    small = Image.fromarray(pixels).resize((side, side), Image.Resampling.BOX)
    return np.asarray(small.convert("L") if grey else small).astype(np.int64)


@pytest.mark.filterwarnings(PILLOW_WARNINGS)
@pytest.mark.parametrize("folder", ["pillow", "exif_orientation", "synth"])
def test_every_picture_reads_without_an_error(folder: str) -> None:
    paths = [path for path in files(folder) if path.suffix != ".avif" or has_avif()]
    assert len(paths) >= 10
    for path in paths:
        pixels = read_picture(path)
        assert pixels.dtype == np.uint8, path
        assert pixels.ndim == 3, path
        assert pixels.shape[2] == 3, path
        assert pixels.flags.c_contiguous, path
        np.testing.assert_array_equal(read_picture(path.read_bytes()), pixels)


@pytest.mark.parametrize("name", COLOUR_PORTRAITS)
def test_portraits_of_every_format_look_alike(name: str) -> None:
    portrait = thumbnail(read_picture(EDGE / "pillow" / "hopper.png"))
    difference = np.abs(thumbnail(read_picture(EDGE / "pillow" / name)) - portrait).mean()
    # The first has a colour profile of its own, which is not applied, the second is coarse; upside down would be 49.
    assert difference <= {"hopper-XYZ.png": 12, "hopper_16bit_qtables.jpg": 5}.get(name, 2)


@pytest.mark.parametrize("name", GREY_PORTRAITS)
def test_grey_portraits_look_like_the_grey_of_the_coloured_one(name: str) -> None:
    portrait = thumbnail(read_picture(EDGE / "pillow" / "hopper.png"), grey=True)
    pixels = read_picture(EDGE / "pillow" / name)
    assert (pixels[:, :, 0] == pixels[:, :, 1]).all()
    assert (pixels[:, :, 1] == pixels[:, :, 2]).all()
    correlation = np.corrcoef(thumbnail(pixels, grey=True).ravel(), portrait.ravel())[0, 1]
    # A bare threshold keeps less than four levels do; upside down would be .4, negative -1.
    assert correlation >= (0.8 if name == "hopper_1bit_plain.pbm" else 0.97)


@pytest.mark.parametrize("prefix", ["Landscape", "Portrait"])
def test_every_orientation_of_a_scene_looks_alike(prefix: str) -> None:
    paths = [path for path in files("exif_orientation") if path.name.startswith(prefix)]
    assert len(paths) >= 5
    scenes = [read_picture(path) for path in paths]
    first = thumbnail(scenes[0], side=48)
    for path, pixels in zip(paths, scenes, strict=True):
        assert pixels.shape == ((1200, 1800, 3) if prefix == "Landscape" else (1800, 1200, 3)), path
        difference = np.abs(thumbnail(pixels, side=48) - first)
        assert np.median(difference) <= 2, path
        assert difference.mean() <= 4, path


@pytest.mark.parametrize("path", files("undecodable"), ids=lambda path: path.name)
def test_broken_files_are_image_errors_that_name_them(path: Path) -> None:
    try:
        read_picture(path)
    except ImageError as error:
        refusal = str(error)
    else:
        assert path.name == "hopper_webp.tif"  # read where libtiff was built with WebP
        return
    assert refusal.startswith(f"{path}: expected a whole picture, got one that cannot be read: ")


def annotated() -> list[tuple[str, int, int]]:
    listing = EDGE / "synth" / "annotations.json"
    if not listing.is_file():
        return []
    return [(entry["image"], entry["width"], entry["height"]) for entry in json.loads(listing.read_text())]


@pytest.mark.parametrize(("name", "width", "height"), annotated())
def test_the_upright_size_is_the_annotated_one(name: str, width: int, height: int) -> None:
    assert read_picture(EDGE / "synth" / name).shape == (height, width, 3)


@pytest.mark.parametrize(
    "name",
    ["exif_2.jpg", "exif_3.jpg", "exif_4.jpg", "exif_6.jpg", "exif_8.jpg", "cmyk.jpg", "palette.gif", "animated.gif"],
)
def test_forms_of_the_group_photograph_look_alike(name: str) -> None:
    group = thumbnail(read_picture(EDGE / "synth" / "images" / "exif_1.jpg"), side=48)
    difference = np.abs(thumbnail(read_picture(EDGE / "synth" / "images" / name), side=48) - group)
    assert difference.mean() <= 3
    assert difference.max() <= 30


@pytest.mark.parametrize("name", ["gray16.png", "la.png"])
def test_grey_forms_of_the_group_photograph_look_alike(name: str) -> None:
    group = thumbnail(read_picture(EDGE / "synth" / "images" / "exif_1.jpg"), grey=True, side=48)
    difference = np.abs(thumbnail(read_picture(EDGE / "synth" / "images" / name), grey=True, side=48) - group)
    assert difference.max() <= 6


def test_a_gradient_of_alpha_fades_to_black() -> None:
    group = read_picture(EDGE / "synth" / "images" / "exif_1.jpg").astype(float)
    faded = read_picture(EDGE / "synth" / "images" / "rgba_gradient_alpha.png").astype(float)
    rows = np.linspace(0, 255, len(group))[:, np.newaxis, np.newaxis] / 255
    assert faded[0].max() == 0
    assert np.abs(faded - group * rows).mean() <= 3


def test_16_bit_colour_matches_its_8_bit_copy() -> None:
    deep = read_picture(EDGE / "pillow" / "tiff_16bit_RGB.tiff")
    np.testing.assert_array_equal(deep, read_picture(EDGE / "pillow" / "tiff_16bit_RGB_target.png"))


def test_pillows_warnings_about_broken_exif_do_not_stop_the_picture() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert read_picture(EDGE / "pillow" / "hopper_bad_exif.jpg").shape == (500, 500, 3)
        assert read_picture(EDGE / "pillow" / "invalid-exif-without-x-resolution.jpg").shape == (200, 300, 3)
