"""The runner's end of a package's process: `Client`."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Literal, Self

from benchmarks.data import ROOT, to_faces
from benchmarks.peers.environments import python_of
from benchmarks.peers.peer import Options, find_peer
from benchmarks.peers.rounds import Turn
from facecascade.faces import Faces

THREAD_VARIABLES: Final = (
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "TF_NUM_INTRAOP_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)


class PeerError(RuntimeError):
    """A package failed in its process; the message holds its traceback."""


class Client:
    """A package in a process of its own, loaded and waiting; leaving the `with` block ends the process.

    The process runs only while it answers. In between it is stopped, where the system can, so that no thread of it that
    waits in a busy loop takes a core from the package whose turn it is.

    Attributes:
        versions: what ran in the process.
        load_seconds: time to import the package and load its weights.

    Raises:
        PeerError: the package could not be loaded.
    """

    def __init__(self, name: str, *, python: Path, options: Options, isolated: bool) -> None:
        self._name = name
        self._process = subprocess.Popen(
            [str(python), "-m", "benchmarks.peers.worker", name],
            cwd=ROOT,
            env=worker_environment(options.threads, isolated=isolated),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        loaded = self._ask("load", options=asdict(options))  # closes the process if it fails
        self.versions: dict[str, str] = loaded["versions"]
        self.load_seconds: float = loaded["seconds"]

    def set_picture(self, path: Path) -> None:
        """Give the package the pixels of a .npy file."""
        self._ask("picture", path=str(path.resolve()))

    def detect(self) -> Turn:
        """Take a turn."""
        return Turn(**self._ask("detect"))

    def faces(self) -> Faces:
        """What the last detection found."""
        return to_faces(self._ask("faces")["faces"])

    def close(self) -> None:
        """End the process; closing twice does nothing."""
        self._send("SIGCONT")
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):  # it ended before it read everything
                    pipe.close()
        self._process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _ask(self, do: str, **values: Any) -> dict[str, Any]:
        line = self._exchange(json.dumps({"do": do, **values}) + "\n")
        if not line:
            self.close()
            raise PeerError(f"{self._name} ended with exit code {self._process.returncode}, see above for its reasons")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            self.close()
            raise PeerError(f"{self._name} failed to {do}:\n{answer['error']}")
        return answer

    def _exchange(self, request: str) -> str:
        """The line that answers a request; empty if the process has ended."""
        if self._process.stdin is None or self._process.stdout is None:
            raise PeerError(f"{self._name} has no pipes")
        self._send("SIGCONT")
        with contextlib.suppress(BrokenPipeError):  # then there is no answer to read either
            self._process.stdin.write(request)
            self._process.stdin.flush()
        answer = self._process.stdout.readline()
        self._send("SIGSTOP")
        return answer

    def _send(self, name: Literal["SIGCONT", "SIGSTOP"]) -> None:
        if hasattr(signal, name):  # not on Windows
            self._process.send_signal(getattr(signal, name))


def start(name: str, options: Options) -> Client:
    """A package in its own environment, which is made on first use.

    Raises:
        SystemExit: the environment cannot be made.
        PeerError: the package could not be loaded.
    """
    peer = find_peer(name)
    return Client(name, python=python_of(name, peer), options=options, isolated=peer.requirements is not None)


def worker_environment(threads: int, *, isolated: bool) -> dict[str, str]:
    """The runner's environment with every usual thread count set; without its Python paths if isolated.

    Python may keep what it compiles, as it does for users: an installed package comes compiled, and the one in this
    folder would be compiled again by each process.
    """
    environment = dict(os.environ)
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    if isolated:
        for name in ("PYTHONPATH", "PYTHONHOME"):
            environment.pop(name, None)
    return environment | dict.fromkeys(THREAD_VARIABLES, str(threads))
