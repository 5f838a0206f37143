"""`POST /v1/extract`: an archive of what the Python API cuts out."""

from __future__ import annotations

import csv
import io
import json
import zipfile

import httpx
import numpy as np
import pytest
from numpy.typing import NDArray
from tests.serve.serving import decoded, encoded, files, problem_of

from facecascade import MTCNN, aligned_crops, crop_faces, read_picture
from facecascade.extract import measure_faces

Pixels = NDArray[np.uint8]


def archive_of(response: httpx.Response) -> zipfile.ZipFile:
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/zip"
    archive = zipfile.ZipFile(io.BytesIO(response.content))
    assert archive.testzip() is None
    return archive


def test_crops_are_those_of_the_python_api(client: httpx.Client, small_group: Pixels) -> None:
    data = encoded(small_group)
    archive = archive_of(client.post("/v1/extract?format=png&size=64&margin=0.1", files=files(("crowd.png", data))))
    with MTCNN() as detector:
        faces = detector.detect(data)
    crops = crop_faces(small_group, faces, size=64, margin=0.1)
    names = [f"crowd_{number:02d}.png" for number in range(len(faces))]
    assert len(faces) > 16  # more than are cut out at once
    assert archive.namelist() == [*names, "faces.csv", "faces.json"]
    for name, crop in zip(names, crops, strict=True):
        assert np.array_equal(decoded(archive.read(name)), crop)


def test_tables_tell_of_each_crop(client: httpx.Client, small_group: Pixels, portrait_jpeg: bytes) -> None:
    pictures = (("crowd.png", encoded(small_group)), ("portrait.jpg", portrait_jpeg))
    archive = archive_of(client.post("/v1/extract?crop=aligned&min_score=0.9", files=files(*pictures)))
    rows = list(csv.DictReader(io.StringIO(archive.read("faces.csv").decode())))
    documents = json.loads(archive.read("faces.json"))
    assert [document["source"] for document in documents] == ["crowd.png", "portrait.jpg"]
    with MTCNN() as detector:
        found = [faces[faces.scores >= np.float32(0.9)] for _, data in pictures for faces in [detector.detect(data)]]
    assert [row["crop"] for row in rows] == archive.namelist()[:-2]
    assert [len(document["faces"]) for document in documents] == [*map(len, found)]
    assert [int(row["face"]) for row in rows] == [number for faces in found for number in range(len(faces))]
    measures = measure_faces(small_group, found[0])
    told = [face["sharpness"] for face in documents[0]["faces"]]
    assert np.allclose(told, [one.sharpness for one in measures], rtol=1e-6)
    assert [face["hash"] for face in documents[0]["faces"]] == [one.hash for one in measures]


def test_aligned_crops_and_their_template(client: httpx.Client, portrait_jpeg: bytes) -> None:
    query = "crop=aligned&template=ffhq-512&size=200&fill=%23102030&format=png"
    response = client.post(f"/v1/extract?{query}", content=portrait_jpeg, headers={"content-type": "image/jpeg"})
    archive = archive_of(response)
    assert archive.namelist() == ["picture-1_00.png", "faces.csv", "faces.json"]
    picture = read_picture(portrait_jpeg)
    with MTCNN() as detector:
        crops = aligned_crops(picture, detector.detect(picture), template="ffhq-512", size=200, fill=(0x10, 0x20, 0x30))
    assert np.array_equal(decoded(archive.read("picture-1_00.png")), crops[0])


def test_the_same_pictures_give_the_same_bytes(client: httpx.Client, portrait_jpeg: bytes) -> None:
    pictures = files(("a.jpg", portrait_jpeg), ("a.png", portrait_jpeg))
    first, second = (client.post("/v1/extract?format=webp", files=pictures).content for _ in range(2))
    assert first == second
    assert zipfile.ZipFile(io.BytesIO(first)).namelist()[:2] == ["a_00.webp", "a-2_00.webp"]


def test_what_cannot_be_read_has_a_row(client: httpx.Client, portrait_jpeg: bytes) -> None:
    archive = archive_of(client.post("/v1/extract", files=files(("bad.jpg", b"none"), ("a.jpg", portrait_jpeg))))
    rows = list(csv.DictReader(io.StringIO(archive.read("faces.csv").decode())))
    assert [(row["source"], row["error"][:8]) for row in rows] == [("bad.jpg", "expected"), ("a.jpg", "")]
    assert "error" in json.loads(archive.read("faces.json"))[0]


def test_pictures_without_faces_are_an_archive_of_tables(client: httpx.Client, noise_png: bytes) -> None:
    archive = archive_of(client.post("/v1/extract", files=files(("n.png", noise_png))))
    assert archive.namelist() == ["faces.csv", "faces.json"]
    assert json.loads(archive.read("faces.json")) == [{"source": "n.png", "width": 64, "height": 48, "faces": []}]


def test_nothing_to_read_is_a_problem(client: httpx.Client) -> None:
    problem = problem_of(client.post("/v1/extract", files=files(("a.jpg", b"none"), ("b.jpg", b"nor here"))), 422)
    assert len(problem["errors"]) == 2


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("size=2000", "size"),
        ("size=1.5", "size"),
        ("crop=round", "crop"),
        ("format=gif", "format"),
        ("quality=0", "quality"),
        ("fill=nocolour", "fill"),
        ("fill=hsl(1,1%25,1%25)", "fill"),
        ("template=arcface-112", "template"),
        ("template=secret.json&crop=aligned", "template"),
    ],
)
def test_a_wrong_option_is_named(client: httpx.Client, noise_png: bytes, query: str, field: str) -> None:
    problem = problem_of(client.post(f"/v1/extract?{query}", files=files(("n.png", noise_png))), 422)
    assert problem["field"] == field


def test_options_that_do_not_go_together_are_told(client: httpx.Client, noise_png: bytes) -> None:
    problem = problem_of(client.post("/v1/extract?crop=aligned&margin=.1", files=files(("n.png", noise_png))), 422)
    assert "margin" in problem["detail"]
