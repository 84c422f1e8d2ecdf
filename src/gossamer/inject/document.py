"""Pure: parsed JSON and YAML, looked into with an error for each surprise, and changed without losing order.

Mappings may be those of ruamel, which keep their comments; all here works on any `dict`.
"""

import copy
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, cast

from ruamel.yaml.comments import CommentedMap, TaggedScalar

from gossamer.errors import MeshError

Json = dict[str, object]

TOO_DEEP: Final = "this is nested too deeply"

#: How many values one document may hold: a few lines of aliases stand for as many as one likes.
_MOST_VALUES: Final = 1_000_000
TOO_MUCH: Final = f"its aliases stand for more than {_MOST_VALUES} values"


class Refused(MeshError):
    """What was given contradicts what was asked for, or cannot be understood; nothing was changed."""


def json_object(text: str | bytes) -> Json:
    """A document of JSON, which is an object.

    Raises: Refused.
    """
    try:
        found = json.loads(text)
    except RecursionError as error:
        raise Refused(TOO_DEEP) from error
    except ValueError as error:
        raise Refused(f"this is not JSON: {error}") from error
    if "\\u" in (text if isinstance(text, str) else text.decode(errors="replace")):
        _check_characters(found)
    if not isinstance(found, dict):
        raise Refused("this is not a JSON object")
    return found


def has_too_much(document: object) -> bool:
    """Whether a document is more than anybody meant, once every alias in it is written out."""
    return _values(document, {}) > _MOST_VALUES


def _values(value: object, known: dict[int, int]) -> int:
    if not isinstance(value, dict | list):
        return 1
    if id(value) not in known:
        known[id(value)] = 0  # What stands within itself is refused by whoever writes it.
        inner = value.values() if isinstance(value, dict) else value
        known[id(value)] = 1 + sum(_values(one, known) for one in inner)
    return known[id(value)]


def _check_characters(found: object) -> None:
    """Refuse what could not be written again.

    Raises: Refused.
    """
    try:
        json.dumps(found, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise Refused("this holds a lone surrogate (\\ud800 to \\udfff), which is no character") from None


def copied(document: Json) -> Json:
    """A copy that shares nothing that can be changed.

    Values with a tag, such as `!Ref Image`, are equal to themselves alone, so they are shared.
    """
    return copy.deepcopy(document, {id(value): value for value in _tagged(document)})


def _tagged(document: object) -> Iterator[TaggedScalar]:
    """Every value with a tag."""
    if isinstance(document, TaggedScalar):
        yield document
    elif isinstance(document, dict | list):
        for value in document.values() if isinstance(document, dict) else document:
            yield from _tagged(value)


def table(parent: Mapping[str, object], name: str) -> Json:
    """A member that is a mapping; an absent one is empty."""
    found = parent.get(name)
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise Refused(f"{name} must be an object")
    return cast("Json", found)


def own_table(parent: Json, name: str) -> Json:
    """A member that is a mapping, made if it is absent, to be changed in place."""
    if parent.get(name) is None:
        parent[name] = {}
    return table(parent, name)


def rows(parent: Mapping[str, object], name: str) -> list[Json]:
    """A member that is a list of mappings; an absent one is empty."""
    found = parent.get(name)
    if found is None:
        return []
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise Refused(f"{name} must be a list of objects")
    return cast("list[Json]", found)


def own_rows(parent: Json, name: str) -> list[Json]:
    """A member that is a list of mappings, made if it is absent, to be changed in place."""
    if parent.get(name) is None:
        parent[name] = []
    return rows(parent, name)


def text(parent: Mapping[str, object], name: str) -> str:
    """A member as text; an absent one is empty."""
    found = parent.get(name)
    return "" if found is None else str(found)


def named(some: Iterable[Json], name: str, by: str = "name") -> Json | None:
    """The row of a list that has a name."""
    return next((row for row in some if row.get(by) == name), None)


def put(some: list[Json], row: Json, by: str = "name") -> None:
    """Put a row in place of the one of its name, else at the end."""
    for index, each in enumerate(some):
        if each.get(by) == row[by]:
            if each != row:
                some[index] = row
            return
    some.append(row)


def drop(parent: Json, name: str, value: str, by: str = "name") -> None:
    """Take the row of a name out of a list, and the list away if it was the last."""
    some = rows(parent, name)
    if (found := named(some, value, by)) is not None:
        some.remove(found)
        if not some:
            del parent[name]


def insert_before(parent: Json, after: str, name: str, value: object) -> None:
    """Set a member; a new one stands before another, as people write them."""
    if name in parent or after not in parent:
        parent[name] = value
        return
    names = list(parent)
    if isinstance(parent, CommentedMap):
        parent.insert(names.index(after), name, value)
        return
    tail = [(each, parent.pop(each)) for each in names[names.index(after) :]]
    parent[name] = value
    parent.update(tail)
