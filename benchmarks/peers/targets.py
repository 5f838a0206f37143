"""The comparisons that have a target, each a section of the program: `SECTIONS`.

A target is a number of times that another package must take as long as this one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

from benchmarks.data import GROUP_PHOTO, list_pictures, load_rgb, resized, within
from benchmarks.limit.small import LEAST, SIDE, plain_picture
from benchmarks.peers import process
from benchmarks.peers.measured import Plan, Result, disturbance, measure, started
from benchmarks.peers.peer import OWN, Options, find_peer
from benchmarks.report import table, verdict

FACENETS: Final = ("facenet_pytorch", "facenet_pytorch_torch2_13")
SIZES: Final = {720: "720p", 1080: "1080p", 2160: "4K"}
"""Names of heights in pixels."""
VGA: Final = (640, 480)
GROUP: Final = 12.0
SMALL: Final = 20.0
YUNET: Final = {720: 1.0, 1080: 1.3, 2160: 2.0}
"""Targets, by height."""
EACH: Final = {"facenet_pytorch": 7.0, "facenet_pytorch_torch2_13": 7.0}
"""Targets of the photo where this package gains least."""
SAME: Final = 0.95
"""Share of another package's faces that must be among ours."""
MIDDLE: Final = {"facenet_pytorch": 10.0, "facenet_pytorch_torch2_13": 10.0, "mtcnn_1_0_0": 12.0}
"""Targets of the median over all photos."""
HEADER: Final = ("picture", "min_face_size", "other package", "faces, in common", "ms", "ours", "ratio", "target", "")


@dataclass(frozen=True)
class Setting:
    """What the sections work with.

    Attributes:
        data: the folder of the data sets.
        plan: how every picture is measured.
        threads: of every package.
        limit: how many photos at most; None for all.
    """

    data: Path
    plan: Plan
    threads: int
    limit: int | None = None


def group(setting: Setting) -> str:
    """The group photo in three sizes, with two least face sizes, beside facenet-pytorch."""
    results = {least: _group(setting, FACENETS, least) for least in (20, 40)}
    rows = [
        _row(result, name, least, GROUP) for least in results for result in results[least].values() for name in FACENETS
    ]
    return _section(table(HEADER, rows), [result for some in results.values() for result in some.values()])


def yunet(setting: Setting) -> str:
    """The group photo in three sizes beside OpenCV's detector."""
    results = _group(setting, ("yunet",), 20)
    rows = [_row(result, "yunet", 20, YUNET[height]) for height, result in results.items()]
    return _section(table(HEADER, rows), list(results.values()))


def small(setting: Setting) -> str:
    """A small picture without a face, with one thread, beside facenet-pytorch."""
    with started((OWN, *FACENETS), Options(min_face_size=LEAST, threads=1)) as clients:
        result = measure(clients, "no face", plain_picture(SIDE), plan=setting.plan)
    return _section(table(HEADER, [_row(result, name, LEAST, SMALL) for name in FACENETS]), [result])


def photos(setting: Setting) -> str:
    """Every photo of the data folder at VGA, beside facenet-pytorch and mtcnn 1.0.0."""
    with started((OWN, *MIDDLE), Options(threads=setting.threads)) as clients:
        results = [
            measure(clients, path.name, within(load_rgb(path), VGA), plan=setting.plan)
            for path in list_pictures(setting.data / "photos")[: setting.limit]
        ]
    titles = [find_peer(name).title for name in MIDDLE]
    header = ("photo", "pixels", "our faces", *(f"{title}: faces, in common" for title in titles), "our ms", *titles)
    return _section(f"{table(header, [_photo(one) for one in results])}\n\n{_over_photos(results)}", results)


def whole_process(setting: Setting) -> str:
    """The command line on one picture, beside a script with facenet-pytorch: start, weights, decoding and all."""
    return process.report(setting.data, rounds=setting.plan.rounds, threads=setting.threads)


SECTIONS: Final[Mapping[str, tuple[str, Callable[[Setting], str]]]] = {
    "group": ("The group photo beside facenet-pytorch", group),
    "yunet": ("The group photo beside YuNet", yunet),
    "photos": ("Every photo at VGA", photos),
    "small": ("Small work", small),
    "process": ("The whole process", whole_process),
}


def _group(setting: Setting, others: Sequence[str], least: int) -> dict[int, Result]:
    photo = load_rgb(setting.data / "photos" / GROUP_PHOTO)
    with started((OWN, *others), Options(min_face_size=least, threads=setting.threads)) as clients:
        return {height: measure(clients, SIZES[height], resized(photo, height), plan=setting.plan) for height in SIZES}


def _row(result: Result, name: str, least: int, target: float) -> tuple[str, ...]:
    ratio = result.ratio(name)
    times = [f"{result.timings[one].milliseconds[0]:.3g}" for one in (name, OWN)]
    judged = (f"{ratio:.3g}", f"{target:g}", verdict(ratio, limit=target, at_least=True))
    size = f"{result.picture}, {result.width} x {result.height}"
    return size, str(least), find_peer(name).title, _beside(result, name), *times, *judged


def _beside(result: Result, name: str) -> str:
    """Faces of both, and those in common."""
    return f"{result.timings[name].faces} / {result.timings[OWN].faces}, {result.common[name]}"


def _photo(result: Result) -> tuple[str, ...]:
    faces = [result.faces(name) for name in MIDDLE]
    ratios = [f"{result.ratio(name):.1f}" for name in MIDDLE]
    own = result.timings[OWN]
    size = f"{result.width} x {result.height}"
    return result.picture, size, str(own.faces), *faces, f"{own.milliseconds[0]:.3g}", *ratios


def _over_photos(results: Sequence[Result]) -> str:
    rows = []
    for name in MIDDLE:
        ratios = {result.picture: result.ratio(name) for result in results}
        for what, value, target in (
            (f"least, {min(ratios, key=ratios.__getitem__)}", min(ratios.values()), EACH.get(name)),
            ("median", median(ratios.values()), MIDDLE[name]),
        ):
            judged = ("", "") if target is None else (f"{target:g}", verdict(value, limit=target, at_least=True))
            rows.append((find_peer(name).title, what, f"{value:.3g}", *judged))
    return f"{table(('other package', 'ratio', 'value', 'target', ''), rows)}\n\n{_same_faces(results)}"


def _same_faces(results: Sequence[Result]) -> str:
    header = ("other package", "its faces", "ours", "in common", "of its", "target", "", "photos that agree")
    return table(header, [_common(results, name) for name in MIDDLE])


def _common(results: Sequence[Result], name: str) -> tuple[str, ...]:
    pairs = [(one.timings[name].faces, one.timings[OWN].faces, one.common[name]) for one in results]
    its, ours, both = (sum(column) for column in zip(*pairs, strict=True))
    share = both / its if its else 1.0
    alike = sum(min(counts) == max(counts) for counts in pairs)
    judged = (f"{share:.0%}", f"{SAME:.0%}", verdict(share, limit=SAME, at_least=True))
    return find_peer(name).title, str(its), str(ours), str(both), *judged, f"{alike} of {len(pairs)}"


def _section(text: str, results: Sequence[Result]) -> str:
    return f"{text}\n\n{disturbance(results)}"
