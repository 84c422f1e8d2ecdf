"""ARNs, read back."""

import pytest

from gossamer.errors import InvalidSpec
from gossamer.model.arn import read_arn
from gossamer.model.kind import Kind, Ref

ACCOUNT, OTHER = "123456789012", "999999999999"

REFS = [
    Ref(ACCOUNT, "m", Kind.MESH, "m"),
    Ref(ACCOUNT, "m", Kind.VIRTUAL_NODE, "n"),
    Ref(ACCOUNT, "m", Kind.VIRTUAL_ROUTER, "r"),
    Ref(ACCOUNT, "m", Kind.ROUTE, "x", "r"),
    Ref(ACCOUNT, "m", Kind.VIRTUAL_SERVICE, "b.local:80@c"),
    Ref(ACCOUNT, "m", Kind.VIRTUAL_GATEWAY, "g"),
    Ref(ACCOUNT, "m", Kind.GATEWAY_ROUTE, "x", "g"),
]


@pytest.mark.parametrize("owner", [ACCOUNT, OTHER])
@pytest.mark.parametrize("ref", REFS, ids=lambda ref: ref.kind.value)
def test_the_arn_of_a_resource_names_it_and_its_owner(ref: Ref, owner: str) -> None:
    found = read_arn("resourceArn", ref.arn("eu-west-1", owner))
    assert (found.ref, found.region, found.owner) == (ref, "eu-west-1", owner)


@pytest.mark.parametrize(
    ("region", "partition"),
    [("us-west-2", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov"), ("local", "aws")],
)
def test_a_region_tells_the_partition(region: str, partition: str) -> None:
    assert REFS[0].arn(region, ACCOUNT) == f"arn:{partition}:appmesh:{region}:{ACCOUNT}:mesh/m"


def test_a_mesh_without_its_owner_is_one_of_the_arns_account() -> None:
    found = read_arn("resourceArn", f"arn:aws-cn:appmesh:cn-north-1:{OTHER}:mesh/m/virtualNode/n")
    assert (found.ref.account, found.owner) == (OTHER, OTHER)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "mesh/",
        "mesh/m/",
        "mesh/m@1",
        "mesh/m/virtualNode",
        "mesh/m/virtualNode/",
        "mesh/m/virtualnode/n",
        "mesh/m/route/x",
        "mesh/m/virtualNode/n/route/x",
        "mesh/m/virtualRouter/r/gatewayRoute/x",
        "mesh/m/mesh/m",
        "virtualNode/n",
    ],
)
def test_what_no_resource_has_is_refused_with_the_form(path: str) -> None:
    with pytest.raises(InvalidSpec, match=r"resourceArn: must be the ARN of a mesh or of something in it"):
        read_arn("resourceArn", f"arn:aws:appmesh:us-west-2:{ACCOUNT}:{path}")


@pytest.mark.parametrize(
    "text", ["", "m", "arn:aws:ecs:us-west-2:123456789012:mesh/m", "arn:aws:appmesh:us-west-2:1:mesh/m"]
)
def test_what_is_no_arn_of_app_mesh_is_refused(text: str) -> None:
    with pytest.raises(InvalidSpec):
        read_arn("resourceArn", text)
