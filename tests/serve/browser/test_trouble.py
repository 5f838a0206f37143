"""What does not go well: unreadable pictures, a service that is busy, away, or wants a token."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Route, expect
from tests.serve.browser.visits import Open, Visit

from scripts.browser import service

TOKEN = "correct horse battery staple"


def test_an_unreadable_picture_does_not_hold_up_the_others(
    visit: Open, samples: dict[str, Path], unreadable: Path
) -> None:
    opened = visit()
    opened.give(samples["astronaut"], unreadable, samples["grace_hopper"])
    assert opened.text("#gallery-text") == "3 pictures · 2 faces · 1 not searched"
    opened.page.locator(".thumb.failed").click()
    message = opened.page.locator("#stage-message")
    expect(message).to_contain_text("This picture was not searched")
    expect(message).to_contain_text("Expected a picture")
    assert opened.page.is_disabled("#get-zip")
    opened.shot("unreadable")


def test_an_unreadable_picture_alone_says_why(visit: Open, unreadable: Path) -> None:
    opened = visit(expected=("status of 422",))
    opened.give(unreadable)
    expect(opened.page.locator("#stage-message")).to_contain_text("Expected a picture")
    label = opened.page.locator("#summary")
    expect(label).to_have_text("Not searched")
    opened.page.click("#remove")
    assert opened.page.is_visible("#start")


def test_a_busy_service_is_asked_again(visit: Open, samples: dict[str, Path]) -> None:
    opened = visit(expected=("status of 503",))
    answers: list[int] = []

    def busy_at_first(route: Route) -> None:
        answers.append(1)
        if len(answers) > 2:
            route.continue_()
            return
        problem = {"type": "urn:facecascade:problem:busy", "title": "Busy", "status": 503, "detail": "too much to do"}
        headers = {"Retry-After": "1", "Content-Type": "application/problem+json"}
        route.fulfill(status=503, headers=headers, body=json.dumps(problem))

    opened.page.route("**/v1/detect?*", busy_at_first)
    opened.give(samples["astronaut"], wait=False)
    expect(opened.page.locator("#notice-text")).to_have_text("The service is busy. The next try is in 1 s.")
    opened.shot("busy")
    expect(opened.crops()).to_have_count(1)
    assert len(answers) == 3


def test_a_service_that_is_away_is_told_and_asked_again_on_demand(visit: Open, samples: dict[str, Path]) -> None:
    opened = visit(expected=("ERR_FAILED",))
    opened.page.route("**/v1/detect?*", lambda route: route.abort())
    opened.give(samples["astronaut"])
    message = opened.page.locator("#stage-message")
    expect(message).to_contain_text("The service does not answer. Is it still running?")
    opened.page.unroute("**/v1/detect?*")
    message.get_by_role("button", name="Try again").click()
    expect(opened.crops()).to_have_count(1)


def test_what_is_too_large_is_not_sent(visit: Open, samples: dict[str, Path], tmp_path: Path) -> None:
    large = tmp_path / "large.png"
    with large.open("wb") as file:
        file.truncate(64 * 2**20 + 1)
    opened = visit()
    expect(opened.page.locator("#limits")).to_contain_text("64 MB")
    sent: list[str] = []
    opened.page.on("request", lambda request: sent.append(request.url))
    opened.give(large)
    expect(opened.page.locator("#stage-message")).to_contain_text("The service takes up to 64 MB at a time")
    assert [url for url in sent if "/v1/" in url] == []


def test_a_search_can_be_stopped_and_taken_up_again(visit: Open, samples: dict[str, Path]) -> None:
    opened = visit()
    held: list[Route] = []
    opened.page.route("**/v1/detect?*", lambda route: held.append(route))
    opened.give(samples["astronaut"], samples["grace_hopper"], wait=False)
    opened.page.click("#cancel")
    expect(opened.page.locator("#gallery-text")).to_have_text("2 pictures · 0 faces · 2 not searched")
    opened.page.unroute("**/v1/detect?*")
    opened.page.locator("#stage-message").get_by_role("button", name="Try again").click()
    expect(opened.crops()).to_have_count(1)


@pytest.fixture(scope="module")
def guarded(chromium: str) -> object:
    """Where a service answers those alone who have the token."""
    with service(settings={"token": TOKEN}) as address:
        yield address


def test_the_token_is_asked_for_until_it_is_right_and_kept_in_memory_alone(
    visit_in: Callable[..., Visit], browser: Browser, guarded: str, samples: dict[str, Path]
) -> None:
    opened = visit_in(browser, guarded, expected=("status of 401",))
    dialog = opened.page.get_by_role("dialog")
    expect(dialog).to_contain_text("This service asks for a token")
    opened.shot("token")
    opened.page.get_by_label("Token", exact=True).fill("wrong")
    opened.page.keyboard.press("Enter")
    expect(dialog).to_contain_text("The service does not know that token.")
    opened.page.get_by_label("Token", exact=True).fill(TOKEN)
    opened.page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    opened.give(samples["astronaut"])
    expect(opened.crops()).to_have_count(1)
    kept = opened.page.evaluate("[localStorage.length, sessionStorage.length, document.cookie, location.href]")
    assert kept == [0, 0, "", guarded]


def test_the_watch_of_these_tests_sees_violations_and_requests_elsewhere(visit: Open) -> None:
    opened = visit()
    opened.page.evaluate(
        """() => {
            const script = document.createElement("script");
            script.textContent = "1";
            document.body.append(script);
            return fetch("http://127.0.0.2:9/").catch(() => null);
        }"""
    )
    opened.page.wait_for_timeout(200)
    text = "\n".join(opened.watch.seen)
    assert "Content Security Policy" in text
    assert "script-src" in text
    assert "connect-src" in text
    opened.watch.seen.clear()
