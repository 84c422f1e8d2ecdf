"""How the agent's Envoy proves itself on its stream, to a server that looks at what it was shown."""

import contextlib
import hashlib
import hmac
import queue
import signal
from collections.abc import Iterator
from concurrent import futures
from dataclasses import dataclass
from pathlib import Path

import grpc
import pytest
from envoy.service.discovery.v3.discovery_pb2 import DeltaDiscoveryRequest, DeltaDiscoveryResponse

from tests.support.agent_process import AgentProcess, agent_process, eventually
from tests.support.pki import Authority, replaced

pytestmark = pytest.mark.e2e

NODE = {"APPMESH_RESOURCE_ARN": "mesh/m/virtualNode/n"}
SERVICE = "envoy.service.discovery.v3.AggregatedDiscoveryService"
Shown = queue.SimpleQueue[dict[str, str]]


@dataclass
class Server:
    """A management server that has nothing to manage, and what each stream showed it."""

    where: str
    shown: Shown
    calls: list[grpc.ServicerContext]

    def next(self) -> dict[str, str]:
        """What the next stream shows: its metadata, and who its certificate names."""
        return self.shown.get(timeout=30)

    def hang_up(self) -> None:
        """End every stream, so that it begins anew."""
        while self.calls:
            self.calls.pop().cancel()


@contextlib.contextmanager
def control_plane(credentials: grpc.ServerCredentials | None = None, port: int = 0) -> Iterator[Server]:
    """A server on loopback."""
    server = Server("", queue.SimpleQueue(), [])

    def serve(
        asked: Iterator[DeltaDiscoveryRequest], call: grpc.ServicerContext
    ) -> Iterator[DeltaDiscoveryResponse]:
        names = (one.decode() for one in call.peer_identities() or ())
        server.calls.append(call)
        server.shown.put({**dict(call.invocation_metadata()), "peer": ",".join(names)})
        for count, request in enumerate(asked):
            if not request.response_nonce:
                yield DeltaDiscoveryResponse(type_url=request.type_url, nonce=str(count))

    handler = grpc.stream_stream_rpc_method_handler(
        serve, DeltaDiscoveryRequest.FromString, DeltaDiscoveryResponse.SerializeToString
    )
    with futures.ThreadPoolExecutor(8) as pool:
        made = grpc.server(pool)
        made.add_generic_rpc_handlers(
            (grpc.method_handlers_generic_handler(SERVICE, {"DeltaAggregatedResources": handler}),)
        )
        where = f"127.0.0.1:{port}"
        own = made.add_secure_port(where, credentials) if credentials else made.add_insecure_port(where)
        server.where = f"127.0.0.1:{own}"
        made.start()
        try:
            yield server
        finally:
            made.stop(0).wait()


@contextlib.contextmanager
def running(folder: Path, environ: dict[str, str]) -> Iterator[AgentProcess]:
    with agent_process(folder, {**NODE, **environ}) as agent:
        yield agent
        agent.send(signal.SIGINT)


def test_without_credentials_the_stream_shows_none(tmp_path: Path) -> None:
    with control_plane() as server, running(tmp_path, {"APPMESH_XDS_ENDPOINT": server.where}):
        assert "authorization" not in server.next()


KEYS = {
    "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "AWS_SESSION_TOKEN": "session",
    "AWS_REGION": "eu-west-1",
}


def signature(shown: dict[str, str], where: str, secret: str) -> str:
    """What the signature of a stream ought to be.

    Source: AWS Signature Version 4, canonical request and string to sign.
    """
    _, _, rest = shown["authorization"].partition(" ")
    said = dict(part.split("=", 1) for part in rest.split(", "))
    known = {**shown, "host": where, "content-type": "application/grpc"}
    names = said["SignedHeaders"].split(";")
    lines = "".join(f"{name}:{known[name]}\n" for name in names)
    path = f"/{SERVICE}/DeltaAggregatedResources"
    payload = shown["x-amz-content-sha256"]
    canonical = "\n".join(("POST", path, "", lines, said["SignedHeaders"], payload))
    scope = said["Credential"].partition("/")[2]
    hashed = hashlib.sha256(canonical.encode()).hexdigest()
    text = "\n".join(("AWS4-HMAC-SHA256", shown["x-amz-date"], scope, hashed))
    key = b"AWS4" + secret.encode()
    for part in (*scope.split("/"), text):
        key = hmac.digest(key, part.encode(), "sha256")
    return key.hex()


def test_keys_in_the_environment_sign_the_stream_for_app_mesh_in_its_region(tmp_path: Path) -> None:
    with control_plane() as server, running(tmp_path, {"APPMESH_XDS_ENDPOINT": server.where, **KEYS}):
        found = server.next()
    assert "Credential=AKIDEXAMPLE/" in found["authorization"]
    assert "/eu-west-1/appmesh/aws4_request" in found["authorization"]
    assert found["x-amz-security-token"] == "session"
    assert found["authorization"].endswith(f"Signature={signature(found, server.where, 'secret')}")


