"""TLS between two sidecars: who speaks it, what is checked, and that nothing is sent in the open instead.

Row by row the table of docs/explanation/tls.md.
"""

import pytest

from tests.support.envoy import eventually
from tests.support.tls_mesh import (
    ARN,
    AUTHORITY_ARN,
    OTHERS,
    OURS,
    Files,
    between,
    policy,
    serving,
    surroundings,
)
from tests.support.tls_stage import TlsStage

TAKES_TLS = pytest.mark.parametrize("mode", ["STRICT", "PERMISSIVE"])


@TAKES_TLS
@pytest.mark.shows(
    "ClientPolicyTls.enforce",
    "ListenerTls.mode",
    "TlsValidationContextFileTrust.certificateChain",
    "TlsValidationContextTrust.file",
    "TlsValidationContext.trust",
    "ClientPolicyTls.validation",
    "ListenerTls.certificate",
)
async def test_an_enforced_policy_speaks_tls_and_checks_what_it_says(
    tls: TlsStage, files: Files, mode: str
) -> None:
    await tls.stage.show(between(files.blue(mode), policy(files.trust(OURS), enforce=True)))
    assert await tls.is_encrypted()
    await tls.stage.show(between(files.blue(mode), policy(files.trust(OTHERS), enforce=True)))
    assert await tls.is_refused()


@pytest.mark.shows("ClientPolicyTls.enforce")
@pytest.mark.parametrize("mode", ["DISABLED", None])
async def test_an_enforced_policy_sends_nothing_in_the_open_where_no_tls_is_taken(
    tls: TlsStage, files: Files, mode: str | None
) -> None:
    taken = files.blue(mode) if mode is not None else None
    await tls.stage.show(between(taken, policy(files.trust(OURS))))
    assert await tls.is_refused()


@TAKES_TLS
@pytest.mark.shows("ClientPolicyTls.enforce")
async def test_a_policy_that_is_not_enforced_is_still_checked_where_tls_is_taken(
    tls: TlsStage, files: Files, mode: str
) -> None:
    await tls.stage.show(between(files.blue(mode), policy(files.trust(OURS), enforce=False)))
    assert await tls.is_encrypted()
    await tls.stage.show(between(files.blue(mode), policy(files.trust(OTHERS), enforce=False)))
    assert await tls.is_refused()


@pytest.mark.shows("ClientPolicyTls.enforce")
@pytest.mark.parametrize("mode", ["DISABLED", None])
async def test_a_policy_that_is_not_enforced_is_plain_text_where_no_tls_is_taken(
    tls: TlsStage, files: Files, mode: str | None
) -> None:
    taken = files.blue(mode) if mode is not None else None
    await tls.stage.show(between(taken, policy(files.trust(OURS), enforce=False)))
    assert not await tls.is_encrypted()


@TAKES_TLS
@pytest.mark.shows("ListenerTlsAcmCertificate.certificateArn")
async def test_without_a_policy_a_certificate_of_acm_is_checked_against_its_own_root(
    tls: TlsStage, mode: str
) -> None:
    certificate = OURS.issue("blue.test")
    tls.stage.plane.reconciler.surround(surroundings(certificate, OTHERS))
    await tls.stage.show(between(serving({"acm": {"certificateArn": ARN}}, mode)))
    assert await tls.is_refused()
    tls.stage.plane.reconciler.surround(surroundings(certificate, OURS))
    await eventually(tls.is_answered, "the root arrives")
    assert await tls.is_encrypted()


@TAKES_TLS
@pytest.mark.shows(
    "ListenerTlsCertificate.file",
    "ListenerTlsFileCertificate.certificateChain",
    "ListenerTlsFileCertificate.privateKey",
)
async def test_without_a_policy_a_certificate_in_files_is_not_checked(
    tls: TlsStage, files: Files, mode: str
) -> None:
    unheard_of = files.certificate("blue", OTHERS.issue("somebody.else"))
    await tls.stage.show(between(serving(unheard_of, mode)))
    assert await tls.is_encrypted()


@TAKES_TLS
@pytest.mark.shows("ListenerTlsCertificate.sds", "ListenerTlsSdsCertificate.secretName")
async def test_without_a_policy_a_certificate_of_secret_discovery_is_not_checked(
    tls: TlsStage, mode: str
) -> None:
    await tls.stage.secrets.show("blue", OTHERS.issue("somebody.else"))
    await tls.stage.show(between(serving({"sds": {"secretName": "blue"}}, mode)))
    assert await tls.is_encrypted()


@pytest.mark.shows("ListenerTls.mode", "Listener.tls")
async def test_without_policy_and_without_tls_it_is_plain_text(tls: TlsStage, files: Files) -> None:
    await tls.stage.show(between(None))
    assert not await tls.is_encrypted()
    await tls.stage.show(between(files.blue("DISABLED")))
    assert not await tls.is_encrypted()


@pytest.mark.shows("ClientPolicyTls.ports")
async def test_a_policy_counts_on_its_ports_alone(tls: TlsStage, files: Files) -> None:
    distrustful = policy(files.trust(OTHERS), ports=[8080])
    await tls.stage.show(between(files.blue(), distrustful))
    assert await tls.is_refused()
    elsewhere = policy(files.trust(OTHERS), ports=[1, 65535])
    await tls.stage.show(between(files.blue(), elsewhere))
    assert await tls.is_encrypted()


@pytest.mark.shows("VirtualServiceBackend.clientPolicy", "BackendDefaults.clientPolicy", "ClientPolicy.tls")
@pytest.mark.shows("VirtualNodeSpec.backendDefaults")
async def test_a_backends_own_policy_takes_the_place_of_the_default(tls: TlsStage, files: Files) -> None:
    good, bad = policy(files.trust(OURS)), policy(files.trust(OTHERS))
    await tls.stage.show(between(files.blue(), by_default=bad, own=good))
    assert await tls.is_encrypted()
    await tls.stage.show(between(files.blue(), by_default=good, own=bad))
    assert await tls.is_refused()


@pytest.mark.shows("TlsValidationContextAcmTrust.certificateAuthorityArns")
async def test_a_policy_trusts_the_authorities_of_its_arns(tls: TlsStage, files: Files) -> None:
    trust = {"acm": {"certificateAuthorityArns": [AUTHORITY_ARN]}}
    tls.stage.plane.reconciler.surround(surroundings(OURS.issue("blue.test"), OTHERS))
    await tls.stage.show(between(files.blue(), policy(trust)))
    assert await tls.is_refused()
    tls.stage.plane.reconciler.surround(surroundings(OURS.issue("blue.test"), OURS))
    await eventually(tls.is_answered, "the root arrives")


async def test_an_authority_that_nobody_knows_cuts_off_instead_of_trusting_all(
    tls: TlsStage, files: Files
) -> None:
    trust = {"acm": {"certificateAuthorityArns": [AUTHORITY_ARN]}}
    await tls.stage.show(between(files.blue(), policy(trust)))
    assert await tls.is_refused()


async def test_a_certificate_that_nobody_knows_shuts_the_port_instead_of_opening_it(tls: TlsStage) -> None:
    await tls.stage.show(between(serving({"acm": {"certificateArn": ARN}})))
    assert await tls.is_refused()
    assert await tls.stage.outside.tcp("blue.test", 8080, b"GET / HTTP/1.1\r\nhost: blue\r\n\r\n") in (
        "closed",
        "ConnectionResetError",
    )
