"""`POST /v1/detect`: answers are those of the Python API, to the last digit."""

from __future__ import annotations

import base64
import io
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image
from tests.serve.serving import decoded, encoded, files, problem_of

from facecascade import MTCNN, Faces, draw_faces, read_picture
from facecascade.extract import alignments, get_template
from facecascade.version import VERSION

Pixels = NDArray[np.uint8]

OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "preset": st.sampled_from(["default", "fast", "careful", "thorough"]),
        "min_face_size": st.floats(12, 90),
        "scale_factor": st.floats(0.5, 0.8),
        "geometry": st.sampled_from(["subpixel", "classic"]),
        "mirror": st.booleans(),
        "border": st.floats(0, 0.3),
        "thresholds": st.tuples(st.floats(0.4, 0.8), st.floats(0.4, 0.8), st.floats(0.0, 0.9)),
    },
)


def faces_of(picture: dict[str, Any]) -> Faces:
    """What an answer tells of a picture, as the library has it."""
    assert picture["error"] is None
    columns = ([face[name] for face in picture["faces"]] for name in ("box", "score", "landmarks"))
    boxes, scores, landmarks = (np.array(column) for column in columns)
    return Faces(boxes.reshape(-1, 4), scores, landmarks.reshape(-1, 5, 2))


def query_of(options: dict[str, Any]) -> dict[str, Any]:
    """Options of the library as a query."""
    return {name: ",".join(map(repr, value)) if name == "thresholds" else value for name, value in options.items()}


def raw(client: httpx.Client, data: bytes, **query: Any) -> httpx.Response:
    return client.post("/v1/detect", content=data, params=query, headers={"content-type": "image/jpeg"})


@settings(max_examples=25, derandomize=True, suppress_health_check=list(HealthCheck))
@given(options=OPTIONS, left=st.integers(0, 300), top=st.integers(0, 150), side=st.integers(40, 300))
def test_answers_are_those_of_the_python_api(
    client: httpx.Client, small_group: Pixels, options: dict[str, Any], left: int, top: int, side: int
) -> None:
    data = encoded(small_group[top : top + side, left : left + side])
    response = raw(client, data, **query_of(options))
    assert response.status_code == 200, response.text
    with MTCNN.preset(options.get("preset", "default"), **{k: v for k, v in options.items() if k != "preset"}) as ours:
        assert faces_of(response.json()["pictures"][0]) == ours.detect(data)
        assert response.json()["settings"] == ours.settings.to_dict()
        assert response.json()["weights"] == ours.weights.sha256


def test_the_numbers_of_an_answer_are_the_floats_themselves(client: httpx.Client, portrait_jpeg: bytes) -> None:
    with MTCNN() as detector:
        faces = detector.detect(portrait_jpeg)
    assert len(faces) == 1
    assert faces.landmarks is not None
    answer = raw(client, portrait_jpeg).json()
    assert answer["software"] == f"facecascade {VERSION}"
    picture = answer["pictures"][0]
    assert (picture["name"], picture["width"], picture["height"]) == (None, 256, 256)
    face = {"box": faces.boxes[0].tolist(), "score": faces.scores[0].item(), "landmarks": faces.landmarks[0].tolist()}
    assert picture["faces"] == [face | {"matrix": None}]


def test_pictures_come_in_three_forms(client: httpx.Client, portrait_jpeg: bytes, noise_png: bytes) -> None:
    pictures = [("a.jpg", portrait_jpeg), ("b.png", noise_png)]
    form = client.post("/v1/detect", files=files(*pictures)).json()
    items = [{"name": name, "data": base64.b64encode(data).decode()} for name, data in pictures]
    document = client.post("/v1/detect", json={"pictures": items}).json()
    assert form == document
    assert [picture["name"] for picture in form["pictures"]] == ["a.jpg", "b.png"]
    alone = [raw(client, data).json()["pictures"][0] for _, data in pictures]
    assert [picture | {"name": None} for picture in form["pictures"]] == alone
    assert [len(picture["faces"]) for picture in alone] == [1, 0]


def test_many_clients_with_different_settings_get_each_what_is_theirs(
    client: httpx.Client, small_group: Pixels
) -> None:
    pictures = [encoded(small_group[:, left : left + 250], "JPEG") for left in range(0, 450, 30)]
    asked = [(data, size) for data in pictures for size in (20, 30, 41)]
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda one: raw(client, one[0], min_face_size=one[1]), asked))
    for size in (20, 30, 41):
        with MTCNN(min_face_size=size) as detector:
            for (data, asked_size), answer in zip(asked, answers, strict=True):
                if asked_size == size:
                    assert faces_of(answer.json()["pictures"][0]) == detector.detect(data)
    lines = client.get("/metrics").text.splitlines()
    told = {line.split()[0]: float(line.split()[1]) for line in lines if not line.startswith("#")}
    assert told["facecascade_batch_pictures_sum"] > told["facecascade_batch_pictures_count"] > 0


