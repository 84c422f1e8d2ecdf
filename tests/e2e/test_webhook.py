"""The admission webhook, asked over TLS by a client that trusts its authority, with recorded reviews."""

import base64
import contextlib
import http.client
import json
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonpatch
import kubernetes_validate
import pytest

from tests.support.agent_process import eventually
from tests.support.machines import GOSSAMER
from tests.support.pki import Authority

pytestmark = pytest.mark.e2e

REVIEWS = Path(__file__).resolve().parent.parent / "support" / "admission_reviews"
IMAGES = ("--image", "registry.test/sidecar:1", "--init-image", "registry.test/route-manager:1")
AUTHORITY = Authority("cluster")


@dataclass(frozen=True)
class Webhook:
    """A running webhook."""

    directory: Path
    process: subprocess.Popen[str]

    def events(self, name: str) -> list[Any]:
        """What it logged of one event."""
        lines = (self.directory / "log").read_text().splitlines()
        said = [json.loads(line) for line in lines if line.startswith("{")]
        return [line for line in said if line["event"] == name]

    def port(self) -> int:
        found = eventually(lambda: self.events("serving"))
        assert found, (self.directory / "log").read_text()
        return int(found[0]["port"])

    def connection(self) -> http.client.HTTPSConnection:
        trust = ssl.create_default_context(cadata=AUTHORITY.root)
        return http.client.HTTPSConnection("localhost", self.port(), timeout=60, context=trust)

    def ask(
        self, method: str, path: str, body: bytes = b"", kind: str = "application/json"
    ) -> tuple[int, str]:
        with contextlib.closing(self.connection()) as connection:
            connection.request(method, path, body, {"Content-Type": kind})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()

    def review(self, name: str) -> Any:
        """The response to one recorded review."""
        asked = (REVIEWS / f"{name}.json").read_bytes()
        status, text = self.ask("POST", "/mutate-v1-pod?timeout=10s", asked)
        assert status == 200, text
        answered = json.loads(text)
        assert (answered["apiVersion"], answered["kind"]) == ("admission.k8s.io/v1", "AdmissionReview")
        assert answered["response"]["uid"] == json.loads(asked)["request"]["uid"]
        return answered["response"]

    def patched(self, name: str) -> Any:
        """The pod of a recorded review, patched as the API server patches it."""
        response = self.review(name)
        assert response["allowed"] is True
        assert response["patchType"] == "JSONPatch"
        operations = json.loads(base64.b64decode(response["patch"]))
        pod = json.loads((REVIEWS / f"{name}.json").read_text())["request"]["object"]
        return jsonpatch.apply_patch(pod, operations)


@contextlib.contextmanager
def running(directory: Path, *flags: str) -> Iterator[Webhook]:
    certificate, key = AUTHORITY.issue("localhost").written(directory, "tls")
    resources = directory / "resources"
    resources.mkdir()
    (resources / "shop.yaml").write_text((REVIEWS / "resources.yaml").read_text())
    command = [
        *(sys.executable, "-c", GOSSAMER, "webhook", "--host", "127.0.0.1", "--port", "0", *IMAGES),
        *("--tls-cert-file", certificate, "--tls-key-file", key, "--resources-dir", str(resources), *flags),
    ]
    with (directory / "log").open("w") as log, subprocess.Popen(command, stderr=log, text=True) as process:
        try:
            yield Webhook(directory, process)
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def webhook(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Webhook]:
    with running(tmp_path_factory.mktemp("webhook")) as found:
        yield found


def test_a_pod_that_a_virtual_node_selects_gets_its_sidecar(webhook: Webhook) -> None:
    pod = webhook.patched("front")
    kubernetes_validate.validate(pod, "1.37", strict=True)
    app, envoy = pod["spec"]["containers"]
    assert (app["name"], envoy["name"], envoy["image"]) == ("app", "envoy", "registry.test/sidecar:1")
    variables = {row["name"]: row.get("value") for row in envoy["env"]}
    assert variables["APPMESH_RESOURCE_ARN"] == "mesh/shop/virtualNode/front_shop"
    (init,) = pod["spec"]["initContainers"]
    assert {"name": "APPMESH_APP_PORTS", "value": "8080,9000"} in init["env"]
    assert pod["spec"]["securityContext"] == {"fsGroup": 1337}
    assert webhook.events("pod_injected")[-1]["proxy"] == "mesh/shop/virtualNode/front_shop"


def test_a_pod_may_name_its_virtual_node_itself(webhook: Webhook) -> None:
    envoy = webhook.patched("legacy")["spec"]["containers"][1]
    variables = {row["name"]: row.get("value") for row in envoy["env"]}
    assert variables["APPMESH_RESOURCE_ARN"] == "mesh/market/virtualNode/stall"


