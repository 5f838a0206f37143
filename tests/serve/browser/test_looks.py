"""Dark and light, narrow screens, names for screen readers, contrast."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from tests.serve.browser.visits import Open

ROLES = {"button", "slider", "combobox", "radio", "checkbox", "textbox", "link", "dialog", "progressbar", "navigation"}
# Text and what it is read on: 4.5 to 1 (WCAG 2.2, 1.4.3).
TEXTS = [
    *((text, ground) for text in ("text", "quiet") for ground in ("ground", "raised", "pressed")),
    *(("accent", ground) for ground in ("ground", "pressed")),
    ("text", "stage"),
    ("text", "bad-ground"),
    ("on-accent", "accent"),
    ("bad", "ground"),
    ("bad", "bad-ground"),
]
# Edges of controls and signs: 3 to 1 (1.4.11).
SIGNS = [("edge", "ground"), ("accent", "raised"), ("bad", "stage")]


def _colours(page: Page) -> dict[str, tuple[float, float, float]]:
    found = page.evaluate(
        """(names) => {
            const probe = document.createElement("span");
            document.body.append(probe);
            const colours = names.map((name) => {
                probe.style.color = `var(--${name})`;
                return [name, getComputedStyle(probe).color];
            });
            probe.remove();
            return colours;
        }""",
        sorted({name for pair in TEXTS + SIGNS for name in pair}),
    )
    levels = {name: [float(level) for level in re.findall(r"[\d.]+", text)[:3]] for name, text in found}
    return {name: (red, green, blue) for name, (red, green, blue) in levels.items()}


def _luminance(colour: tuple[float, float, float]) -> float:
    shares = [level / 255 for level in colour]
    linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: tuple[float, float, float], other: tuple[float, float, float]) -> float:
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_have_contrast(visit: Open, scheme: str) -> None:
    colours = _colours(visit(color_scheme=scheme).page)
    assert (_luminance(colours["ground"]) > 0.5) == (scheme == "light")
    for pairs, least in ((TEXTS, 4.5), (SIGNS, 3.0)):
        low = {pair: round(_contrast(*(colours[name] for name in pair)), 2) for pair in pairs}
        assert min(low.values()) >= least, low


def test_the_switch_goes_from_the_systems_colours_to_light_and_dark(visit: Open, samples: dict[str, Path]) -> None:
    opened = visit(color_scheme="dark")
    opened.give(samples["group"])
    opened.shot("dark")
    button = opened.page.get_by_role("button", name="Colours")
    grounds = []
    for name in ("as the system has them", "light", "dark"):
        assert button.get_attribute("aria-label") == f"Colours: {name}"
        grounds.append(_luminance(_colours(opened.page)["ground"]) > 0.5)
        button.click()
    assert grounds == [False, True, False]


def test_a_phone_shows_all_without_scrolling_sideways(visit: Open, samples: dict[str, Path], unreadable: Path) -> None:
    opened = visit(viewport={"width": 390, "height": 844}, device_scale_factor=2, has_touch=True, is_mobile=True)
    opened.shot("phone-empty")
    _check_width(opened.page)
    opened.give(samples["group"], samples["grace_hopper"], unreadable)
    _check_width(opened.page)
    opened.page.wait_for_timeout(500)
    opened.shot("phone", full=True)
    opened.page.locator(".crop").first.tap()
    opened.page.wait_for_selector("#card")
    opened.shot("phone-card")
    opened.page.locator("#show-grid").tap()
    _check_width(opened.page)
    opened.page.locator(".thumb.failed").tap()
    expect(opened.page.locator("#stage-message")).to_contain_text("Expected a picture")
    _check_width(opened.page)
    opened.page.locator("#help").tap()
    opened.shot("phone-help")
    _check_width(opened.page)


def _check_width(page: Page) -> None:
    width, inner = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert width == inner == 390


def _tree(page: Page) -> list[tuple[str, str]]:
    """Role and name of everything that a screen reader is told."""
    nodes: list[dict[str, Any]] = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
    heard = [node for node in nodes if not node["ignored"]]
    return [(str(node["role"]["value"]), str(node.get("name", {}).get("value", ""))) for node in heard]


def test_every_control_has_a_name_and_the_page_has_landmarks(visit: Open, samples: dict[str, Path]) -> None:
    opened = visit()
    opened.give(samples["group"], samples["astronaut"])
    tree = _tree(opened.page)
    unnamed = [role for role, name in tree if role in ROLES and not name.strip()]
    assert unnamed == []
    roles = [role for role, _ in tree]
    assert {"banner", "main", "complementary", "navigation", "status", "toolbar"} <= {*roles}
    assert roles.count("main") == 1
    assert len([name for role, name in tree if role == "button" and name.startswith("Face ")]) == 20
    assert ("heading", "facecascade") in tree
    opened.page.click("#help")
    assert ("dialog", "Help") in _tree(opened.page)


def test_results_are_said(visit: Open, samples: dict[str, Path]) -> None:
    opened = visit()
    opened.give(samples["group"])
    said = opened.page.locator("#said")
    expect(said).to_have_text("group.png: 20 faces shown.")
    opened.slide("#size", "80 px")
    shown = opened.crops().count()
    expect(said).to_have_text(f"group.png: {shown} faces shown.")


def test_who_wants_less_motion_gets_less(visit: Open) -> None:
    seconds = [
        visit(reduced_motion=motion).page.evaluate(
            """() => {
                const spinner = document.createElement("span");
                spinner.className = "spinner";
                document.body.append(spinner);
                return parseFloat(getComputedStyle(spinner).animationDuration);
            }"""
        )
        for motion in ("no-preference", "reduce")
    ]
    assert seconds[0] < 1 < 3 < seconds[1]
