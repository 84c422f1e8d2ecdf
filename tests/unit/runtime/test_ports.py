"""The names that streams may sign, and what an operator is told who opens ports."""

import socket
from pathlib import Path

import pytest

from gossamer.clock import SystemClock
from gossamer.runtime.listen import CannotStart
from gossamer.runtime.settings import Settings, Unsafe
from gossamer.runtime.stream_audit import stream_entry
from gossamer.runtime.xds_port import signed_hosts, socket_address
from gossamer.xds.admission import ENDED, StreamEvent, Visitor


def test_every_name_is_tried_with_the_port_and_without() -> None:
    found = signed_hosts("10.0.0.5", "mesh.internal, xds", None, [18000])
    some = {"10.0.0.5:18000", "10.0.0.5", "mesh.internal:18000", "xds", "[::1]:18000", "localhost"}
    assert some <= set(found)
    assert f"{socket.gethostname()}:18000" in found
    assert len(found) == len(set(found))


@pytest.mark.parametrize("name", ["api_host", "xds_host"])
def test_a_port_for_others_needs_keys_and_the_sentence_tells_how(name: str) -> None:
    settings = Settings(**{name: "0.0.0.0"})  # type: ignore[arg-type]  # noqa: S104 - never bound
    with pytest.raises(Unsafe, match=r"gossamer keys create .* --policy AWSAppMeshFullAccess"):
        settings.check_exposure(has_keys=False)
    settings.check_exposure(has_keys=True)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        (Settings(tls_cert_file=Path("c")), "--tls-cert-file and --tls-key-file go together"),
        (Settings(xds_tls_key_file=Path("k")), "--xds-tls-cert-file and --xds-tls-key-file go together"),
        (Settings(xds_client_ca_file=Path("a")), "--xds-client-ca-file needs"),
    ],
)
def test_half_of_a_tls_setting_is_refused(settings: Settings, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        settings.check()


@pytest.mark.parametrize(
    ("peer", "address"),
    [("ipv4:192.0.2.1:4711", "192.0.2.1"), ("ipv6:%5B::1%5D:4711", "::1"), ("unix:", "unix")],
)
def test_a_stream_is_told_with_its_address(peer: str, address: str) -> None:
    event = StreamEvent(stream=7, node="mesh/m/virtualNode/n", peer=peer, status=ENDED, visitor=Visitor())
    found = stream_entry(event, "us-west-2", SystemClock().now())
    assert found.source == address
    assert found.details == {"connectionId": "7", "nodeArn": event.node, "eventStatus": ENDED}


def test_a_socket_needs_a_directory_that_is_there(tmp_path: Path) -> None:
    assert socket_address(tmp_path / "xds.sock") == f"unix:{tmp_path}/xds.sock"
    with pytest.raises(CannotStart, match="there is no such directory"):
        socket_address(tmp_path / "no" / "xds.sock")
