"""Many pictures in threads: order, bounds, errors, and an early end."""

import gc
import io
import itertools
import os
import threading
import time
import weakref
from collections.abc import Iterator
from dataclasses import FrozenInstanceError
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from facecascade.errors import ImageError, SettingsError
from facecascade.read import Entry, PictureSource, ReadResult, ahead, find_entries, read_ahead, read_parts, read_picture

GREY = [np.full((2, 3), value, np.uint8) for value in range(40)]


def levels(results: Iterator[ReadResult[Any]]) -> list[int]:
    return [int(result.pixels[0, 0, 0]) for result in results if result.pixels is not None]


def reading_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith("facecascade-read")]


class Slow(io.BytesIO):
    """An encoded picture that takes its time, and counts how many do so at once."""

    running = 0
    most = 0
    started = 0
    lock = threading.Lock()

    def __init__(self, value: int, *, seconds: float) -> None:
        super().__init__()
        Image.new("L", (3, 2), value).save(self, "PNG")
        self.seconds = seconds

    def seekable(self) -> bool:
        with Slow.lock:
            Slow.running += 1
            Slow.started += 1
            Slow.most = max(Slow.most, Slow.running)
        time.sleep(self.seconds)
        with Slow.lock:
            Slow.running -= 1
        return True


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    Slow.running = Slow.most = Slow.started = 0
    yield
    assert reading_threads() == []


@pytest.mark.parametrize("threads", [1, 2, 7])
@pytest.mark.parametrize("depth", [1, 2, 5, 100])
def test_results_come_in_order(threads: int, depth: int) -> None:
    results = list(read_ahead(GREY, threads=threads, depth=depth))
    assert levels(iter(results)) == list(range(40))
    for result, source in zip(results, GREY, strict=True):
        assert result.source is source
        assert result.error is None


def test_slow_pictures_do_not_change_the_order() -> None:
    sources = [Slow(value, seconds=0.03 * (value % 3 == 0)) for value in range(15)]
    assert levels(read_ahead(sources, threads=4, depth=6)) == list(range(15))


def test_pictures_are_decoded_at_the_same_time_but_no_more_than_threads() -> None:
    list(read_ahead([Slow(0, seconds=0.02) for _ in range(24)], threads=3, depth=12))
    assert Slow.most == 3


def test_depth_bounds_the_threads_too() -> None:
    list(read_ahead([Slow(0, seconds=0.01) for _ in range(8)], threads=5, depth=2))
    assert Slow.most <= 2


@pytest.mark.parametrize("depth", [1, 3, 8])
def test_sources_are_drawn_no_further_than_depth(depth: int) -> None:
    drawn = 0

    def sources() -> Iterator[NDArray[np.uint8]]:
        nonlocal drawn
        for value in itertools.count():  # endless
            drawn += 1
            yield np.full((2, 2), value, np.uint8)

    results = read_ahead(sources(), threads=2, depth=depth)
    assert drawn == 0
    for taken in range(1, 20):
        next(results)
        assert drawn == taken + depth - 1
    results.close()


@pytest.mark.parametrize("depth", [1, 2, 5])
def test_no_more_than_depth_decoded_pictures_exist(depth: int, monkeypatch: pytest.MonkeyPatch) -> None:
    decoded: list[weakref.ref[NDArray[np.uint8]]] = []
    most = 0

    def alive() -> int:
        return sum(reference() is not None for reference in decoded)

    def tracked(*args: Any, **kwargs: Any) -> NDArray[np.uint8]:
        nonlocal most
        pixels = np.zeros((4, 4, 3), np.uint8)
        decoded.append(weakref.ref(pixels))
        most = max(most, alive())
        return pixels

    monkeypatch.setattr(ahead, "read_picture", tracked)
    for result in read_ahead(GREY, threads=3, depth=depth):
        assert result.pixels is not None
        time.sleep(0.005)
        del result
    assert len(decoded) == 40
    assert 1 <= most <= depth
    gc.collect()
    assert alive() == 0


