"""Names as a font can draw them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facecascade.errors import SettingsError
from facecascade.extract.labels import NO_CHARACTER, Lettering, picture_id, visible

LETTERING = Lettering(size=13)


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("beach 1.jpg", "beach 1.jpg"),
        ("Müller café", "Muller cafe"),
        ("Mu\u0308ller", "Muller"),
        ("Łódź, Straße, Ærø", "Lodz, Strasse, AEro"),
        ("\uff21\uff22", "AB"),
        ("名.jpg", "\\u540d.jpg"),
        ("سلام", "\\u0633\\u0644\\u0627\\u0645"),
        ("\U0001f600", "\\U0001f600"),
        ("a\u202egpj.exe", "a\\u202egpj.exe"),
        ("odd \udcff byte", "odd \\xff byte"),
        ("two\nlines\tand  spaces", "two lines and spaces"),
        ("9\u202fPM", "9 PM"),
        ("", ""),
    ],
)
def test_what_the_font_lacks_is_spelt_otherwise_or_escaped(text: str, drawn: str) -> None:
    assert LETTERING.written(text) == drawn


@given(st.text(st.characters(codec=None), max_size=20))
def test_no_sign_for_a_missing_glyph_whatever_the_text(text: str) -> None:
    missing = bytes(LETTERING.font.getmask(NO_CHARACTER))
    drawn = LETTERING.written(text)
    assert drawn.isprintable()
    assert all(bytes(LETTERING.font.getmask(letter)) != missing for letter in drawn if letter != " ")


@given(st.text(st.characters(codec=None), max_size=60), st.integers(0, 300))
def test_shortened_texts_fit(text: str, width: int) -> None:
    assert LETTERING.width(LETTERING.shortened(text, width=width)) <= width
    assert LETTERING.width(LETTERING.shortened_id(text, width=width)) <= width


def test_the_middle_goes_and_escapes_stay_whole() -> None:
    short = LETTERING.shortened("beginning" + "x" * 200 + "end.jpg", width=150)
    assert short.startswith("begin")
    assert short.endswith("d.jpg")
    assert short.count("...") == 1
    assert LETTERING.width(short) > 130, "and no more goes than has to"
    escapes = LETTERING.shortened("名" * 40, width=200)
    assert set(escapes.replace("\\u540d", "")) == {"."}
    assert escapes.count("\\u540d") >= 3


def test_folders_go_before_letters_of_the_name() -> None:
    identity = "archive/2024/summer/beach/IMG_0001.jpg"
    whole = LETTERING.width(identity)
    assert LETTERING.shortened_id(identity, width=whole) == identity
    assert LETTERING.shortened_id(identity, width=whole - 1) == ".../2024/summer/beach/IMG_0001.jpg"
    name = LETTERING.width(".../IMG_0001.jpg")
    assert LETTERING.shortened_id(identity, width=name) == ".../IMG_0001.jpg"
    assert LETTERING.shortened_id(identity, width=name - 1) == "IMG_0001.jpg"
    assert LETTERING.shortened_id(identity, width=60).startswith("IM")


def test_a_font_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "bad.ttf").write_bytes(b"no font")
    for name in ("bad.ttf", "none.ttf"):
        with pytest.raises(SettingsError, match=f"expected a TrueType or OpenType font, got .*{name}"):
            Lettering(size=12, font=tmp_path / name)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("名 é سلام.jpg", "名 é سلام.jpg"),
        ("می\u200cخوب", "می\u200cخوب"),
        ("9\u202fPM\u00a0x", "9\u202fPM\u00a0x"),
        ("a\u202eb\u2066c", "a\\u202eb\\u2066c"),
        ("a\x00b\nc", "a\\x00b\\x0ac"),
        ("\udc80", "\\x80"),
        ("\ud800", "\\ud800"),
    ],
)
def test_characters_that_cannot_be_seen_are_escaped(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_what_a_picture_is_called() -> None:
    @dataclass
    class Named:
        id: object

        def __fspath__(self) -> str:
            return "its/path"

    assert picture_id("a/b.jpg") == "a/b.jpg"
    assert picture_id(Path("a") / "b.jpg") == "a/b.jpg"
    assert picture_id(Named("album.zip/a.jpg")) == "album.zip/a.jpg"
    assert picture_id(Named(7)) == "its/path"
