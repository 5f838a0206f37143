"""The packages' environments, without installing anything."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from benchmarks.peers import environments
from benchmarks.peers.peer import NAMES, Options, Peer, find_peer, load_detector

PEER = Peer(title="other", requirements="facenet_pytorch.txt", disk=0.0)


@pytest.fixture
def commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What would be run; environments lie in a folder of the test's own."""
    run: list[list[str]] = []
    monkeypatch.setattr(environments, "VENVS", tmp_path / "venvs")

    def note(command: list[str]) -> None:
        run.append(command)
        (tmp_path / "venvs" / "other").mkdir(exist_ok=True)

    monkeypatch.setattr(environments, "_run", note)
    return run


def test_this_package_runs_where_the_benchmark_runs() -> None:
    assert environments.python_of("facecascade", find_peer("facecascade")) == Path(sys.executable)


def test_an_environment_is_made_once(commands: list[list[str]], tmp_path: Path) -> None:
    python = environments.python_of("other", PEER)
    assert python.is_relative_to(tmp_path / "venvs" / "other")
    assert [command[1:3] for command in commands] == [["-m", "venv"], ["-m", "pip"]]
    assert commands[1][0] == str(python)
    environments.python_of("other", PEER)
    assert len(commands) == 2


def test_other_requirements_make_it_again(commands: list[list[str]], tmp_path: Path) -> None:
    environments.python_of("other", PEER)
    (tmp_path / "venvs" / "other" / environments.STAMP).write_text("of others", encoding="utf-8")
    environments.python_of("other", PEER)
    assert len(commands) == 4


def test_a_failed_installation_is_no_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environments, "VENVS", tmp_path)
    monkeypatch.setattr(environments, "find_base", lambda _: "/bin/false")
    with pytest.raises(SystemExit, match="expected success, got exit code 1"):
        environments.python_of("other", PEER)
    assert not (tmp_path / "other" / environments.STAMP).exists()


def test_too_little_disk_is_said_before_anything_is_run(commands: list[list[str]]) -> None:
    with pytest.raises(SystemExit, match=r"expected 1e\+09 GB of free disk for other"):
        environments.python_of("other", Peer(title="other", requirements="facenet_pytorch.txt", disk=1e9))
    assert commands == []


def test_a_python_that_fits() -> None:
    assert environments.find_base(None) == sys.executable
    assert environments.find_base((9, 99)) == sys.executable
    with pytest.raises(SystemExit, match="on the search path, got none"):
        environments.find_base((2, 99))


def test_every_package_is_described_and_its_requirements_are_pinned() -> None:
    for name in NAMES:
        peer = find_peer(name)
        assert peer.title
        if peer.requirements is not None:
            path = Path(environments.__file__).parent / peer.requirements
            lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line[:1] not in ("#", "")]
            assert lines
            assert all("==" in line for line in lines)


def test_unknown_packages_are_refused() -> None:
    with pytest.raises(ValueError, match=r"expected one of facecascade, facenet_pytorch, .*, got 'os'"):
        load_detector("os", Options())
