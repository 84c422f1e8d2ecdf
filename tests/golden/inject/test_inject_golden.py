"""Every golden pair of the injection, and what holds for all of them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import botocore.session
import kubernetes_validate
import pytest
import yaml
from botocore.validate import ParamValidator

from tests.golden.inject import getting_started
from tests.golden.inject.cases import Case, cases, injected, written

CASES = list(cases())
SUCCESSES = [case for case in CASES if case.output.exists()]
RECORDED = [case for case in SUCCESSES if "--no-record" not in case.flags()]
ECS = [case for case in SUCCESSES if case.command == "ecs" and case.output.suffix == ".json"]
KUBERNETES = [
    case for case in SUCCESSES if case.command == "kubernetes" and "getting_started" not in case.name
]


def by_name(case: Case) -> str:
    return case.name


@pytest.mark.parametrize("case", CASES, ids=by_name)
def test_a_file_becomes_what_is_written_beside_it(case: Case) -> None:
    assert case.path.read_text().startswith("# Why: ")
    for path, text in case.outputs().items():
        assert path.read_text() == text


def test_no_output_is_left_of_a_case_that_is_gone() -> None:
    assert written() == {path for case in CASES for path in case.outputs()}


@pytest.mark.parametrize("case", SUCCESSES, ids=by_name)
def test_injecting_twice_is_injecting_once(case: Case) -> None:
    assert case.run(case.output)[:2] == (0, case.output.read_text())


@pytest.mark.parametrize("case", RECORDED, ids=by_name)
def test_undoing_gives_back_the_very_bytes(case: Case) -> None:
    if case.name == "ecs/described":
        pytest.skip("a description becomes a registration, and stays one")
    assert injected(case.command, str(case.output), "--undo")[1] == case.source.read_text()


@pytest.mark.parametrize("case", RECORDED, ids=by_name)
def test_undoing_twice_is_undoing_once(case: Case, tmp_path: Path) -> None:
    once = tmp_path / case.source.name
    once.write_text(injected(case.command, str(case.output), "--undo")[1])
    assert injected(case.command, str(once), "--undo")[1] == once.read_text()


@pytest.mark.parametrize("case", ECS, ids=by_name)
def test_a_task_definition_is_one_that_ecs_takes(case: Case) -> None:
    shape = botocore.session.get_session().get_service_model("ecs").operation_model("RegisterTaskDefinition")
    task = json.loads(case.output.read_text())
    for container in task["containerDefinitions"]:
        container.pop("unknownToUs", None)
    report = ParamValidator().validate(task, shape.input_shape)
    assert not report.has_errors(), report.generate_report()


def documents(case: Case) -> Iterator[dict[str, Any]]:
    """Every object of a file, those of lists too."""
    for document in yaml.safe_load_all(case.output.read_text()):
        yield from document["items"] if document["kind"] == "List" else [document]


@pytest.mark.parametrize("case", KUBERNETES, ids=by_name)
def test_a_manifest_is_one_that_kubernetes_takes(case: Case) -> None:
    for document in documents(case):
        kubernetes_validate.validate(document, "1.37", strict=True)


def the_case(name: str) -> Case:
    return next(case for case in CASES if case.name == name)


def test_the_task_definition_of_the_getting_started_comes_out_word_for_word() -> None:
    snippet = getting_started.filled(getting_started.TASK_DEFINITION)
    # Its health check never succeeded with the image that it names: Envoy answers JSON, in which no third
    # word is.
    wanted = snippet.replace(getting_started.CHECK, getting_started.CHECK_THAT_WORKS)
    assert the_case("ecs/getting_started").output.read_text() == wanted


def test_the_pod_of_the_getting_started_comes_out_beside_the_application() -> None:
    made = yaml.safe_load(the_case("kubernetes/getting_started").output.read_text())
    made["spec"]["containers"] = getting_started.without(made["spec"]["containers"], "app")
    assert made == yaml.safe_load(getting_started.filled(getting_started.POD_SPEC))


def test_a_snippet_with_its_placeholders_is_refused(tmp_path: Path) -> None:
    task = tmp_path / "task.json"
    task.write_text(getting_started.TASK_DEFINITION)
    flags = ("--mesh", "simpleapp", "--virtual-node", "serviceA", "--image", "gossamer/sidecar:1")
    code, out, said = injected("ecs", str(task), *flags)
    assert (code, out) == (1, "")
    assert "containerDefinitions[0].image: 'application_image' is a placeholder" in said


def test_the_snippet_as_a_hand_filled_it_in_is_left_but_for_the_image(tmp_path: Path) -> None:
    snippet = getting_started.filled(getting_started.TASK_DEFINITION)
    task = tmp_path / "task.json"
    task.write_text(snippet)
    flags = ["--mesh", "simpleapp", "--virtual-node", "serviceA", "--image", "mine:1", "--no-record"]
    out = injected("ecs", str(task), *flags, "--form", "getting-started")[1]
    assert out == snippet.replace(getting_started.ENVOY_IMAGE, "mine:1")
