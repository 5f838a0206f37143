"""What no program would send on purpose: `ATTACKS`, each with what has to be answered."""

from __future__ import annotations

import asyncio
import io
import random
import struct
import zlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

from PIL import Image

MOST_BYTES: Final = 1_048_576
"""Of a body; the service that is attacked has to be told so."""
PATIENCE: Final = 4.0
"""Seconds that it waits for a head, a body or a reader; told to it too."""
LONGEST: Final = 60.0
"""Seconds that an attacker waits for an answer."""

Send = Callable[[asyncio.StreamReader, asyncio.StreamWriter, random.Random], Awaitable[bytes]]


@dataclass(frozen=True)
class Attack:
    """A kind of request.

    Attributes:
        send: sends it, and returns the answer, or nothing where none is waited for.
        statuses: that are right answers; none for whoever does not wait. On a busy machine anybody may be too slow.
    """

    send: Send
    statuses: frozenset[int]


def _attack(*statuses: int) -> Callable[[Send], Attack]:
    return lambda send: Attack(send, frozenset({*statuses, 408} if statuses else ()))


def picture_of(pixels: int, form: str) -> bytes:
    """A picture of noise, so many pixels a side."""
    file = io.BytesIO()
    noise = random.Random(0).randbytes(3 * pixels * pixels)
    Image.frombytes("RGB", (pixels, pixels), noise).save(file, form)
    return file.getvalue()


def post(body: bytes, *, path: str = "/v1/detect", kind: str = "image/jpeg", length: int | None = None) -> bytes:
    """A request, with a length that may be a lie."""
    size = len(body) if length is None else length
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {kind}\r\nContent-Length: {size}\r\n\r\n"
    return head.encode() + body


async def asked(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, data: bytes) -> bytes:
    """The answer to some bytes, as far as its length says."""
    writer.write(data)
    return await answered(reader)


async def answered(reader: asyncio.StreamReader) -> bytes:
    """One answer."""
    async with asyncio.timeout(LONGEST):
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
        return head + await reader.readexactly(length)


JPEG, PNG = picture_of(160, "JPEG"), picture_of(160, "PNG")


