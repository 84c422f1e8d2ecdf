"""A real boto3 client and the labels of every kind."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.control_plane import ACCOUNT, ControlPlane, running_control_plane

HTTP = {"listeners": [{"portMapping": {"port": 80, "protocol": "http"}}]}
TARGET = {"action": {"weightedTargets": [{"virtualNode": "n", "weight": 1}]}}
SERVICE = {"action": {"target": {"virtualService": {"virtualServiceName": "s.local"}}}}
MADE: list[tuple[str, dict[str, Any], Any]] = [
    ("mesh", {"meshName": "m"}, None),
    ("virtual_node", {"virtualNodeName": "n"}, {}),
    ("virtual_router", {"virtualRouterName": "r"}, HTTP),
    ("route", {"virtualRouterName": "r", "routeName": "x"}, {"httpRoute": {"match": {}, **TARGET}}),
    ("virtual_service", {"virtualServiceName": "s.local"}, {}),
    ("virtual_gateway", {"virtualGatewayName": "g"}, HTTP),
    (
        "gateway_route",
        {"virtualGatewayName": "g", "gatewayRouteName": "x"},
        {"httpRoute": {"match": {}, **SERVICE}},
    ),
]


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    with running_control_plane(tmp_path_factory.mktemp("plane")) as found:
        yield found


@pytest.fixture(scope="module")
def client(plane: ControlPlane) -> Any:
    return plane.client()


@pytest.fixture(scope="module")
def arns(client: Any) -> dict[str, str]:
    """The ARN of one resource of each kind, made with one label."""
    found = {}
    for kind, names, spec in MADE:
        given: dict[str, Any] = {"meshName": "m", **names, "tags": [{"key": "made", "value": kind}]}
        given |= {} if spec is None else {"spec": spec}
        (data,) = (
            value for value in getattr(client, f"create_{kind}")(**given).values() if "metadata" in value
        )
        found[kind] = data["metadata"]["arn"]
    return found


def tags(client: Any, arn: str) -> dict[str, str]:
    return {tag["key"]: tag["value"] for tag in client.list_tags_for_resource(resourceArn=arn)["tags"]}


@pytest.mark.parametrize("kind", [kind for kind, _, _ in MADE])
def test_a_resource_of_any_kind_is_labelled(client: Any, arns: dict[str, str], kind: str) -> None:
    arn = arns[kind]
    assert tags(client, arn) == {"made": kind}
    client.tag_resource(resourceArn=arn, tags=[{"key": "made", "value": "ü"}, {"key": "b", "value": ""}])
    assert tags(client, arn) == {"made": "ü", "b": ""}
    client.untag_resource(resourceArn=arn, tagKeys=["b", "c"])
    client.tag_resource(resourceArn=arn, tags=[{"key": "made", "value": kind}])
    assert tags(client, arn) == {"made": kind}
    with_owner = arn.replace("mesh/m", f"mesh/m@{ACCOUNT}")
    assert tags(client, with_owner) == {"made": kind}


def test_a_paginator_walks_all_labels_by_name(client: Any) -> None:
    arn = client.create_mesh(meshName="many", tags=[{"key": one, "value": one} for one in "cab"])["mesh"][
        "metadata"
    ]["arn"]
    paginator = client.get_paginator("list_tags_for_resource")
    pages = paginator.paginate(resourceArn=arn, PaginationConfig={"PageSize": 1})
    assert [tag["key"] for page in pages for tag in page["tags"]] == ["a", "b", "c"]
    token = client.list_tags_for_resource(resourceArn=arn, limit=1)["nextToken"]
    other = client.create_mesh(meshName="other")["mesh"]["metadata"]["arn"]
    with pytest.raises(client.exceptions.BadRequestException, match="nextToken"):
        client.list_tags_for_resource(resourceArn=other, nextToken=token)
    with pytest.raises(client.exceptions.BadRequestException, match="limit: must be between 1 and 100"):
        client.list_tags_for_resource(resourceArn=arn, limit=101)


def test_too_many_labels_are_refused_and_none_is_kept(client: Any) -> None:
    many = [{"key": f"k{number}", "value": ""} for number in range(50)]
    arn = client.create_mesh(meshName="full", tags=many)["mesh"]["metadata"]["arn"]
    with pytest.raises(client.exceptions.TooManyTagsException):
        client.tag_resource(resourceArn=arn, tags=[{"key": "k1", "value": "x"}, {"key": "new", "value": ""}])
    assert tags(client, arn)["k1"] == ""
    with pytest.raises(client.exceptions.BadRequestException, match="tags: must have at most 50 items"):
        client.tag_resource(resourceArn=arn, tags=[*many, {"key": "new", "value": ""}])


@pytest.mark.parametrize(
    ("tag", "sentence"),
    [
        ({"key": "aws:x", "value": ""}, r"tags\[0\].key: must not start with aws:"),
        ({"key": "k" * 129, "value": ""}, r"tags\[0\].key: must have 1 to 128 characters"),
        ({"key": "k", "value": "v" * 257}, r"tags\[0\].value: must have at most 256 characters"),
    ],
)
def test_a_label_that_no_resource_may_carry_is_refused(
    client: Any, arns: dict[str, str], tag: dict[str, str], sentence: str
) -> None:
    with pytest.raises(client.exceptions.BadRequestException, match=sentence):
        client.tag_resource(resourceArn=arns["mesh"], tags=[tag])


@pytest.mark.usefixtures("arns")
def test_an_arn_of_nothing_is_not_found_and_one_of_no_form_is_told_the_form(client: Any) -> None:
    for path in ("mesh/none", "mesh/m/virtualNode/none", f"mesh/m@{ACCOUNT}/virtualNode/none"):
        arn = f"arn:aws:appmesh:us-west-2:{ACCOUNT}:{path}"
        with pytest.raises(client.exceptions.NotFoundException, match="none is not present"):
            client.tag_resource(resourceArn=arn, tags=[])
    with pytest.raises(client.exceptions.BadRequestException, match="must be the ARN of a mesh"):
        client.untag_resource(resourceArn="m", tagKeys=[])
    abroad = f"arn:aws:appmesh:eu-west-1:{ACCOUNT}:mesh/m"
    with pytest.raises(client.exceptions.BadRequestException, match="must be of region us-west-2"):
        client.list_tags_for_resource(resourceArn=abroad)


def test_the_labels_of_what_another_account_owns_are_not_there(client: Any, arns: dict[str, str]) -> None:
    with pytest.raises(client.exceptions.NotFoundException):
        client.list_tags_for_resource(resourceArn=arns["mesh"].replace(ACCOUNT, "9" * 12))
    arn = arns["virtual_node"].replace(ACCOUNT, "9" * 12).replace("mesh/m", f"mesh/m@{ACCOUNT}")
    with pytest.raises(client.exceptions.NotFoundException):
        client.list_tags_for_resource(resourceArn=arn)
