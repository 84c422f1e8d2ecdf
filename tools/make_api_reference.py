"""Writes docs/reference/api.md from the description of the API; `--check` only compares."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from gossamer.api.description.operation import ALWAYS, Described
from gossamer.api.description.service import Service, current
from gossamer.api.preview.service import preview

PAGE: Final = Path(__file__).resolve().parent.parent / "docs" / "reference" / "api.md"

HEAD: Final = """# The API

<!-- Written by tools/make_api_reference.py; change the description in api/description, not this page. -->

Every operation, as the AWS CLI, the AWS SDKs and plain HTTP clients call it. The running server has the same
at `/docs`, a page on which every operation can be tried out, and at `/openapi.json` as OpenAPI 3.1; both work
without the internet. [Keep the AWS CLI](../how-to/keep-the-aws-cli.md) tells how tools without a
description of App Mesh get one.

Bodies and answers are JSON. An answer is the resource itself, without a wrapper; a list has a page of them
and, unless it is the last, `nextToken`. An error has its name in the header `x-amzn-ErrorType` and a sentence
in `message`; every answer has `x-amzn-RequestId`. Names in the path are percent-encoded.
"""

PREVIEW: Final = """The preview API, 2018-10-01, is served beside it, from the same resources: for boto3 with
`api_version="2018-10-01"`, and for the AWS CLI with `appmesh = 2018-10-01` under `api_versions` in a profile.
Its OpenAPI document is at `/openapi-2018-10-01.json`.
[Decision 031](../decisions/031-the-preview-api.md) tells what becomes of what it cannot say.
"""


def page() -> str:
    """The whole page."""
    return "\n".join([HEAD, *section(current()), PREVIEW, *section(preview())])


def section(service: Service) -> Iterator[str]:
    """One version."""
    always = ", ".join(f"`{name}`" for name in ALWAYS)
    yield f"## {service.version}\n"
    yield f"{len(service.operations)} operations. Each may also answer {always}.\n"
    yield "| Operation | Method and path | Query | Body | Further errors |"
    yield "|---|---|---|---|---|"
    for one in service.operations:
        errors = ", ".join(f"`{name}`" for name in one.errors if name not in ALWAYS)
        query = ", ".join(f"`{name}`" for name in one.query)
        yield f"| {one.name} | `{one.method} {one.uri}` | {query} | {body(one)} | {errors} |"
    yield ""


def body(one: Described) -> str:
    """What an operation takes in its body, as a link where there is a page for it."""
    if one.body is None:
        return ""
    name, (package, _, stem) = one.body.__name__, one.body.__module__.rpartition(".")
    return f"[{name}]({stem}.md#{name.lower()})" if package == "gossamer.model" else f"`{name}`"


def main() -> int:
    """Write the page, or tell that it is stale."""
    if "--check" not in sys.argv:
        PAGE.write_text(page())
        return 0
    is_current = PAGE.exists() and PAGE.read_text() == page()
    print("api: current" if is_current else "api: stale, run `make docs`")
    return not is_current


if __name__ == "__main__":
    raise SystemExit(main())
