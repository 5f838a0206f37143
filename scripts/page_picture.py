"""Make the picture of docs/page.md: the page with the composed scene of many faces, one of them chosen.

    python -m scripts.page_picture

Run it in the root of the repository; it wants a Chromium.
"""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image

from scripts.browser import browser, service
from scripts.sample_pictures import sample_pictures

OUTPUT = Path(__file__).resolve().parents[1] / "docs" / "images" / "page.png"
WIDTH, HEIGHT = 1200, 750
COLOURS = 256
CHOSEN = 5


def main() -> None:
    """Serve, open, choose, save."""
    pictures = sample_pictures()
    with service() as address, browser() as chromium:
        page = chromium.new_page(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light")
        page.goto(address)
        page.set_input_files("#files", [str(pictures[name]) for name in ("group", "astronaut", "grace_hopper")])
        page.wait_for_selector("#progress", state="hidden")
        for _ in range(CHOSEN):
            page.keyboard.press("ArrowRight")
        page.wait_for_timeout(1000)
        shot = page.screenshot()
    OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    with Image.open(io.BytesIO(shot)) as picture:
        picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(OUTPUT, optimize=True)
    print(f"{OUTPUT}: {OUTPUT.stat().st_size // 1000} kB")


if __name__ == "__main__":
    main()
