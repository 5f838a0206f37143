"""Many pictures, decoded in threads while the caller works on the ones before, in the order they were asked for."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from facecascade.errors import ImageError, SettingsError
from facecascade.read.arrays import Color
from facecascade.read.decoding import MAX_PIXELS
from facecascade.read.pictures import PictureSource, check_reading, read_picture

Source = TypeVar("Source", bound=PictureSource)


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
    for name, value in (("threads", threads), ("depth", depth)):
        if not isinstance(value, int) or value < 1:
            raise SettingsError(f"expected {name} of at least 1, got {value!r}")
    if isinstance(sources, str | bytes | os.PathLike):
        raise SettingsError(f"expected several sources, got one {type(sources).__name__}; pass it in a list")
    read = partial(_read, color=color, max_pixels=max_pixels)
    return _in_order(iter(sources), read=read, threads=min(threads, depth), depth=depth)


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
    sources: Iterator[Source], *, read: Callable[[Source], ReadResult[Source]], threads: int, depth: int
) -> Generator[ReadResult[Source], None, None]:
    window: deque[Future[ReadResult[Source]]] = deque()
    pool = ThreadPoolExecutor(threads, thread_name_prefix="facecascade-read")
    try:
        while True:
            window.extend(_submitted(islice(sources, depth - len(window)), pool=pool, read=read))
            if not window:
                return
            yield window.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


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
