"""Certificates and trust of `gossamer ca`, named by ARN, on traffic; and rotation without a failure."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.support.answering import PORTS
from tests.support.envoy import eventually
from tests.support.load import repeating
from tests.support.local_ca import LocalCa, running_local_ca
from tests.support.stage_mesh import Spec
from tests.support.tls_mesh import OTHERS, OURS, Files, between, policy, serving
from tests.support.tls_stage import TlsStage, trusting


@pytest_asyncio.fixture(loop_scope="session")
async def ca(tls: TlsStage, tmp_path: Path) -> AsyncIterator[LocalCa]:
    async with running_local_ca(tls.stage.plane.reconciler, tmp_path) as found:
        yield found


def of_acm(arn: str) -> Spec:
    return {"acm": {"certificateArn": arn}}


def trusting_arns(*arns: str) -> Spec:
    return policy({"acm": {"certificateAuthorityArns": list(arns)}})


@pytest.mark.shows(
    "ListenerTlsCertificate.acm", "TlsValidationContextTrust.acm", "ListenerTlsAcmCertificate.certificateArn"
)
async def test_what_the_authority_issues_is_shown_and_trusted_by_arn(tls: TlsStage, ca: LocalCa) -> None:
    authority = ca.run("create", "shop")
    certificate = ca.run("issue", "blue.test")
    assert authority.startswith("arn:aws:acm-pca:us-west-2:000000000000:certificate-authority/")
    assert certificate.startswith("arn:aws:acm:us-west-2:000000000000:certificate/")
    await tls.stage.show(between(serving(of_acm(certificate))))
    await eventually(tls.is_answered, "the certificate is known")
    assert await tls.is_encrypted()
    await tls.stage.show(between(serving(of_acm(certificate)), trusting_arns(authority)))
    await eventually(tls.is_answered, "the authority is known")
    other = ca.run("create", "another")
    await tls.stage.show(between(serving(of_acm(certificate)), trusting_arns(other)))
    await eventually(tls.is_refused, "only the other authority is trusted")


async def test_a_certificate_in_another_name_is_refused(tls: TlsStage, ca: LocalCa) -> None:
    authority = ca.run("create", "shop")
    await tls.stage.show(between(serving(of_acm(ca.run("issue", "green.test")))))
    any_name = ssl.create_default_context(cadata=ca.run("show", authority, "--output", "roots"))
    any_name.check_hostname = False

    async def is_shown() -> bool:
        return await tls.dial(any_name) is not None

    await eventually(is_shown, "the certificate")
    assert await tls.is_refused()


async def test_your_own_root_and_your_own_certificate_are_taken_in(
    tls: TlsStage, ca: LocalCa, files: Files
) -> None:
    chain, key = OURS.issue("blue.test").written(files.directory, "own")
    root = files.trust(OURS)["file"]["certificateChain"]
    certificate = ca.run("import", chain, "--key", key)
    authority = ca.run("import", root)
    await tls.stage.show(between(serving(of_acm(certificate)), trusting_arns(authority)))
    await eventually(tls.is_answered, "both are known")
    strangers, key = OTHERS.issue("blue.test").written(files.directory, "strange")
    ca.run("import", strangers, "--key", key, "--arn", certificate)

    async def is_replaced() -> bool:
        return await tls.dial(trusting(OTHERS)) is not None

    await eventually(is_replaced, "the certificate under the same ARN")


@pytest.mark.parametrize("what", ["certificate", "authority"])
async def test_rotation_fails_no_connection(tls: TlsStage, ca: LocalCa, what: str) -> None:
    """Each connection of the application is a handshake of its own, since TCP is not pooled."""
    arns = {
        "authority": ca.run("create", "shop"),
        "certificate": ca.run("issue", "blue.test"),
    }
    trust = trusting_arns(arns["authority"])
    await tls.stage.show(between(serving(of_acm(arns["certificate"])), trust, protocol="tcp"))
    await eventually(lambda: _answers(tls), "the certificate is known")
    before = ca.run("show", arns["certificate"], "--output", "pem")
    async with load(tls) as answers:
        words = ["--overlap", "2s"] if what == "authority" else []
        ca.run("rotate", arns[what], *words)

        async def is_over() -> bool:
            await asyncio.sleep(0.1)
            now = ca.run("show", arns["certificate"], "--output", "pem")
            roots = ca.run("show", arns["authority"], "--output", "roots")
            return now != before and roots.count("BEGIN") == 1

        await eventually(is_over, "a new certificate, and one root", within_s=60)
        seen = len(answers)
        while len(answers) < seen + 20:
            await asyncio.sleep(0.01)
    assert set(answers) == {"blue: hello"}
    root = ca.run("show", arns["authority"], "--output", "roots")
    assert await tls.dial(ssl.create_default_context(cadata=root), PORTS["tcp"]) is not None


async def _answers(tls: TlsStage) -> bool:
    return await tls.stage.front.tcp("orders.test", 80) == "blue: hello"


@contextlib.asynccontextmanager
async def load(tls: TlsStage) -> AsyncIterator[list[str]]:
    """Connections from front to blue, one after the other, and what each was answered."""
    answers: list[str] = []

    async def ask() -> None:
        answers.append(await tls.stage.front.tcp("orders.test", 80))

    async with repeating(ask, clients=4):
        yield answers
