"""Pure: the Getting Started's placeholders, which must not reach a cluster unchanged.

Source: Getting Started with AWS App Mesh, step 6: which values its snippets leave to the reader.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from gossamer.inject.document import Refused

#: Each placeholder, and what belongs in its place.
PLACEHOLDERS: Final = {
    "meshName": "the mesh's name",
    "virtualNodeName": "the virtual node's name",
    "application_image": "the application's image",
    "aws_region_name": "the AWS region",
    "application_port_list": "the application's ports, such as 8080,8081",
}
_WORD: Final = re.compile(r"(?<![\w-])(" + "|".join(PLACEHOLDERS) + r")(?![\w-])")


def refuse_placeholders(document: object, *given: str) -> None:
    """Stop at the first placeholder in what was given, or in the values of a document.

    Raises: Refused with the place, the placeholder and what belongs there.
    """
    for path, value in (*(("what was asked for", value) for value in given), *_values(document, "")):
        if found := _WORD.search(value):
            word = found[1]
            raise Refused(f"{path}: {word!r} is a placeholder; write {PLACEHOLDERS[word]} in its place")


def _values(document: object, path: str) -> Iterator[tuple[str, str]]:
    """Every text in a document that is a value, with its place; names and descriptions are none."""
    if isinstance(document, Mapping):
        for name, value in document.items():
            yield from _values(value, f"{path}.{name}" if path else str(name))
    elif isinstance(document, list):
        for index, value in enumerate(document):
            yield from _values(value, f"{path}[{index}]")
    elif isinstance(document, str) and path.rpartition(".")[2].lower() in {"image", "value"}:
        yield path, document
