"""TLS at a virtual gateway: what it shows to those outside, whom it lets in, and how it calls."""

import ssl

import pytest

from gossamer.mesh.surroundings import Certificate, Surroundings
from tests.support.envoy import eventually
from tests.support.stage_mesh import GATE, Spec, listener, mesh, node
from tests.support.tls_mesh import ARN, AUTHORITY_ARN, OTHERS, OURS, Files, policy, serving
from tests.support.tls_stage import TlsStage, trusting

URL = f"https://gate.test:{GATE}/"


def gate(tls: Spec | None = None, by_default: Spec | None = None) -> Spec:
    """The gateway, with TLS where clients enter, and where it calls."""
    taken = listener("http", GATE) if tls is None else listener("http", GATE, tls=tls)
    defaults = {"backendDefaults": {"clientPolicy": by_default}} if by_default is not None else {}
    return {"gate": {"listeners": [taken], **defaults}}


def through(spec: Spec, blue: Spec | None = None) -> Spec:
    """The usual mesh with this gateway, and what blue's listener takes."""
    taken = listener("http") if blue is None else listener("http", tls=blue)
    return mesh(gateways=spec, nodes={"blue": node("blue", listeners=[taken])})


async def is_answered(tls: TlsStage) -> bool:
    """Whether a request from outside arrives in plain text."""
    return (await tls.stage.outside.http(f"http://gate.test:{GATE}/")).status == 200


@pytest.mark.shows("VirtualGatewayListener.tls")
@pytest.mark.shows(
    "VirtualGatewayListenerTls.mode",
    "VirtualGatewayListenerTls.certificate",
    "VirtualGatewayListenerTlsCertificate.file",
    "VirtualGatewayListenerTlsFileCertificate.certificateChain",
    "VirtualGatewayListenerTlsFileCertificate.privateKey",
)
@pytest.mark.parametrize(
    ("mode", "takes_plain", "takes_tls"),
    [("STRICT", False, True), ("PERMISSIVE", True, True), ("DISABLED", True, False)],
)
async def test_a_gateway_takes_what_its_mode_says(
    tls: TlsStage, files: Files, mode: str, *, takes_plain: bool, takes_tls: bool
) -> None:
    certificate = files.certificate("gate", OURS.issue("gate.test"))
    await tls.stage.show(through(gate(serving(certificate, mode))))
    assert (await tls.enter(trusting(OURS), URL) == "blue") is takes_tls
    said = await tls.stage.outside.tcp("gate.test", GATE, b"GET / HTTP/1.1\r\nhost: g\r\n\r\n")
    assert ("200 OK" in said) is takes_plain


@pytest.mark.shows(
    "VirtualGatewayListenerTlsCertificate.acm", "VirtualGatewayListenerTlsAcmCertificate.certificateArn"
)
async def test_a_gateway_shows_a_certificate_of_acm(tls: TlsStage) -> None:
    pair = OURS.issue("gate.test")
    tls.stage.plane.reconciler.surround(Surroundings(certificates={ARN: Certificate(pair.chain, pair.key)}))
    await tls.stage.show(through(gate(serving({"acm": {"certificateArn": ARN}}))))
    assert await tls.enter(trusting(OURS), URL) == "blue"


@pytest.mark.shows(
    "VirtualGatewayListenerTlsCertificate.sds",
    "VirtualGatewayListenerTlsSdsCertificate.secretName",
    "VirtualGatewayListenerTlsValidationContextTrust.sds",
)
async def test_a_gateway_shows_and_trusts_what_secret_discovery_has(tls: TlsStage, files: Files) -> None:
    await tls.stage.secrets.show("gate", OURS.issue("gate.test"))
    await tls.stage.secrets.trust("roots", OURS.root)
    mutual = serving({"sds": {"secretName": "gate"}}, trust={"sds": {"secretName": "roots"}})
    await tls.stage.show(through(gate(mutual)))
    assert await tls.enter(known(files, "spiffe://partner"), URL) == "blue"


