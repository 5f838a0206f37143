"""What there is to do, in units: order, and names that may meet."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, islice
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as some

from facecascade.distributed.units import Agenda, Unit, _together, kin
from facecascade.extract import Journal
from facecascade.extract.names import candidate_names, folded
from facecascade.extract.origins import Keys
from facecascade.extract.record import NO_FACES, Record, Stamp
from facecascade.extract.root import Root
from facecascade.read import Entry
from facecascade.read.find import file_kind

ROOT = Root("/pictures", "/pictures")
NAMES = some.builds(
    "{}{}{}".format,
    some.sampled_from(["", "A/", "a/", "a/b/"]),
    some.sampled_from(["p", "P", "p_png", "p_jpg", "p_jpg_png", "q", "p_", "_png", "Ä", "a\u0308", "p" * 200]),
    some.sampled_from([".jpg", ".PNG", ".png", ".webp", ""]),
)


def units(tmp_path: Path, names: Sequence[str], *, pictures: int, limit: int | None = None) -> list[Unit]:
    left = [
        (Entry(f"/pictures/{name}", f"/pictures/{name}", file_kind(name)), name, Stamp(number, 0))
        for number, name in enumerate(names)
    ]
    agenda = Agenda(iter(left), aside=tmp_path / "agenda", keys=Keys(root=ROOT, seen=ROOT))
    assert len(agenda) == len(names)
    with Journal(tmp_path) as journal:
        return list(agenda.units(journal=journal, run="run", pictures=pictures, limit=limit))


def keys(made: Sequence[Unit]) -> list[list[str]]:
    return [[item.key for item in unit.items] for unit in made]


def first_names(path: str) -> set[str]:
    return {folded(str(name)) for name in islice(candidate_names(Path(path), absolute=path), 2)}


@given(some.lists(NAMES, unique=True, max_size=8))
def test_names_that_may_meet_have_one_number(names: list[str]) -> None:
    for one, other in combinations(names, 2):
        if first_names(one) & first_names(other):
            assert kin(one) == kin(other), (one, other)


def test_names_that_cannot_meet_have_others() -> None:
    paths = ["a.jpg", "b.jpg", "c/a.jpg", "a_1.jpg", "ILSVRC_val_00000001.jpg", "ILSVRC_val_00000002.jpg", "a-png.jpg"]
    assert len({kin(path) for path in paths}) == len(paths)


@given(some.lists(some.integers(0, 6), max_size=30))
def test_kin_come_together_and_all_others_stay_in_order(numbers: list[int]) -> None:
    order = _together(np.array(numbers, np.uint64)).tolist()
    assert sorted(order) == list(range(len(numbers)))
    expected: dict[int, list[int]] = {}
    for place, number in enumerate(numbers):
        expected.setdefault(number, []).append(place)
    assert order == [place for places in expected.values() for place in places]


def test_units_are_full_and_in_order(tmp_path: Path) -> None:
    names = [f"{number}.jpg" for number in range(7)]
    made = units(tmp_path, names, pictures=3)
    assert keys(made) == [names[:3], names[3:6], names[6:]]
    assert [unit.name for unit in made] == ["run/000000000", "run/000000001", "run/000000002"]
    assert keys(units(tmp_path, names, pictures=3, limit=4)) == [names[:3], names[3:4]]
    assert units(tmp_path, [], pictures=3) == []


def test_pictures_whose_names_may_meet_are_in_one_unit(tmp_path: Path) -> None:
    names = ["P.JPG", "a.jpg", "b.jpg", "p.jpg", "p.png", "p_png.jpg", "q.jpg"]
    assert keys(units(tmp_path, names, pictures=2)) == [
        ["P.JPG", "p.jpg", "p.png", "p_png.jpg"],
        ["a.jpg", "b.jpg"],
        ["q.jpg"],
    ]


def test_an_archive_is_alone(tmp_path: Path) -> None:
    names = ["a.jpg", "b.zip", "c.tar", "d.jpg", "e.jpg", "f.parquet", "g.mp4"]
    assert keys(units(tmp_path, names, pictures=9)) == [
        ["a.jpg"],
        ["b.zip"],
        ["c.tar"],
        ["d.jpg", "e.jpg"],
        ["f.parquet"],
        ["g.mp4"],
    ]


def test_names_of_before_are_kept_and_taken(tmp_path: Path) -> None:
    with Journal(tmp_path) as journal:
        faces = np.zeros(1, NO_FACES.dtype)
        for key, name, size in (("p.gif", "p", 1), ("z.tar/a.png", "z.tar/a", 2)):
            record = Record(key=key, path=key, stamp=Stamp(size, size), faces=faces, name=name)
            journal.add(record, suffix="jpg")
    made = units(tmp_path, ["p.gif", "p.png", "z.tar"], pictures=9)
    assert [item.name for item in made[0].items] == ["p", None]
    assert made[0].taken == {"p"}
    assert made[1].known == {"z.tar/a.png": Stamp(2, 2)}
    assert made[1].taken == {"z.tar/a"}
