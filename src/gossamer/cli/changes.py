"""What a change came to, and what is wrong with one, as our commands tell it."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Final

import cyclopts
from rich.text import Text

from gossamer.cli.control_plane import NotAnswered
from gossamer.cli.failure import REFUSED
from gossamer.cli.files import Source
from gossamer.cli.server import Answer
from gossamer.cli.shown import Output, console, show_diff, show_document

#: What an action is called once it is done, and its colour.
DONE: Final = {
    "create": ("created", "green"),
    "update": ("updated", "yellow"),
    "delete": ("deleted", "red"),
    "none": ("unchanged", "dim"),
}
_MARKS: Final = {"add": "+", "remove": "-", "change": "~"}


@cyclopts.Parameter(name="*")
@dataclass(frozen=True, kw_only=True, slots=True)
class Manner:
    """How something is changed, and told."""

    dry_run: Annotated[bool, cyclopts.Parameter(negative="")] = False
    """Change nothing; say what would change, and which Envoy resources of which proxies."""
    all_proxies: Annotated[bool, cyclopts.Parameter(negative="")] = False
    """Tell also of virtual nodes and gateways that have no proxy connected."""
    diff: Annotated[bool, cyclopts.Parameter(negative="")] = False
    """Show each change as a diff, of Envoy's resources too."""
    output: Output = "table"
    """Text for people, or JSON or YAML for programs."""

    def body(self) -> dict[str, object]:
        """What is asked for."""
        return {"dryRun": self.dry_run, "allProxies": self.all_proxies}


USUAL: Final = Manner()


def show_changes(answer: Answer, manner: Manner) -> None:
    """What became of each resource, and what it does to proxies."""
    if manner.output != "table":
        show_document(answer, manner.output)
        return
    shown = console()
    for change in answer["changes"]:
        word, colour = DONE[change["action"]]
        would = "would be " if manner.dry_run and change["action"] != "none" else ""
        shown.print(Text(f"{change['resource']} {would}{word}", style=colour))
        if manner.diff and change["diff"]:
            show_diff(change["diff"])
    for line in _effects(answer, with_diffs=manner.diff):
        shown.print(line)
    if manner.dry_run:
        shown.print(Text("nothing was written: this was a dry run", style="bold"))
    elif "sequence" in answer:
        shown.print(f"revision {answer['sequence']}")
    elif not answer["changes"]:
        shown.print("nothing to change")


def _effects(answer: Answer, *, with_diffs: bool) -> Iterator[Text]:
    problems = answer.get("problems", {"appear": (), "vanish": ()})
    for one in problems["appear"]:
        yield Text(f"new problem: {one['resource']}: {one['why']}", style="bold red")
    for one in problems["vanish"]:
        yield Text(f"no longer a problem: {one['resource']}: {one['why']}", style="green")
    for proxy in answer.get("proxies", ()):
        yield Text(f"proxies of {proxy['proxy']}:", style="bold")
        for one in proxy["resources"]:
            yield Text(f"  {_MARKS[one['action']]} {one['type']} {one['name']}")
            if with_diffs and one.get("diff"):
                yield Text("".join(f"    {line}\n" for line in one["diff"].splitlines()).rstrip())


def refused(name: str, error: NotAnswered, sources: Sequence[Source] = ()) -> int:
    """Tell every broken rule, at its place in the files; the exit code."""
    violations = error.document.get("violations")
    if not isinstance(violations, list) or not violations:
        raise error
    for one in violations:
        sys.stderr.write(f"{_place(one, sources)}{_path(one)}{one['why']}\n")
    sys.stderr.write(f"gossamer {name}: nothing was written\n")
    return REFUSED


def _place(violation: Answer, sources: Sequence[Source]) -> str:
    number = violation.get("document")
    about = f"{violation['resource']}: " if "resource" in violation else ""
    if isinstance(number, int) and number < len(sources):
        return f"{sources[number].place(str(violation['path']))}: {about}"
    return about or "delete: "


def _path(violation: Answer) -> str:
    return f"{violation['path']}: " if violation.get("path") else ""