@pytest.mark.shows(
    "VirtualGatewayListenerTls.validation",
    "VirtualGatewayListenerTlsValidationContext.trust",
    "VirtualGatewayListenerTlsValidationContext.subjectAlternativeNames",
    "VirtualGatewayListenerTlsValidationContextTrust.file",
)
async def test_a_gateway_lets_in_whom_it_trusts_by_the_names_that_it_lists(
    tls: TlsStage, files: Files
) -> None:
    certificate = files.certificate("gate", OURS.issue("gate.test"))
    mutual = serving(certificate, trust=files.trust(OURS), names=["spiffe://partner"])
    await tls.stage.show(through(gate(mutual)))
    assert await tls.enter(known(files, "spiffe://partner"), URL) == "blue"
    assert await tls.enter(known(files, "spiffe://stranger"), URL) != "blue"
    assert await tls.enter(trusting(OURS), URL) != "blue"


def known(files: Files, name: str) -> ssl.SSLContext:
    """A client with a certificate of ours."""
    context = trusting(OURS)
    context.load_cert_chain(*OURS.issue(name).written(files.directory, "client"))
    return context


@pytest.mark.shows("VirtualGatewaySpec.backendDefaults")
@pytest.mark.shows(
    "VirtualGatewayBackendDefaults.clientPolicy",
    "VirtualGatewayClientPolicy.tls",
    "VirtualGatewayClientPolicyTls.validation",
    "VirtualGatewayClientPolicyTls.enforce",
    "VirtualGatewayClientPolicyTls.ports",
    "VirtualGatewayTlsValidationContext.trust",
    "VirtualGatewayTlsValidationContextTrust.file",
    "VirtualGatewayTlsValidationContextFileTrust.certificateChain",
)
async def test_a_gateway_calls_as_its_policy_says(tls: TlsStage, files: Files) -> None:
    ours, others = files.trust(OURS), files.trust(OTHERS)
    await tls.stage.show(through(gate(by_default=policy(ours, enforce=True)), files.blue()))
    assert await is_answered(tls)
    assert await tls.handshakes() > 0
    await tls.stage.show(through(gate(by_default=policy(others)), files.blue()))
    assert not await is_answered(tls)
    await tls.stage.show(through(gate(by_default=policy(others, ports=[1])), files.blue()))
    assert await is_answered(tls)
    await tls.stage.show(through(gate(by_default=policy(ours))))
    assert not await is_answered(tls)
    await tls.stage.show(through(gate(by_default=policy(ours, enforce=False))))
    assert await is_answered(tls)


@pytest.mark.shows(
    "VirtualGatewayTlsValidationContextTrust.acm",
    "VirtualGatewayTlsValidationContextAcmTrust.certificateAuthorityArns",
)
async def test_a_gateway_trusts_the_authorities_of_its_arns(tls: TlsStage, files: Files) -> None:
    trust = {"acm": {"certificateAuthorityArns": [AUTHORITY_ARN]}}
    await tls.stage.show(through(gate(by_default=policy(trust)), files.blue()))
    assert not await is_answered(tls)
    tls.stage.plane.reconciler.surround(Surroundings(trust={AUTHORITY_ARN: OURS.root}))
    await eventually(lambda: is_answered(tls), "the root arrives")


@pytest.mark.shows(
    "VirtualGatewayClientPolicyTls.certificate",
    "VirtualGatewayClientTlsCertificate.file",
    "VirtualGatewayClientTlsCertificate.sds",
    "VirtualGatewayTlsValidationContext.subjectAlternativeNames",
    "VirtualGatewayTlsValidationContextTrust.sds",
    "VirtualGatewayTlsValidationContextSdsTrust.secretName",
)
@pytest.mark.parametrize("source", ["file", "sds"])
async def test_a_gateway_shows_its_own_certificate_to_what_it_calls(
    tls: TlsStage, files: Files, source: str
) -> None:
    own = OURS.issue("spiffe://shop/gate")
    await tls.stage.secrets.show("gate", own)
    await tls.stage.secrets.trust("roots", OURS.root)
    shown = files.certificate("gate", own) if source == "file" else {"sds": {"secretName": "gate"}}
    server = files.certificate("blue", OURS.issue("spiffe://shop/blue"))
    mutual = serving(server, trust=files.trust(OURS), names=["spiffe://shop/gate"])
    roots: Spec = {"sds": {"secretName": "roots"}}
    calls = policy(roots, ["spiffe://shop/blue"], certificate=shown)
    await tls.stage.show(through(gate(by_default=calls), mutual))
    assert await is_answered(tls)
    await tls.stage.show(through(gate(by_default=policy(roots, ["spiffe://shop/blue"])), mutual))
    assert not await is_answered(tls)
