"""What a picture may come as, and what is said of it when it cannot be read."""

import io
import os
import re
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from facecascade.errors import ImageError, SettingsError
from facecascade.read import PictureSource, read_picture

RNG = np.random.default_rng(3)
PIXELS: NDArray[np.uint8] = RNG.integers(0, 256, (9, 14, 3), np.uint8)
FORMATS = ["PNG", "TIFF", "BMP", "WEBP", "PPM", "TGA"]  # without loss


def encoded(format_name: str = "PNG", **options: Any) -> bytes:
    file = io.BytesIO()
    Image.fromarray(PIXELS).save(file, format_name, **({"lossless": True} if format_name == "WEBP" else {}), **options)
    return file.getvalue()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "a picture é.png"
    path.write_bytes(encoded())
    return path


def open_files() -> list[str]:
    return os.listdir("/proc/self/fd")  # noqa: PTH208 - a count, not paths


# --- The same picture from everything ---------------------------------------------------------------------------------


def test_every_kind_of_source_gives_the_same_pixels(path: Path) -> None:
    class Named:
        def __fspath__(self) -> str:
            return str(path)

    data = path.read_bytes()
    sources: list[PictureSource] = [
        str(path),
        path,
        Named(),
        data,
        bytearray(data),
        memoryview(data),
        memoryview(b"".join(bytes([byte, 0]) for byte in data))[::2],
        io.BytesIO(data),
        Image.open(io.BytesIO(data)),
        Image.fromarray(PIXELS),
        PIXELS,
    ]
    for source in sources:
        pixels = read_picture(source)
        np.testing.assert_array_equal(pixels, PIXELS)
        assert type(pixels) is np.ndarray
        assert pixels.flags.c_contiguous


def test_color_concerns_arrays_alone(path: Path) -> None:
    for source in (path, path.read_bytes(), Image.fromarray(PIXELS)):
        np.testing.assert_array_equal(read_picture(source, color="bgr"), PIXELS)
    np.testing.assert_array_equal(read_picture(PIXELS, color="bgr"), PIXELS[:, :, ::-1])


@pytest.mark.parametrize("format_name", FORMATS)
def test_files_opened_by_the_caller_stay_open_and_are_read_from_their_start(format_name: str) -> None:
    file = io.BytesIO(encoded(format_name))
    file.seek(7)
    for _ in range(2):
        np.testing.assert_array_equal(read_picture(file), PIXELS)
    assert not file.closed


def test_a_file_on_disk_opened_by_the_caller_stays_open(path: Path) -> None:
    with path.open("rb") as file:
        np.testing.assert_array_equal(read_picture(file), PIXELS)
        assert not file.closed
    with path.open("rb", buffering=0) as file:
        np.testing.assert_array_equal(read_picture(file), PIXELS)


class OnlyRead:
    """The least a file can be: an answer of a web server, for example."""

    def __init__(self, data: bytes) -> None:
        self.file = io.BytesIO(data)

    def read(self, size: int = -1) -> bytes:
        return self.file.read(size)


def test_files_that_cannot_seek_are_read() -> None:
    np.testing.assert_array_equal(read_picture(OnlyRead(encoded("TIFF"))), PIXELS)  # type: ignore[arg-type]


def test_pipes_are_read() -> None:
    data = encoded("TIFF", compression="tiff_lzw")
    reader, writer = os.pipe()

    def write() -> None:
        with os.fdopen(writer, "wb") as file:
            file.write(data)

    thread = threading.Thread(target=write)
    thread.start()
    with os.fdopen(reader, "rb") as file:
        np.testing.assert_array_equal(read_picture(file), PIXELS)
    thread.join()


def test_a_pillow_image_is_read_at_its_present_frame() -> None:
    file = io.BytesIO()
    first, second = Image.new("L", (3, 2), 10), Image.new("L", (3, 2), 200)
    first.save(file, "TIFF", save_all=True, append_images=[second])
    image = Image.open(file)
    assert read_picture(image).max() == 10
    image.seek(1)
    assert read_picture(image).min() == 200


def test_one_pixel_is_a_picture() -> None:
    file = io.BytesIO()
    Image.new("RGB", (1, 1), (1, 2, 3)).save(file, "PNG")
    assert read_picture(file).tolist() == [[[1, 2, 3]]]


# --- Files are closed -------------------------------------------------------------------------------------------------


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="this system does not list open files in /proc")
@pytest.mark.parametrize("format_name", [*FORMATS, "GIF", "JPEG", "MPO", "JPEG2000"])
@pytest.mark.parametrize("length", [None, -1, 40, 0])
def test_no_file_stays_open_whether_reading_works_or_not(format_name: str, length: int | None, tmp_path: Path) -> None:
    path = tmp_path / "picture"
    Image.fromarray(PIXELS).save(path, format_name)
    path.write_bytes(path.read_bytes()[:length])
    read_or_refused(path)  # modules are loaded now
    before = open_files()
    for _ in range(3):
        read_or_refused(path)
    assert open_files() == before


def read_or_refused(path: Path) -> None:
    try:
        read_picture(path)
    except ImageError as error:
        refusal = str(error)
    else:
        return
    assert refusal.startswith(f"{path}: expected ")


