"""Certificates of ACM and authorities of ACM PCA, by the real APIs, which moto's server answers over HTTP."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from moto.moto_api._internal.models import moto_api_backend
from moto.server import ThreadedMotoServer

from gossamer.aws import Access, asking
from gossamer.certs import pem
from gossamer.certs.acm import Acm
from gossamer.errors import Unavailable

pytestmark = pytest.mark.e2e

REGION = "us-west-2"
UNKNOWN = f"arn:aws:acm:{REGION}:123456789012:certificate/00000000-0000-0000-0000-000000000000"
UNKNOWN_AUTHORITY = f"arn:aws:acm-pca:{REGION}:123456789012:certificate-authority/nothing"


@dataclass(frozen=True)
class Aws:
    """An account with one authority and one certificate of it."""

    url: str
    authority: str
    certificate: str
    root: str
    server: ThreadedMotoServer


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Aws]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "id")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    moto_api_backend.reset()
    pca, acm = (boto3.client(one, endpoint_url=url, region_name=REGION) for one in ("acm-pca", "acm"))
    authority, root = _authority(pca)
    certificate = acm.request_certificate(DomainName="blue.test", CertificateAuthorityArn=authority)
    yield Aws(url, authority, certificate["CertificateArn"], root, server)
    for client in (pca, acm):
        client._endpoint.http_session.close()
    server.stop()


def _authority(pca: Any) -> tuple[str, str]:
    """A root that signs itself, as the API's own steps make one."""
    subject = {"CommonName": "shop"}
    configuration = {
        "KeyAlgorithm": "RSA_2048",
        "SigningAlgorithm": "SHA256WITHRSA",
        "Subject": subject,
    }
    arn = pca.create_certificate_authority(
        CertificateAuthorityConfiguration=configuration, CertificateAuthorityType="ROOT"
    )["CertificateAuthorityArn"]
    request = pca.get_certificate_authority_csr(CertificateAuthorityArn=arn)["Csr"]
    issued = pca.issue_certificate(
        CertificateAuthorityArn=arn,
        Csr=request.encode(),
        SigningAlgorithm="SHA256WITHRSA",
        TemplateArn="arn:aws:acm-pca:::template/RootCACertificate/V1",
        Validity={"Type": "YEARS", "Value": 10},
    )["CertificateArn"]
    root = pca.get_certificate(CertificateAuthorityArn=arn, CertificateArn=issued)["Certificate"]
    pca.import_certificate_authority_certificate(CertificateAuthorityArn=arn, Certificate=root.encode())
    return arn, root


@pytest.fixture
async def source(aws: Aws) -> AsyncIterator[Acm]:
    access = Access(REGION, "", aws.url)
    async with asking("acm", access) as acm, asking("acm-pca", access) as pca:
        yield Acm(acm, pca)


async def test_a_certificate_comes_with_a_key_that_is_its_own(aws: Aws, source: Acm) -> None:
    found = await source.certificate(aws.certificate)
    assert found is not None
    pem.check_pair(found.chain, found.key)
    assert "ENCRYPTED" not in found.key
    assert "blue.test" in pem.facts(found.chain).names


async def test_an_authority_is_trusted_by_its_own_certificate_and_what_it_issued_through_it(
    aws: Aws, source: Acm
) -> None:
    assert await source.trust(aws.authority) == pem.joined(aws.root)
    assert await source.trust(aws.certificate) == pem.joined(aws.root)


async def test_what_is_not_there_is_known_not_to_be(source: Acm) -> None:
    assert await source.certificate(UNKNOWN) is None
    assert await source.trust(UNKNOWN) is None
    assert await source.trust(UNKNOWN_AUTHORITY) is None


async def test_when_nobody_answers_that_is_told_and_nothing_concluded(aws: Aws, source: Acm) -> None:
    aws.server.stop()
    with pytest.raises(Unavailable, match="AWS does not answer"):
        await source.certificate(aws.certificate)
