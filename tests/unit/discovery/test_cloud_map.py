"""What Cloud Map is asked, and what is made of its answers; over HTTP tests/behaviour shows it."""

from typing import Any

import pytest

from gossamer.aws import Refused
from gossamer.discovery.cloud_map import LIST_EVERY, CloudMap
from gossamer.errors import Unavailable
from gossamer.mesh.surroundings import CloudMapService, Instance

ORDERS = CloudMapService("shop.local", "orders", (("stage", "live"),))


class Aws:
    """Answers from what it was given, and notes what it was asked."""

    def __init__(self, *listed: dict[str, Any]) -> None:
        self.listed: list[dict[str, Any]] = list(listed)
        self.revision = 1
        self.refusal: Exception | None = None
        self.tells_revisions = True
        self.asked: list[str] = []

    async def __call__(self, operation: str, **asked: object) -> dict[str, object]:
        self.asked.append(operation)
        assert (asked["NamespaceName"], asked["ServiceName"]) == ("shop.local", "orders")
        if self.refusal is not None:
            raise self.refusal
        if operation == "discover_instances_revision":
            if not self.tells_revisions:
                raise Refused("UnknownOperationException", "no such operation")
            return {"InstancesRevision": self.revision}
        assert asked["QueryParameters"] == {"stage": "live"}
        return {"Instances": self.listed, "InstancesRevision": self.revision}


def instance(health: str = "HEALTHY", **attributes: str) -> dict[str, Any]:
    return {"InstanceId": "i", "HealthStatus": health, "Attributes": attributes}


async def test_instances_are_listed_again_when_their_revision_moves_and_now_and_then() -> None:
    aws = Aws(instance(AWS_INSTANCE_IPV4="10.0.0.1"))
    source = CloudMap(aws)
    for _ in range(LIST_EVERY + 1):
        assert await source.instances(ORDERS) == (Instance("10.0.0.1"),)
    looks = ["discover_instances_revision"] * (LIST_EVERY - 1)
    assert aws.asked == ["discover_instances", *looks, "discover_instances"]
    aws.asked.clear()
    aws.revision, aws.listed = 2, []
    assert await source.instances(ORDERS) == ()
    assert aws.asked == ["discover_instances_revision", "discover_instances"]


async def test_a_service_that_tells_no_revision_is_listed_every_time() -> None:
    aws = Aws(instance(AWS_INSTANCE_IPV4="10.0.0.1"))
    aws.tells_revisions = False
    source = CloudMap(aws)
    for _ in range(4):
        await source.instances(ORDERS)
    assert aws.asked.count("discover_instances") == 4
    assert aws.asked.count("discover_instances_revision") == 1


async def test_what_is_unwell_or_has_no_address_is_left_out_and_what_has_no_health_is_not() -> None:
    aws = Aws(
        instance("UNHEALTHY", AWS_INSTANCE_IPV4="10.0.0.1"),
        instance("UNKNOWN", AWS_INSTANCE_IPV4="10.0.0.2", AWS_INSTANCE_IPV6="fd00::2"),
        instance(AWS_INSTANCE_CNAME="elsewhere.local"),
        instance(AWS_INSTANCE_IPV4="not an address"),
        instance(AWS_INSTANCE_IPV4="fd00::3"),
    )
    assert await CloudMap(aws).instances(ORDERS) == (Instance("10.0.0.2", "fd00::2"),)


@pytest.mark.parametrize("code", ["NamespaceNotFound", "ServiceNotFound"])
async def test_a_service_that_is_not_there_has_no_instances(code: str) -> None:
    aws = Aws()
    aws.refusal = Refused(code, "no such thing")
    assert await CloudMap(aws).instances(ORDERS) == ()


async def test_any_other_refusal_is_no_answer() -> None:
    aws = Aws()
    aws.refusal = Refused("AccessDeniedException", "you may not")
    with pytest.raises(Unavailable, match="you may not"):
        await CloudMap(aws).instances(ORDERS)
