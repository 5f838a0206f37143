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

KNOWN = {
    "job": {
        *("entrypoint", "metadata", "runtimeEnvYAML", "jobId", "submissionMode", "suspend", "clusterSelector"),
        *("shutdownAfterJobFinishes", "ttlSecondsAfterFinished", "activeDeadlineSeconds", "backoffLimit"),
        *("entrypointNumCpus", "entrypointNumGpus", "entrypointResources", "submitterPodTemplate", "rayClusterSpec"),
    },
    "cluster": {
        *("rayVersion", "enableInTreeAutoscaling", "autoscalerOptions", "headServiceAnnotations", "suspend"),
        *("headGroupSpec", "workerGroupSpecs"),
    },
    "autoscaler": {
        *("resources", "image", "imagePullPolicy", "env", "envFrom", "volumeMounts", "securityContext"),
        *("idleTimeoutSeconds", "upscalingMode"),
    },
    "head": {"rayStartParams", "template", "serviceType", "headService", "enableIngress"},
    "workers": {"groupName", "replicas", "minReplicas", "maxReplicas", "numOfHosts", "rayStartParams", "template"},
}
"""What KubeRay's ray.io/v1 has a meaning for; Kubernetes drops other keys without a word."""


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
    assert job["spec"].keys() <= KNOWN["job"]
    assert cluster.keys() <= KNOWN["cluster"]
    assert cluster["autoscalerOptions"].keys() <= KNOWN["autoscaler"]
    assert cluster["headGroupSpec"].keys() <= KNOWN["head"]
    assert all(workers.keys() <= KNOWN["workers"] for workers in cluster["workerGroupSpecs"])
    mounted = {mount["name"] for mount in cluster["headGroupSpec"]["template"]["spec"]["containers"][0]["volumeMounts"]}
    assert mounted == {volume["name"] for volume in cluster["headGroupSpec"]["template"]["spec"]["volumes"]}
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

    from facecascade.cli.app import make_app

    words = shlex.split(loaded("kuberay-job.yaml")["spec"]["entrypoint"])
    assert words[0] == "facecascade"
    commands: Any = get_command(make_app())
    context = commands.commands["extract"].make_context("extract", words[2:])
    assert context.params["ray"] == "auto"
    assert context.params["pictures"] == ["s3://pictures/in"]
