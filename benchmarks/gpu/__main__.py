"""Pictures a second on a GPU, from pixels on the host to faces there, beside facenet-pytorch; a profile by stage."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks.backends.pictures import FULL_HD, VGA, photographs
from benchmarks.data import DATA, ROOT
from benchmarks.gpu.worker import NO_DEVICE
from benchmarks.peers.client import worker_environment
from benchmarks.peers.environments import python_of
from benchmarks.peers.machine import describe
from benchmarks.peers.peer import find_peer
from benchmarks.report import table, verdict
from facecascade.engines import usable_cores

BACKENDS: Final = ("tensorflow", "jax", "torch")
TARGETS: Final = {"vga": 3000.0, "full_hd": 600.0}
"""Pictures a second."""
TIMES_PEER: Final = 15.0
"""Times as many as facenet-pytorch."""


def main() -> None:
    """Measure on every backend that finds the device; exit code 3 if none does."""
    options = _options()
    print(*(f"{name}: {value}" for name, value in describe().items()), sep="\n", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        paths = _pictures(options, Path(folder))
        results = [result for name in options.backends if (result := _measured(name, paths, options)) is not None]
        if not results:
            print(f"not measured: no backend of Keras finds a device {options.device!r} here", file=sys.stderr)
            sys.exit(NO_DEVICE)
        peer = None if options.no_peer else _peer(paths, options)
    for path in paths:
        print(f"\n{path.stem}, {results[0][path.stem]['pictures']} pictures, batches of {options.batch}\n")
        print(_speeds(path.stem, results, peer, targets=options.device != "cpu"))
        print()
        print(_profiles(path.stem, results))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gpu", description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA, help="folder with a folder photos")
    parser.add_argument("--device", default="gpu", help="gpu, gpu:1; cpu to see that the program works")
    parser.add_argument("--pictures", type=int, default=1000, help="of VGA; a fifth as many of 1080p")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--shrink", type=int, default=1, help="divides the sides, to see that the program works")
    parser.add_argument("--backends", nargs="+", choices=BACKENDS, default=BACKENDS)
    parser.add_argument("--sizes", nargs="+", choices=list(TARGETS), default=list(TARGETS))
    parser.add_argument("--no-peer", action="store_true", help="leave facenet-pytorch out")
    return parser.parse_args()


def _pictures(options: argparse.Namespace, folder: Path) -> list[Path]:
    """Arrays in files, which all programs read."""
    paths = []
    for name, sides, count in (("vga", VGA, options.pictures), ("full_hd", FULL_HD, max(options.pictures // 5, 1))):
        if name in options.sizes:
            paths.append(folder / f"{name}.npy")
            np.save(paths[-1], np.stack(photographs(options.data, sides, count, shrink=options.shrink)))
    return paths


def _measured(backend: str, paths: list[Path], options: argparse.Namespace) -> dict[str, Any] | None:
    """What the worker of a backend says; None, with a line that says why, if it has no such device.

    Raises:
        SystemExit: it failed.
    """
    if find_spec("keras") is None or find_spec(backend) is None:
        print(f"{backend}: keras or {backend} is not installed", file=sys.stderr)
        return None
    command = [sys.executable, "-m", "benchmarks.gpu.worker", *map(str, paths)]
    command += ["--device", options.device, "--batch", str(options.batch)]
    return _json(command, os.environ | {"KERAS_BACKEND": backend}, name=backend)


def _peer(paths: list[Path], options: argparse.Namespace) -> dict[str, Any] | None:
    """What facenet-pytorch says, in its environment, whose torch runs on GPUs too."""
    name = "facenet_pytorch"
    peer = find_peer(name)
    command = [str(python_of(name, peer)), str(Path(__file__).with_name("facenet.py")), *map(str, paths)]
    command += ["--device", options.device.replace("gpu", "cuda"), "--batch", str(options.batch)]
    return _json(command, worker_environment(usable_cores(), isolated=True), name=name)


def _json(command: list[str], environment: Any, *, name: str) -> dict[str, Any] | None:
    done = subprocess.run(command, cwd=ROOT, env=environment, check=False, stdout=subprocess.PIPE, text=True)
    if done.returncode == NO_DEVICE:
        return None
    if done.returncode:
        raise SystemExit(f"expected success, got exit code {done.returncode} from {name}")
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def _speeds(size: str, results: list[dict[str, Any]], peer: dict[str, Any] | None, *, targets: bool) -> str:
    """Pictures a second of each backend, with the verdicts on the targets if they hold for this device."""
    header = ("engine", "first batch s", "pictures/s", "target", "", "times facenet-pytorch", "target", "", "faces")
    peer_rate = peer[size]["pictures"] / peer[size]["seconds"] if peer else None
    rows = []
    for result in results:
        one = result[size]
        rate = one["pictures"] / one["seconds"]
        times = rate / peer_rate if peer_rate else None
        rows.append(
            (
                result["engine"],
                f"{one['first']:.1f}",
                f"{rate:.1f}",
                f"{TARGETS[size]:.0f}",
                verdict(rate, limit=TARGETS[size], at_least=True) if targets else "",
                f"{times:.1f}" if times else "",
                f"{TIMES_PEER:.0f}",
                verdict(times, limit=TIMES_PEER, at_least=True) if targets and times else "",
                one["faces"],
            )
        )
    if peer and peer_rate:
        rows.append(("facenet-pytorch 2.6.0", "", f"{peer_rate:.1f}", "", "", "1.0", "", "", peer[size]["faces"]))
    return table(header, rows)


def _profiles(size: str, results: list[dict[str, Any]]) -> str:
    """Milliseconds a picture by stage, what is fixed, and the share of the limit of arithmetic."""
    names = list(results[0][size]["profile"]["seconds"])
    header = (
        "ms a picture", *names, "ms fixed a batch", "ms each more picture", "GFLOP a picture",
        "GFLOP/s", "% of float32", "% of the default",
    )  # fmt: skip
    rows = []
    for result in results:
        one = result[size]
        count, profile = one["pictures"], one["profile"]
        rate = profile["flops"] / one["seconds"]
        rows.append(
            (
                result["engine"],
                *(f"{profile['seconds'][name] / count * 1e3:.3f}" for name in names),
                f"{one['fixed'] * 1e3:.2f}",
                f"{one['each'] * 1e3:.2f}",
                f"{profile['flops'] / count / 1e9:.2f}",
                f"{rate / 1e9:.0f}",
                *(f"{rate / result['limits'][name] * 100:.1f}" for name in ("float32", "default")),
            )
        )
    return table(header, rows)


if __name__ == "__main__":
    main()
