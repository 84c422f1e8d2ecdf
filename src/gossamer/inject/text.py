"""Files of JSON or YAML, read and written so that what did not change keeps its bytes.

JSON keeps its indentation. Of YAML each document stands for itself: comments, order, quotes and the form of
its lists are kept by ruamel, and a document that did not change keeps its very text.

Source: YAML 1.2 for document markers; ruamel.yaml for the round trip.
"""

import io
import itertools
import json
import re
from collections.abc import Callable, Iterator
from typing import Final

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from gossamer.inject.document import TOO_DEEP, TOO_MUCH, Json, Refused, has_too_much, json_object

Change = Callable[[Json], Json]

_MARKER: Final = re.compile(r"^---(?=\s|$)", re.MULTILINE)
_BRACKET: Final = re.compile(r"[\[\]{}]")
_LONG: Final = 2**16

#: How many brackets may be open at once in YAML, whose reader takes ever longer for each; those in texts
#: count too.
_DEEPEST: Final = 500


def changed(text: str, change: Change) -> str:
    """A file after each of its documents went through a change.

    Raises: Refused when it is neither JSON nor YAML, or nested too deeply to be read.
    """
    try:
        if _is_json(text):
            return _changed_json(text, change)
        if _flow_depth(text) > _DEEPEST:
            raise Refused(TOO_DEEP)
        return "".join(_changed_yaml(piece, change) for piece in _pieces(text))
    except RecursionError as error:
        raise Refused(TOO_DEEP) from error


def parsed(text: str) -> list[Json]:
    """The documents of a file.

    Raises: Refused when it is neither JSON nor YAML.
    """
    found: list[Json] = []

    def remember(document: Json) -> Json:
        found.append(document)
        return document

    changed(text, remember)
    return found


def _is_json(text: str) -> bool:
    """Whether a file is JSON; YAML seldom begins with a brace."""
    return text.lstrip()[:1] in {"{", "["}


def _flow_depth(text: str) -> int:
    """How many brackets are open at once, at most."""
    steps = (1 if one in "[{" else -1 for one in _BRACKET.findall(text))
    return max(itertools.accumulate(steps, lambda depth, step: max(depth + step, 0)), default=0)


def _pieces(text: str) -> Iterator[str]:
    """The documents of a file of YAML, each from its marker to the next."""
    starts = [found.start() for found in _MARKER.finditer(text)]
    bounds = [0, *(start for start in starts if start), len(text)]
    return (text[start:end] for start, end in itertools.pairwise(bounds))


def _changed_json(text: str, change: Change) -> str:
    """A file of JSON."""
    before = json_object(text)
    after = change(before)
    if after == before:
        return text
    indent = re.search(r"\n([ \t]+)\S", text)
    end = text[len(text.rstrip()) :]
    if indent is None and "\n" not in text.strip():
        return json.dumps(after, ensure_ascii=False) + end
    return json.dumps(after, indent=indent[1] if indent else 2, ensure_ascii=False) + end


def _changed_yaml(piece: str, change: Change) -> str:
    """One document of YAML, from its marker to the next."""
    yaml = _yaml(piece)
    try:
        before = yaml.load(piece)
    except YAMLError as error:
        raise Refused(f"this is not YAML: {error}") from error
    if not isinstance(before, dict):
        if before is None:
            return piece
        raise Refused("a document must be an object")
    if has_too_much(before):
        raise Refused(TOO_MUCH)
    after = change(before)
    if after == before:
        return piece
    out = io.StringIO()
    yaml.dump(after, out)
    return out.getvalue()


def _yaml(piece: str) -> YAML:
    """A reader and writer that keeps the form of this document."""
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = _LONG
    yaml.explicit_start = bool(_MARKER.match(piece))
    # Items that stand in the column of the list's own name, or two columns to the right of it.
    is_flush = re.search(r"^( *)[\w./-]+:[ \t]*\n(?:[ \t]*#.*\n)*\1- ", piece, re.MULTILINE)
    yaml.indent(mapping=2, sequence=2 if is_flush else 4, offset=0 if is_flush else 2)
    return yaml
