"""Schemathesis against the running API: no 500, and no answer outside of what /openapi.json says."""

import copy
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from gossamer.api.description.openapi import openapi
from gossamer.api.description.service import Service, current
from gossamer.api.preview.service import preview
from tests.support.chance import seconds
from tests.support.control_plane import ControlPlane, running_control_plane

pytestmark = [pytest.mark.e2e, pytest.mark.fuzz, pytest.mark.timeout(1200)]

SERVICES: Final = (current(), preview())
BOUNDED_S: Final = 4

#: What is not asked, and why.
EXCLUDED: Final = (
    "ignored_auth",  # no access keys are configured
    "missing_required_header",  # the same
    "positive_data_acceptance",  # rules between members and between resources are in no schema
)


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    with running_control_plane(tmp_path_factory.mktemp("plane")) as found:
        yield found


def document(service: Service) -> dict[str, Any]:
    """The document, with what it leaves out on purpose: a member that may be absent may be null."""
    found: dict[str, Any] = json.loads(json.dumps(openapi(service)))
    for schema in found["components"]["schemas"].values():
        for name, about in schema.get("properties", {}).items():
            if name not in schema.get("required", ()):
                schema["properties"][name] = {"anyOf": [about, {"type": "null"}]}
    return found


#: A world of two names a kind: what one call makes, the next one finds.
FEW_NAMES: Final = {"type": "string", "enum": ["a", "b"]}


def with_few_names(found: dict[str, Any]) -> dict[str, Any]:
    """The document in that world; its examples live in a larger one."""
    found = copy.deepcopy(found)
    for operation in (one for methods in found["paths"].values() for one in methods.values()):
        operation["parameters"] = [with_few(parameter) for parameter in operation["parameters"]]
        if "requestBody" in operation:
            del operation["requestBody"]["content"]["application/json"]["example"]
    for name, schema in found["components"]["schemas"].items():
        names = [one for one in schema.get("properties", {}) if one.endswith("Name")]
        if name.startswith("Create"):
            schema["properties"].update(dict.fromkeys(names, FEW_NAMES))
    return found


def with_few(parameter: dict[str, Any]) -> dict[str, Any]:
    return {**parameter, "schema": FEW_NAMES} if parameter["in"] == "path" else parameter


def run(plane: ControlPlane, found: dict[str, Any], directory: Path, *flags: str) -> None:
    """One run; what it says is the failure."""
    path = directory / "openapi.json"
    path.write_text(json.dumps(found))
    command = [
        *(str(Path(sys.executable).with_name("schemathesis")), "run", str(path), "--url", plane.url),
        *("--no-color", "--warnings", "off", "--workers", "1", "--generation-database", "none"),
        *("--generation-with-security-parameters", "false", "--suppress-health-check", "all"),
        *flags,
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=directory)
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]


@pytest.mark.parametrize("service", SERVICES, ids=lambda one: one.version)
def test_any_request_has_an_answer_of_the_document(
    plane: ControlPlane, service: Service, tmp_path: Path
) -> None:
    time = int(seconds(usual=BOUNDED_S))
    flags = ("--max-time", str(time), "--max-examples", str(time * 10))
    phases = ("--phases", "examples,coverage,fuzzing", "--exclude-checks", ",".join(EXCLUDED))
    run(plane, document(service), tmp_path, *flags, *phases)


@pytest.mark.parametrize("service", SERVICES, ids=lambda one: one.version)
def test_any_request_about_what_is_there_has_an_answer_of_the_document(
    plane: ControlPlane, service: Service, tmp_path: Path
) -> None:
    time = int(seconds(usual=BOUNDED_S))
    flags = ("--max-time", str(time), "--max-examples", str(time * 10), "--mode", "positive")
    phases = ("--phases", "fuzzing", "--exclude-checks", ",".join(EXCLUDED))
    run(plane, with_few_names(document(service)), tmp_path, *flags, *phases)
