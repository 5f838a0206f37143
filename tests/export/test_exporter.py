"""What `export` promises: choices that fit, a file that is right or does not appear."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from PIL import Image

from facecascade import Settings, Weights
from facecascade.errors import EngineError, ExportError, ImageError, MissingExtra, SettingsError, WeightsError
from facecascade.export import FORMATS, PARTS, export, exporter, writers
from facecascade.export.check import CASCADE_LIMITS, NETWORK_LIMITS
from facecascade.export.runners import OnnxRunner
from facecascade.export.sample import sample_picture


@pytest.mark.parametrize("part", PARTS)
def test_an_onnx_file_holds_what_is_asked_for(part: Any, tmp_path: Path) -> None:
    path = tmp_path / f"{part}.onnx"
    done = export(path, to="onnx", part=part)
    assert done.size == path.stat().st_size == sum(file.stat().st_size for file in tmp_path.iterdir())
    assert (done.path, done.to, done.part, done.runtime, done.picture) == (
        path,
        "onnx",
        part,
        "onnxruntime",
        (240, 320),
    )
    assert done.faces == (5 if part == "cascade" else None)
    assert done.limits == (CASCADE_LIMITS if part == "cascade" else NETWORK_LIMITS)
    assert all(0 <= value <= done.limits[name] for name, value in done.differences.items())
    assert max(done.differences.values()) > 0  # float32 is not float64, so a check that saw nothing would show here
    onnx.checker.check_model(path, full_check=True)


def test_settings_and_weights_become_part_of_the_file(tmp_path: Path) -> None:
    weights = Weights.load()
    tensors = {
        name: array * 0.5 if name == "onet.landmarks.weight" else array for name, array in weights.tensors.items()
    }
    other = Weights(tensors)
    other.save(tmp_path / "other.safetensors")
    settings = Settings(min_face_size=120, thresholds=(0.7, 0.7, 0.8))
    path = tmp_path / "cascade.onnx"
    done = export(path, to="onnx", weights=tmp_path / "other.safetensors", settings=settings)
    facts = {one.key: one.value for one in onnx.load(path).metadata_props}
    assert json.loads(facts["settings"]) == settings.to_dict()
    assert facts["weights_sha256"] == other.sha256 != weights.sha256
    found = onnxruntime.InferenceSession(path).run(["boxes"], {"picture": sample_picture()})[0]
    assert done.faces == len(found) == 2  # the three small heads are too small


def test_it_is_checked_on_a_picture_of_ones_own(tmp_path: Path) -> None:
    Image.fromarray(sample_picture()[:, :200]).save(tmp_path / "three.png")
    done = export(tmp_path / "cascade.onnx", to="onnx", check_on=tmp_path / "three.png")
    assert (done.picture, done.faces) == ((240, 200), 3)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"to": "tensorrt"}, "expected to export to one of onnx, litert, keras, tf-saved-model, got 'tensorrt'"),
        ({"part": "qnet"}, "expected part to be one of cascade, pnet, rnet, onet, got 'qnet'"),
        ({"to": "litert"}, "expected part pnet, rnet or onet for litert, got cascade"),
        ({"part": "pnet", "settings": Settings()}, "expected no settings of the search for pnet"),
        ({"settings": Settings(mirror=True)}, "expected mirror=False"),
        ({"path": "cascade.tflite"}, "expected a file that ends in .onnx for onnx, got .*cascade.tflite"),
        ({"path": "folder.onnx"}, "expected a place where nothing is yet, or a file to replace"),
    ],
)
def test_choices_that_do_not_fit_are_refused(changes: dict[str, Any], message: str, tmp_path: Path) -> None:
    (tmp_path / "folder.onnx").mkdir()
    arguments = {"to": "onnx", "path": "cascade.onnx"} | changes
    with pytest.raises(SettingsError, match=message):
        export(tmp_path / arguments.pop("path"), **arguments)
    assert [file.name for file in tmp_path.iterdir()] == ["folder.onnx"]


def test_what_cannot_be_read_or_written_is_said(tmp_path: Path) -> None:
    path = tmp_path / "cascade.onnx"
    with pytest.raises(WeightsError, match=r"none\.npy"):
        export(path, to="onnx", weights=tmp_path / "none.npy")
    with pytest.raises(ImageError, match=r"none\.png"):
        export(path, to="onnx", check_on=tmp_path / "none.png")
    with pytest.raises(FileNotFoundError, match="missing"):
        export(tmp_path / "missing" / "cascade.onnx", to="onnx")
    assert list(tmp_path.iterdir()) == []


def test_a_picture_too_small_to_tell_is_refused_and_one_without_faces_is_not(tmp_path: Path) -> None:
    small = sample_picture()[:47, :60]
    with pytest.raises(SettingsError, match="at least 48 x 48 pixels to check on, got 60 x 47"):
        export(tmp_path / "rnet.onnx", to="onnx", part="rnet", check_on=small)
    assert list(tmp_path.iterdir()) == []
    assert export(tmp_path / "cascade.onnx", to="onnx", check_on=small[:8, :8]).faces == 0
    assert export(tmp_path / "pnet.onnx", to="onnx", part="pnet", check_on=sample_picture()[:48, :48]).faces is None


@pytest.mark.parametrize("part", PARTS)
def test_a_file_that_computes_something_else_does_not_appear(
    part: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A writer that loses a thousandth of one bias; the older file stays to the byte."""
    path = tmp_path / "model.onnx"
    path.write_bytes(b"older")
    write = writers.write_onnx

    def careless(path: Path, part: str, weights: Weights, settings: Settings) -> None:
        name = f"{part if part != 'cascade' else 'onet'}.box.bias"
        tensors = {**weights.tensors, name: weights.tensors[name] + np.float32(0.01)}
        write(path, part, Weights(tensors), settings)

    monkeypatch.setitem(exporter._WAYS, "onnx", exporter._Way(".onnx", careless, OnnxRunner))
    with pytest.raises(ExportError, match=r"differs from the reference by (boxes|regression) .*nothing was written"):
        export(path, to="onnx", part=part)
    assert path.read_bytes() == b"older"
    assert list(tmp_path.iterdir()) == [path]


