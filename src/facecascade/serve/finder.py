"""An encoded picture to its pixels and faces, without blocking the event loop: `Finder`."""

from __future__ import annotations

import asyncio
import io
import math
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any, Final, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from facecascade import views
from facecascade.detector import MTCNN
from facecascade.errors import ImageError
from facecascade.extract import Selection, select
from facecascade.faces import Faces
from facecascade.read import Entry, read_picture
from facecascade.read.decoding import decode_opened, opened
from facecascade.serve.batcher import Batcher, Limits
from facecascade.serve.budget import Budget, Share
from facecascade.serve.formats import FORMATS, format_of, passes
from facecascade.serve.metrics import Metrics
from facecascade.serve.problems import Problem
from facecascade.serve.settings import ServeSettings
from facecascade.serve.uploads import Upload
from facecascade.settings import Settings

Result = TypeVar("Result")
Pixels = NDArray[np.uint8]

MOST_PASSES: Final = 20
"""Times that a decoder goes over a picture of the most pixels, at the most; over a smaller one it may go more often."""
SMALL: Final = 2**20
"""Pixels of a picture that is decoded as soon as its head has been read, without its turn in between."""
KEPT_SIZES: Final = 256
"""Of pictures, and how they are searched, whose pyramids are counted once."""
WARM_UP: Final = (640, 480)
"""Width and height of the picture that a service looks at before it takes requests."""


class _Head(NamedTuple):
    format: str
    pixels: int
    levels: int
    """Pixels of all levels of its image pyramid."""


@dataclass(frozen=True, eq=False)
class Looked:
    """A picture that was looked at.

    Attributes:
        upload: what came in.
        format: one of `FORMATS`.
        pixels: (h, w, 3) uint8, RGB, upright.
        faces: those that were chosen, in pixels of that picture.
    """

    upload: Upload
    format: str
    pixels: Pixels
    faces: Faces


