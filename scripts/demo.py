"""The tour of `make demo`: find the faces of the sample pictures, draw them, cut them out, put them on one sheet.

    python -m scripts.demo

Run it in the root of the repository. It calls the command line as a user would, and ends with a table.
"""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

from scripts.sample_pictures import sample_pictures

ROOT = Path(__file__).resolve().parents[1]
OUTPUT = Path("demo")


def facecascade(*arguments: str) -> None:
    """Run one command of the command line, and show it."""
    print(f"$ facecascade {shlex.join(arguments)}", flush=True)
    subprocess.run([sys.executable, "-m", "facecascade.cli", *arguments], check=True, cwd=ROOT)


def table(lines: list[dict[str, Any]]) -> str:
    """One row a picture: its size in pixels, how many faces, the best score, the sides of the smallest and largest."""
    rows = [("picture", "size", "faces", "best score", "face widths")]
    for line in lines:
        boxes = [face["box"] for face in line["faces"]]
        widths = sorted(box[2] - box[0] for box in boxes)
        best = max((face["score"] for face in line["faces"]), default=0.0)
        span = f"{widths[0]:.0f} to {widths[-1]:.0f} px" if widths else ""
        size = f"{line['width']} x {line['height']}"
        rows.append((Path(line["source"]).name, size, str(len(boxes)), f"{best:.4f}", span))
    columns = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join("  ".join(map(str.ljust, row, columns)).rstrip() for row in rows)


def main() -> None:
    """Give the tour."""
    pictures = [str(path.relative_to(ROOT)) for path in sample_pictures().values()]
    found = OUTPUT / "faces.jsonl"
    facecascade("detect", *pictures, "--draw", str(OUTPUT / "annotated"), "-o", str(found))
    facecascade("extract", *pictures, "-o", str(OUTPUT / "faces"), "--sheet")
    lines = [json.loads(line) for line in (ROOT / found).read_text().splitlines()]
    print(f"\n{table(lines)}\n")
    print(f"{OUTPUT}/annotated/   the pictures with their faces drawn")
    print(f"{OUTPUT}/faces/       every face cut out, a contact sheet of them all, and their list")
    print(f"{found}  boxes, scores and landmarks, one line a picture")


if __name__ == "__main__":
    main()
