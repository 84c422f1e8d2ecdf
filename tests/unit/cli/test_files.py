"""Documents from files: what cannot be read is refused in one sentence."""

from pathlib import Path

import pytest

from gossamer.cli.files import sources
from gossamer.cli.words import WrongUsage


@pytest.mark.parametrize("opened", ["[", '{"a":', "[{"])
@pytest.mark.parametrize("name", ["deep.json", "deep.yaml"])
def test_a_file_that_is_nested_too_deeply_is_refused(opened: str, name: str, tmp_path: Path) -> None:
    file = tmp_path / name
    closed = {"[": "]", '{"a":': "1}", "[{": "}]"}[opened]
    file.write_text(opened * 5000 + closed[0] + closed[-1] * 5000)
    with pytest.raises(WrongUsage, match=r"deep\.(json|yaml).*nested too deeply"):
        sources([str(file)])


def test_a_few_lines_of_aliases_that_stand_for_millions_of_values_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "many.yaml"
    rows = [f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 9)}]" for level in range(1, 9)]
    file.write_text("\n".join(["a0: &a0 [x]", *rows]))
    with pytest.raises(WrongUsage, match=r"many\.yaml: its aliases stand for more than 1000000 values"):
        sources([str(file)])


def test_aliases_as_people_write_them_are_taken(tmp_path: Path) -> None:
    file = tmp_path / "few.yaml"
    file.write_text("kind: mesh\na: &a {b: 1}\nc: [*a, *a]\n")
    (found,) = sources([str(file)])
    assert found.document == {"kind": "mesh", "a": {"b": 1}, "c": [{"b": 1}, {"b": 1}]}


def test_an_alias_within_itself_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "round.yaml"
    file.write_text("a: &a [*a]\n")
    with pytest.raises(WrongUsage, match=r"round\.yaml, document 1: it holds what JSON cannot"):
        sources([str(file)])