class Finder:
    """Decodes pictures in threads, and finds faces in several of them at a time; all on one engine.

    Settings are arguments of the engine, so all of them share its weights and threads.

    Args:
        limits: what is taken, and how it is worked on.
        metrics: told of each batch and picture.
    """

    def __init__(self, limits: ServeSettings, *, metrics: Metrics) -> None:
        self.detector = MTCNN(weights=limits.weights, threads=limits.threads)
        self._limits = limits
        self._metrics = metrics
        self._pixels = Budget(limits.max_pixels_held)
        self._threads: ThreadPoolExecutor | None = None
        self._batcher: Batcher | None = None

    async def open(self) -> None:
        """Start the threads, and bring in what a first picture needs; in the event loop that it will be used in."""
        limits = self._limits
        self._threads = ThreadPoolExecutor(limits.decoders, thread_name_prefix="facecascade-decode")
        self._batcher = Batcher(
            partial(views.detect, self.detector.engine),
            limits=Limits(limits.window, limits.batch_pictures, limits.batch_levels),
            lanes=limits.lanes,
            observe=self._metrics.batch,
        )
        await self.in_thread(self._warm_up)
        self._metrics.watch(waiting=lambda: self._batcher.waiting if self._batcher else 0)

    async def close(self) -> None:
        """End the threads, once all that was begun has ended."""
        if self._batcher is not None:
            await self._batcher.close()
        if self._threads is not None:
            await asyncio.to_thread(self._threads.shutdown)
        self.detector.close()

    async def in_thread(self, function: Callable[..., Result], *arguments: Any) -> Result:
        """What a function returns that takes its time; called in the threads that decode."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, function, *arguments)

    @asynccontextmanager
    async def looking(self, upload: Upload, *, settings: Settings, selection: Selection) -> AsyncIterator[Looked]:
        """One picture with its faces, held for the block: others may wait for the memory of its pixels.

        Raises:
            Problem: it cannot be read, or would take too long.
        """
        try:
            async with self._looking(upload, settings, selection) as looked:
                yield looked
        except MemoryError as error:
            raise Problem("busy", "expected memory for this picture, got none just now: come back later") from error

    @asynccontextmanager
    async def _looking(self, upload: Upload, settings: Settings, selection: Selection) -> AsyncIterator[Looked]:
        with Share(self._pixels) as share:
            share.begin(SMALL)
            head, pixels = await self.in_thread(self._begun, upload, settings, share.amount)
            await share.become(head.pixels)
            if pixels is None:
                pixels = await self.in_thread(self._decoded, upload)
            assert self._batcher is not None
            found = await self._batcher.faces(pixels, settings, levels=head.levels)
            faces = found[select(found, selection=selection, picture_size=(pixels.shape[1], pixels.shape[0]))]
            self._metrics.picture(faces=len(faces))
            yield Looked(upload, head.format, pixels, faces)

    def _warm_up(self) -> None:
        """Look at a picture without faces: the readers are imported, and the detector has its memory."""
        file = io.BytesIO()
        Image.effect_noise(WARM_UP, 64).convert("RGB").save(file, "JPEG")
        self.detector.engine.detect([read_picture(file.getvalue())], Settings())

    def _begun(self, upload: Upload, settings: Settings, at_once: int) -> tuple[_Head, Pixels | None]:
        """What the head of a picture says, and the picture, decoded, where that has at most `at_once` pixels."""
        name = format_of(upload.data)
        if name is None:
            raise unreadable(upload, f"expected a picture out of {', '.join(FORMATS)}, got something else")
        file, pixels = io.BytesIO(upload.data), None
        try:
            with opened(file, name=upload.shown) as image:
                width, height = image.size
                head = _Head(name, height * width, level_pixels(height, width, settings))
                problem = self._problem(upload, head, height=height, width=width)
                if problem is None and head.pixels <= at_once:
                    pixels = decode_opened(image, file, name=upload.shown, max_pixels=self._limits.max_pixels)
        except ImageError as error:
            raise unreadable(upload, str(error)) from error
        if problem is not None:  # which is no error of the decoder
            raise problem
        return head, pixels

    def _problem(self, upload: Upload, head: _Head, *, height: int, width: int) -> Problem | None:
        """What speaks against decoding a picture, as far as its head tells the truth."""
        most = self._limits.max_pixels
        if head.pixels > most:
            return unreadable(upload, f"expected at most {most} pixels, got {width} x {height} = {head.pixels}")
        if passes(upload.data, head.format) * head.pixels > MOST_PASSES * most:
            return unreadable(upload, "expected a JPEG of fewer scans for its size: it would take too long to decode")
        if head.levels > self._limits.max_levels:
            return Problem(
                "too-much-work",
                f"expected a pyramid of at most {self._limits.max_levels} pixels, got {head.levels} for a picture of "
                f"{width} x {height}: raise min_face_size, or send a smaller picture",
                field="min_face_size",
            )
        return None

    def _decoded(self, upload: Upload) -> Pixels:
        try:
            return read_picture(entry_of(upload), max_pixels=self._limits.max_pixels)
        except ImageError as error:
            raise unreadable(upload, str(error)) from error


def entry_of(upload: Upload) -> Entry:
    """The picture as readers take it."""
    return Entry(upload.shown, upload.shown, opener=lambda: io.BytesIO(upload.data))


def unreadable(upload: Upload, reason: str) -> Problem:
    """The problem of a picture that cannot be read; the reason need not name it."""
    return Problem("unreadable-picture", reason.removeprefix(f"{upload.shown}: "))


@lru_cache(maxsize=KEPT_SIZES)
def level_pixels(height: int, width: int, settings: Settings) -> int:
    """Pixels of all levels of the image pyramid, over all views: what detection takes its time for."""
    border = 2 * round(settings.border * min(height, width))
    height, width = height + border, width + border
    pixels = sum(math.ceil(height * scale) * math.ceil(width * scale) for scale in settings.scales(height, width))
    return pixels * (2 if settings.mirror else 1)
