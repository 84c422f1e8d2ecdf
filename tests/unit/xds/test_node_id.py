import pytest

from gossamer.xds.node_id import NodeId, UnknownNode, node_id


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mesh/m/virtualNode/n", NodeId("m", "virtualNode", "n")),
        ("mesh/m/virtualGateway/g", NodeId("m", "virtualGateway", "g")),
        ("mesh/m@111111111111/virtualNode/n", NodeId("m", "virtualNode", "n", "111111111111")),
        (
            "arn:aws:appmesh:us-west-2:222222222222:mesh/m/virtualNode/n",
            NodeId("m", "virtualNode", "n", "222222222222"),
        ),
        (
            "arn:aws-cn:appmesh-preview:cn-north-1:222222222222:mesh/m@111111111111/virtualNode/n",
            NodeId("m", "virtualNode", "n", "111111111111"),
        ),
    ],
)
def test_every_form_of_a_node_id_is_read(text: str, expected: NodeId) -> None:
    assert node_id(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "n",
        "mesh/m",
        "mesh/m/virtualNode/",
        "mesh/m/route/r",
        "mesh/a/b/virtualNode/n",
        "mesh/m/virtualNode/n\0",
    ],
)
def test_anything_else_is_told_the_two_forms(text: str) -> None:
    with pytest.raises(UnknownNode, match="mesh/MESH/virtualNode/NAME"):
        node_id(text)
