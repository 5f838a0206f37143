"""The page without a mouse."""

from __future__ import annotations

import json
from pathlib import Path

from playwright.sync_api import expect
from tests.serve.browser.visits import SECONDS, Open, Visit


def _focused(opened: Visit) -> str:
    name: str = opened.page.evaluate(
        "document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent.trim()"
    )
    return name


def test_everything_is_done_by_keys(visit: Open, samples: dict[str, Path]) -> None:
    opened = visit()
    keyboard = opened.page.keyboard
    with opened.page.expect_file_chooser() as chooser:
        # The browser is told to hand its dialogs over on another way than the key takes.
        opened.page.wait_for_timeout(1 * SECONDS)
        keyboard.press("o")
    chooser.value.set_files([samples["group"], samples["astronaut"]])
    opened.page.wait_for_selector("#work")
    opened.page.wait_for_selector("#progress", state="hidden")

    view = opened.page.locator("#view")
    for _ in range(3):
        keyboard.press("ArrowRight")
    keyboard.press("ArrowLeft")
    label = view.get_attribute("aria-label") or ""
    assert label.startswith("group.png: 20 faces shown, face 2 chosen, score 0.9")
    assert opened.page.is_visible("#card")

    level = opened.text("#zoom-level")
    keyboard.press("z")
    opened.page.wait_for_timeout(100)
    assert opened.text("#zoom-level") != level
    opened.shot("zoomed")
    keyboard.press("0")
    expect(opened.page.locator("#zoom-level")).to_have_text(level)

    keyboard.press("PageDown")
    assert opened.text("#name") == "astronaut.png"
    keyboard.press("PageUp")
    keyboard.press("g")
    expect(opened.page.locator("#show-grid")).to_have_attribute("aria-expanded", "true")
    keyboard.press("Escape")
    keyboard.press("Delete")
    assert opened.text("#name") == "astronaut.png"
    assert not opened.page.is_visible("#gallery")


def test_the_list_of_faces_is_one_stop_of_the_tab_key(visit: Open, samples: dict[str, Path]) -> None:
    opened = visit()
    opened.give(samples["group"])
    opened.page.focus("input[name=crop]:checked")
    opened.page.keyboard.press("Tab")
    assert _focused(opened).startswith("Face 1, score")
    opened.page.keyboard.press("ArrowRight")
    assert _focused(opened).startswith("Face 2, score")
    opened.page.keyboard.press("Tab")
    assert _focused(opened) == "Crops"
    opened.page.keyboard.press("Tab")
    with opened.page.expect_download() as saved:
        opened.page.keyboard.press("Enter")
    assert len(json.loads(Path(saved.value.path()).read_text())[0]["faces"]) == 20
    opened.page.keyboard.press("Shift+Tab")
    opened.page.keyboard.press("Shift+Tab")
    assert _focused(opened).startswith("Face 2, score")


def test_pictures_are_chosen_by_arrows_in_the_gallery(visit: Open, samples: dict[str, Path]) -> None:
    opened = visit()
    opened.give(samples["astronaut"], samples["grace_hopper"])
    opened.page.focus(".thumb")
    opened.page.keyboard.press("ArrowRight")
    assert _focused(opened) == "grace_hopper.jpg, 1 face"
    assert opened.text("#name") == "grace_hopper.jpg"


def test_letters_can_be_switched_off_and_fields_keep_theirs(visit: Open, samples: dict[str, Path]) -> None:
    opened = visit()
    opened.give(samples["astronaut"])
    boxes = opened.page.locator("#show-boxes")
    opened.page.keyboard.press("b")
    expect(boxes).to_have_attribute("aria-pressed", "false")
    opened.page.keyboard.press("?")
    opened.page.get_by_label("Single letters are shortcuts").uncheck()
    opened.page.keyboard.press("Escape")
    opened.page.keyboard.press("b")
    expect(boxes).to_have_attribute("aria-pressed", "false")
    opened.page.focus("#score")
    opened.page.keyboard.press("ArrowRight")
    assert opened.page.locator(".crop[aria-current=true]").count() == 0


def test_the_focus_can_be_seen(visit: Open, samples: dict[str, Path]) -> None:
    opened = visit()
    opened.give(samples["astronaut"], samples["grace_hopper"])
    opened.page.focus("#open")
    seen = set()
    for _ in range(25):
        opened.page.keyboard.press("Tab")
        outline = opened.page.evaluate(
            """() => {
                const element = document.activeElement;
                const target = element.matches("[type=radio]") ? element.nextElementSibling : element;
                const style = getComputedStyle(target);
                return [element.id || element.className || element.name || element.tagName, style.outlineStyle,
                    parseFloat(style.outlineWidth)];
            }"""
        )
        if outline[0] == "BODY":
            break
        seen.add(outline[0])
        assert outline[1] != "none", outline
        assert outline[2] >= 2, outline
    assert {"camera", "view", "zoom-in", "score", "preset", "crop", "get-csv", "show-hidden"} <= seen