def test_errors_come_in_their_place_and_stop_nothing(tmp_path: Path) -> None:
    (tmp_path / "text.jpg").write_text("no picture")
    sources: list[PictureSource] = [
        GREY[1],
        tmp_path / "text.jpg",
        GREY[2],
        tmp_path / "none.jpg",
        np.zeros((0, 3)),
        GREY[3],
    ]
    results = list(read_ahead(sources, threads=2, depth=3))
    assert [result.error is None for result in results] == [True, False, True, False, False, True]
    assert [result.pixels is None for result in results] == [False, True, False, True, True, False]
    for result in results:
        if result.error is not None:
            with pytest.raises(ImageError) as caught:
                read_picture(result.source)
            assert str(result.error) == str(caught.value)


def test_errors_keep_no_frames_alive() -> None:
    file = io.BytesIO()
    Image.new("RGB", (64, 64)).save(file, "JPEG")
    (result,) = read_ahead([file.getvalue()[:-100]], threads=1, depth=1)
    link: BaseException | None = result.error
    assert isinstance(link, ImageError)
    assert isinstance(link.__cause__, OSError)
    while link is not None:
        assert link.__traceback__ is None
        link = link.__cause__ or link.__context__


def test_exhausted_memory_is_raised_in_its_place() -> None:
    class Huge:
        def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
            raise MemoryError

    sources: list[PictureSource] = [GREY[4], Huge(), GREY[5]]
    results = read_ahead(sources, threads=2, depth=3)
    assert levels(itertools.islice(results, 1)) == [4]
    with pytest.raises(MemoryError):
        next(results)
    assert list(results) == []


def test_an_error_of_the_sources_comes_after_the_results_before_it() -> None:
    def sources() -> Iterator[NDArray[np.uint8]]:
        yield from GREY[:4]
        raise OSError("the film is torn")

    results = read_ahead(sources(), threads=2, depth=10)
    assert levels(itertools.islice(results, 4)) == [0, 1, 2, 3]
    with pytest.raises(OSError, match="the film is torn"):
        next(results)
    assert list(results) == []


def test_closing_early_drops_what_has_not_begun_and_ends_the_threads() -> None:
    results = read_ahead([Slow(0, seconds=0.05) for _ in range(100)], threads=2, depth=50)
    next(results)
    results.close()
    assert Slow.running == 0
    assert Slow.started < 50
    assert reading_threads() == []
    assert list(results) == []


def test_leaving_the_loop_ends_the_threads() -> None:
    for result in read_ahead(GREY, threads=2, depth=4):
        assert result.pixels is not None
        break
    del result
    gc.collect()
    assert reading_threads() == []


def test_an_error_of_the_caller_ends_the_threads() -> None:
    def stumble() -> None:
        for _ in read_ahead(GREY, threads=2, depth=4):
            raise KeyError("the caller's own")

    with pytest.raises(KeyError) as caught:
        stumble()
    caught.value.__traceback__ = None  # it holds the loop, which holds the generator
    del caught
    gc.collect()
    assert reading_threads() == []


def test_nothing_starts_before_the_first_result_is_asked_for() -> None:
    results = read_ahead([Slow(0, seconds=0)], threads=1, depth=1)
    time.sleep(0.02)
    assert Slow.started == 0
    results.close()
    assert Slow.started == 0


def test_no_sources_give_no_results() -> None:
    assert list(read_ahead([], threads=3, depth=2)) == []


def test_color_and_limit_reach_the_reader() -> None:
    colour = np.array([[[1, 2, 3]]], np.uint8)
    (result,) = read_ahead([colour], threads=1, depth=1, color="bgr")
    assert result.pixels is not None
    assert result.pixels.tolist() == [[[3, 2, 1]]]
    (refused,) = read_ahead([Image.new("L", (9, 9))], threads=1, depth=1, max_pixels=80)
    assert "expected at most 80 pixels" in str(refused.error)


def test_several_run_side_by_side() -> None:
    pairs = zip(read_ahead(GREY, threads=2, depth=3), read_ahead(GREY[::-1], threads=3, depth=5), strict=True)
    for first, second in pairs:
        assert levels(iter([first]))[0] + levels(iter([second]))[0] == 39


