"""What is missing outside of a mesh is told in sentences that name it."""

from typing import Any

from gossamer.mesh.problems import problems
from gossamer.mesh.surroundings import Certificate, CloudMapService, Instance, Surroundings
from tests.support.goldens import mesh_of

CERTIFICATE = "arn:aws:acm:us-west-2:123456789012:certificate/blue"
AUTHORITY = "arn:aws:acm-pca:us-west-2:123456789012:certificate-authority/a"
SECOND = "arn:aws:acm-pca:us-west-2:123456789012:certificate-authority/b"
ACM = {"mode": "STRICT", "certificate": {"acm": {"certificateArn": CERTIFICATE}}}


def told(
    surroundings: Surroundings,
    *,
    tls: dict[str, Any] | None = None,
    trust: list[str] | None = None,
    discovery: dict[str, Any] | None = None,
) -> list[str]:
    """The problems of a mesh in which front calls blue."""
    front: dict[str, Any] = {"backends": [{"virtualService": {"virtualServiceName": "blue.test"}}]}
    if trust is not None:
        validation = {"trust": {"acm": {"certificateAuthorityArns": trust}}}
        front["backendDefaults"] = {"clientPolicy": {"tls": {"validation": validation}}}
    listener = {"portMapping": {"port": 8080, "protocol": "http"}, **({"tls": tls} if tls else {})}
    blue = {
        "listeners": [listener],
        "serviceDiscovery": discovery or {"dns": {"hostname": "blue.test"}},
    }
    services = {"blue.test": {"provider": {"virtualNode": {"virtualNodeName": "blue"}}}}
    mesh = mesh_of({"nodes": {"front": front, "blue": blue}, "services": services})
    return [f"{one.ref.name}: {one.why}" for one in problems(mesh, surroundings)]


def test_a_certificate_that_nobody_knows_is_told_at_both_ends() -> None:
    assert told(Surroundings(), tls=ACM) == [
        f"blue: nobody knows certificate {CERTIFICATE}, so port 8080 takes no TLS connection",
        (
            f"front: nobody knows {CERTIFICATE}, which port 8080 of virtual node blue is trusted by: "
            "nothing is sent there"
        ),
    ]


def test_nothing_is_told_while_nobody_has_looked_yet() -> None:
    assert told(Surroundings(is_complete=False), tls=ACM) == []


def test_of_several_authorities_the_known_ones_count() -> None:
    known = Surroundings({}, {CERTIFICATE: Certificate("", "")}, {AUTHORITY: "root"})
    assert told(known, tls=ACM, trust=[AUTHORITY, SECOND]) == [
        (
            f"front: nobody knows {SECOND}, which port 8080 of virtual node blue is trusted by: "
            "only the others are trusted"
        )
    ]


def test_tls_that_is_enforced_towards_plain_text_is_told() -> None:
    assert told(Surroundings({}, {}, {AUTHORITY: "root"}), trust=[AUTHORITY]) == [
        (
            "front: the client policy enforces TLS, and port 8080 of virtual node blue takes none: "
            "requests to it are answered 503"
        )
    ]


def test_doubts_about_a_certificate_are_told() -> None:
    known = Surroundings(
        {}, {CERTIFICATE: Certificate("", "")}, {CERTIFICATE: "root"}, doubts={CERTIFICATE: "expired"}
    )
    assert told(known, tls=ACM)[0] == f"blue: certificate {CERTIFICATE} of port 8080: expired"


CLOUD_MAP = {"awsCloudMap": {"namespaceName": "shop.local", "serviceName": "blue"}}
BLUE = CloudMapService("shop.local", "blue")


def test_cloud_map_without_a_source_without_instances_and_away() -> None:
    nobody = Surroundings(has_cloud_map=False)
    empty = Surroundings(instances={BLUE: ()})
    away = Surroundings(instances={BLUE: (Instance("10.0.0.1"),)}, doubts={BLUE: "nobody answers"})
    fine = Surroundings(instances={BLUE: (Instance("10.0.0.1"),)})
    where = "port 8080 of virtual node blue"
    assert told(nobody, discovery=CLOUD_MAP) == [
        f"front: {where} is found through Cloud Map, which this server does not ask (--cloud-map)"
    ]
    assert told(empty, discovery=CLOUD_MAP) == [
        f"front: Cloud Map lists no instance of blue in shop.local for {where}"
    ]
    assert told(away, discovery=CLOUD_MAP) == [
        f"front: {where}: nobody answers; the endpoints that were known last are used"
    ]
    assert told(fine, discovery=CLOUD_MAP) == []
