"""The committed reference says what the model says."""

import pkgutil
from typing import Final

import pytest

import gossamer.model
from gossamer.model.meaning import meanings
from gossamer.model.spec import Spec
from tools.make_reference import PAGES, main, pages, shapes, stems

#: Modules without a shape: names and rules of values, and what the service itself knows.
WITHOUT: Final = {
    "log_format",
    "arn",
    "body",
    "completion",
    "credential",
    "kind",
    "likeness",
    "meaning",
    "names",
    "permission",
    "policy",
    "regex",
    "revision",
    "rule",
    "spec",
    "specs",
}


@pytest.mark.parametrize("name", pages().keys())
def test_a_page_is_up_to_date(name: str) -> None:
    assert (PAGES / name).read_text() == pages()[name], "run `make docs`"


def test_every_stem_of_the_model_has_a_page() -> None:
    modules = {found.name for found in pkgutil.iter_modules(gossamer.model.__path__)}
    assert {f"{name}.md" for name in modules - WITHOUT} == pages().keys() - {"model.md"}


def test_every_shape_and_every_member_has_its_line() -> None:
    for module in stems():
        for shape in shapes(module):
            assert shape.__doc__, shape
            if issubclass(shape, Spec):
                assert meanings(shape).keys() == shape.model_fields.keys()


def test_a_check_finds_nothing_to_write(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--check"]) == 0
    assert capsys.readouterr().out == "reference: fine\n"
