"""Public-domain pictures to try facecascade on: two portraits, and a scene of many faces composed of them.

    python -m scripts.sample_pictures

Run it in the root of the repository. The portraits come out of the wheels of scikit-image and matplotlib, once; they
and the scene are kept in `.cache/samples/`, so that later runs need no network.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from PIL import Image, ImageDraw, ImageOps

from scripts.fetch import member

CACHE = Path(__file__).resolve().parents[1] / ".cache" / "samples"
Box = tuple[int, int, int, int]


class Source(NamedTuple):
    """Where a portrait comes from; `bust` and `face` are (x1, y1, x2, y2) in its pixels."""

    requirement: str
    path: str
    sha256: str
    bust: Box
    face: Box


SOURCES = {
    # Eileen Collins, photographed by NASA: a work of the US government, in the public domain.
    "astronaut": Source(
        requirement="scikit-image==0.26.0",
        path="skimage/data/astronaut.png",
        sha256="88431cd9653ccd539741b555fb0a46b61558b301d4110412b5bc28b5e3ea6cb5",
        bust=(97, 0, 347, 300),
        face=(176, 60, 270, 188),
    ),
    # Grace Hopper, photographed by the US Navy: a work of the US government, in the public domain.
    "grace_hopper": Source(
        requirement="matplotlib==3.11.2",
        path="matplotlib/mpl-data/sample_data/grace_hopper.jpg",
        sha256="a8ca6d734765703b09728ab47fe59f473d93ae3967fc24c7c0288c3c7adb7130",
        bust=(85, 0, 435, 420),
        face=(172, 105, 362, 340),
    ),
}


class Portrait(NamedTuple):
    """A framed portrait on the wall: its left upper corner and its width in pixels; it is 6/5 as high as wide."""

    who: str
    left: int
    top: int
    width: int
    mirrored: bool = False

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        return self.width, self.width * 6 // 5


WALL_SIZE = (1400, 900)
WALL = (
    Portrait("grace_hopper", 60, 60, 300),
    Portrait("astronaut", 400, 50, 240),
    Portrait("astronaut", 680, 60, 150, mirrored=True),
    Portrait("grace_hopper", 870, 60, 130, mirrored=True),
    Portrait("astronaut", 1040, 55, 300),
    Portrait("grace_hopper", 680, 280, 110),
    Portrait("grace_hopper", 820, 260, 170),
    Portrait("astronaut", 60, 470, 180),
    Portrait("grace_hopper", 280, 460, 110, mirrored=True),
    Portrait("grace_hopper", 420, 380, 220, mirrored=True),
    Portrait("astronaut", 680, 450, 110),
    Portrait("astronaut", 820, 500, 200, mirrored=True),
    Portrait("grace_hopper", 1060, 460, 140, mirrored=True),
    Portrait("astronaut", 1230, 460, 110, mirrored=True),
    Portrait("astronaut", 280, 625, 105),
    Portrait("grace_hopper", 680, 615, 105),
    Portrait("grace_hopper", 420, 680, 70),
    Portrait("astronaut", 530, 680, 90, mirrored=True),
    Portrait("grace_hopper", 1085, 695, 55),
    Portrait("astronaut", 1235, 640, 100),
)


def sample_pictures() -> dict[str, Path]:
    """Paths of the samples by name, the portraits first; fetches and composes what the cache does not hold."""
    paths = {name: _portrait(source) for name, source in SOURCES.items()}
    group = CACHE / "group.png"
    if not group.is_file() or group.stat().st_mtime < Path(__file__).stat().st_mtime:
        aside = group.with_suffix(".part")
        compose(paths).save(aside, format="PNG")
        aside.replace(group)
    return {**paths, "group": group}


def compose(paths: dict[str, Path]) -> Image.Image:
    """The wall of portraits, the same every time."""
    scene = _room()
    busts = {name: Image.open(path).convert("RGB").crop(SOURCES[name].bust) for name, path in paths.items()}
    for portrait in WALL:
        picture = busts[portrait.who].resize(portrait.size, Image.Resampling.LANCZOS)
        picture = ImageOps.mirror(picture) if portrait.mirrored else picture
        frame = ImageOps.expand(ImageOps.expand(picture, 3, "#efe9dc"), 5, "#5b4632")
        scene.paste(frame, (portrait.left - 8, portrait.top - 8))
    return scene


def face_boxes() -> list[tuple[float, float, float, float]]:
    """Where the faces of the scene are, about: (x1, y1, x2, y2) in pixels, in the order of `WALL`."""
    return [_face(portrait) for portrait in WALL]


def _portrait(source: Source) -> Path:
    return member(source.requirement, path=source.path, sha256=source.sha256, folder=CACHE)


def _face(portrait: Portrait) -> tuple[float, float, float, float]:
    bust, face = SOURCES[portrait.who].bust, SOURCES[portrait.who].face
    scale = portrait.width / (bust[2] - bust[0])
    x1, x2 = (face[0] - bust[0]) * scale, (face[2] - bust[0]) * scale
    if portrait.mirrored:
        x1, x2 = portrait.width - x2, portrait.width - x1
    y1, y2 = (face[1] - bust[1]) * scale, (face[3] - bust[1]) * scale
    return portrait.left + x1, portrait.top + y1, portrait.left + x2, portrait.top + y2


def _room() -> Image.Image:
    """A plain wall that grows darker downwards, a skirting board, and a floor of planks."""
    width, height = WALL_SIZE
    shade = Image.linear_gradient("L").resize(WALL_SIZE)
    room = Image.composite(Image.new("RGB", WALL_SIZE, "#9fb3ad"), Image.new("RGB", WALL_SIZE, "#c3cfc6"), shade)
    draw = ImageDraw.Draw(room)
    draw.rectangle((0, height - 92, width, height - 70), fill="#e4e0d6")
    draw.rectangle((0, height - 70, width, height), fill="#86694a")
    for x in range(0, width, 140):
        draw.line((x, height - 70, 2 * x - width // 2, height), fill="#6d543a", width=2)
    return room


def main() -> None:
    """Fetch and compose them all, and say where they are."""
    for name, path in sample_pictures().items():
        print(f"{name}: {path}")


if __name__ == "__main__":
    main()
