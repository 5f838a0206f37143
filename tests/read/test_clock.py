"""Times and names of frames."""

from __future__ import annotations

from fractions import Fraction
from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st

from facecascade.read.clock import Clock, clock_text


def frame(pts: int | None, base: Fraction = Fraction(1, 1000)) -> SimpleNamespace:
    return SimpleNamespace(pts=pts, time_base=base)


def test_times_as_players_show_them() -> None:
    assert [clock_text(time) for time in (0, 12_345, 3_723_004, 360_000_000, -40)] == [
        *("00:00:00.000", "00:00:12.345", "01:02:03.004", "100:00:00.000"),
        "-00:00:00.040",
    ]


def test_the_stream_says_when_and_the_file_where_it_starts() -> None:
    clock = Clock(start=Fraction(7, 5), rate=None)
    assert clock.tick(frame(126_000, Fraction(1, 90_000))) == "00:00:00.000"
    assert clock.tick(frame(129_003, Fraction(1, 90_000))) == "00:00:00.033"
    assert clock.now == Fraction(3003, 90_000)


def test_frames_without_a_time_follow_at_the_usual_distance() -> None:
    clock = Clock(start=Fraction(0), rate=Fraction(10))
    assert [clock.tick(frame(pts)) for pts in (None, None, 250, None)] == [
        *("00:00:00.000", "00:00:00.100", "00:00:00.250", "00:00:00.350"),
    ]


def test_clocks_that_stand_still_or_go_back() -> None:
    clock = Clock(start=Fraction(0), rate=None)
    assert [clock.tick(frame(pts)) for pts in (0, 40, 40, 0, 80, 40)] == [
        *("00:00:00.000", "00:00:00.040", "00:00:00.040+1", "00:00:00.000+2", "00:00:00.080", "00:00:00.040+3"),
    ]


@given(st.lists(st.one_of(st.none(), st.integers(-50, 50)), max_size=60))
def test_names_never_repeat(times: list[int | None]) -> None:
    clock = Clock(start=Fraction(0), rate=Fraction(1000))
    names = [clock.tick(frame(time, Fraction(1, 3000))) for time in times]
    assert len(set(names)) == len(names)