def test_keys_are_found_wherever_awss_own_programs_find_them(tmp_path: Path) -> None:
    file = tmp_path / "credentials"
    file.write_text("[shop]\naws_access_key_id = AKIDFILE\naws_secret_access_key = other\n")
    environ = {
        "GOSSAMER_XDS_AUTH": "sigv4",
        "AWS_PROFILE": "shop",
        "AWS_SHARED_CREDENTIALS_FILE": str(file),
        "APPMESH_SIGNING_NAME": "mesh",
    }
    with control_plane() as server, running(tmp_path, {"APPMESH_XDS_ENDPOINT": server.where, **environ}):
        found = server.next()
    assert "Credential=AKIDFILE/" in found["authorization"]
    assert "/us-west-2/mesh/aws4_request" in found["authorization"]
    assert found["authorization"].endswith(f"Signature={signature(found, server.where, 'other')}")


def test_keys_of_the_application_need_not_be_shown(tmp_path: Path) -> None:
    environ = {**KEYS, "GOSSAMER_XDS_AUTH": "none"}
    with control_plane() as server, running(tmp_path, {"APPMESH_XDS_ENDPOINT": server.where, **environ}):
        assert "authorization" not in server.next()


def test_a_token_that_is_renewed_is_shown_from_the_next_stream_on(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("first\n")
    with control_plane() as server:
        environ = {"APPMESH_XDS_ENDPOINT": server.where, "GOSSAMER_XDS_TOKEN_FILE": str(token)}
        with running(tmp_path, environ) as agent:
            assert server.next()["authorization"] == "Bearer first"
            token.write_text("second\n")
            assert eventually(lambda: agent.events("token_renewed")), agent.output

            def is_shown() -> bool:
                server.hang_up()
                return server.next()["authorization"] == "Bearer second"

            assert eventually(is_shown, within_s=90)


def test_a_token_stands_in_no_bootstrap_and_no_dump_of_it(tmp_path: Path) -> None:
    run = tmp_path / "run"
    with control_plane() as server:
        environ = {
            "APPMESH_XDS_ENDPOINT": server.where,
            "GOSSAMER_XDS_TOKEN": "very-secret",
            "GOSSAMER_RUN_DIR": str(run),
        }
        with running(tmp_path, environ) as agent:
            assert server.next()["authorization"] == "Bearer very-secret"
            assert b"very-secret" not in agent.ask("/config_dump?include_eds")[1]
            assert "very-secret" not in (run / "bootstrap.json").read_text()
            assert "very-secret" not in agent.output
            assert (run / "xds_token.json").stat().st_mode & 0o777 == 0o600


def test_a_certificate_is_shown_and_its_renewal_on_the_next_connection(tmp_path: Path) -> None:
    authority = Authority("shop")
    own = authority.issue("127.0.0.1")
    given = grpc.ssl_server_credentials(
        [(own.key.encode(), own.chain.encode())], authority.root.encode(), require_client_auth=True
    )
    certificates = tmp_path / "certificates"
    certificates.mkdir()
    chain, key = authority.issue("spiffe://shop/first").written(certificates, "own")
    environ = {
        "GOSSAMER_XDS_CA_FILE": replaced(tmp_path / "root.pem", authority.root),
        "GOSSAMER_XDS_CERT_FILE": chain,
        "GOSSAMER_XDS_KEY_FILE": key,
    }
    with contextlib.ExitStack() as stack:
        with control_plane(given) as server:
            agent = stack.enter_context(running(tmp_path, {**environ, "APPMESH_XDS_ENDPOINT": server.where}))
            assert "spiffe://shop/first" in server.next()["peer"]
            authority.issue("spiffe://shop/second").written(certificates, "own")

        def is_shown() -> bool:
            with control_plane(given, int(server.where.rpartition(":")[2])) as again:
                return "spiffe://shop/second" in again.next()["peer"]

        assert eventually(is_shown, within_s=60), agent.output


def test_a_control_plane_that_strangers_vouch_for_is_not_spoken_to(tmp_path: Path) -> None:
    own = Authority("stranger").issue("127.0.0.1")
    root = replaced(tmp_path / "root.pem", Authority("shop").root)
    given = grpc.ssl_server_credentials([(own.key.encode(), own.chain.encode())])
    with control_plane(given) as server:
        environ = {"APPMESH_XDS_ENDPOINT": server.where, "GOSSAMER_XDS_CA_FILE": root}
        with running(tmp_path, environ) as agent:

            def is_refused() -> bool:
                _, body = agent.ask("/stats?filter=gossamer_xds.ssl.fail_verify_error")
                return int(body.rpartition(b": ")[2] or 0) > 0 if b": " in body else False

            assert eventually(is_refused), agent.output
        assert server.shown.empty()
