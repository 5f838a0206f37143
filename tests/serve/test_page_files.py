"""The page's files fit together, and lead nowhere else."""

from __future__ import annotations

import re
from importlib import resources

PAGE = {
    item.name: item.read_text(encoding="utf-8")
    for item in resources.files("facecascade.serve").joinpath("page").iterdir()
}
CODE = {name: text for name, text in PAGE.items() if name.endswith(".js")}


def test_all_that_is_named_is_there() -> None:
    named = {name for text in PAGE.values() for name in re.findall(r"page/([\w.-]+\.\w+)", text)}
    imported = {name for text in CODE.values() for name in re.findall(r'from "\./([\w.-]+)"', text)}
    assert len(named) >= 6
    assert named | imported <= {*PAGE}
    assert {*CODE} - imported == {"main.js"}


def test_icons_that_are_shown_are_drawn() -> None:
    drawn = {*re.findall(r'<symbol id="([\w-]+)"', PAGE["icons.svg"])}
    shown = {*re.findall(r"icons\.svg#([\w-]+)", PAGE["index.html"])}
    shown |= {name for text in CODE.values() for name in re.findall(r'icon\("([\w-]+)"\)', text)}
    assert shown | {"theme-light", "theme-dark"} == drawn


def test_names_that_code_looks_up_are_in_the_page() -> None:
    ids = {*re.findall(r'\bid="([\w-]+)"', PAGE["index.html"])}
    looked_up = {name for text in CODE.values() for name in re.findall(r'byId\("([\w-]+)"\)', text)}
    assert len(looked_up) > 30
    assert looked_up <= ids


def test_nothing_comes_from_elsewhere_and_nothing_is_inline() -> None:
    for name, text in PAGE.items():
        assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", text), name
    page = PAGE["index.html"]
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", page)
    for name, text in CODE.items():
        assert not re.search(
            r"innerHTML|insertAdjacentHTML|document\.write|\beval\(|localStorage|sessionStorage", text
        ), name


def test_the_page_is_small() -> None:
    assert sum(len(text.encode()) for text in PAGE.values()) < 150_000
