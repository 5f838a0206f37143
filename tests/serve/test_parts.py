"""The small parts: budgets, accepted types, names, archives, formats, options."""

from __future__ import annotations

import asyncio
import io
import zipfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from starlette.requests import Request
from tests.serve.serving import encoded

from facecascade.extract import TEMPLATES, Cropping, Selection
from facecascade.redact import Redaction
from facecascade.serve import ServeSettings
from facecascade.serve.accept import preferred
from facecascade.serve.archive import PACKED, ZipStream
from facecascade.serve.budget import Budget, Share
from facecascade.serve.finder import level_pixels
from facecascade.serve.formats import FORMATS, format_of, passes
from facecascade.serve.names import Names, file_name
from facecascade.serve.options import BlurOptions, CropOptions, DetectOptions, TemplateName
from facecascade.serve.problems import KINDS, Problem, kind_of
from facecascade.serve.query import options_of, parameters_of
from facecascade.serve.uploads import Upload
from facecascade.settings import Settings

FORMS = ("application/json", "image/png", "image/jpeg")


@pytest.mark.parametrize(
    ("header", "form"),
    [
        (None, 0),
        ("", 0),
        ("*/*", 0),
        ("text/html,application/xhtml+xml,image/avif,image/webp,*/*;q=0.8", 0),
        ("image/png", 1),
        ("image/*", 1),
        ("IMAGE/JPEG", 2),
        ("image/jpeg;q=0.9, image/png;q=0.8", 2),
        ("image/*;q=0.5, image/png;q=0.1, application/json;q=0", 2),
        ("application/json;q=0.1, */*;q=0.2", 1),
        ("image/png;q=nonsense, image/jpeg;q=0.01", 2),
    ],
)
def test_the_form_that_is_liked_best(header: str | None, form: int) -> None:
    assert preferred(header, FORMS) == FORMS[form]


@pytest.mark.parametrize("header", ["text/html", "image/webp", "*/*;q=0", "application/json;q=0, image/*;q=0", ";;;,,"])
def test_a_form_that_there_is_not(header: str) -> None:
    with pytest.raises(Problem) as caught:
        preferred(header, FORMS)
    assert caught.value.status == 406


@given(st.text(max_size=200))
def test_headers_of_any_kind_are_answered(header: str) -> None:
    try:
        form = preferred(header, FORMS)
    except Problem:
        return
    assert form in FORMS


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 10), st.integers(0, 5), st.booleans()), max_size=30))
def test_a_budget_is_never_overdrawn_and_comes_back_whole(takers: list[tuple[int, int, int, bool]]) -> None:
    async def main() -> None:
        budget, most = Budget(10), 0

        async def take(takes: int, amount: int, turns: int) -> None:
            nonlocal most
            with Share(budget) as share:
                share.begin(takes)
                await asyncio.sleep(0)
                await share.become(amount)
                most = max(most, budget.held)
                for _ in range(turns):
                    await asyncio.sleep(0)

        tasks = [asyncio.create_task(take(takes, amount, turns)) for takes, amount, turns, _ in takers]
        for turn, (task, (*_, cancelled)) in enumerate(zip(tasks, takers, strict=True)):
            if turn % 3 == 0:
                await asyncio.sleep(0)
            if cancelled:
                task.cancel()
        async with asyncio.timeout(10):
            await asyncio.gather(*tasks, return_exceptions=True)
        assert most <= 10
        assert budget.held == 0
        assert budget.take(10)

    asyncio.run(main())


def test_a_budget_serves_in_the_order_of_coming() -> None:
    async def main() -> list[int]:
        budget, order = Budget(3), list[int]()

        async def take(number: int, amount: int) -> None:
            with Share(budget) as share:
                await share.become(amount)
                order.append(number)
                await asyncio.sleep(0.001)

        await asyncio.gather(*(take(number, amount) for number, amount in enumerate((2, 3, 1, 1))))
        return order

    assert asyncio.run(main()) == [0, 1, 2, 3]


def test_what_is_larger_than_a_budget_is_no_wait_for_ever() -> None:
    async def main() -> None:
        with Share(Budget(3)) as share:
            await share.become(4)

    with pytest.raises(ValueError, match="expected to hold 3 at most, got 4"):
        asyncio.run(main())


@given(st.lists(st.text(max_size=40), max_size=12))
def test_names_are_safe_to_unpack_and_differ(names: list[str]) -> None:
    taken = Names()
    given_names = [taken.of(Upload(number, name, b"")) for number, name in enumerate(names)]
    assert len({name.casefold() for name in given_names}) == len(names)
    for name in given_names:
        assert name
        assert not set(name) & set('/\\:*?"<>|\0\n')
        assert name[0] not in "=+-@. "
        assert len(name) < 100


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("beach.jpg", "beach"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\x\\a b.png", "a b"),
        ("a.tar.gz", "a.tar"),
        ("...", "picture-1"),
        ("", "picture-1"),
        (None, "picture-1"),
        ("CON.png", "picture-1"),
        ("=cmd().png", "cmd()"),
        ("\u00e9t\u00e9.jpg", "\u00e9t\u00e9"),
    ],
)
def test_names(name: str | None, safe: str) -> None:
    assert file_name(Upload(0, name, b"")) == safe


