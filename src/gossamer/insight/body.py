"""The body of one of our own writes, as JSON in which every object means one thing."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final

from gossamer.errors import InvalidSpec, Violation

TOO_DEEP: Final = Violation("", "the body is nested too deeply")
TWICE: Final = "stands more than once in one object"
NO_OBJECT: Final = Violation("", "the body must be a JSON object in UTF-8")
NO_TEXT: Final = Violation("", "the body holds a lone surrogate (\\ud800 to \\udfff), which is no character")
TOO_LONG: Final = Violation("", "the body holds a number of too many digits")


class Doubled(dict[str, object]):
    """An object in which members stand more than once, which JSON leaves open; `names` are theirs."""

    names: tuple[str, ...] = ()


def read_json(body: bytes) -> Mapping[str, object]:
    """The object that a body is; objects that mean two things are marked, see `doubled`.

    Raises: InvalidSpec for what is no JSON object in UTF-8.
    """
    try:
        found = json.loads(body or b"{}", object_pairs_hook=_object)
    except RecursionError:
        raise InvalidSpec([TOO_DEEP]) from None
    except json.JSONDecodeError as error:
        why = f"the body is not valid JSON, line {error.lineno} column {error.colno}"
        raise InvalidSpec([Violation("", why)]) from None
    except UnicodeDecodeError:
        raise InvalidSpec([NO_OBJECT]) from None
    except ValueError:
        raise InvalidSpec([TOO_LONG]) from None
    if b"\\ud" in body.lower() and _has_surrogate(found):
        raise InvalidSpec([NO_TEXT])
    if not isinstance(found, dict):
        raise InvalidSpec([NO_OBJECT])
    return found


def doubled(document: object, path: str = "") -> Iterator[Violation]:
    """Where a document holds members that stand more than once."""
    if isinstance(document, Doubled):
        for name in document.names:
            yield Violation(f"{path}.{name}".lstrip("."), TWICE)
    if isinstance(document, dict):
        for name, inner in document.items():
            yield from doubled(inner, f"{path}.{name}".lstrip("."))
    elif isinstance(document, list):
        for index, inner in enumerate(document):
            yield from doubled(inner, f"{path}[{index}]")


def _has_surrogate(found: object) -> bool:
    """Whether it holds what no answer can say again."""
    try:
        json.dumps(found, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    return False


def _object(members: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(members)
    if len(found) == len(members):
        return found
    marked = Doubled(found)
    marked.names = tuple(name for name, count in Counter(name for name, _ in members).items() if count > 1)
    return marked
