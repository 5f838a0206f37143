from __future__ import annotations

import signal
import threading
from collections.abc import Iterator

import pytest

from facecascade.cli.interrupt import Interrupt


def test_the_first_lets_what_is_begun_end(capfd: pytest.CaptureFixture[str]) -> None:
    drawn: list[int] = []

    def numbers() -> Iterator[int]:
        for number in range(100):
            drawn.append(number)
            yield number

    seen = []
    with Interrupt() as interrupt:
        for number in interrupt.until(numbers()):
            seen.append(number)
            if number == 4:
                signal.raise_signal(signal.SIGINT)
    assert interrupt.asked
    assert seen == [0, 1, 2, 3, 4]
    assert len(drawn) <= 6
    assert capfd.readouterr().err.count("Ctrl-C again to stop at once") == 1


def test_the_second_stops_at_once() -> None:
    with Interrupt():
        signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)


def test_the_handler_of_before_is_back() -> None:
    before = signal.getsignal(signal.SIGINT)
    with Interrupt() as interrupt:
        assert signal.getsignal(signal.SIGINT) != before
    assert signal.getsignal(signal.SIGINT) == before
    assert not interrupt.asked
    with pytest.raises(ZeroDivisionError), Interrupt():
        _ = 1 / 0
    assert signal.getsignal(signal.SIGINT) == before


def test_outside_the_main_thread_it_leaves_signals_alone() -> None:
    seen: list[list[int]] = []

    def work() -> None:
        with Interrupt() as interrupt:
            seen.append(list(interrupt.until([1, 2])))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [[1, 2]]
