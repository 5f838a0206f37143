"""A zip file that is sent while it is made: `ZipStream`, and the answer that sends one."""

from __future__ import annotations

import zipfile
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from typing import IO, Any, Final, cast

from fastapi import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from facecascade.serve.service import Service
from facecascade.serve.uploads import Upload

MEDIA_TYPE: Final = "application/zip"
PACKED: Final = zipfile.ZIP_DEFLATED
READABLE: Final = 0o644 << 16
"""Permissions of a member, where zip files have them."""


class _Sink:
    """Keeps what is written until somebody takes it; all of a file that a zip file wants that cannot go back."""

    def __init__(self) -> None:
        self._written = bytearray()

    def write(self, data: Any) -> int:
        self._written += data
        return len(data)

    def flush(self) -> None:
        pass

    def taken(self) -> bytes:
        """What has been written since the last call."""
        taken, self._written = bytes(self._written), bytearray()
        return taken


class ZipStream:
    """A zip file, piece by piece; no more of it is kept than the list of its members."""

    def __init__(self) -> None:
        self._sink = _Sink()
        self._zip = zipfile.ZipFile(cast("IO[bytes]", self._sink), "w")

    def add(self, name: str, data: bytes, method: int = zipfile.ZIP_STORED) -> bytes:
        """One more member, and the bytes that it brings; pictures are packed already, texts are worth `PACKED`."""
        member = zipfile.ZipInfo(name)  # without a time: the same pictures give the same bytes
        member.external_attr = READABLE
        member.compress_type = method
        self._zip.writestr(member, data)
        return self._sink.taken()

    def end(self) -> bytes:
        """What comes after the last member."""
        self._zip.close()
        return self._sink.taken()


class ZipAnswer(Response):
    """An archive made from the pictures of a request; it starts once the first of them has been read.

    Args:
        service: what takes the pictures.
        request: what brings them.
        make: the pieces of the archive, for the pictures.
        name: of the file, where a browser saves it.
    """

    media_type = MEDIA_TYPE

    def __init__(
        self,
        service: Service,
        request: Request,
        make: Callable[[Sequence[Upload]], AsyncGenerator[bytes, None]],
        *,
        name: str,
    ) -> None:
        super().__init__(headers={"content-disposition": f'attachment; filename="{name}"'})
        del self.headers["content-length"]  # nobody knows it yet
        self._service = service
        self._request = request
        self._make = make

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take the pictures, and send the archive while it grows."""
        del scope, receive
        async with self._service.uploads(self._request) as uploads:
            await self._service.answered(self._request, self.sent(uploads, send))

    async def sent(self, uploads: Sequence[Upload], send: Send) -> None:
        """Send the archive of these pictures."""
        started = False
        async with aclosing(self._make(uploads)) as chunks:
            async for chunk in chunks:
                if not started:
                    await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
                    started = True
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})
