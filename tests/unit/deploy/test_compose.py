"""The compose file under deploy/compose: everything that it names is there."""

from pathlib import Path

import yaml

from gossamer.cli.aws_settings import PROFILE
from gossamer.cli.main import app
from gossamer.demo.layout import MEMBERS
from gossamer.sidecar.intercept.env import interception

FILE = Path(__file__).resolve().parents[3] / "deploy" / "compose" / "compose.yaml"
IMAGES = FILE.parents[1] / "images"
COMPOSE = yaml.safe_load(FILE.read_text())


def test_every_service_volume_and_image_that_is_named_is_there() -> None:
    services = COMPOSE["services"]
    for service in services.values():
        assert service.get("depends_on", {}).keys() <= services.keys()
        name = service["image"].removeprefix("localhost/gossamer/").removesuffix(":latest")
        assert (IMAGES / f"{name}.Containerfile").exists()
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert source in COMPOSE["volumes"] or (FILE.parent / source).is_dir()
        if network := service.get("network_mode"):
            assert network.removeprefix("service:") in service["depends_on"]


def test_the_control_plane_listens_to_the_name_that_sidecars_are_told() -> None:
    _, bound, _ = app.parse_args(COMPOSE["services"]["control-plane"]["command"])
    serving = bound.arguments["settings"]
    told = COMPOSE["services"]["serviceA-envoy"]["environment"]["APPMESH_XDS_ENDPOINT"]
    assert told == f"{serving.xds_names}:{serving.xds_port}"


def test_who_signs_looks_for_the_profile_that_the_key_is_in() -> None:
    signing = [
        one["environment"]
        for one in COMPOSE["services"].values()
        if "AWS_PROFILE" in one.get("environment", {})
    ]
    assert len(signing) == len(MEMBERS) + 1
    assert {one["AWS_PROFILE"] for one in signing} == {PROFILE}


def test_every_member_of_the_getting_started_has_its_three_containers() -> None:
    for member in MEMBERS:
        envoy, routes, app = (
            COMPOSE["services"][f"{member.name}{part}"] for part in ("-envoy", "-routes", "")
        )
        assert envoy["environment"]["APPMESH_VIRTUAL_NODE_NAME"].endswith(f"/{member.name}")
        assert interception(routes["environment"]).app_ports == (member.port,)
        assert app["command"][:2] == [member.name, str(member.port)]
        assert app["depends_on"][f"{member.name}-envoy"]["condition"] == "service_healthy"
