"""Sliders and the search: which faces are shown, at once and without the service; changing the search asks it again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import expect
from tests.serve.browser.visits import Open

from facecascade import MTCNN


def test_sliders_filter_at_once_and_without_the_service(visit: Open, samples: dict[str, Path]) -> None:
    opened = visit()
    opened.give(samples["group"])
    faces = MTCNN().detect(samples["group"])
    sent: list[str] = []
    opened.page.on("request", lambda request: sent.append(request.url))

    opened.slide("#score", "0.9999")
    expected = int((faces.scores >= 0.9999).sum())
    assert 0 < expected < 20
    assert opened.crops().count() == expected
    assert opened.text("#summary").startswith(f"{expected} of 20 faces")

    opened.slide("#size", "50 px")
    sides = np.minimum(*(faces.boxes[:, 2:] - faces.boxes[:, :2]).T)
    both = int(((faces.scores >= 0.9999) & (sides >= 50)).sum())
    assert 0 < both < expected
    assert opened.crops().count() == both
    assert opened.page.get_attribute("#size", "aria-valuetext") == "50 pixels"
    assert [url for url in sent if "/v1/" in url] == []
    opened.shot("filtered")


def test_where_no_face_is_left_the_page_says_what_to_do(visit: Open, samples: dict[str, Path]) -> None:
    opened = visit()
    opened.give(samples["astronaut"])
    opened.page.focus("#size")
    opened.page.press("#size", "End")
    assert opened.crops().count() == 0
    assert opened.text("#no-faces") == "No face is left: lower the score or the size."
    assert opened.page.is_disabled("#get-zip")


def test_another_search_asks_the_service_again(visit: Open, samples: dict[str, Path], tmp_path: Path) -> None:
    small = tmp_path / "small.png"
    with Image.open(samples["group"]) as picture:
        picture.reduce(2).save(small)
    opened = visit()
    opened.give(small)
    found = opened.crops().count()
    assert found == len(MTCNN().detect(small))
    with opened.page.expect_response(lambda response: "preset=fast" in response.url):
        opened.page.select_option("#preset", "fast")
    opened.page.wait_for_selector("#progress", state="hidden")
    assert opened.crops().count() == len(MTCNN.preset("fast").detect(small)) < found


def test_the_searches_are_those_of_the_service_and_explained(visit: Open) -> None:
    opened = visit()
    expect(opened.page.locator("#software")).to_contain_text("facecascade")
    values = opened.page.eval_on_selector_all("#preset option", "options => options.map((option) => option.value)")
    assert values == ["default", "thorough", "fast", "careful"]
    opened.page.click("#help")
    assert opened.page.locator("#presets-help dt").all_inner_texts() == ["Default", "Thorough", "Fast", "Careful"]
    assert "never more" in opened.text(".help")
    opened.shot("help")