@pytest.mark.parametrize(
    "arguments",
    [
        {"threads": 0},
        {"threads": -1},
        {"threads": 1.5},
        {"depth": 0},
        {"depth": None},
        {"color": "xyz"},
        {"max_pixels": 0},
    ],
)
def test_wrong_arguments_are_refused_at_once(arguments: dict[str, Any]) -> None:
    with pytest.raises(SettingsError, match=r"expected (threads|depth|color|max_pixels)"):
        read_ahead(GREY, **{"threads": 1, "depth": 1, **arguments})


@pytest.mark.parametrize("source", ["a.jpg", Path("a.jpg"), b"bytes"])
def test_one_source_alone_is_refused_at_once(source: Any) -> None:
    with pytest.raises(SettingsError, match="expected several sources, got one"):
        read_ahead(source, threads=1, depth=1)


def test_results_are_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        ReadResult("a", None).source = "b"  # type: ignore[misc]


def in_files(folder: Path, *sizes: int) -> list[Entry]:
    """Square grey pictures whose level is their place."""
    for place, size in enumerate(sizes):
        Image.new("L", (size, size), place).save(folder / f"{place:03d}.png")
    return list(find_entries(folder))


@pytest.mark.parametrize(("threads", "depth"), [(1, 1), (1, 4), (3, 3), (2, 9)])
def test_large_pictures_are_parts_of_their_own(tmp_path: Path, threads: int, depth: int) -> None:
    sizes = [2, 2, 9, 2, 2, 2, 2, 2, 9, 9, 2]
    entries = in_files(tmp_path, *sizes)
    parts = [list(part) for part in read_parts(entries, threads=threads, depth=depth, alone_pixels=80)]
    results = [result for part in parts for result in part]
    assert levels(iter(results)) == list(range(11))
    assert [result.source for result in results] == entries
    for part in parts:
        if any(result.pixels is not None and len(result.pixels) == 9 for result in part):
            assert len(part) == 1
    assert len(parts[0]) == 2


def test_nothing_else_is_decoded_while_a_large_picture_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded: list[weakref.ref[NDArray[np.uint8]]] = []

    def tracked(*args: Any, **kwargs: Any) -> NDArray[np.uint8]:
        pixels = read_picture(*args, **kwargs)
        decoded.append(weakref.ref(pixels))
        return pixels

    monkeypatch.setattr(ahead, "read_picture", tracked)
    entries = in_files(tmp_path, *([2] * 12 + [9] + [2] * 12 + [9] + [2] * 3))
    beside = []
    for part in read_parts(entries, threads=2, depth=4, alone_pixels=80):
        for result in part:
            assert result.pixels is not None
            if len(result.pixels) == 9:
                beside.append(sum(reference() is not None for reference in decoded) - 1)
            del result
    assert beside == [0, 0]


def test_errors_and_limits_of_parts(tmp_path: Path) -> None:
    entries = in_files(tmp_path, 2, 9, 20)
    (tmp_path / "003.png").write_text("no picture")
    entries.append(Entry("none", str(tmp_path / "none")))
    entries.extend(find_entries(tmp_path / "003.png"))
    parts = [list(part) for part in read_parts(entries, threads=2, depth=4, alone_pixels=80, max_pixels=300)]
    errors = {Path(one.source.id).name: str(one.error) for part in parts for one in part if one.error}
    assert errors.keys() == {"002.png", "003.png", "none"}
    assert "expected at most 300 pixels, got 20 x 20 = 400" in errors["002.png"]
    with pytest.raises(SettingsError, match="depth of at least 1"):
        read_parts(entries, threads=1, depth=0)


def test_what_comes_once_is_read_once(tmp_path: Path) -> None:
    entries = in_files(tmp_path, 9)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_bytes((tmp_path / "000.png").read_bytes()))
    writer.start()
    ((result,), _) = (
        list(part) for part in read_parts([Entry("p", str(pipe)), *entries], threads=1, depth=1, alone_pixels=80)
    )
    writer.join()
    assert result.pixels is not None
    assert len(result.pixels) == 9


def test_parts_end_early() -> None:
    drawn = 0

    def entries() -> Iterator[Entry]:
        nonlocal drawn
        for number in itertools.count():
            drawn += 1
            yield Entry(str(number), str(number))

    parts = read_parts(entries(), threads=2, depth=3)
    assert drawn == 0
    next(next(parts))
    parts.close()
    assert drawn <= 3