def test_a_virtual_gateways_own_envoy_is_told_who_it_is(webhook: Webhook) -> None:
    pod = webhook.patched("gateway")
    kubernetes_validate.validate(pod, "1.37", strict=True)
    (envoy,) = pod["spec"]["containers"]
    assert envoy["image"] == "registry.test/sidecar:1"
    assert {"name": "APPMESH_RESOURCE_ARN", "value": "mesh/shop/virtualGateway/edge_shop"} in envoy["env"]
    assert "initContainers" not in pod["spec"]


@pytest.mark.parametrize("name", ["disabled", "update"])
def test_a_pod_that_wants_none_and_a_pod_that_is_not_new_stay_as_they_are(
    webhook: Webhook, name: str
) -> None:
    response = webhook.review(name)
    assert response["allowed"] is True
    assert "patch" not in response


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("unknown", "sidecarInject enabled but no matching VirtualNode or VirtualGateway found"),
        ("elsewhere", "sidecarInject enabled but no matching VirtualNode or VirtualGateway found"),
        ("ambiguous", "found multiple matching VirtualNodes for pod front-6d4cf56db6-: front, back"),
        (
            "malformed",
            "malformed annotation appmesh.k8s.aws/secretMounts, expected format: secretName:mountPath",
        ),
    ],
)
def test_a_pod_that_cannot_get_its_sidecar_is_refused_with_a_sentence(
    webhook: Webhook, name: str, why: str
) -> None:
    response = webhook.review(name)
    assert response["allowed"] is False
    assert response["status"]["message"] == why
    assert webhook.events("pod_refused")[-1]["why"] == why


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"[]", "application/json", 400),
        (b'{"kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1beta1"}', "application/json", 400),
        (b'{"kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1"}', "application/json", 400),
        (b"{}", "text/plain", 415),
        (b" " * (3 * 1024 * 1024 + 1), "application/json", 413),
    ],
)
def test_what_is_no_review_is_told_so(webhook: Webhook, body: bytes, kind: str, status: int) -> None:
    assert webhook.ask("POST", "/mutate-v1-pod", body, kind)[0] == status


def test_other_paths_and_methods_are_refused_and_health_is_told(webhook: Webhook) -> None:
    assert webhook.ask("POST", "/elsewhere")[0] == 404
    assert webhook.ask("GET", "/mutate-v1-pod")[0] == 405
    assert webhook.ask("GET", "/healthz") == (200, "ok\n")
    assert webhook.ask("GET", "/readyz") == (200, "ok\n")


def test_a_client_that_does_not_trust_the_authority_is_not_served(webhook: Webhook) -> None:
    stranger = ssl.create_default_context(cadata=Authority("stranger").root)
    with (
        pytest.raises(ssl.SSLCertVerificationError),
        socket.create_connection(("127.0.0.1", webhook.port())) as plain,
    ):
        stranger.wrap_socket(plain, server_hostname="localhost")


def serial(webhook: Webhook) -> str:
    """Which certificate it shows."""
    with contextlib.closing(webhook.connection()) as connection:
        connection.connect()
        shown = connection.sock.getpeercert()
        assert shown is not None
        return str(shown["serialNumber"])


def test_a_renewed_certificate_is_shown_without_a_restart_and_half_a_renewal_changes_nothing(
    webhook: Webhook,
) -> None:
    first = serial(webhook)
    AUTHORITY.issue("localhost").written(webhook.directory, "tls")
    second = serial(webhook)
    assert second != first
    (webhook.directory / "tls.key.pem").write_text("broken")
    assert serial(webhook) == second
    assert "cannot be loaded" in webhook.events("certificate_kept")[-1]["why"]
    AUTHORITY.issue("localhost").written(webhook.directory, "tls")
    assert serial(webhook) not in {first, second}


def test_resources_are_read_anew_when_they_change(tmp_path: Path) -> None:
    with running(tmp_path, "--namespaces", "unspecified") as webhook:
        assert "patch" not in webhook.review("unknown")
        text = (REVIEWS / "resources.yaml").read_text().replace("app: front", "app: stranger")
        (tmp_path / "resources" / "shop.yaml").write_text(text)
        assert "patch" in webhook.review("unknown")
        assert "patch" not in webhook.review("front")
        (tmp_path / "resources" / "more.yaml").write_text("a: [")
        assert webhook.ask("GET", "/readyz")[0] == 503
        assert webhook.ask("POST", "/mutate-v1-pod", (REVIEWS / "front.json").read_bytes())[0] == 500
        webhook.process.send_signal(signal.SIGTERM)
        assert webhook.process.wait(timeout=60) == 0


@pytest.mark.parametrize(
    ("flags", "why"),
    [
        (
            ("--tls-cert-file", "/nowhere", "--tls-key-file", "/nowhere", *IMAGES),
            "the certificate cannot be read",
        ),
        (("--tls-cert-file", "/nowhere", "--tls-key-file", "/nowhere"), "name the images that pods get"),
    ],
)
def test_a_webhook_that_cannot_work_says_why(flags: tuple[str, ...], why: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", GOSSAMER, "webhook", *flags], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert why in done.stderr
