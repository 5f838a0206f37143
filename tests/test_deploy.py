"""The files that begin clusters: what reads them takes them, and their commands are ours."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest

DEPLOY = Path(__file__).resolve().parents[1] / "deploy"
yaml = pytest.importorskip("yaml", reason="PyYAML, which comes with Ray, is not installed")


def loaded(name: str) -> Any:
    return yaml.safe_load((DEPLOY / name).read_text(encoding="utf-8"))


def test_the_cluster_file_has_the_form_that_ray_wants() -> None:
    ray = pytest.importorskip("ray", reason="Ray is not installed")
    jsonschema = pytest.importorskip("jsonschema", reason="jsonschema, which comes with Ray, is not installed")
    schema = json.loads((Path(ray.__file__).parent / "autoscaler" / "ray-schema.json").read_text())
    config = loaded("ray-cluster.yaml")
    jsonschema.validate(config, schema)
    assert config["head_node_type"] in config["available_node_types"]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**config, "max_workers": "many"}, schema)


def test_the_job_for_kubernetes_has_the_parts_that_kuberay_wants() -> None:
    job = loaded("kuberay-job.yaml")
    assert (job["apiVersion"], job["kind"]) == ("ray.io/v1", "RayJob")
    cluster = job["spec"]["rayClusterSpec"]
    groups = [cluster["headGroupSpec"], *cluster["workerGroupSpecs"]]
    for group in groups:
        assert all(isinstance(value, str) for value in group["rayStartParams"].values())
        for container in group["template"]["spec"]["containers"]:
            assert container["image"]
            assert re.fullmatch(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?", container["name"])
    for workers in cluster["workerGroupSpecs"]:
        assert workers["minReplicas"] <= workers["replicas"] <= workers["maxReplicas"]


def test_their_commands_are_commands_of_ours() -> None:
    pytest.importorskip("typer", reason="the command line is not installed")
    from typer.main import get_command

    from facecascade.cli.app import app

    words = shlex.split(loaded("kuberay-job.yaml")["spec"]["entrypoint"])
    assert words[0] == "facecascade"
    commands: Any = get_command(app)
    context = commands.commands["extract"].make_context("extract", words[2:])
    assert context.params["ray"] == "auto"
    assert context.params["pictures"] == ["s3://pictures/in"]