def test_a_picture_that_stands_on_its_side_is_told_upright(client: httpx.Client, portrait: Pixels) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    data = encoded(np.rot90(portrait[:, :200]).copy(), "JPEG", exif=exif, quality=95)
    picture = raw(client, data).json()["pictures"][0]
    assert (picture["width"], picture["height"]) == (200, 256)
    with MTCNN() as detector:
        assert faces_of(picture) == detector.detect(data)


def test_limits_on_faces_are_those_of_the_library(client: httpx.Client, small_group: Pixels) -> None:
    data = encoded(small_group)
    with MTCNN() as detector:
        faces = detector.detect(data)
    sides = (faces.boxes[:, 2:] - faces.boxes[:, :2]).min(axis=1)
    assert len(faces) > 10
    assert faces_of(raw(client, data, limit=3).json()["pictures"][0]) == faces.sorted("score")[:3]
    assert faces_of(raw(client, data, min_score=0.99).json()["pictures"][0]) == faces[faces.scores >= 0.99]
    assert faces_of(raw(client, data, min_size=40).json()["pictures"][0]) == faces[sides >= 40]


@pytest.mark.parametrize("template", ["arcface-112", "ffhq-512"])
def test_a_template_fills_the_matrix(client: httpx.Client, portrait_jpeg: bytes, template: str) -> None:
    face = raw(client, portrait_jpeg, template=template).json()["pictures"][0]["faces"][0]
    with MTCNN() as detector:
        wanted = alignments(detector.detect(portrait_jpeg), template=get_template(template))
    assert face["matrix"] == wanted[0].tolist()


def test_what_cannot_be_read_stands_in_its_place(client: httpx.Client, portrait_jpeg: bytes) -> None:
    response = client.post(
        "/v1/detect", files=files(("a.jpg", b"no picture"), ("b.jpg", portrait_jpeg), ("c.jpg", portrait_jpeg[:900]))
    )
    assert response.status_code == 200
    first, second, third = response.json()["pictures"]
    assert first["error"]["type"] == "urn:facecascade:problem:unreadable-picture"
    assert first["error"]["status"] == 422
    assert (first["width"], first["height"], first["faces"]) == (0, 0, [])
    assert second["error"] is None
    assert len(second["faces"]) == 1
    assert "whole picture" in third["error"]["detail"]


def test_nothing_to_read_is_a_problem_that_names_each(client: httpx.Client, portrait_jpeg: bytes) -> None:
    response = client.post("/v1/detect", files=files(("a.jpg", b"no picture"), ("b.jpg", portrait_jpeg[:900])))
    problem = problem_of(response, 422)
    assert [(one["picture"], one["name"]) for one in problem["errors"]] == [(0, "a.jpg"), (1, "b.jpg")]
    assert all(one["reason"].startswith("expected ") for one in problem["errors"])


@pytest.mark.parametrize(("accept", "form"), [("image/png", "PNG"), ("image/jpeg", "JPEG"), ("image/*", "PNG")])
def test_the_picture_with_its_faces_drawn(client: httpx.Client, portrait_jpeg: bytes, accept: str, form: str) -> None:
    response = client.post(
        "/v1/detect?scores=true", content=portrait_jpeg, headers={"accept": accept, "content-type": "image/jpeg"}
    )
    assert response.status_code == 200
    assert response.headers["content-type"] == f"image/{form.lower()}"
    with Image.open(io.BytesIO(response.content)) as image:
        assert image.format == form
    with MTCNN() as detector:
        picture = read_picture(portrait_jpeg)
        drawn = np.asarray(draw_faces(picture, detector.detect(picture), scores=True))
    difference = np.abs(decoded(response.content).astype(int) - drawn)
    assert difference.max() == 0 if form == "PNG" else difference.mean() < 2


def test_one_picture_alone_can_be_drawn(client: httpx.Client, portrait_jpeg: bytes) -> None:
    pictures = files(("a.jpg", portrait_jpeg), ("b.jpg", portrait_jpeg))
    problem = problem_of(client.post("/v1/detect", files=pictures, headers={"accept": "image/png"}), 406)
    assert "one picture" in problem["detail"]
    problem_of(client.post("/v1/detect", content=portrait_jpeg, headers={"accept": "text/html"}), 406)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("min_face_size=3", "min_face_size"),
        ("min_face_size=nan", "min_face_size"),
        ("min_face_size=big", "min_face_size"),
        ("scale_factor=1", "scale_factor"),
        ("thresholds=.6,.7", "thresholds"),
        ("thresholds=.6,.7,1.5", "thresholds"),
        ("thresholds=.1,.7,.7", "thresholds"),
        ("thresholds=.6,.1,.7", "thresholds"),
        ("geometry=flat", "geometry"),
        ("preset=best", "preset"),
        ("limit=0", "limit"),
        ("min_score=2", "min_score"),
        ("template=../../etc/passwd", "template"),
        ("mirrored=true", "mirrored"),
        ("limit=1&limit=2", "limit"),
    ],
)
def test_a_wrong_option_is_named(client: httpx.Client, noise_png: bytes, query: str, field: str) -> None:
    response = client.post(f"/v1/detect?{query}", content=noise_png, headers={"content-type": "image/png"})
    assert problem_of(response, 422)["field"] == field
