"""`gossamer sdk`: the API's own description, for an AWS CLI or SDK that has none."""

import json
import sys
from pathlib import Path
from typing import Final

import cyclopts

from gossamer.api.description.sdk import documents
from gossamer.api.description.service import current
from gossamer.api.preview.service import preview

app = cyclopts.App(name="sdk", help="The API's own description, for an AWS CLI or SDK that has none.")

#: How the AWS tools call the service; they look for its description in a folder of that name.
SERVICE: Final = "appmesh"


@app.command
def export(directory: Path = Path("gossamer-sdk")) -> int:
    """Write the description of every version of the API, as the AWS CLI, boto3 and botocore load it.

    Parameters
    ----------
    directory
        Where to write. ~/.aws/models is where the AWS tools look by themselves; for any other folder, name
        it in AWS_DATA_PATH.
    """
    for service in (current(), preview()):
        folder = directory.expanduser() / SERVICE / service.version
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for name, document in documents(service).items():
                (folder / name).write_text(json.dumps(document, indent=1) + "\n")
        except OSError as error:
            sys.stderr.write(f"gossamer sdk export: cannot write to {folder}: {error.strerror}\n")
            return 1
        sys.stdout.write(f"{folder}\n")
    newest = directory / SERVICE / current().version / "service-2.json"
    sys.stdout.write(
        f"\nUse it from here:     export AWS_DATA_PATH={directory.absolute()}\n"
        f"or install it:        aws configure add-model --service-model file://{newest}\n"
    )
    return 0
