"""`POST /v1/blur`: the picture that the Python API hides faces in."""

from __future__ import annotations

import io
import json
import zipfile

import httpx
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from tests.serve.serving import decoded, encoded, files, problem_of

from facecascade import MTCNN, Redaction, redact_faces

Pixels = NDArray[np.uint8]


def blurred(client: httpx.Client, data: bytes, query: str = "") -> httpx.Response:
    response = client.post(f"/v1/blur?{query}", content=data, headers={"content-type": "application/octet-stream"})
    assert response.status_code == 200, response.text
    return response


def test_faces_are_hidden_as_the_python_api_does(client: httpx.Client, small_group: Pixels) -> None:
    data = encoded(small_group)
    with MTCNN.preset("careful") as detector:
        faces = detector.detect(data)
    hidden = redact_faces(small_group, faces)
    assert np.array_equal(decoded(blurred(client, data).content), hidden)
    assert not np.array_equal(hidden, small_group)


def test_options_are_those_of_the_library(client: httpx.Client, portrait: Pixels) -> None:
    query = "style=cover&shape=box&margin=0.4&colour=%23ff8000&preset=default"
    with MTCNN() as detector:
        faces = detector.detect(portrait)
    wanted = redact_faces(
        portrait, faces, redaction=Redaction(style="cover", shape="box", margin=0.4, colour=(255, 128, 0))
    )
    assert np.array_equal(decoded(blurred(client, encoded(portrait), query).content), wanted)


@pytest.mark.parametrize(
    ("form", "comes_back"),
    [("JPEG", "JPEG"), ("PNG", "PNG"), ("WEBP", "WEBP"), ("GIF", "PNG"), ("BMP", "PNG"), ("TIFF", "PNG")],
)
def test_a_picture_keeps_its_format(client: httpx.Client, portrait: Pixels, form: str, comes_back: str) -> None:
    response = blurred(client, encoded(portrait, form))
    assert response.headers["content-type"] == f"image/{comes_back.lower()}"
    with Image.open(io.BytesIO(response.content)) as image:
        assert (image.format, image.size) == (comes_back, (256, 256))


def test_where_a_picture_was_taken_is_not_kept(client: httpx.Client, portrait: Pixels) -> None:
    exif = Image.Exif()
    exif[0x010E] = "a secret"
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8769)[0x9003] = "2024:05:31 18:20:01"
    content = blurred(client, encoded(portrait, "JPEG", exif=exif)).content
    with Image.open(io.BytesIO(content)) as image:
        kept = image.getexif()
        assert kept.get_ifd(0x8769)[0x9003] == "2024:05:31 18:20:01"
        assert not kept.get_ifd(0x8825)
    assert b"a secret" not in content


def test_several_pictures_are_an_archive(client: httpx.Client, portrait_jpeg: bytes, noise_png: bytes) -> None:
    pictures = files(("../up.jpg", portrait_jpeg), ("bad.jpg", b"none"), ("up.png", noise_png))
    response = client.post("/v1/blur", files=pictures)
    archive = zipfile.ZipFile(io.BytesIO(response.content))
    assert archive.namelist() == ["up.jpg", "up-3.png", "errors.json"]
    assert archive.read("up.jpg") == blurred(client, portrait_jpeg).content
    (error,) = json.loads(archive.read("errors.json"))
    assert (error["picture"], error["name"]) == (1, "bad.jpg")


def test_what_cannot_be_read_never_comes_back(client: httpx.Client, portrait_jpeg: bytes) -> None:
    problem_of(client.post("/v1/blur", content=portrait_jpeg[:2000], headers={"content-type": "image/jpeg"}), 422)
    problem_of(client.post("/v1/blur", files=files(("a.jpg", b"none"), ("b.jpg", b"none"))), 422)


@pytest.mark.parametrize("query", ["style=smear", "cells=17", "margin=-1", "colour=nocolour", "quality=101"])
def test_a_wrong_option_is_named(client: httpx.Client, noise_png: bytes, query: str) -> None:
    problem = problem_of(client.post(f"/v1/blur?{query}", files=files(("n.png", noise_png))), 422)
    assert problem["field"] == query.partition("=")[0]
