"""Long JSON and long bytes give what Python makes of them at once, and are refused where it would refuse them."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from facecascade.serve import texts, uploads, windows
from facecascade.serve.problems import Problem
from facecascade.serve.texts import LongText, loads
from facecascade.serve.uploads import read_uploads

MOST = 2**20
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(alphabet="abc", max_size=8), inner, max_size=4),
)


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """All that is long and large is so at a few bytes, so that short examples have all of it."""
    monkeypatch.setattr(texts, "LONG", 9)
    monkeypatch.setattr(texts, "PIECE_BYTES", 300)
    monkeypatch.setattr(windows, "WINDOW_BYTES", 7)


def whole(value: Any) -> Any:
    """The same with each long string read."""
    if isinstance(value, LongText):
        return "".join(value.pieces())
    if isinstance(value, list):
        return [whole(one) for one in value]
    return {name: whole(one) for name, one in value.items()} if isinstance(value, dict) else value


@given(VALUES, st.booleans())
def test_json_is_what_python_reads(value: Any, ascii_alone: bool) -> None:
    body = json.dumps(value, ensure_ascii=ascii_alone).encode()
    assert whole(loads(body, most=MOST)) == value


@given(st.text(max_size=900), st.booleans())
@example("a" * 250 + "\U0001f600" * 9 + "a" * 250, True)
def test_strings_are_cut_between_letters(text: str, ascii_alone: bool) -> None:
    body = json.dumps([text], ensure_ascii=ascii_alone).encode()
    try:
        read = whole(loads(body, most=MOST))
    except ValueError:
        assert body.count(b"\\") > 30
    else:
        assert read == [text]


@given(st.binary(max_size=80) | st.text(alphabet='"\\{}[],: aNu0', max_size=60).map(str.encode))
def test_what_python_refuses_is_refused(body: bytes) -> None:
    try:
        found = whole(loads(body, most=MOST))
    except (ValueError, RecursionError):
        return
    assert found == json.loads(body)


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity"])
def test_numbers_that_are_none_do_not_pass_for_strings(word: str) -> None:
    with pytest.raises(ValueError, match="no number"):
        loads(f'{{"data": {word}, "name": "{"x" * 100}"}}'.encode(), most=MOST)


def test_what_lies_beside_long_strings_is_bounded() -> None:
    assert loads(b'["' + 500 * b"a" + b'"]', most=5).__class__ is list
    with pytest.raises(ValueError, match="too much"):
        loads(b'["' + 500 * b"a" + b'" ]', most=5)


def test_another_encoding_is_refused() -> None:
    with pytest.raises(ValueError, match="UTF-8"):
        loads('{"pictures": []}'.encode("utf-16"), most=MOST)


@pytest.mark.parametrize("escape", [lambda text: text.replace("/", "\\/"), lambda text: text.replace("+", "\\u002B")])
def test_base64_may_have_the_escapes_that_programs_write(escape: Any) -> None:
    data = bytes(range(256)) * 20
    item = f'{{"pictures":[{{"name":"a.jpg","data":"{escape(base64.b64encode(data).decode())}"}}]}}'
    assert read_uploads("application/json", item.encode(), most=1)[0].data == data


@given(st.binary(max_size=700), st.integers(0, 900), st.sampled_from(["", "A", "AAAA", "%", "é"]))
def test_base64_in_pieces_is_base64_at_once(data: bytes, place: int, more: str) -> None:
    letters = base64.b64encode(data).decode()
    letters = letters[:place] + more + letters[place:]
    body = json.dumps({"pictures": [{"data": letters}]}, ensure_ascii=False).encode()
    try:
        if len(letters) % 4:  # which the standard library lets pass where all that is over is "="
            raise ValueError
        right = binascii.a2b_base64(letters.encode("ascii"), strict_mode=True)
    except ValueError:
        with pytest.raises(Problem, match="Base64"):
            read_uploads("application/json", body, most=1)
    else:
        assert read_uploads("application/json", body, most=1)[0].data == right


@pytest.mark.parametrize("before", [296, 300, 304])
def test_padding_is_at_the_end_alone(before: int) -> None:
    letters = "A" * (before - 4) + "AA==" + "A" * 400
    with pytest.raises(Problem, match="Base64"):
        read_uploads("application/json", json.dumps({"pictures": [{"data": letters}]}).encode(), most=1)


def test_a_string_of_escapes_alone_cannot_be_cut() -> None:
    body = b'{"pictures":[{"data":"' + 200 * b"\\/" + b'"}]}'
    with pytest.raises(Problem, match="too many escapes"):
        read_uploads("application/json", body, most=1)


def test_long_names_are_cut() -> None:
    body = json.dumps({"pictures": [{"name": "ä" * 2000, "data": "AAAA"}]}, ensure_ascii=False).encode()
    name = read_uploads("application/json", body, most=1)[0].name
    assert name is not None
    assert name == "ä" * len(name)
    assert 100 < len(name) <= uploads.MOST_LETTERS


@given(st.text(alphabet="ab", max_size=60), st.sampled_from(["ab", "a", "abb", "ba"]), st.integers(0, 70))
def test_bytes_are_found_and_counted_across_windows(data: str, sought: str, start: int) -> None:
    text, part = data.encode(), sought.encode()
    assert windows.find(text, part, start) == text.find(part, start)
    assert windows.count(text, part) == text.count(part)
