"""`gossamer apply`: documents in App Mesh's shapes, written as one change: all of it or nothing."""

import cyclopts

from gossamer.cli.changes import USUAL, Manner, refused, show_changes
from gossamer.cli.control_plane import NotAnswered
from gossamer.cli.files import File, Flagged, sources
from gossamer.cli.server import HERE, OWN, Server, told
from gossamer.cli.words import WrongUsage

app = cyclopts.App(name="apply")


@app.default
@told
def apply(
    *files: File,
    file: Flagged = (),
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
    body = {"documents": [one.document for one in found], **manner.body()}
    try:
        answer = server.post(*OWN, "apply", body=body)
    except NotAnswered as error:
        return refused("apply", error, found)
    show_changes(answer, manner)
    return 0
