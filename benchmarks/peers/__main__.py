"""Time the packages side by side and print tables; see the package's docstring for how and why."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from benchmarks.data import DATA, GROUP_PHOTO, load_rgb, resized
from benchmarks.peers import machine
from benchmarks.peers.client import Client
from benchmarks.peers.comparison import times
from benchmarks.peers.measured import Plan, Result, measure, started
from benchmarks.peers.peer import NAMES, OWN, Options, find_peer
from benchmarks.peers.targets import SECTIONS, Setting
from benchmarks.peers.verify import HEADER, verified
from benchmarks.report import keep, table

HEIGHTS: Final = (480, 720, 1080)
LEAST_ROUNDS: Final = 7


def main() -> None:
    """Run the benchmark that the command line describes."""
    args = _arguments()
    facts = machine.describe()
    print(*(f"- {key}: {value}" for key, value in facts.items()), sep="\n")
    if args.peers or args.pictures or args.heights or args.verify:
        _compare(args, facts)
        return
    setting = Setting(args.data, _plan(args), threads=args.threads, limit=args.photos)
    print(f"- {_how(args)}")
    for name in args.sections:
        title, report = SECTIONS[name]
        print(f"\n## {title}\n\n{report(setting)}", flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.peers",
        description="Speed, side by side with other packages. Without pictures, heights or peers named: the comparisons"
        " that have a target.",
    )
    parser.add_argument("--sections", nargs="+", choices=SECTIONS, default=list(SECTIONS), help="(default: all)")
    parser.add_argument("--photos", type=int, metavar="N", help="in the section of that name, the first N alone")
    parser.add_argument("pictures", nargs="*", type=Path, help="compare on these, without targets")
    parser.add_argument("--data", type=Path, default=DATA, help="data folder (default: %(default)s)")
    parser.add_argument(
        "--heights", nargs="+", type=int, help="resize to these heights by Lanczos (a group photo: 480 720 1080)"
    )
    parser.add_argument("--peers", nargs="+", choices=NAMES, help="which, in order of turns (default: all)")
    parser.add_argument("--rounds", type=int, default=7, help=f"timed rounds, at least {LEAST_ROUNDS} (%(default)s)")
    parser.add_argument("--warm-up", type=int, default=1, help="rounds before those (%(default)s)")
    parser.add_argument("--rest", type=float, default=0.03, help="seconds of quiet before each turn (%(default)s)")
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
    return args


def _plan(args: argparse.Namespace) -> Plan:
    return Plan(rounds=args.rounds, warm_up=args.warm_up, rest=args.rest)


def _how(args: argparse.Namespace) -> str:
    return f"rounds: {args.warm_up} to warm up, {args.rounds} kept, in turns, {args.rest:g} s of rest before each"


def _compare(args: argparse.Namespace, facts: Mapping[str, str]) -> None:
    """The pictures and packages that the command line names, without targets."""
    names = list(dict.fromkeys(args.peers or NAMES))
    options = Options(min_face_size=args.min_face_size, threads=args.threads, geometry=args.geometry)
    with started(names, options) as clients:
        _print_facts(args, clients)
        if args.verify:
            print(table(HEADER, verified(clients, args.data, count=args.verify)))
            return
        results = list(_measure(args, clients))
        versions = {name: client.versions for name, client in clients.items()}
    print(times(results))
    print(*("\n- " + note for name in names for note in find_peer(name).notes), sep="")
    if args.json:
        kept = keep(args.json, _values(facts, options, versions, results))
        print(f"\nkept in {kept}")


def _print_facts(args: argparse.Namespace, clients: Mapping[str, Client]) -> None:
    lines = [f"threads: {args.threads}; min_face_size: {args.min_face_size}; geometry of {OWN}: {args.geometry}"]
    lines += [_how(args)]
    for name, client in clients.items():
        versions = ", ".join(f"{key} {value}" for key, value in client.versions.items())
        lines += [f"{find_peer(name).title}: {versions}; loaded in {client.load_seconds:.2f} s"]
    print(*(f"- {line}" for line in lines), sep="\n", end="\n\n")


def _measure(args: argparse.Namespace, clients: Mapping[str, Client]) -> Iterator[Result]:
    heights = args.heights or ((0,) if args.pictures else HEIGHTS)
    for path in args.pictures or [args.data / "photos" / GROUP_PHOTO]:
        for height in heights:
            yield measure(clients, path.name, resized(load_rgb(path), height), plan=_plan(args))


def _values(
    facts: Mapping[str, str], options: Options, versions: Mapping[str, dict[str, str]], results: list[Result]
) -> dict[str, Any]:
    return {
        "machine": dict(facts),
        "options": asdict(options),
        "versions": dict(versions),
        "results": [asdict(result) for result in results],
    }


if __name__ == "__main__":
    main()