def test_a_cascade_that_finds_other_faces_does_not_appear(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def blind(path: Path, part: str, weights: Weights, settings: Settings) -> None:
        writers.write_onnx(path, part, weights, Settings(min_face_size=120))

    monkeypatch.setitem(exporter._WAYS, "onnx", exporter._Way(".onnx", blind, OnnxRunner))
    with pytest.raises(ExportError, match="expected the 5 faces that the reference finds in the picture, got 2"):
        export(tmp_path / "cascade.onnx", to="onnx")
    assert list(tmp_path.iterdir()) == []


def test_an_older_file_is_replaced_and_a_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "real.onnx").write_bytes(b"older")
    (tmp_path / "link.onnx").symlink_to("real.onnx")
    done = export(tmp_path / "link.onnx", to="onnx", part="pnet")
    assert (tmp_path / "link.onnx").is_symlink()
    assert (tmp_path / "real.onnx").stat().st_size == done.size > 20_000


@pytest.mark.parametrize(
    ("library", "to", "extra"), [("onnx", "onnx", "onnx"), ("onnxruntime", "onnx", "onnx"), ("keras", "keras", "keras")]
)
def test_a_missing_library_is_named_with_its_command(
    library: str, to: Any, extra: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    monkeypatch.delitem(sys.modules, "facecascade.backend", raising=False)
    with pytest.raises(MissingExtra, match=rf'pip install "facecascade\[{extra}\]"'):
        export(tmp_path / f"pnet.{to}", to=to, part="pnet")
    assert list(tmp_path.iterdir()) == []


def test_a_missing_interpreter_is_named_before_anything_is_converted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ai_edge_litert", None)
    with pytest.raises(MissingExtra, match=r'checking LiteRT files needs .*pip install "facecascade\[litert\]"'):
        export(tmp_path / "pnet.tflite", to="litert", part="pnet")


@pytest.mark.parametrize(("to", "name"), [("litert", "pnet.tflite"), ("tf-saved-model", "pnet")])
def test_conversion_says_that_it_wants_tensorflow(
    to: Any, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "tensorflow", None)
    with pytest.raises(ExportError, match="needs TensorFlow, which is not installed: pip install tensorflow"):
        export(tmp_path / name, to=to, part="pnet")
    monkeypatch.setitem(sys.modules, "tensorflow", SimpleNamespace())
    monkeypatch.setitem(sys.modules, "keras", SimpleNamespace(backend=SimpleNamespace(backend=lambda: "jax")))
    with pytest.raises(EngineError, match="got Keras on jax: set KERAS_BACKEND=tensorflow"):
        export(tmp_path / name, to=to, part="pnet")
    assert list(tmp_path.iterdir()) == []


def test_there_is_a_way_for_each_format() -> None:
    assert set(FORMATS) == set(exporter._WAYS)
