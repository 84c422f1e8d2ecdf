"""The manifests under deploy/kubernetes: what the API server takes, and what our own programs understand."""

import base64
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from gossamer.cli.main import app
from gossamer.inject.candidate import candidates
from gossamer.inject.container import variable_rows
from gossamer.inject.webhook import PATH

HERE = Path(__file__).resolve().parents[3] / "deploy" / "kubernetes"
OURS = ("appmesh.k8s.aws/", "cert-manager.io/", "kustomize.config.k8s.io/")


def documents() -> Iterator[Any]:
    for path in sorted(HERE.glob("*.yaml")):
        yield from yaml.safe_load_all(path.read_text())


def the(kind: str, name: str) -> Any:
    return next(
        each for each in documents() if each["kind"] == kind and each.get("metadata", {}).get("name") == name
    )


def test_the_api_server_takes_every_document() -> None:
    checked = [each for each in documents() if not each["apiVersion"].startswith(OURS)]
    assert len(checked) > 10
    for document in checked:
        kubernetes_validate.validate(document, "1.37", strict=True)


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not installed")
def test_all_of_it_is_one_installation() -> None:
    built = subprocess.run(["kubectl", "kustomize", HERE], capture_output=True, text=True, check=True).stdout
    for document in yaml.safe_load_all(built):
        kubernetes_validate.validate(document, "1.37", strict=True)
        assert document["kind"] in {"Namespace", "MutatingWebhookConfiguration"} or (
            document["metadata"]["namespace"] == "gossamer-system"
        )


def test_the_api_server_asks_where_the_webhook_answers() -> None:
    (asked,) = the("MutatingWebhookConfiguration", "gossamer")["webhooks"]
    assert asked["clientConfig"]["service"]["path"] == PATH
    assert asked["name"] == "mpod.appmesh.k8s.aws"
    service = the("Service", "gossamer-webhook")
    assert asked["clientConfig"]["service"]["port"] == service["spec"]["ports"][0]["port"]
    assert (
        service["spec"]["selector"]
        == the("Deployment", "gossamer-webhook")["spec"]["selector"]["matchLabels"]
    )


def test_the_webhook_understands_the_flags_and_the_defaults_that_it_is_given() -> None:
    (container,) = the("Deployment", "gossamer-webhook")["spec"]["template"]["spec"]["containers"]
    flags = [arg.replace("=/resources", f"={HERE}") for arg in container["args"]]
    lines = (HERE / "sidecar-defaults.env").read_text().splitlines()
    done = subprocess.run(
        [sys.executable, "-m", "gossamer.cli.main", *flags],
        env={"PATH": os.environ["PATH"], **dict(line.split("=", 1) for line in lines)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "the certificate cannot be read" in done.stderr


def test_the_control_plane_listens_to_the_name_that_sidecars_are_told() -> None:
    pod = the("StatefulSet", "gossamer")["spec"]["template"]["spec"]
    _, bound, _ = app.parse_args(pod["containers"][0]["args"])
    serving = bound.arguments["settings"]
    lines = (HERE / "sidecar-defaults.env").read_text().splitlines()
    told = dict(line.split("=", 1) for line in lines)["GOSSAMER_XDS_ENDPOINT"]
    service = the("Service", "gossamer")
    assert told == f"{serving.xds_names}:{serving.xds_port}"
    assert serving.xds_names.startswith(f"{service['metadata']['name']}.gossamer-system.svc")
    assert {port["port"] for port in service["spec"]["ports"]} == {serving.api_port, serving.xds_port}


def test_the_defaults_reach_a_sidecar_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    for line in (HERE / "sidecar-defaults.env").read_text().splitlines():
        monkeypatch.setenv(*line.split("=", 1))
    _, bound, _ = app.parse_args(["webhook", "--tls-cert-file", "c", "--tls-key-file", "k"])
    found = bound.arguments["settings"]
    assert found.image == "registry.example.com/gossamer/sidecar:0.1.0"
    assert found.prestop_delay == 20
    assert [name.partition("=")[0] for name in found.secret] == ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]
    assert [row["name"] for row in variable_rows({}, found)][:2] == [
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
    ]


def test_the_resources_are_candidates() -> None:
    resources = yaml.safe_load_all((HERE / "appmesh-resources.yaml").read_text())
    assert [each.who.identity for each in candidates(resources)] == ["mesh/simpleapp/virtualNode/serviceA"]


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_the_certificate_is_for_the_name_that_the_api_server_asks_for(tmp_path: Path) -> None:
    script = subprocess.run(
        [HERE / "webhook-certificate.sh", "--dry-run"], capture_output=True, text=True, check=True
    )
    secret = yaml.safe_load(script.stdout)
    kubernetes_validate.validate(secret, "1.37", strict=True)
    patch = json.loads(script.stdout.partition("# patch: ")[2])
    authority, leaf = tmp_path / "ca.crt", tmp_path / "tls.crt"
    authority.write_bytes(base64.b64decode(patch[0]["value"]))
    leaf.write_bytes(base64.b64decode(secret["data"]["tls.crt"]))
    name = "gossamer-webhook.gossamer-system.svc"
    subprocess.run(["openssl", "verify", "-CAfile", authority, "-verify_hostname", name, leaf], check=True)
