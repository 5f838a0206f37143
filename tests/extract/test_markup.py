"""HTML out of names that mean no good."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote_to_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facecascade.extract.markup import Html, counted, escaped, href, joined, named, table, tag


class Reader(HTMLParser):
    """The text and the attributes that a browser would see."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.text, self.found = "", list[tuple[str, dict[str, str | None]]]()
        self.feed(page)
        self.close()

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


@given(st.text(max_size=30).filter(str.isprintable))
def test_what_goes_in_is_what_one_reads(text: str) -> None:
    page = Reader(tag("p", text, title=text))
    assert page.text == text
    assert page.found == [("p", {"title": text})]


@given(st.text(st.characters(codec=None), max_size=30))
def test_any_text_at_all_is_text_and_utf8(text: str) -> None:
    page = tag("p", named(text), title=text)
    assert page.encode()
    assert [name for name, _ in Reader(page).found] == ["p", "bdi"]


def test_html_is_not_escaped_twice_and_parts_of_it_are_text_again() -> None:
    inner = tag("b", "<&>")
    assert tag("p", inner, " & more") == "<p><b>&lt;&amp;&gt;</b> &amp; more</p>"
    assert joined(inner, "<") == "<b>&lt;&amp;&gt;</b>&lt;"
    assert escaped(inner) is inner
    assert not isinstance(inner[:3], Html)


def test_attributes_and_elements_without_content() -> None:
    assert tag("img", src="a b", alt='"') == '<img src="a b" alt="&quot;"/>'
    assert tag("line", class_="grid", stroke_width=1.5) == '<line class="grid" stroke-width="1.5"/>'
    assert tag("p", name="a") == '<p name="a"></p>'


def test_marks_that_turn_the_direction_are_shown() -> None:
    assert named("a\u202egpj.exe") == "<bdi>a\\u202egpj.exe</bdi>"


@pytest.mark.parametrize(
    ("file", "link"),
    [
        ("contact-sheet-001.jpg", "contact-sheet-001.jpg"),
        (Path("a b") / "c#d?.jpg", "a%20b/c%23d%3F.jpg"),
        ("javascript:alert(1)", "javascript%3Aalert%281%29"),
        ("名\udcff%", "%E5%90%8D%FF%25"),
    ],
)
def test_links_are_relative_whatever_the_name(file: str | Path, link: str) -> None:
    assert href(file) == link
    assert unquote_to_bytes(link) == str(file).encode("utf-8", "surrogateescape")


def test_tables_name_their_rows_and_columns() -> None:
    page = table("All", heads=("name", "count"), rows=[("<a>", "1")])
    assert '<caption>All</caption><thead><tr><th scope="col">name</th>' in page
    assert '<tbody><tr><th scope="row">&lt;a&gt;</th><td>1</td></tr></tbody>' in page


def test_numbers() -> None:
    assert [counted(n, "face") for n in (0, 1, 12345)] == ["0 faces", "1 face", "12,345 faces"]
