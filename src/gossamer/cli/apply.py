"""`gossamer apply`: documents in App Mesh's shapes, written as one change: all of it or nothing."""

from dataclasses import dataclass
from typing import Annotated, Final

import cyclopts

from gossamer.cli.changes import USUAL, Manner, refused, show_changes
from gossamer.cli.confirm import agreed
from gossamer.cli.control_plane import NotAnswered
from gossamer.cli.files import File, Flagged, sources
from gossamer.cli.server import HERE, OWN, Server, told
from gossamer.cli.words import WrongUsage

app = cyclopts.App(name="apply")


@cyclopts.Parameter(name="*")
@dataclass(frozen=True, kw_only=True, slots=True)
class Pruning:
    """Whether what the documents do not name goes."""

    prune: Annotated[bool, cyclopts.Parameter(negative="")] = False
    """Take away everything else in the meshes that the documents name, after asking; never a mesh itself."""
    prune_label: Annotated[tuple[str, ...], cyclopts.Parameter(negative="")] = ()
    """With --prune, only what has this label, as `key=value`; may be given several times."""
    yes: Annotated[bool, cyclopts.Parameter(alias="-y", negative="")] = False
    """Do not ask before anything is taken away."""

    def body(self) -> dict[str, object]:
        """What is asked for.

        Raises: WrongUsage.
        """
        labels = [one.partition("=") for one in self.prune_label]
        if wrong := [key for key, sign, _ in labels if not (key and sign)]:
            raise WrongUsage(f"--prune-label {wrong[0]}: must be key=value")
        if labels and not self.prune:
            raise WrongUsage("--prune-label says what of it --prune takes away")
        tags = [{"key": key, "value": value} for key, _, value in labels]
        return {"prune": {"tags": tags}} if self.prune else {}


NOTHING: Final = Pruning()


@app.default
@told
def apply(
    *files: File,
    file: Flagged = (),
    pruning: Pruning = NOTHING,
    manner: Manner = USUAL,
    server: Server = HERE,
) -> int:
    """Make resources be what documents say, in whatever order they stand: all of it, or nothing.

    A document is the body of App Mesh's create call with its meshName and a `kind`; what the AWS CLI prints
    for a describe call is one too, and so are the AWS::AppMesh resources of a CloudFormation template.

    Parameters
    ----------
    files
        Files of YAML or JSON with one or several documents, folders of them, or - for standard input.
    file
        The same, as a flag; may be given several times.
    """
    if not (files or file):
        raise WrongUsage("say which files, or - for standard input")
    found = sources((*files, *file))
    body = {"documents": [one.document for one in found], **pruning.body(), **manner.body()}
    try:
        if pruning.prune and not (pruning.yes or manner.dry_run):
            tried = server.post(*OWN, "apply", body={**body, "dryRun": True})
            body["expected"] = agreed("take away", tried, "delete")
        answer = server.post(*OWN, "apply", body=body)
    except NotAnswered as error:
        return refused("apply", error, found)
    show_changes(answer, manner)
    return 0
