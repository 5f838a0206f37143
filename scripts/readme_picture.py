"""Make the picture at the top of README.md: the composed scene of many faces, with what the detector finds in it.

    python -m scripts.readme_picture

Run it in the root of the repository.
"""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from facecascade import MTCNN, draw_faces, read_picture
from scripts.sample_pictures import sample_pictures

OUTPUT = Path(__file__).resolve().parents[1] / "docs" / "images" / "group.jpg"
WIDTH = 1000


def main() -> None:
    """Detect, draw, shrink, save."""
    picture = read_picture(sample_pictures()["group"])
    with MTCNN() as detector:
        faces = detector.detect(picture)
    drawn = draw_faces(picture, faces)
    OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    small = drawn.resize((WIDTH, drawn.height * WIDTH // drawn.width), Image.Resampling.LANCZOS)
    small.save(OUTPUT, quality=85, optimize=True)
    print(f"{OUTPUT}: {len(faces)} faces")


if __name__ == "__main__":
    main()
