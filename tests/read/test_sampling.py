"""Which frames of a video are taken."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facecascade.errors import SettingsError
from facecascade.read import Sampling


def taken(sampling: Sampling, times: list[float]) -> list[float]:
    chosen = sampling.chooser()
    return [time for time in times if chosen(time)]


TENTHS = [number / 10 for number in range(30)]


@pytest.mark.parametrize(
    ("sampling", "expected"),
    [
        (Sampling(every=10), [0.0, 1.0, 2.0]),
        (Sampling(every=10, start=0.45), [0.5, 1.5, 2.5]),
        (Sampling(seconds=1), [0.0, 1.0, 2.0]),
        (Sampling(seconds=0.75), [0.0, 0.8, 1.5, 2.3]),
        (Sampling(seconds=1, start=0.25), [0.3, 1.3, 2.3]),
        (Sampling(seconds=100), [0.0]),
        (Sampling(start=2.8), [2.8, 2.9]),
    ],
)
def test_frames_at_a_steady_rate(sampling: Sampling, expected: list[float]) -> None:
    assert taken(sampling, TENTHS) == expected


def test_a_pause_does_not_bring_frames_in_a_row() -> None:
    assert taken(Sampling(seconds=1), [0.0, 0.5, 7.2, 7.3, 7.9, 8.0]) == [0.0, 7.2, 8.0]


def test_a_clock_in_ticks_does_not_miss_a_second() -> None:
    times = [round(number * 12800 / 29.97) / 12800 for number in range(3000)]
    assert len(taken(Sampling(seconds=1 / 29.97), times)) >= 2995
    assert taken(Sampling(seconds=0.1), [0.0, 0.1, 0.2, 0.30000000000000004, 0.7, 0.7999999999, 0.9]) == [
        *(0.0, 0.1, 0.2, 0.30000000000000004),
        *(0.7, 0.7999999999, 0.9),
    ]


def test_each_chooser_starts_anew() -> None:
    sampling = Sampling(every=3)
    assert taken(sampling, [0.0, 0.1]) == taken(sampling, [0.0, 0.1]) == [0.0]


@given(st.lists(st.floats(0, 100), max_size=40), st.floats(0.01, 20))
def test_no_two_frames_of_one_span(times: list[float], seconds: float) -> None:
    kept = taken(Sampling(seconds=seconds), sorted(times))
    assert len({int((time + 0.001) / seconds) for time in kept}) == len(kept)
    assert kept[:1] == sorted(times)[:1]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ({}, Sampling()),
        ({"every": "10"}, Sampling(every=10)),
        ({"every": "0.5s"}, Sampling(seconds=0.5)),
        ({"start": "90"}, Sampling(start=90)),
        ({"start": "1:30", "end": "1:02:03.5"}, Sampling(start=90, end=3723.5)),
        ({"end": "2.5s"}, Sampling(end=2.5)),
    ],
)
def test_from_text(text: dict[str, str], expected: Sampling) -> None:
    assert Sampling.parse(**text) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ({"every": "often"}, 'expected a number of frames like "10"'),
        ({"every": "-1"}, "expected a number of frames"),
        ({"every": "0"}, "expected one in every 1 or more frames"),
        ({"every": "0s"}, "expected one frame in more than 0 seconds"),
        ({"every": "nans"}, "expected a number of frames"),
        ({"start": "noon"}, 'expected a time like "90", "1:30"'),
        ({"start": "-5"}, "expected a time like"),
        ({"start": "10", "end": "9"}, "expected an end after the start at 10 s, got 9 s"),
    ],
)
def test_text_that_means_nothing(text: dict[str, str], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        Sampling.parse(**text)


@pytest.mark.parametrize("values", [{"every": 2, "seconds": 1.0}, {"start": -1.0}, {"seconds": float("inf")}])
def test_values_that_cannot_work(values: dict[str, float]) -> None:
    with pytest.raises(SettingsError, match="expected"):
        Sampling(**values)  # type: ignore[arg-type]
