"""Time the packages side by side and print a table; see the package's docstring for how and why."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from benchmarks.data import DATA, Picture, load_rgb
from benchmarks.peers import machine
from benchmarks.peers.client import Client, start
from benchmarks.peers.peer import NAMES, OWN, Options, find_peer
from benchmarks.peers.rounds import QUIET, Timing, alternate
from benchmarks.peers.verify import HEADER, verified
from benchmarks.report import keep, table

GROUP_PHOTO = "MTCNN__group2013.jpg"
HEIGHTS = (480, 720, 1080)
LEAST_ROUNDS = 7
RATIOS = (
    "of medians, paired: how many times as long as {base} it took, by the medians, and as the median of the ratios of "
    "neighbouring turns. waited: median share of a turn that threads were kept from running by other programs."
)


@dataclass(frozen=True)
class Result:
    """The times of all packages on one picture."""

    picture: str
    width: int
    height: int
    timings: Mapping[str, Timing]


def main() -> None:
    """Run the benchmark that the command line describes."""
    args = _arguments()
    options = Options(min_face_size=args.min_face_size, threads=args.threads, geometry=args.geometry)
    facts = machine.describe()
    with ExitStack() as stack:
        clients = {name: stack.enter_context(start(name, options)) for name in args.peers}
        _print_facts(args, facts, clients)
        if args.verify:
            print(table(HEADER, verified(clients, args.data, count=args.verify)))
            return
        results = list(_measure(args, clients))
    print(_times(results))
    print(*("\n- " + note for name in args.peers for note in find_peer(name).notes), sep="")
    if args.json:
        versions = {name: client.versions for name, client in clients.items()}
        print(f"\nkept in {keep(args.json, _values(facts, options, versions, results))}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.peers", description="Speed, side by side with other packages."
    )
    parser.add_argument("pictures", nargs="*", type=Path, help="pictures (default: a group photo of the data folder)")
    parser.add_argument("--data", type=Path, default=DATA, help="data folder (default: %(default)s)")
    parser.add_argument(
        "--heights", nargs="+", type=int, help="resize to these heights by Lanczos (default: 480 720 1080; 0: as it is)"
    )
    parser.add_argument("--peers", nargs="+", choices=NAMES, default=list(NAMES), help="which, in order of turns")
    parser.add_argument("--rounds", type=int, default=11, help=f"timed rounds, at least {LEAST_ROUNDS} (%(default)s)")
    parser.add_argument("--warm-up", type=int, default=3, help="rounds before those (%(default)s)")
    parser.add_argument("--rest", type=float, default=0.2, help="seconds of quiet before each turn (%(default)s)")
    parser.add_argument("--threads", type=int, default=2, help="threads of each package (%(default)s)")
    parser.add_argument("--min-face-size", type=int, default=20, help="pixels (%(default)s)")
    parser.add_argument("--geometry", choices=("subpixel", "classic"), default="subpixel", help="facecascade's")
    parser.add_argument(
        "--verify", type=int, default=0, metavar="N", help="time nothing; compare with recorded results on N pictures"
    )
    parser.add_argument("--json", metavar="NAME", help="keep every time in benchmarks/results/NAME.json")
    args = parser.parse_args()
    if args.rounds < LEAST_ROUNDS:
        parser.error(f"expected at least {LEAST_ROUNDS} rounds, got {args.rounds}: medians of fewer mean little")
    args.peers = list(dict.fromkeys(args.peers))
    return args


def _print_facts(args: argparse.Namespace, facts: Mapping[str, str], clients: Mapping[str, Client]) -> None:
    lines = [f"{key}: {value}" for key, value in facts.items()]
    lines += [f"threads: {args.threads}; min_face_size: {args.min_face_size}; geometry of {OWN}: {args.geometry}"]
    lines += [f"rounds: {args.warm_up} to warm up, {args.rounds} timed, in turns, {args.rest:g} s of rest before each"]
    for name, client in clients.items():
        versions = ", ".join(f"{key} {value}" for key, value in client.versions.items())
        lines += [f"{find_peer(name).title}: {versions}; loaded in {client.load_seconds:.2f} s"]
    print(*(f"- {line}" for line in lines), sep="\n", end="\n\n")


def _measure(args: argparse.Namespace, clients: Mapping[str, Client]) -> Iterator[Result]:
    paths = args.pictures or [args.data / "photos" / GROUP_PHOTO]
    heights = args.heights or ((0,) if args.pictures else HEIGHTS)
    with tempfile.TemporaryDirectory() as folder:
        shared = Path(folder) / "pixels.npy"
        for path in paths:
            for height in heights:
                pixels = resized(load_rgb(path), height)
                np.save(shared, pixels)
                for client in clients.values():
                    client.set_picture(shared)
                timings = alternate(clients, rounds=args.rounds, warm_up=args.warm_up, rest=args.rest)
                yield Result(path.name, pixels.shape[1], pixels.shape[0], timings)


def resized(pixels: Picture, height: int) -> Picture:
    """The picture at this height in pixels, by Lanczos, with the same proportions; height 0 leaves it as it is."""
    if not height:
        return pixels
    width = round(pixels.shape[1] * height / pixels.shape[0])
    return np.asarray(Image.fromarray(pixels).resize((width, height), Image.Resampling.LANCZOS))


def _times(results: Sequence[Result]) -> str:
    rows = [row for result in results for row in _rows(result)]
    header = ("picture", "detector", "faces", "median ms", "min", "max", "waited", "of medians", "paired", "its range")
    base = find_peer(_base(results[0])).title
    return f"{table(header, rows)}\n\n{RATIOS.format(base=base)}{_warning(results)}"


def _warning(results: Sequence[Result]) -> str:
    most = max(timing.waited for result in results for timing in result.timings.values())
    if most <= QUIET:
        return ""
    return (
        f"\n\nWARNING: others took cores away ({most:.0%} waiting, {QUIET:.0%} is quiet). Packages whose threads "
        "wait for each other in a busy loop, such as torch, suffer most: do not quote these figures."
    )


def _base(result: Result) -> str:
    return OWN if OWN in result.timings else next(iter(result.timings))


def _rows(result: Result) -> Iterator[tuple[str, ...]]:
    base = result.timings[_base(result)]
    for name, timing in result.timings.items():
        times = [f"{value:.1f}" for value in timing.milliseconds]
        paired, least, greatest = timing.paired_ratios(base)
        ratios = (f"{timing.ratio_of_medians(base):.2f}", f"{paired:.2f}", f"{least:.2f} to {greatest:.2f}")
        size = f"{result.picture}, {result.width} x {result.height}"
        yield size, find_peer(name).title, str(timing.faces), *times, f"{timing.waited:.1%}", *ratios


def _values(
    facts: Mapping[str, str], options: Options, versions: Mapping[str, dict[str, str]], results: Sequence[Result]
) -> dict[str, Any]:
    return {
        "machine": dict(facts),
        "options": asdict(options),
        "versions": dict(versions),
        "results": [asdict(result) for result in results],
    }


if __name__ == "__main__":
    main()
