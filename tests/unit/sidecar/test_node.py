from typing import Any

from gossamer.sidecar.facts import NO_FACTS, Facts
from gossamer.sidecar.node import node, node_settings
from gossamer.sidecar.variable import Reader


def told(facts: Facts = NO_FACTS, /, **variables: str) -> Any:
    """What a node tells the control plane."""
    environ = {"APPMESH_RESOURCE_ARN": "mesh/m/virtualNode/n", **variables}
    return node(node_settings(Reader(environ), is_needed=True), facts, {}, {})


def test_a_task_tells_of_itself_and_of_its_machine() -> None:
    facts = Facts(ecs={"ecsTaskArn": "arn:task"}, zone="us-west-2d", ip_families="ALL")
    metadata = told(facts, ECS_CONTAINER_INSTANCE_ARN="arn:instance")["metadata"]
    assert metadata["aws.appmesh.platformInfo"] == {
        "ecsPlatformInfo": {"ecsTaskArn": "arn:task", "ecsContainerInstanceArn": "arn:instance"},
        "AvailabilityZone": "us-west-2d",
        "supportedIPFamilies": "ALL",
    }


def test_outside_of_ecs_there_is_no_task_to_tell_of() -> None:
    metadata = told(ECS_CONTAINER_INSTANCE_ARN="arn:instance")["metadata"]
    assert "aws.appmesh.platformInfo" not in metadata


def test_a_pod_is_told_of_when_all_three_of_its_variables_are_there() -> None:
    two = {"APPMESH_PLATFORM_K8S_VERSION": "v1.30", "APPMESH_PLATFORM_K8S_POD_UID": "f906"}
    assert "aws.appmesh.platformInfo" not in told(NO_FACTS, **two)["metadata"]
    three = told(NO_FACTS, **two, APPMESH_PLATFORM_APP_MESH_CONTROLLER_VERSION="v1.13")
    assert three["metadata"]["aws.appmesh.platformInfo"]["k8sPlatformInfo"]["podUid"] == "f906"


def test_the_zone_that_an_operator_names_wins_over_the_platforms() -> None:
    facts = Facts(region="us-west-2", zone_id="usw2-az1")
    assert told(facts)["locality"] == {"region": "us-west-2", "zone": "usw2-az1"}
    own = told(facts, GOSSAMER_AVAILABILITY_ZONE_ID="euw1-az2", AWS_REGION="eu-west-1")
    assert own["locality"] == {"region": "eu-west-1", "zone": "euw1-az2"}


def test_a_zone_without_an_id_is_no_locality() -> None:
    assert "locality" not in told(Facts(zone="us-west-2d"))


def test_interfaces_are_told_by_family() -> None:
    facts = Facts(interfaces_v4={"eth0": ("10.0.0.5/24",)})
    assert told(facts)["metadata"]["aws.appmesh.task.interfaces"] == {"ipv4": {"eth0": ["10.0.0.5/24"]}}


def test_the_agent_says_which_it_is() -> None:
    assert told(Facts(agent="1.2.3"))["metadata"]["gossamer.agent"] == {"version": "1.2.3"}
    assert "gossamer.agent" not in told()["metadata"]
