"""A caller of the preview API may do through it what they may do today, and no more."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.support.access_keys import Key, new_key
from tests.support.control_plane import ControlPlane, running_control_plane
from tests.support.preview import VERSION

ROUTERS = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": ["appmesh:*VirtualRouter"], "Resource": "*"},
        {"Effect": "Allow", "Action": ["appmesh:CreateMesh"], "Resource": "*"},
    ],
}
PLACE = {"meshName": "m", "virtualRouterName": "r"}


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("plane")


@pytest.fixture(scope="module")
def keys(directory: Path) -> tuple[Key, Key]:
    """Made before the server starts, so that it is closed from its first call on."""
    data = directory / "data"
    return new_key(data, "AWSAppMeshFullAccess"), new_key(data, ROUTERS, name="routers")


@pytest.fixture(scope="module")
def plane(directory: Path, keys: tuple[Key, Key]) -> Iterator[ControlPlane]:
    assert keys
    with running_control_plane(directory) as found:
        yield found


def refused(call: Any, **arguments: Any) -> str:
    with pytest.raises(ClientError) as error:
        call(**arguments)
    assert error.value.response["Error"]["Code"] == "AccessDeniedException"
    return str(error.value)


def test_service_names_need_the_rights_of_virtual_services(
    plane: ControlPlane, keys: tuple[Key, Key]
) -> None:
    admin, routers = (key.client(plane.url, api_version=VERSION) for key in keys)
    routers.create_mesh(meshName="m")
    assert "appmesh:CreateVirtualService" in refused(
        routers.create_virtual_router, **PLACE, spec={"serviceNames": ["a.local"]}
    )
    routers.create_virtual_router(**PLACE, spec={})
    admin.update_virtual_router(**PLACE, spec={"serviceNames": ["a.local"]})
    assert "appmesh:DeleteVirtualService" in refused(routers.update_virtual_router, **PLACE, spec={})
    assert "appmesh:DeleteVirtualService" in refused(routers.delete_virtual_router, **PLACE)
    routers.update_virtual_router(**PLACE, spec={"serviceNames": ["a.local"]})
    assert "appmesh:ListMeshes" in refused(routers.list_meshes)
    admin.delete_virtual_router(**PLACE)
