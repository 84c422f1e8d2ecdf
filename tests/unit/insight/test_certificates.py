"""Certificates as they are told: whose, until when, and who uses them."""

import datetime

from gossamer.certs import pem
from gossamer.clock import iso
from gossamer.insight.certificates import known, served, users
from gossamer.mesh.snapshot import Mesh
from gossamer.mesh.surroundings import Certificate, Surroundings
from gossamer.model.kind import Kind, MeshKey, Ref
from tests.support.meshes import revision

NOW = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
DAY = datetime.timedelta(days=1)
ACCOUNT, OTHER = "000000000000", "222222222222"
ROOT = pem.root("Shop", NOW, 100 * DAY)
LEAF = pem.leaf(["back.shop", "10.0.0.1"], pem.Issuer(ROOT.certificate, ROOT.key), NOW, 10 * DAY)
LEAF_ARN = f"arn:aws:acm:us-west-2:{ACCOUNT}:certificate/1"
ROOT_ARN = f"arn:aws:acm-pca:us-west-2:{ACCOUNT}:certificate-authority/1"
OTHER_ARN = f"arn:aws:acm:us-west-2:{OTHER}:certificate/2"
SURROUNDINGS = Surroundings(
    certificates={arn: Certificate(LEAF.certificate, LEAF.key) for arn in (LEAF_ARN, OTHER_ARN)},
    trust={ROOT_ARN: pem.joined(ROOT.certificate, ROOT.certificate), LEAF_ARN: ROOT.certificate},
)


def mesh() -> Mesh:
    tls = {"mode": "STRICT", "certificate": {"acm": {"certificateArn": LEAF_ARN}}}
    spec = {
        "listeners": [{"portMapping": {"port": 8080, "protocol": "http"}, "tls": tls}],
        "serviceDiscovery": {"dns": {"hostname": "back.shop"}},
    }
    ref = Ref(ACCOUNT, "shop", Kind.VIRTUAL_NODE, "back")
    return Mesh(MeshKey(ACCOUNT, "shop")).amended([(ref, revision(ref, ref.kind, spec))])


def test_a_certificate_tells_what_it_is_for_and_who_names_it() -> None:
    found = {one["arn"]: one for one in known(SURROUNDINGS, users([mesh()]), ACCOUNT)}
    assert found[LEAF_ARN] == {
        "arn": LEAF_ARN,
        "subject": "back.shop",
        "sans": ["back.shop", "10.0.0.1"],
        "issuer": "Shop",
        "notBefore": iso(NOW - pem.SKEW),
        "notAfter": iso(NOW + 10 * DAY),
        "usedBy": ["shop/virtualNode/back"],
    }
    assert "PRIVATE" not in str(found)


def test_an_authority_is_told_once_for_each_root_and_a_leafs_trust_is_none() -> None:
    found = [str(one["arn"]) for one in known(SURROUNDINGS, {}, ACCOUNT)]
    assert sorted(found) == sorted([LEAF_ARN, ROOT_ARN, ROOT_ARN])


def test_another_accounts_certificates_are_its_own() -> None:
    assert [one["arn"] for one in known(SURROUNDINGS, {}, OTHER)] == [OTHER_ARN]
    assert OTHER_ARN in [one["arn"] for one in known(SURROUNDINGS, {})]


def test_the_servers_own_certificates_are_told_by_their_file() -> None:
    (found,) = served([("/etc/tls/api.pem", LEAF.certificate)])
    assert (found["name"], found["notAfter"]) == ("/etc/tls/api.pem", iso(NOW + 10 * DAY))
