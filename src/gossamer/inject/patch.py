"""Pure: the difference between two documents as a JSON Patch, and a patch applied.

Source: RFC 6902 for the operations, RFC 6901 for the paths.
"""

from collections.abc import Iterator, Sequence

from gossamer.inject.document import Json, Refused, copied

Operation = dict[str, object]


def difference(before: object, after: object, path: str = "") -> Iterator[Operation]:
    """The operations that make one document of another."""
    if isinstance(before, dict) and isinstance(after, dict):
        yield from _of_members(before, after, path)
    elif isinstance(before, list) and isinstance(after, list):
        yield from _of_items(before, after, path)
    elif before != after:
        yield {"op": "replace", "path": path, "value": after}


def _of_members(before: Json, after: Json, path: str) -> Iterator[Operation]:
    """The difference of two mappings."""
    for name in before:
        if name not in after:
            yield {"op": "remove", "path": f"{path}/{_token(name)}"}
    for name, value in after.items():
        here = f"{path}/{_token(name)}"
        if name in before:
            yield from difference(before[name], value, here)
        else:
            yield {"op": "add", "path": here, "value": value}


def _of_items(before: Sequence[object], after: Sequence[object], path: str) -> Iterator[Operation]:
    """The difference of two lists: items put between others, else the list as a whole."""
    names = [_name(item) for item in after]
    positions = [names.index(_name(item)) if _name(item) in names else -1 for item in before]
    if -1 in positions or positions != sorted(set(positions)):
        if before != after:
            yield {"op": "replace", "path": path, "value": list(after)}
        return
    kept = dict(zip(positions, before, strict=True))
    for index, item in enumerate(after):
        if index in kept:
            yield from difference(kept[index], item, f"{path}/{index}")
        else:
            yield {"op": "add", "path": f"{path}/{index}", "value": item}


def _name(item: object) -> object:
    """What tells an item of a list from its neighbours: its name, else all of it."""
    return item["name"] if isinstance(item, dict) and "name" in item else item


def _token(name: str) -> str:
    """A member's name within a path."""
    return name.replace("~", "~0").replace("/", "~1")


def applied(document: Json, operations: Sequence[Operation]) -> Json:
    """A document after a patch; operations are those that `difference` makes.

    Raises: Refused for an operation that does not fit the document.
    """
    made = copied(document)
    for operation in operations:
        *parents, last = (_name_of(token) for token in str(operation["path"]).split("/")[1:])
        try:
            target: object = made
            for name in parents:
                target = _member(target, name)
            _carry_out(target, last, operation)
        except (KeyError, IndexError, ValueError, TypeError) as error:
            raise Refused(f"the record of what was injected does not fit: {operation['path']}") from error
    return made


def _name_of(token: str) -> str:
    """A member's name, read from a path."""
    return token.replace("~1", "/").replace("~0", "~")


def _member(target: object, name: str) -> object:
    """A member of a mapping, or an item of a list."""
    if isinstance(target, list):
        return target[int(name)]
    if isinstance(target, dict):
        return target[name]
    raise TypeError(name)


def _carry_out(target: object, name: str, operation: Operation) -> None:
    """One operation on what holds its subject."""
    if isinstance(target, list):
        if operation["op"] == "add":
            target.insert(int(name), operation["value"])
        elif operation["op"] == "remove":
            del target[int(name)]
        else:
            target[int(name)] = operation["value"]
    elif isinstance(target, dict):
        if operation["op"] == "remove":
            del target[name]
        else:
            target[name] = operation["value"]
    else:
        raise TypeError(name)
