"""Many pictures, decoded in threads while the caller works on the ones before, in the order they were asked for."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import groupby, islice
from typing import Final, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from facecascade.errors import ImageError, SettingsError
from facecascade.read.arrays import Color
from facecascade.read.decoding import MAX_PIXELS, PictureSizeError
from facecascade.read.entries import Entry
from facecascade.read.memory import give_back
from facecascade.read.pictures import PictureSource, check_reading, read_picture

Source = TypeVar("Source", bound=PictureSource)

ALONE_PIXELS: Final = 32_000_000
"""A picture of more pixels is there alone, where `read_parts` is used: 100 MB, and more each further one."""


@dataclass(frozen=True, eq=False)
class ReadResult(Generic[Source]):
    """One picture, or why there is none: exactly one of `pixels` and `error` is None.

    Attributes:
        source: what was asked for.
        pixels: (h, w, 3) uint8, upright RGB.
        error: what was wrong with it, without a traceback, which would keep half-decoded pictures alive.
    """

    source: Source
    pixels: NDArray[np.uint8] | None
    error: ImageError | None = None


def read_ahead(
    sources: Iterable[Source],
    *,
    threads: int,
    depth: int,
    color: Color = "rgb",
    max_pixels: int | None = MAX_PIXELS,
) -> Generator[ReadResult[Source], None, None]:
    """Read pictures in threads, ahead of the caller, and yield them in order.

    A broken picture is a result with an error and stops nothing. `sources` is drawn from in the caller's thread, only
    as far as `depth` allows; an error that it raises comes after the results before it. Closing the generator, or
    leaving it to be collected, drops what has not begun, waits for what has, and ends the threads.

    Args:
        sources: what `read_picture` takes, one picture each, such as the entries of `expand`; may be endless.
        threads: pictures decoded at the same time, at least 1.
        depth: pictures here at a time, decoded or being decoded, at least 1; the one you hold when you ask for the next
            comes on top.
        color: as in `read_picture`.
        max_pixels: as in `read_picture`.

    Raises:
        SettingsError: an argument has a value that cannot work; raised here, not at the first picture.
    """
    check_reading(color=color, max_pixels=max_pixels)
    _check_ahead(sources, threads, depth)
    read = partial(_read, color=color, max_pixels=max_pixels)
    return _in_order(iter(sources), read=read, threads=min(threads, depth), depth=depth)


def read_parts(
    entries: Iterable[Entry],
    *,
    threads: int,
    depth: int,
    max_pixels: int | None = MAX_PIXELS,
    alone_pixels: int = ALONE_PIXELS,
) -> Generator[Iterator[ReadResult[Entry]], None, None]:
    """The same in parts, one after the other; a picture of more than `alone_pixels` is a part of its own.

    It is decoded when it is asked for, and none behind it before the next part is: whoever lets go of all that a part
    gave before asking for the next one holds no other picture beside it. What can be read only once, such as a pipe, is
    read like a small picture.

    Args:
        entries: as `find_entries` and `expand` yield them; may be endless.
        threads: as in `read_ahead`.
        depth: as in `read_ahead`.
        max_pixels: as in `read_picture`.
        alone_pixels: the most that pictures have that are read ahead.

    Raises:
        SettingsError: as `read_ahead` does.
    """
    check_reading(color="rgb", max_pixels=max_pixels)
    _check_ahead(entries, threads, depth)
    read = partial(_read, color="rgb", max_pixels=max_pixels)
    small = partial(_read_small, read=read, most=alone_pixels, max_pixels=max_pixels)
    results = _in_order(iter(entries), read=small, threads=min(threads, depth), depth=depth, first=1)
    return _parts(results, read=read)


def _check_ahead(sources: object, threads: int, depth: int) -> None:
    for name, value in (("threads", threads), ("depth", depth)):
        if not isinstance(value, int) or value < 1:
            raise SettingsError(f"expected {name} of at least 1, got {value!r}")
    if isinstance(sources, str | bytes | os.PathLike):
        raise SettingsError(f"expected several sources, got one {type(sources).__name__}; pass it in a list")


def _parts(
    results: Generator[ReadResult[Entry], None, None], *, read: Callable[[Entry], ReadResult[Entry]]
) -> Generator[Iterator[ReadResult[Entry]], None, None]:
    try:
        for large, some in groupby(results, key=_is_large):
            if not large:
                yield some
                continue
            for one in some:
                give_back()
                yield iter((read(one.source),))
    finally:
        results.close()


def _is_large(result: ReadResult[Source]) -> bool:
    """Whether a picture is still to be decoded, alone."""
    return result.pixels is None and result.error is None


def _read_small(
    entry: Entry, *, read: Callable[[Entry], ReadResult[Entry]], most: int, max_pixels: int | None
) -> ReadResult[Entry]:
    if _comes_once(entry) or (max_pixels is not None and max_pixels <= most):
        return read(entry)
    result = _read(entry, color="rgb", max_pixels=most)
    return ReadResult(entry, None) if isinstance(result.error, PictureSizeError) else result


def _read(source: Source, *, color: Color, max_pixels: int | None) -> ReadResult[Source]:
    try:
        return ReadResult(source, read_picture(source, color=color, max_pixels=max_pixels))
    except ImageError as error:
        return ReadResult(source, None, _without_traceback(error))


def _without_traceback(error: ImageError) -> ImageError:
    link: BaseException | None = error
    while link is not None:
        link.__traceback__ = None
        link = link.__cause__ or link.__context__
    return error


def _in_order(
    sources: Iterator[Source],
    *,
    read: Callable[[Source], ReadResult[Source]],
    threads: int,
    depth: int,
    first: int | None = None,
) -> Generator[ReadResult[Source], None, None]:
    """Results in order; `first` are begun at the beginning, and behind a large one, and one more after each other."""
    window: deque[Future[ReadResult[Source]]] = deque()
    pool = ThreadPoolExecutor(threads, thread_name_prefix="facecascade-read")
    most = depth if first is None else first
    try:
        while True:
            if not any(map(_gave_large, window)):
                window.extend(_submitted(islice(sources, max(most - len(window), 0)), pool=pool, read=read))
            if not window:
                return
            result = window.popleft().result()
            most = min(most + 1, depth)
            if first is not None and _is_large(result):
                most = first
                window.extend([_set_aside(window.popleft()) for _ in range(len(window))])
            yield result
            del result
    finally:
        pool.shutdown(cancel_futures=True)


def _comes_once(source: PictureSource) -> bool:
    """Whether it can be read once alone, like a pipe."""
    if isinstance(source, Entry):
        return source.opener is None and source.pixels is None and not os.path.isfile(source.path)  # noqa: PTH113
    return hasattr(source, "read")


def _set_aside(future: Future[ReadResult[Source]]) -> Future[ReadResult[Source]]:
    """What was begun behind a large picture before its size was known is dropped, and decoded again after it."""
    if future.exception() is not None or future.result().error is not None:
        return future
    source = future.result().source
    return future if _comes_once(source) else _done(ReadResult(source, None))


def _gave_large(future: Future[ReadResult[Source]]) -> bool:
    return future.done() and future.exception() is None and _is_large(future.result())


def _submitted(
    sources: Iterator[Source], *, pool: ThreadPoolExecutor, read: Callable[[Source], ReadResult[Source]]
) -> Iterator[Future[ReadResult[Source]]]:
    try:
        for source in sources:
            # An array has nothing to decode: a thread would cost more than it takes over.
            yield _done(read(source)) if isinstance(source, np.ndarray) else pool.submit(read, source)
    except Exception as error:  # noqa: BLE001 - raised again when its turn comes
        failed: Future[ReadResult[Source]] = Future()
        failed.set_exception(error)
        yield failed


def _done(result: ReadResult[Source]) -> Future[ReadResult[Source]]:
    future: Future[ReadResult[Source]] = Future()
    future.set_result(result)
    return future
