"""Writes docs/reference/on-the-wire.md: which test shows each member of the API on real traffic.

`--check` fails if a member has no test, a test claims a member that there is not, or the page says of a
member what is not so. The page may lack the newest tests until `make docs` is run.
"""

import contextlib
import io
import sys
import types
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, get_args

import pytest

ROOT: Final = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from gossamer.model.spec import Spec  # noqa: E402 - the tests' folder must be found first
from gossamer.model.specs import SPECS  # noqa: E402
from tests.support.shown_elsewhere import SHOWN_ELSEWHERE  # noqa: E402

PAGE: Final = ROOT / "docs" / "reference" / "on-the-wire.md"

#: What a file with such a test holds.
MARK: Final = "mark.shows("

HEAD: Final = """# On the wire

Which test shows each member of the API on real traffic, through the real Envoy. Made from the tests' `shows`
marks by `make docs`; a member without a test fails the tests.

| Member | Shown by |
|---|---|
"""


class Marks:
    """A plugin of pytest that notes who shows what, and runs nothing."""

    def __init__(self) -> None:
        self.found: dict[str, set[str]] = {}

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Read the marks of everything that was collected."""
        for item in session.items:
            name = item.nodeid.partition("[")[0]
            for mark in item.iter_markers("shows"):
                for member in mark.args:
                    self.found.setdefault(str(member), set()).add(name)


def shown() -> Mapping[str, set[str]]:
    """Member → the tests that show it."""
    marks = Marks()
    quiet = ["--collect-only", "-q", "-p", "no:randomly", "-p", "no:cacheprovider", "--rootdir", str(ROOT)]
    # To read them all takes five times as long.
    marked = [str(path) for path in sorted((ROOT / "tests").rglob("test_*.py")) if MARK in path.read_text()]
    with contextlib.redirect_stdout(io.StringIO()) as said:
        code = pytest.main([*quiet, *marked], plugins=[marks])
    assert code == 0, f"the tests cannot be collected: {said.getvalue()}"  # noqa: S101 - ours to keep
    return marks.found


def members() -> Iterator[str]:
    """Every member of every shape that a spec can hold, as `Shape.member`, in the order of the kinds."""
    seen: dict[type[Spec], None] = {}
    for spec in SPECS.values():
        _walk(spec, seen)
    for shape in seen:
        yield from (f"{shape.__name__}.{field.alias or name}" for name, field in shape.model_fields.items())


def _walk(shape: type[Spec], seen: dict[type[Spec], None]) -> None:
    if shape in seen:
        return
    seen[shape] = None
    for field in shape.model_fields.values():
        for found in _shapes(field.annotation):
            _walk(found, seen)


def _shapes(annotation: object) -> Iterator[type[Spec]]:
    if isinstance(annotation, type) and not isinstance(annotation, types.GenericAlias):
        if issubclass(annotation, Spec):
            yield annotation
        return
    for argument in get_args(annotation):
        yield from _shapes(argument)


def problems(found: Mapping[str, set[str]]) -> Iterator[str]:
    """What keeps the page from being whole."""
    known = set(members())
    for member in sorted(set(found) - known):
        yield f"{', '.join(sorted(found[member]))} shows {member}, which is no member"
    for member in sorted(set(SHOWN_ELSEWHERE) - known):
        yield f"{member} is listed as shown elsewhere and is no member"
    for member in sorted(known - set(found) - set(SHOWN_ELSEWHERE)):
        yield f"no test shows {member}"


def page(found: Mapping[str, set[str]]) -> str:
    """The whole page."""
    rows = [f"| `{member}` | {_told(member, found)} |" for member in dict.fromkeys(members())]
    return HEAD + "\n".join(rows) + "\n"


def _told(member: str, found: Mapping[str, set[str]]) -> str:
    if member in found:
        return "<br>".join(_sentence(test) for test in sorted(found[member]))
    return SHOWN_ELSEWHERE.get(member, "")


def _sentence(test: str) -> str:
    path, _, name = test.partition("::")
    return f"[{name.removeprefix('test_').replace('_', ' ')}](../../{path})"


def main() -> int:
    """Write the page, or tell that it is stale or not whole."""
    found = shown()
    broken = list(problems(found))
    for one in broken:
        print("on the wire:", one)
    if "--check" not in sys.argv:
        PAGE.write_text(page(found))
        return bool(broken)
    is_true = PAGE.exists() and _claims(PAGE.read_text()) <= _claims(page(found))
    print("on the wire: current" if is_true else "on the wire: stale, run `make docs`")
    return bool(broken) or not is_true


def _claims(text: str) -> set[str]:
    """What a page says: of each member, each test that shows it."""
    rows = [line.strip("| ").split(" | ", 1) for line in text.splitlines() if line.startswith("| `")]
    return {f"{member} {test}" for member, told in rows for test in told.split("<br>")}


if __name__ == "__main__":
    raise SystemExit(main())