@given(st.dictionaries(st.text("abc\u00e9", min_size=1, max_size=8), st.binary(max_size=500), max_size=8))
def test_an_archive_is_whole_however_it_is_cut(members: dict[str, bytes]) -> None:
    archive = ZipStream()
    pieces = [
        archive.add(name, data, PACKED if len(data) % 2 else zipfile.ZIP_STORED) for name, data in members.items()
    ]
    pieces.append(archive.end())
    with zipfile.ZipFile(io.BytesIO(b"".join(pieces))) as found:
        assert found.testzip() is None
        assert {name: found.read(name) for name in found.namelist()} == members


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF"])
def test_formats_are_known_by_their_first_bytes(form: str) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (20, 30, 3), dtype=np.uint8)
    assert format_of(encoded(pixels, form)) == form.lower()
    assert form.lower() in FORMATS


def test_scans_of_a_jpeg_are_counted() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    assert passes(encoded(pixels, "JPEG"), "jpeg") == 1
    assert 5 <= passes(encoded(pixels, "JPEG", progressive=True), "jpeg") <= 12
    assert passes(encoded(pixels), "png") == 1


@given(st.integers(1, 400), st.integers(1, 400), st.floats(4, 60), st.floats(0.3, 0.9), st.booleans())
def test_work_is_measured_by_the_pyramid(height: int, width: int, size: float, factor: float, mirror: bool) -> None:
    settings = Settings(min_face_size=size, scale_factor=factor, mirror=mirror)
    levels = [int(np.ceil(height * scale)) * int(np.ceil(width * scale)) for scale in settings.scales(height, width)]
    assert level_pixels(height, width, settings) == sum(levels) * (2 if mirror else 1)


def request_of(query: str) -> Request:
    return Request({"type": "http", "query_string": query.encode(), "headers": []})


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=100))
def test_queries_of_any_kind_are_read_or_refused(query: str) -> None:
    try:
        options_of(CropOptions, request_of(query)).cropping()
    except Problem as problem:
        known = problem.kind
        assert known in ("invalid-option", "bad-request")


def test_options_become_those_of_the_library() -> None:
    options = options_of(DetectOptions, request_of("preset=careful&min_face_size=30&thresholds=.5,.6,1e-3&limit=4"))
    assert options.settings() == Settings(min_face_size=30, thresholds=(0.5, 0.6, 0.001), border=0.1)
    assert options.selection() == Selection(at_most=4)
    crops = options_of(CropOptions, request_of("crop=aligned&size=64"))
    assert crops.cropping() == Cropping(kind="aligned", size=64) or crops.cropping().size == 64
    assert options_of(BlurOptions, request_of("")).settings() == Settings(thresholds=(0.6, 0.6, 0.4), border=0.1)
    assert options_of(BlurOptions, request_of("")).redaction() == Redaction()


def test_a_query_of_a_thousand_options_is_refused() -> None:
    with pytest.raises(Problem) as caught:
        options_of(DetectOptions, request_of("&".join(f"a{number}=1" for number in range(1000))))
    assert caught.value.status == 400


def test_options_are_described_as_they_are() -> None:
    described = {one["name"]: one["schema"] for one in parameters_of(DetectOptions)}
    assert described.keys() == DetectOptions.model_fields.keys()
    assert described["limit"] == {"type": "integer", "minimum": 1, "maximum": 1_000_000}
    assert described["mirror"] == {"type": "boolean"}
    assert set(described["template"]["enum"]) == set(TEMPLATES) == set(TemplateName.__args__)  # type: ignore[attr-defined]


def test_limits_that_cannot_work_are_refused() -> None:
    with pytest.raises(ValidationError, match="max_pixels_held of at least max_pixels"):
        ServeSettings(max_pixels=10, max_pixels_held=9)
    with pytest.raises(ValidationError, match="max_bytes_held of at least max_bytes"):
        ServeSettings(max_bytes=10, max_bytes_held=9)
    for wrong in ({"port": 70_000}, {"window": -1}, {"unknown": 1}, {"max_seconds": 0}):
        with pytest.raises(ValidationError):
            ServeSettings(**wrong)  # type: ignore[arg-type]


def test_every_status_has_a_kind() -> None:
    for name, kind in KINDS.items():
        assert Problem(name, "expected this, got that").to_dict()["status"] == kind.status
    assert kind_of(404) == "not-found"
    assert kind_of(405) == "method-not-allowed"
    assert kind_of(418) == "bad-request"
