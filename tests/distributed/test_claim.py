"""What runs say of themselves at a destination."""

from __future__ import annotations

from pathlib import Path

import pytest

from facecascade.distributed.claim import RUNS, Claim
from facecascade.distributed.places import Place
from facecascade.errors import JournalError, SettingsError
from facecascade.extract.journal import Run
from facecascade.extract.root import Root

ROOT = Root("/pictures", "/pictures")


def claim(name: str, size: int = 20) -> Claim:
    return Claim(name, Run({"min_face_size": size, "thresholds": (0.6, 0.7)}, "facecascade 1", "0" * 64), ROOT)


def test_claims_come_back_in_order(tmp_path: Path) -> None:
    place = Place(tmp_path)
    assert Claim.before(place) == []
    for name in ("2", "1"):
        claim(name).make(place)
    first, second = Claim.before(place)
    assert (first.name, second.name, first.root) == ("1", "2", ROOT)
    assert first.run.settings["thresholds"] == [0.6, 0.7]


def test_other_settings_are_refused_and_leave_nothing(tmp_path: Path) -> None:
    place = Place(tmp_path)
    claim("1").make(place)
    with pytest.raises(SettingsError, match="min_face_size was 20 and is 30"):
        claim("2", 30).make(place)
    assert list(place.names(RUNS)) == [f"{RUNS}/1.json"]


def test_of_two_that_begin_together_one_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = Place(tmp_path)
    put = Place.put

    def put_after_another(self: Place, name: str, data: bytes) -> None:
        monkeypatch.setattr(Place, "put", put)
        claim("1").make(self)
        put(self, name, data)

    monkeypatch.setattr(Place, "put", put_after_another)
    with pytest.raises(SettingsError, match="min_face_size"):
        claim("2", 30).make(place)
    assert list(place.names(RUNS)) == [f"{RUNS}/1.json"]


@pytest.mark.parametrize("text", [b"", b"{}", b'{"format": "1"}', b'{"format": "2"}', b"[]"])
def test_what_is_no_claim_is_an_error_that_names_it(tmp_path: Path, text: bytes) -> None:
    place = Place(tmp_path)
    place.put(f"{RUNS}/1.json", text)
    with pytest.raises(JournalError, match=r"_job/runs/1\.json"):
        claim("2").make(place)
