"""`gossamer get`: what is in a mesh, as a table or as documents that `apply` takes."""

from collections.abc import Iterator
from typing import Annotated, Literal

import cyclopts

from gossamer.cli.inventory import ANYWHERE, Inventory, Item, Where, document
from gossamer.cli.server import Answer, told
from gossamer.cli.shown import local, show_document, show_table
from gossamer.cli.summary import summary
from gossamer.cli.words import kind_of

ALL = "all"

app = cyclopts.App(name="get")

Shown = Annotated[
    Literal["table", "json", "yaml", "name"],
    cyclopts.Parameter(
        alias="-o", help="A table for people; documents for programs and for apply; or names."
    ),
]


@app.default
@told
def get(
    kind: str,
    name: str | None = None,
    /,
    *,
    where: Where = ANYWHERE,
    output: Shown = "table",
) -> None:
    """Show resources: those of a kind, one of them, or everything in a mesh.

    Parameters
    ----------
    kind
        The kind, as App Mesh spells it, in the plural, with hyphens or in short: virtualNode, virtualnodes,
        virtual-node, vn. `all` for everything in the mesh.
    name
        Only this one.
    """
    inventory = Inventory(where)
    if kind.lower() == ALL:
        items = inventory.everything()
    elif name is not None:
        items = (inventory.named(kind_of(kind), name),)
    else:
        items = inventory.listed(kind_of(kind))
    if output == "name":
        for one in items:
            print(one.resource)  # noqa: T201 - what was asked for
        return
    answers = inventory.described(items)
    if output == "table":
        show_table(("resource", "version", "updated", "what"), _rows(items, answers))
    else:
        show_document([document(item, one) for item, one in zip(items, answers, strict=True)], output)


def _rows(items: tuple[Item, ...], answers: Iterator[Answer]) -> Iterator[tuple[str, ...]]:
    for item, answer in zip(items, answers, strict=True):
        metadata = answer["metadata"]
        named = item.name if item.parent is None else f"{item.parent}/{item.name}"
        shown = named if len({one.kind for one in items}) == 1 else f"{item.kind.value} {named}"
        what = summary(item.kind, answer["spec"])
        yield shown, str(metadata["version"]), local(metadata["lastUpdatedAt"]), what
