"""`gossamer inject`: what comes out besides the result itself."""

import io
from pathlib import Path

import pytest

from tests.golden.inject.cases import HERE, injected

FLAGS = (
    *("--mesh", "shop", "--virtual-node", "front", "--image", "sidecar:1", "--init-image", "init:1"),
    *("--xds-endpoint", "gossamer:18000"),
)
TASK = str(HERE / "ecs" / "getting_started.in.json")
POD = "spec:\n  containers:\n  - name: app\n    image: shop/front:7\n"


def test_the_difference_is_shown_as_diff_shows_it() -> None:
    code, out, _ = injected("ecs", TASK, *FLAGS, "--diff")
    assert code == 0
    assert out.startswith(f"--- {TASK}\n+++ {TASK} with a sidecar\n@@")
    assert '+      "user": "1337",\n' in out


def test_a_check_fails_until_the_file_has_its_sidecar(tmp_path: Path) -> None:
    assert injected("ecs", TASK, *FLAGS, "--check") == (1, "", "")
    done = tmp_path / "task.json"
    done.write_text(injected("ecs", TASK, *FLAGS)[1])
    assert injected("ecs", str(done), *FLAGS, "--check") == (0, "", "")
    assert injected("ecs", TASK, "--check")[0] == 2


def test_a_file_may_come_from_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(POD))
    code, out, _ = injected("kubernetes", "-", *FLAGS)
    assert code == 0
    assert out.startswith(
        "metadata:\n  annotations:\n    gossamer/injected: '[]'\nspec:\n  containers:\n  - name: app\n"
    )


def test_a_file_that_is_not_there_is_named() -> None:
    code, out, said = injected("ecs", "/nowhere", *FLAGS)
    assert (code, out) == (1, "")
    assert "/nowhere" in said


def test_the_ports_of_the_nodes_listeners_are_the_applications(tmp_path: Path) -> None:
    node = tmp_path / "node.json"
    node.write_text(
        '{"virtualNode": {"spec": {"listeners": [{"portMapping": {"port": 9081, "protocol": "http"}}]}}}'
    )
    _, out, said = injected("ecs", TASK, *FLAGS, "--listeners", str(node))
    assert '"value": "9081"' in out
    assert "which no container of the task serves" in said


def test_app_ports_that_are_not_the_listeners_are_pointed_out(tmp_path: Path) -> None:
    node = tmp_path / "node.json"
    node.write_text('{"spec": {"listeners": [{"portMapping": {"port": 8080, "protocol": "http"}}]}}')
    _, _, said = injected("ecs", TASK, *FLAGS, "--listeners", str(node), "--app-ports", "9080")
    assert said == (
        "gossamer inject: warning: --app-ports 9080 are not the ports of the node's listeners: 8080\n"
    )


@pytest.mark.parametrize("record", ["{", "{}", '[{"op":"remove","path":"/nothing/here"}]'])
def test_a_record_that_was_tampered_with_is_refused(record: str, tmp_path: Path) -> None:
    pod = tmp_path / "pod.yaml"
    pod.write_text(f"metadata:\n  annotations:\n    gossamer/injected: '{record}'\n{POD}")
    code, out, said = injected("kubernetes", str(pod), "--undo")
    assert (code, out) == (1, "")
    assert "record of what was injected" in said


@pytest.mark.parametrize("text", ["containers: 5", "containers: [5]", "containers: {}"])
def test_a_member_of_the_wrong_form_is_named(text: str, tmp_path: Path) -> None:
    pod = tmp_path / "pod.yaml"
    pod.write_text(f"spec: {{{text}}}\n")
    assert injected("kubernetes", str(pod), *FLAGS)[2].endswith("containers must be a list of objects\n")


@pytest.mark.parametrize("form", ["ecs", "kubernetes"])
@pytest.mark.parametrize(
    "text",
    [
        "spec: " + "[" * 5000 + "]" * 5000,
        "spec: " + "{a: " * 5000 + "}" * 5000,
        "\n".join(" " * depth + "a:" for depth in range(2000)),
        '{"spec": ' + "[" * 5000 + "]" * 5000 + "}",
    ],
    ids=["lists", "objects", "indented", "json"],
)
def test_what_is_nested_too_deeply_is_refused(form: str, text: str, tmp_path: Path) -> None:
    file = tmp_path / "deep"
    file.write_text(text)
    assert injected(form, str(file), *FLAGS) == (1, "", "gossamer inject: this is nested too deeply\n")


def test_text_that_is_no_characters_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "task.json"
    file.write_text('{"containerDefinitions": [{"name": "\\ud800"}]}')
    code, out, said = injected("ecs", str(file), *FLAGS)
    assert (code, out) == (1, "")
    assert "a lone surrogate" in said


def test_a_few_lines_of_aliases_that_stand_for_millions_of_values_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "many.yaml"
    rows = [f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 9)}]" for level in range(1, 9)]
    file.write_text("\n".join(["kind: Pod", "a0: &a0 [x]", *rows]))
    said = "gossamer inject: its aliases stand for more than 1000000 values\n"
    assert injected("kubernetes", str(file), *FLAGS) == (1, "", said)
