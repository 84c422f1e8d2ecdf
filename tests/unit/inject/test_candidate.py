"""Which endpoint a pod is, by its labels."""

from typing import Any

import pytest

from gossamer.inject.candidate import Pod, candidates, choice
from gossamer.inject.document import Refused
from gossamer.inject.selector import is_selected


def resource(kind: str, name: str, **spec: Any) -> Any:
    metadata = {"name": name, "namespace": "shop"}
    return {"apiVersion": "appmesh.k8s.aws/v1beta2", "kind": kind, "metadata": metadata, "spec": spec}


def pod(**labels: str) -> Pod:
    return Pod({"metadata": {"name": "p", "labels": labels}}, "shop")


ALL: dict[str, Any] = {"podSelector": {}}


@pytest.mark.parametrize(
    ("selector", "is_so"),
    [
        ({}, True),
        ({"matchLabels": {"a": "1"}}, True),
        ({"matchLabels": {"a": "2"}}, False),
        ({"matchExpressions": [{"key": "a", "operator": "In", "values": ["1", "2"]}]}, True),
        ({"matchExpressions": [{"key": "b", "operator": "NotIn", "values": ["1"]}]}, True),
        ({"matchExpressions": [{"key": "a", "operator": "NotIn", "values": ["1"]}]}, False),
        ({"matchExpressions": [{"key": "a", "operator": "Exists"}]}, True),
        ({"matchExpressions": [{"key": "a", "operator": "DoesNotExist"}]}, False),
        ({"matchLabels": {"a": "1"}, "matchExpressions": [{"key": "b", "operator": "Exists"}]}, False),
    ],
)
def test_a_selector_takes_the_labels_that_hold_for_all_of_it(selector: Any, is_so: bool) -> None:  # noqa: FBT001
    assert is_selected({"a": "1"}, selector) is is_so


def test_an_unknown_operator_is_refused() -> None:
    with pytest.raises(Refused, match="operator is 'Like'"):
        is_selected({}, {"matchExpressions": [{"key": "a", "operator": "Like"}]})


def test_an_empty_selector_takes_all_pods_of_its_namespace_and_an_absent_one_none() -> None:
    (node, nobody) = candidates([resource("VirtualNode", "a", **ALL), resource("VirtualNode", "b")], mesh="m")
    assert node.is_of("shop", {"x": "y"})
    assert not node.is_of("other", {"x": "y"})
    assert not nobody.is_of("shop", {"x": "y"})


def test_a_mesh_of_another_account_carries_it_in_the_identity() -> None:
    mesh = {**resource("Mesh", "m", meshOwner="111122223333", awsName="Market")}
    node = resource("VirtualNode", "a", meshRef={"name": "m"})
    assert candidates([mesh, node])[0].who.identity == "mesh/Market@111122223333/virtualNode/a_shop"
    assert candidates([mesh, node], account="111122223333")[0].who.mesh == "Market"


def test_a_resource_without_a_mesh_is_no_candidate() -> None:
    several = [resource("Mesh", "m"), resource("Mesh", "n"), resource("VirtualNode", "a", **ALL)]
    assert candidates(several) == ()
    assert candidates(several, mesh="n")[0].who.mesh == "n"


def test_a_node_and_a_gateway_that_take_the_same_pod_are_refused() -> None:
    both = candidates([resource("VirtualNode", "a", **ALL), resource("VirtualGateway", "g", **ALL)], mesh="m")
    with pytest.raises(Refused) as refused:
        choice(pod(), both, "m", is_wanted=True)
    assert str(refused.value) == (
        "sidecarInject enabled for both virtualNode a and virtualGateway g on pod p. "
        "Please use podSelector on one"
    )


def test_the_pods_own_word_wins_over_its_namespaces() -> None:
    wanted = Pod({"metadata": {"annotations": {"appmesh.k8s.aws/sidecarInjectorWebhook": "ENABLED"}}}, "shop")
    with pytest.raises(Refused, match="no matching"):
        choice(wanted, (), "m", is_wanted=False)
    assert choice(pod(), (), "m", is_wanted=False) is None
