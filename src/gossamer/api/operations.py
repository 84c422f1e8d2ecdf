"""Every operation: its method, its path, and the kind that it is about, if it is about one.

Paths arrive percent-encoded and are split before they are decoded: a name may hold what would look like a
path.
Source: App Mesh API 2019-01-25; how botocore encodes names in paths.
"""

import difflib
import enum
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote_to_bytes

from gossamer.api.kinds import KINDS, KindApi
from gossamer.api.recall import recalled
from gossamer.errors import InvalidSpec, Violation

ROOT: Final = "v20190125"

#: Where names stand in a path: every other segment is a word of the API.
NAME_PLACES: Final = frozenset({2, 4, 6})

#: A mesh may be named by its ARN by mistake, and gets a sentence of its own for it.
LONGEST_NAME: Final = 1024

#: A percent sign that no two hexadecimal digits follow.
_NO_ESCAPE: Final = re.compile(rb"%(?![0-9A-Fa-f]{2})")

#: How much of an unknown path is told back.
LONGEST_PATH: Final = 200


class Verb(enum.Enum):
    """What an operation does."""

    # As `Kind` has it: an enum's own hash is a call of Python for each look-up.
    __hash__ = object.__hash__

    CREATE = "Create"
    DESCRIBE = "Describe"
    UPDATE = "Update"
    DELETE = "Delete"
    LIST = "List"
    TAG = "TagResource"
    UNTAG = "UntagResource"
    LIST_TAGS = "ListTagsForResource"


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the API. Those on labels have no `kind`: they name any resource by its ARN."""

    name: str
    verb: Verb
    method: str
    path: tuple[str | None, ...]
    kind: KindApi | None


def _operations(kind: KindApi) -> Iterator[Operation]:
    noun, item, collection = kind.kind.noun, kind.item_path, kind.item_path[:-1]
    plural = kind.collection[0].upper() + kind.collection[1:]
    yield Operation(f"Create{noun}", Verb.CREATE, "PUT", collection, kind)
    yield Operation(f"Describe{noun}", Verb.DESCRIBE, "GET", item, kind)
    yield Operation(f"Update{noun}", Verb.UPDATE, "PUT", item, kind)
    yield Operation(f"Delete{noun}", Verb.DELETE, "DELETE", item, kind)
    yield Operation(f"List{plural}", Verb.LIST, "GET", collection, kind)


#: The operations on labels.
_ON_TAGS: Final = (
    Operation(Verb.TAG.value, Verb.TAG, "PUT", (ROOT, "tag"), None),
    Operation(Verb.UNTAG.value, Verb.UNTAG, "PUT", (ROOT, "untag"), None),
    Operation(Verb.LIST_TAGS.value, Verb.LIST_TAGS, "GET", (ROOT, "tags"), None),
)

OPERATIONS: Final = (*(one for kind in KINDS.values() for one in _operations(kind)), *_ON_TAGS)

#: Paths as they are on the wire.
_BY_PATH: Final[Mapping[tuple[bytes | None, ...], Mapping[str, Operation]]] = {
    tuple(None if word is None else word.encode() for word in path): {
        one.method: one for one in OPERATIONS if one.path == path
    }
    for path in {one.path for one in OPERATIONS}
}


class UnknownOperation(Exception):
    """No operation has this path, or this method on it; `allowed` are the methods that the path has."""

    def __init__(self, path: str, method: str, allowed: tuple[str, ...]) -> None:
        self.path = path
        self.method = method
        self.allowed = allowed
        super().__init__(path, method, allowed)

    def __str__(self) -> str:
        """What is there instead."""
        if self.allowed:
            return f"{self.method} is not an operation of this path; it has {', '.join(self.allowed)}"
        return f"no operation has the path {self.path[:LONGEST_PATH]}; nearby: {_nearby(self.path)}"


def _nearby(path: str) -> str:
    """The operations whose paths look most like one."""
    templates = list(dict.fromkeys(_template(operation) for operation in OPERATIONS))
    found = difflib.get_close_matches(path[:LONGEST_PATH], templates, n=2, cutoff=0)
    return ", ".join(
        f"{one.name} ({one.method} {_template(one)})" for one in OPERATIONS if _template(one) in found
    )


def _template(operation: Operation) -> str:
    """An operation's path as documentation spells it."""
    return "/" + "/".join(segment or "{name}" for segment in operation.path)


def matched(method: str, raw_path: bytes) -> tuple[Operation, tuple[str, ...]]:
    """The operation of a request, and the names in its path, decoded.

    Raises: UnknownOperation; InvalidSpec for a name that is not text.
    """
    found = _known(raw_path)
    operation = None if found is None else found[0].get(method)
    if found is None or operation is None:
        allowed = () if found is None else tuple(sorted(found[0]))
        raise UnknownOperation(raw_path.decode("ascii", "replace"), method, allowed)
    return operation, tuple([_decoded(segment) for segment in found[1]])


def _known(raw_path: bytes) -> tuple[Mapping[str, Operation], list[bytes]] | None:
    """The operations of a path by their methods, and the names in it as they were sent; None for no path."""
    segments = raw_path.removeprefix(b"/").split(b"/")
    shape = tuple([None if place in NAME_PLACES else one for place, one in enumerate(segments)])
    methods = _BY_PATH.get(shape)
    return None if methods is None else (methods, segments[2::2])


@recalled
def _decoded(segment: bytes) -> str:
    if not segment:
        raise InvalidSpec([Violation("", "a name in the path is empty")])
    if _NO_ESCAPE.search(segment):
        raise InvalidSpec([Violation("", "a percent sign in the path starts no escape: it is written %25")])
    try:
        name = unquote_to_bytes(segment).decode()
    except UnicodeDecodeError:
        raise InvalidSpec([Violation("", "a name in the path is not text in UTF-8")]) from None
    if "\0" in name:
        raise InvalidSpec([Violation("", "a name in the path holds the character NUL, which no name may")])
    if len(name) > LONGEST_NAME:
        why = f"a name in the path is longer than any may be, {LONGEST_NAME} characters"
        raise InvalidSpec([Violation("", why)])
    return name
