"""What a running server tells of certificates."""

import time
from pathlib import Path

from tests.support.access_keys import gossamer
from tests.support.control_plane import running_control_plane


def test_certificates_of_the_local_authority_are_told_and_who_uses_them(tmp_path: Path) -> None:
    data = tmp_path / "data"
    authority = gossamer("ca", "create", "shop", data=data).stdout.split()[-1]
    issued = gossamer("ca", "issue", "back.shop", data=data).stdout.split()[-1]
    tls = {"mode": "STRICT", "certificate": {"acm": {"certificateArn": issued}}}
    listener = {"portMapping": {"port": 8080, "protocol": "http"}, "tls": tls}
    with running_control_plane(tmp_path) as plane:
        client = plane.client()
        client.create_mesh(meshName="shop")
        client.create_virtual_node(
            meshName="shop",
            virtualNodeName="back",
            spec={"listeners": [listener], "serviceDiscovery": {"dns": {"hostname": "back.shop"}}},
        )
        deadline = time.monotonic() + 90
        while True:
            found = plane.get("/gossamer/v1/certificates")["certificates"]
            told = {one["arn"]: one["usedBy"] for one in found}
            if told == {issued: ["shop/virtualNode/back"], authority: []}:
                break
            assert time.monotonic() < deadline, found
            time.sleep(0.1)
    # The certificate ends long before its authority.
    assert [one["arn"] for one in found] == [issued, authority]
    assert found[0]["sans"] == ["back.shop"]
    assert found[0]["issuer"] == found[1]["subject"]
