"""Answers that may be large, handed over piece by piece: `InPieces`."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

PIECE_BYTES: Final = 2**18
"""Copied at once while everybody else waits."""


class InPieces(Response):
    """An answer of any size, for which nobody else has to wait, and of which no more is handed over than is read."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send all of it."""
        del scope, receive
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        body = memoryview(self.body)
        for start in range(0, max(len(body), 1), PIECE_BYTES):
            end = start + PIECE_BYTES
            await send({"type": "http.response.body", "body": bytes(body[start:end]), "more_body": end < len(body)})
