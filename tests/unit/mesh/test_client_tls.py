"""The decision table of docs/explanation/tls.md, row by row; on traffic it is shown by tests/behaviour."""

import json

import pytest

from gossamer.mesh.client_tls import ClientTls, RootTrust, client_tls
from gossamer.model.listener import Listener
from gossamer.model.tls import ClientPolicyTls, TlsValidationContextFileTrust

ARN = "arn:aws:acm:us-west-2:123456789012:certificate/b"
BY_POLICY = ClientTls("b.local", TlsValidationContextFileTrust(certificate_chain="/ca.pem"), ("b.local",))
CHECKED = ClientTls("b.local", RootTrust((ARN,)), ("b.local",))
UNCHECKED = ClientTls("b.local")
PLAIN_TEXT = None

SHOWS = {
    "acm": {"acm": {"certificateArn": ARN}},
    "file": {"file": {"certificateChain": "/c.pem", "privateKey": "/k.pem"}},
    "sds": {"sds": {"secretName": "b"}},
}


def listener(mode: str, shows: str = "file") -> Listener:
    tls = {"tls": {"mode": mode, "certificate": SHOWS[shows]}} if mode else {}
    return Listener.from_json(json.dumps({"portMapping": {"port": 8443, "protocol": "http"}, **tls}))


def policy(**members: object) -> ClientPolicyTls:
    trust = {"file": {"certificateChain": "/ca.pem"}}
    return ClientPolicyTls.from_json(json.dumps({"validation": {"trust": trust}, **members}))


@pytest.mark.parametrize("mode", ["STRICT", "PERMISSIVE", "DISABLED", ""])
@pytest.mark.parametrize("enforced", [policy(enforce=True), policy(), policy(ports=[8443]), policy(ports=[])])
def test_an_enforced_policy_means_tls_whatever_the_listener_takes(
    enforced: ClientPolicyTls, mode: str
) -> None:
    assert client_tls(enforced, listener(mode), "b.local") == BY_POLICY


@pytest.mark.parametrize(
    ("mode", "expected"),
    [("STRICT", BY_POLICY), ("PERMISSIVE", BY_POLICY), ("DISABLED", PLAIN_TEXT), ("", PLAIN_TEXT)],
)
def test_a_policy_that_is_not_enforced_follows_the_listener(mode: str, expected: ClientTls | None) -> None:
    assert client_tls(policy(enforce=False), listener(mode), "b.local") == expected


@pytest.mark.parametrize("uncovering", [None, policy(ports=[1, 2])])
@pytest.mark.parametrize(
    ("mode", "shows", "expected"),
    [
        ("STRICT", "acm", CHECKED),
        ("PERMISSIVE", "acm", CHECKED),
        ("STRICT", "file", UNCHECKED),
        ("PERMISSIVE", "file", UNCHECKED),
        ("STRICT", "sds", UNCHECKED),
        ("PERMISSIVE", "sds", UNCHECKED),
        ("DISABLED", "acm", PLAIN_TEXT),
        ("", "acm", PLAIN_TEXT),
    ],
)
def test_without_a_policy_for_the_port_the_listener_decides(
    uncovering: ClientPolicyTls | None, mode: str, shows: str, expected: ClientTls | None
) -> None:
    assert client_tls(uncovering, listener(mode, shows), "b.local") == expected


def test_names_that_a_policy_lists_take_the_place_of_the_default() -> None:
    trust = {"file": {"certificateChain": "/ca.pem"}}
    names = {"match": {"exact": ["spiffe://b", "other.local"]}}
    found = client_tls(
        policy(validation={"trust": trust, "subjectAlternativeNames": names}), listener("STRICT"), "b.local"
    )
    assert found is not None
    assert found.names == ("spiffe://b", "other.local")


def test_the_dot_that_ends_a_host_name_is_in_no_certificate_and_no_handshake() -> None:
    found = client_tls(policy(), listener("STRICT"), "b.local.")
    assert found == BY_POLICY
