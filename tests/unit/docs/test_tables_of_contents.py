"""A package's docstring is its table of contents."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3] / "src" / "gossamer"
PACKAGES = sorted(path.parent for path in ROOT.rglob("__init__.py") if path.parent != ROOT)
#: Where a line of a table begins: names that share it, then what they are; some tables mark names as code.
ROW = re.compile(r"^(?:- )?((?:`?[a-z][a-z0-9_]*`?, )*`?[a-z][a-z0-9_]*`?)(?: {2,}|: )", re.MULTILINE)

of_packages = pytest.mark.parametrize("package", PACKAGES, ids=lambda path: str(path.relative_to(ROOT)))


def table_of_contents(package: Path) -> str:
    return ast.get_docstring(ast.parse((package / "__init__.py").read_text())) or ""


def modules(package: Path) -> set[str]:
    files = {path.stem for path in package.glob("*.py")} - {"__init__"}
    return files | {path.parent.name for path in package.glob("*/__init__.py")}


@of_packages
def test_a_package_lists_each_of_its_modules(package: Path) -> None:
    assert modules(package) - set(re.findall(r"\w+", table_of_contents(package))) == set()


@of_packages
def test_a_package_lists_no_module_that_is_gone(package: Path) -> None:
    listed = {name.strip("`") for row in ROW.findall(table_of_contents(package)) for name in row.split(", ")}
    assert listed
    assert listed - modules(package) == set()