def _bomb() -> bytes:
    """A whole PNG of 40,000 x 40,000 pixels of one bit, 200 MB, in 200 kB."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    packer = zlib.compressobj(9)
    row = bytes(1 + 40_000 // 8)
    packed = b"".join(packer.compress(row) for _ in range(40_000)) + packer.flush()
    head = struct.pack(">IIBBBBB", 40_000, 40_000, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


BOMB: Final = _bomb()
SCANS: Final = JPEG + 100_000 * b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00"
"""A small JPEG that asks to be gone over a hundred thousand times."""


@_attack(422)
async def truncated(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, chance: random.Random) -> bytes:
    """A picture that ends too soon."""
    whole, path = chance.choice((JPEG, PNG)), chance.choice(("detect", "extract", "blur"))
    return await asked(reader, writer, post(whole[: chance.randrange(4, len(whole) // 2)], path=f"/v1/{path}"))


@_attack(413)
async def oversized(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, chance: random.Random) -> bytes:
    """Too much: announced and not sent, announced and sent, or in chunks without an end in sight."""
    way = chance.randrange(3)
    if way == 0:
        return await asked(reader, writer, post(b"", length=chance.randrange(MOST_BYTES + 1, 10**15)))
    if way == 1:
        return await asked(reader, writer, post(bytes(MOST_BYTES + chance.randrange(1, 200_000))))
    head = (
        b"POST /v1/detect HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: image/png\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    return await asked(reader, writer, head + 20 * (b"10000\r\n" + bytes(65536) + b"\r\n"))


@_attack(422)
async def bomb(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, chance: random.Random) -> bytes:
    """A small file of very many pixels, or one that takes very long."""
    if chance.randrange(2):
        return await asked(reader, writer, post(chance.choice((BOMB, SCANS))))
    return await asked(reader, writer, post(PNG, path="/v1/detect?min_face_size=4&thresholds=0,0,0&mirror=true"))


@_attack(400, 415, 422)
async def wrong_type(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, chance: random.Random) -> bytes:
    """Something else than a picture, or a picture that is called something else."""
    body = chance.choice(
        (b"PK\x03\x04", b"<svg/>", b"%!PS-Adobe-3.0", b"\x7fELF", b"", JPEG[:3], chance.randbytes(500))
    )
    kind = chance.choice(
        ("image/jpeg", "text/html", "video/mp4", "application/json", "multipart/form-data; boundary=x")
    )
    return await asked(reader, writer, post(body, kind=kind))


@_attack(400, 413, 422)
async def bad_form(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, chance: random.Random) -> bytes:
    """A form of a thousand parts, one with names that lead elsewhere, or one that ends too soon."""
    name = chance.choice(("../../etc/passwd", "x" * 5000, "\\\\evil\\share", "a\x00b", "%2e%2e%2f"))
    part = f'--x\r\nContent-Disposition: form-data; name="pictures"; filename="{name}"\r\n\r\nnone\r\n'.encode()
    body = chance.choice((part * 1000 + b"--x--\r\n", part + b"--x--\r\n", part, part[:40]))
    return await asked(reader, writer, post(body, kind="multipart/form-data; boundary=x"))


@_attack(404, 405, 421, 422)
async def wrong_request(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, chance: random.Random) -> bytes:
    """Paths, methods, hosts and options that there are not."""
    line, host = chance.choice(
        (
            ("GET /../../etc/passwd", "127.0.0.1"),
            ("GET /page/..%2f..%2fapp.py", "127.0.0.1"),
            ("DELETE /v1/detect", "127.0.0.1"),
            ("GET /healthz", "evil.example"),
            ("POST /v1/detect?template=/etc/passwd", "127.0.0.1"),
            ("POST /v1/detect?min_face_size=1e999", "127.0.0.1"),
            ("POST /v1/extract?size=1000000000", "127.0.0.1"),
        )
    )
    data = f"{line} HTTP/1.1\r\nHost: {host}\r\nContent-Type: image/jpeg\r\nContent-Length: 0\r\n\r\n"
    return await asked(reader, writer, data.encode())


@_attack(400, 431)
async def no_http(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, chance: random.Random) -> bytes:
    """Bytes that are no request, or the beginning of an endless one."""
    endless = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n" + b"".join(b"X-%d: %s\r\n" % (n, b"x" * 90) for n in range(300))
    return await asked(
        reader, writer, chance.choice((endless, b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", b"\r\nhello\r\n\r\n"))
    )


@_attack(408)
async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, chance: random.Random) -> bytes:
    """A request of which a byte comes now and then."""
    data = post(JPEG)
    sent = chance.choice((20, data.index(b"\r\n\r\n") + 10))
    writer.write(data[:sent])
    answer = asyncio.ensure_future(answered(reader))
    while not answer.done():
        writer.write(data[sent : sent + 1])
        sent += 1
        await asyncio.wait((answer,), timeout=0.25)
    return answer.result()


@_attack()
async def aborted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, chance: random.Random) -> bytes:
    """A request whose sender goes: in its head, in its body, or before the answer."""
    del reader
    data = post(JPEG, path=f"/v1/{chance.choice(('detect', 'extract', 'blur'))}")
    writer.write(data[: chance.choice((10, len(data) // 2, len(data)))])
    await writer.drain()
    await asyncio.sleep(chance.random() * 0.02)
    writer.transport.abort()
    return b""


ATTACKS: Final[Mapping[str, Attack]] = {
    "truncated": truncated,
    "oversized": oversized,
    "bomb": bomb,
    "wrong type": wrong_type,
    "bad form": bad_form,
    "wrong request": wrong_request,
    "no HTTP": no_http,
    "slow": slow,
    "aborted": aborted,
}
"""Each of them as often as the others."""
