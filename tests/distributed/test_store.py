"""Pictures from an object store and results into it, on a server that answers as S3 does."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path
from typing import Any

import pyarrow.parquet as parquet
import pytest
from tests.distributed.machines import SMALL, Here, crops, distributed, faces, one_machine
from tests.distributed.test_job import album
from tests.extract.rows import FacesInARow, put

from facecascade.distributed import DistributedJob, Place
from facecascade.errors import SettingsError

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:botocore", "ignore::DeprecationWarning:moto")


def upload(folder: Path, place: Place) -> None:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            place.put(path.relative_to(folder).as_posix(), path.read_bytes())


def rows(place: Place, folder: str, root: str) -> list[dict[str, Any]]:
    """Rows of a dataset, with sources as they are below the root."""
    files = [name for name in place.names(folder) if name.endswith(".parquet")]
    listed = [row for name in files for row in parquet.read_table(io.BytesIO(place.get(name))).to_pylist()]
    return [{**row, "source": row["source"].removeprefix(f"{root}/")} for row in listed]


def test_the_result_is_that_of_files_and_goes_on_after_an_abort(tmp_path: Path, bucket: tuple[str, str]) -> None:
    url, query = bucket
    folder = album(tmp_path / "in")
    one_machine(folder, to=tmp_path / "one")
    upload(folder, Place(f"{url}/in{query}"))
    out = f"{url}/out{query}"
    with DistributedJob(f"{url}/in{query}", out, detector=FacesInARow, amounts=SMALL) as job:
        running = job.run(cluster=Here())
        first = {next(running).key for _ in range(8)}
        running.close()
    place = Place(out)
    assert list(place.names("faces.parquet")) == []
    records, summary = distributed(f"{url}/in{query}", to=out)
    assert first.isdisjoint(record.key for record in records)
    assert len(first) + len(records) == 29
    assert summary.errors == 1
    expected = [{**row, "source": row["source"].removeprefix(f"{folder}/")} for row in faces(tmp_path / "one")]
    assert rows(place, "faces.parquet", f"{url}/in") == expected
    there = {name: place.get(name) for name in place.names("") if name.endswith(".jpg")}
    assert there == crops(tmp_path / "one")
    assert [row["source"] for row in rows(place, "errors.parquet", f"{url}/in")] == ["broken.jpg"]
    with pytest.raises(SettingsError, match="layout"):
        distributed(f"{url}/in{query}", to=out, layout="shards")


def test_shards_of_pictures_are_read_in_place(tmp_path: Path, bucket: tuple[str, str]) -> None:
    url, query = bucket
    for number in range(2):
        file = io.BytesIO()
        with tarfile.open(fileobj=file, mode="w") as shard:
            for picture in range(3):
                put(tmp_path / "one.png", picture, picture)
                shard.add(tmp_path / "one.png", f"{number}{picture}.png")
        Place(f"{url}/shards{query}").put(f"{number}.tar", file.getvalue())
    out = Place(tmp_path / "out")
    records, _ = distributed(f"{url}/shards/*.tar{query}", to=tmp_path / "out")
    assert [record.key for record in records] == [
        f"{number}.tar/{number}{picture}.png" for number in range(2) for picture in range(3)
    ]
    assert {name for name in out.names("") if name.endswith(".jpg")} == {
        f"{number}.tar/{number}{name}.jpg" for number in range(2) for name in ("1_00", "2_00", "2_01")
    }
    assert distributed(f"{url}/shards/*.tar{query}", to=tmp_path / "out")[0] == []


def test_keys_and_passwords_are_in_no_list(tmp_path: Path, bucket: tuple[str, str]) -> None:
    url, query = bucket
    put(tmp_path / "a.png", 1)
    upload(tmp_path, Place(f"{url}/in{query}"))
    secret = url.replace("://", "://test:secret-word@")
    distributed(f"{secret}/in{query}", to=tmp_path / "out")
    assert [row["source"] for row in faces(tmp_path / "out")] == [f"{url}/in/a.png"]
    assert not any(b"secret-word" in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