def test_raw_files_are_not_mapped_into_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "raw.pgm"
    Image.fromarray(PIXELS[:, :, 0]).save(path)
    monkeypatch.setattr("mmap.mmap", lambda *args, **kwargs: pytest.fail("the file was mapped into memory"))
    np.testing.assert_array_equal(read_picture(path)[:, :, 1], PIXELS[:, :, 0])


# --- What cannot be read ----------------------------------------------------------------------------------------------


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "none.jpg"
    for source in (path, str(path)):
        with pytest.raises(ImageError, match=re.escape(f"{path}: expected a file that can be read, got: No such file")):
            read_picture(source)


def test_a_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match=re.escape(f"{tmp_path}: expected a file that can be read, got: ")):
        read_picture(tmp_path)


def test_a_file_without_permission_is_named(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: Any, **kwargs: Any) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    if os.access(path, os.R_OK):  # the superuser may read everything
        monkeypatch.setattr("builtins.open", refuse)
    else:
        path.chmod(0)
    with pytest.raises(
        ImageError, match=re.escape(f"{path}: expected a file that can be read, got: Permission denied")
    ):
        read_picture(path)


def test_a_text_file_and_an_empty_one_are_named(tmp_path: Path) -> None:
    text, empty = tmp_path / "notes.jpg", tmp_path / "empty.jpg"
    text.write_text("not a picture at all\n" * 30)
    empty.touch()
    with pytest.raises(
        ImageError, match=re.escape(f"{text}: expected a picture, got a file that no reader recognises")
    ):
        read_picture(text)
    with pytest.raises(ImageError, match=re.escape(f"{empty}: expected a picture, got an empty file")):
        read_picture(empty)


@pytest.mark.parametrize("path", ["", "a\0b.jpg", "x" * 5000])
def test_impossible_paths_are_image_errors(path: str) -> None:
    with pytest.raises(ImageError, match="expected a file that can be read"):
        read_picture(path)


def test_files_opened_as_text_are_refused(path: Path) -> None:
    with path.open(encoding="latin1") as file, pytest.raises(ImageError, match="binary mode, got one opened as text"):
        read_picture(file)  # type: ignore[arg-type]
    with pytest.raises(ImageError, match="StringIO: expected a file opened in binary mode"):
        read_picture(io.StringIO("text"))  # type: ignore[arg-type]


def test_closed_files_and_images_are_image_errors(path: Path) -> None:
    file = path.open("rb")
    file.close()
    with pytest.raises(ImageError, match=re.escape(f"file {path}: ") + ".*closed file"):
        read_picture(file)
    image = Image.fromarray(PIXELS)
    image.close()
    with pytest.raises(ImageError, match=r"PIL image \(mode RGB, 14 x 9 px\): .*closed image"):
        read_picture(image)


class Failing(io.RawIOBase):
    def __init__(self, error: BaseException) -> None:
        self.error = error

    def seekable(self) -> bool:
        raise self.error


def test_a_file_that_fails_is_an_image_error_from_the_cause() -> None:
    cause = ConnectionResetError("the line went dead")
    with pytest.raises(ImageError, match=r"file Failing: .*the line went dead") as caught:
        read_picture(Failing(cause))  # type: ignore[arg-type]
    assert caught.value.__cause__ is cause


def test_a_file_that_gives_text_is_an_image_error() -> None:
    class Text(OnlyRead):
        def read(self, size: int = -1) -> Any:
            return "text"

    with pytest.raises(ImageError, match="file Text: expected"):
        read_picture(Text(b""))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (None, "cv2.imread"),
        ([1, 2, 3], "a list; pass several pictures one at a time"),
        ((PIXELS, PIXELS), "a tuple; pass several pictures one at a time"),
        (7, "int"),
        (object(), "object"),
        ({"path": "a.jpg"}, "dict"),
    ],
)
def test_what_is_no_picture_is_named(source: Any, words: str) -> None:
    with pytest.raises(
        ImageError, match="expected a path, bytes, a binary file, a Pillow image or an array, got .*" + words
    ):
        read_picture(source)


@pytest.mark.parametrize("size", [(0, 0), (0, 5), (5, 0)])
def test_a_pillow_image_without_pixels_is_refused(size: tuple[int, int]) -> None:
    with pytest.raises(ImageError, match="expected at least one pixel, got"):
        read_picture(Image.new("RGB", size))


# --- Arguments --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("color", ["RGB", "gbr", "", None, 1])
def test_another_color_is_a_settings_error(color: Any) -> None:
    with pytest.raises(SettingsError, match='expected color="rgb" or "bgr", got'):
        read_picture(PIXELS, color=color)


@pytest.mark.parametrize("max_pixels", [0, -1, 1.5, "9", float("inf")])
def test_another_limit_is_a_settings_error(max_pixels: Any) -> None:
    with pytest.raises(SettingsError, match="expected max_pixels of at least 1, or None"):
        read_picture(PIXELS, max_pixels=max_pixels)


def test_arguments_are_keyword_only() -> None:
    with pytest.raises(TypeError):
        read_picture(PIXELS, "bgr")  # type: ignore[call-arg]


def test_importing_does_not_import_pillow_and_arrays_do_not_need_it() -> None:
    code = (
        "import sys, numpy, facecascade.read as r; r.read_picture(numpy.zeros((2, 2, 4))); "
        "sys.exit('PIL' in sys.modules)"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    assert subprocess.run([sys.executable, "-c", code], check=False, env=environment).returncode == 0
