"""Pure: how an injection is undone.

What every injection adds is known by its names, and taken out by them. What is more (a value that was
replaced, a container of that name that was there before) is recorded as a JSON Patch, which is mostly empty.
The record also tells that something was injected at all.

Source: docs/decisions/056-how-injection-is-undone.md.
"""

import json

from gossamer.inject.document import Json, Refused
from gossamer.inject.patch import applied, difference


def made(original: Json, bare: Json) -> str:
    """The record: from what is left when the known additions are taken out, to what was there before.

    Raises: Refused for values with tags of YAML, which JSON cannot hold.
    """
    try:
        return json.dumps(list(difference(bare, original)), separators=(",", ":"))
    except TypeError as error:
        raise Refused(
            f"what was there before cannot be recorded, inject with --no-record: {error}"
        ) from error


def undone(bare: Json, record: str) -> Json:
    """What was there before.

    Raises: Refused for a record that cannot be read, or does not fit.
    """
    try:
        operations = json.loads(record)
    except (ValueError, RecursionError) as error:
        raise Refused(f"the record of what was injected is not JSON: {error}") from error
    if not isinstance(operations, list) or not all(isinstance(each, dict) for each in operations):
        raise Refused("the record of what was injected is not a JSON Patch")
    return applied(bare, operations)
