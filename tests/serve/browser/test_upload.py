"""Pictures given to the page: chosen, dropped, pasted; their faces on the canvas and in the list."""

from __future__ import annotations

import base64
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect
from tests.serve.browser.visits import Open, Visit, canvas_pixels

from facecascade import MTCNN


def test_the_empty_page_says_what_to_do_and_what_is_taken(visit: Open) -> None:
    opened = visit()
    assert opened.page.get_by_role("heading", name="Find the faces in your pictures").is_visible()
    expect(opened.page.locator("#limits")).to_have_text("Up to 64 MB and 64 megapixels each.")
    opened.shot("empty")


def test_a_picture_shows_its_faces_as_the_library_finds_them(visit: Open, samples: dict[str, Path]) -> None:
    opened = visit()
    opened.give(samples["group"])
    faces = MTCNN().detect(samples["group"])
    assert opened.crops().count() == len(faces) == 20
    assert opened.text("#summary") == "20 faces · 1400 \N{MULTIPLICATION SIGN} 900 pixels"
    x1, y1, x2, y2 = (round(float(value)) for value in faces.boxes[3])
    label = opened.crops().nth(3).get_by_role("button").get_attribute("aria-label")
    assert label is not None
    assert label.startswith("Face 4, score 0.99")
    assert label.endswith(f", {x2 - x1} by {y2 - y1} pixels, at {x1}, {y1}")
    opened.shot("group")


def test_boxes_and_landmarks_are_drawn_and_can_be_left_out(visit: Open, samples: dict[str, Path]) -> None:
    opened = visit()
    opened.give(samples["grace_hopper"])
    opened.page.wait_for_timeout(300)
    both = _drawn(opened)
    opened.page.click("#show-landmarks")
    boxes = _drawn(opened)
    opened.page.click("#show-boxes")
    bare = _drawn(opened)
    changed = [int((one != other).any(axis=2).sum()) for one, other in ((both, boxes), (boxes, bare))]
    assert 50 < changed[0] < changed[1]
    assert opened.page.get_attribute("#show-boxes", "aria-pressed") == "false"


def test_the_box_is_drawn_where_the_face_is(visit: Open, samples: dict[str, Path]) -> None:
    opened = visit()
    opened.give(samples["astronaut"])
    with_box = _drawn(opened)
    opened.page.keyboard.press("b")
    opened.page.keyboard.press("l")
    rows, columns = np.nonzero((with_box != _drawn(opened)).any(axis=2))
    drawn = np.array([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1])
    scale = int(opened.text("#zoom-level").removesuffix(" %")) / 100
    box = MTCNN().detect(samples["astronaut"]).boxes[0]
    # The line is 4 pixels wide with its halo, half of it outside the box, and the scale is a rounded one.
    sides = (drawn[2:] - drawn[:2]) - (box[2:] - box[:2]) * scale
    assert np.all((sides > 1) & (sides < 7)), sides


def test_pointing_at_a_face_shows_its_crop_and_score(visit: Open, samples: dict[str, Path]) -> None:
    opened = visit()
    opened.give(samples["astronaut"])
    assert not opened.page.is_visible("#card")
    opened.page.locator(".crop").hover()
    opened.page.wait_for_selector("#card")
    score = float(MTCNN().detect(samples["astronaut"]).scores[0])
    assert f"{int(score * 10000) / 10000:.4f}" in opened.text("#card")
    assert opened.drawn("#card canvas").std() > 30
    opened.shot("card")
    opened.page.mouse.move(5, 300)
    opened.page.wait_for_selector("#card", state="hidden")


def test_a_click_on_the_picture_chooses_the_face(visit: Open, samples: dict[str, Path]) -> None:
    opened = visit()
    opened.give(samples["astronaut"])
    x, y = _middle_of_the_face(opened, samples["astronaut"])
    opened.page.mouse.click(x, y)
    assert opened.page.locator(".crop[aria-current=true]").count() == 1
    opened.page.mouse.click(x - 150, y)
    assert opened.page.locator(".crop[aria-current=true]").count() == 0


