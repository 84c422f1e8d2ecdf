"""`gossamer describe`: all that is known of one resource."""

import sys
from collections.abc import Iterator

import cyclopts
import yaml

from gossamer.cli.inventory import ANYWHERE, Inventory, Item, Where, document
from gossamer.cli.server import OWN, Answer, told
from gossamer.cli.shown import Output, local, show_document
from gossamer.cli.words import kind_of

#: How many of the last changes are told.
LAST = 5

app = cyclopts.App(name="describe")


@app.default
@told
def describe(
    kind: str,
    name: str,
    /,
    *,
    where: Where = ANYWHERE,
    output: Output = "table",
) -> None:
    """Show one resource: what it is, its labels, what is wrong with it, and what was changed last.

    Parameters
    ----------
    kind
        The kind, as for get.
    name
        The resource.
    output
        Text for people, or JSON or YAML for programs.
    """
    inventory = Inventory(where)
    item = inventory.named(kind_of(kind), name)
    found = _facts(inventory, item)
    if output != "table":
        show_document(found, output)
    else:
        sys.stdout.write("\n".join(_lines(item, found)) + "\n")


def _facts(inventory: Inventory, item: Item) -> Answer:
    """All that is known, as a document that `apply` takes too."""
    server = inventory.server
    (answer,) = inventory.described([item])
    found = {**document(item, answer), "metadata": answer["metadata"], "status": answer["status"]}
    found["tags"] = list(server.pages("v20190125", "tags", of="tags", resourceArn=answer["metadata"]["arn"]))
    if inventory.where.mesh_owner is not None:
        return found  # what is wrong with a mesh, and its history, is told to its owner
    problems = server.get(*OWN, "meshes", item.mesh, "problems")["problems"]
    history = server.get(*OWN, "meshes", item.mesh, "history", resource=item.resource, limit=str(LAST))
    return {
        **found,
        "problems": [one["why"] for one in problems if one["resource"] == item.resource],
        "history": history["revisions"],
    }


def _lines(item: Item, found: Answer) -> Iterator[str]:
    metadata = found["metadata"]
    yield f"resource: {item.resource}"
    yield f"arn:      {metadata['arn']}"
    yield f"version:  {metadata['version']}, of {local(metadata['lastUpdatedAt'])}"
    yield f"created:  {local(metadata['createdAt'])}"
    yield f"status:   {found['status']['status']}"
    if found["tags"]:
        yield "tags:     " + ", ".join(f"{tag['key']}={tag['value']}" for tag in found["tags"])
    yield "spec:"
    text = yaml.safe_dump(found["spec"], sort_keys=False, allow_unicode=True)
    yield from (f"  {line}" for line in text.splitlines())
    if found.get("problems"):
        yield "problems:"
        yield from (f"  - {why}" for why in found["problems"])
    if "history" in found:
        yield "last changes:"
    for one in found.get("history", ()):
        yield f"  {one['sequence']}  {local(one['at'])}  {one['action']}  {one['principal']}"
