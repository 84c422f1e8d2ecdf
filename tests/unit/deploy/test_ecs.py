"""The example under deploy/ecs: what is there is what the injection makes, and what ECS takes."""

import json
from pathlib import Path
from typing import Any

import botocore.session
import pytest
import yaml
from botocore.validate import ParamValidator

from tests.golden.inject.cases import injected

HERE = Path(__file__).resolve().parents[3] / "deploy" / "ecs"
FLAGS = (
    *("--mesh", "simpleapp", "--virtual-node", "serviceA", "--app-ports", "8080", "--region", "us-west-2"),
    *("--image", "123456789012.dkr.ecr.us-west-2.amazonaws.com/gossamer/sidecar:0.1.0"),
    *("--xds-endpoint", "gossamer.simpleapp.local:18000", "--env", "GOSSAMER_XDS_AUTH=sigv4"),
)


class _Loader(yaml.SafeLoader):
    """Reads CloudFormation's functions as text."""


_LOADER: Any = _Loader
_LOADER.add_multi_constructor("!", lambda _loader, name, node: f"{name} {node.value}")


@pytest.mark.parametrize(("plain", "made"), [
    ("task.json", "task-with-sidecar.json"),
    ("template.yaml", "template-with-sidecar.yaml"),
])  # fmt: skip
def test_the_examples_are_what_the_injection_makes_of_them(plain: str, made: str) -> None:
    code, out, _ = injected("ecs", str(HERE / plain), *FLAGS)
    assert code == 0
    assert out == (HERE / made).read_text()


def ecs_takes(task: Any) -> None:
    shape = botocore.session.get_session().get_service_model("ecs").operation_model("RegisterTaskDefinition")
    report = ParamValidator().validate(task, shape.input_shape)
    assert not report.has_errors(), report.generate_report()


def test_ecs_takes_the_task_definition() -> None:
    ecs_takes(json.loads((HERE / "task-with-sidecar.json").read_text()))


def test_ecs_takes_the_task_definition_of_the_template() -> None:
    template = yaml.load((HERE / "template-with-sidecar.yaml").read_text(), _LOADER)  # noqa: S506 - a safe one
    ecs_takes(as_api(template["Resources"]["Task"]["Properties"]))


def as_api(value: Any) -> Any:
    """CloudFormation's spelling as the API's; functions of numbers stand as numbers."""
    if isinstance(value, dict):
        return {
            "properties" if name == "ProxyConfigurationProperties" else name[0].lower() + name[1:]: as_api(
                each
            )
            for name, each in value.items()
        }
    if isinstance(value, list):
        return [as_api(each) for each in value]
    return 8080 if value == "Ref Port" else value