def test_the_wheel_zooms_and_dragging_moves(visit: Open, samples: dict[str, Path]) -> None:
    opened = visit()
    opened.give(samples["group"])
    fitted = _drawn(opened)
    opened.page.mouse.move(450, 400)
    opened.page.mouse.wheel(0, -600)
    opened.page.wait_for_timeout(100)
    assert int(opened.text("#zoom-level").removesuffix(" %")) > 80
    near = _drawn(opened)
    opened.page.mouse.down()
    opened.page.mouse.move(350, 300, steps=3)
    opened.page.mouse.up()
    assert (_drawn(opened) != near).any()
    opened.page.click("#zoom-fit")
    opened.page.mouse.move(1100, 60)
    assert np.array_equal(_drawn(opened), fitted)


@pytest.mark.parametrize("way", ["drop", "paste"])
def test_a_picture_may_be_dropped_or_pasted(visit: Open, samples: dict[str, Path], way: str) -> None:
    opened = visit()
    data = base64.b64encode(samples["grace_hopper"].read_bytes()).decode()
    opened.page.evaluate(
        """([way, data]) => {
            const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
            const transfer = new DataTransfer();
            transfer.items.add(new File([bytes], "given.jpg", {type: "image/jpeg"}));
            const names = way === "drop" ? {dataTransfer: transfer} : {clipboardData: transfer};
            const Kind = way === "drop" ? DragEvent : ClipboardEvent;
            document.body.dispatchEvent(new Kind(way, {bubbles: true, cancelable: true, ...names}));
        }""",
        [way, data],
    )
    opened.page.wait_for_selector(".crop")
    assert opened.text("#name") == "given.jpg"
    assert opened.crops().count() == 1


def test_a_picture_that_lies_on_its_side_is_shown_upright(
    visit: Open, samples: dict[str, Path], tmp_path: Path
) -> None:
    path = tmp_path / "side.jpg"
    with Image.open(samples["grace_hopper"]) as picture:
        exif = Image.Exif()
        exif[0x0112] = 6  # turned by a quarter when shown
        picture.convert("RGB").rotate(90, expand=True).save(path, exif=exif, quality=95)
    opened = visit()
    opened.give(path)
    assert opened.text("#summary") == "1 face · 512 \N{MULTIPLICATION SIGN} 600 pixels"
    shown = opened.drawn(".crop canvas").astype(int)
    upright = visit()
    upright.give(samples["grace_hopper"])
    # Encoded twice, and turned: the box is not the same to the pixel. Another part of the picture differs by over 40.
    assert np.abs(shown - upright.drawn(".crop canvas")).mean() < 12


def test_a_format_that_browsers_do_not_show_is_shown_all_the_same(
    visit: Open, samples: dict[str, Path], tmp_path: Path
) -> None:
    path = tmp_path / "scan.tif"
    with Image.open(samples["astronaut"]) as picture:
        picture.convert("RGB").save(path)
    opened = visit()
    opened.give(path)
    assert opened.drawn(".crop canvas").std() > 30


def test_a_picture_without_faces_says_so(visit: Open, tmp_path: Path) -> None:
    path = tmp_path / "plain.png"
    Image.new("RGB", (320, 240), "#7a8c99").save(path)
    opened = visit()
    opened.give(path)
    assert opened.text("#summary") == "0 faces · 320 \N{MULTIPLICATION SIGN} 240 pixels"
    assert opened.text("#no-faces").startswith("No face was found.")
    assert opened.page.is_disabled("#get-zip")
    opened.shot("no-faces")


def _drawn(opened: Visit) -> np.ndarray:
    opened.page.wait_for_timeout(80)
    return canvas_pixels(opened.page.locator("#canvas"))


def _middle_of_the_face(opened: Visit, path: Path) -> tuple[float, float]:
    """Where the face of the astronaut lies on the screen: her picture is a square that fits the height of the stage."""
    box = MTCNN().detect(path).boxes[0]
    stage = opened.page.locator("#view").bounding_box()
    assert stage is not None
    side = stage["height"] - 14 - 64
    left = stage["x"] + (stage["width"] - side) / 2
    scale = side / 512
    return left + float(box[0] + box[2]) / 2 * scale, stage["y"] + 14 + float(box[1] + box[3]) / 2 * scale
