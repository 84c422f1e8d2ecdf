"""Documents in files, folders and on standard input: YAML or JSON, one or several, each with its place."""

import json
import sys
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import cyclopts
import yaml

from gossamer.cli.template import is_template, template_documents
from gossamer.cli.words import WrongUsage
from gossamer.inject.document import TOO_MUCH, has_too_much

STDIN: Final = "-"

#: A lone hyphen is a file here; any other word that begins with one is refused as a flag that is not there.
File = Annotated[str, cyclopts.Parameter(allow_leading_hyphen=True)]
#: The same behind a flag, as often as one likes.
Flagged = Annotated[tuple[str, ...], cyclopts.Parameter(alias="-f", negative="", allow_leading_hyphen=True)]

ENDINGS: Final = frozenset({".yaml", ".yml", ".json", ".template"})


@dataclass(frozen=True, slots=True)
class Source:
    """One document, and where it came from; `node` tells the lines of what is in it, in YAML."""

    document: object
    file: str
    number: int
    node: yaml.Node | None = None

    def place(self, path: str) -> str:
        """Where something in it stands: `shop.yaml:12`, or the number of the document."""
        if self.node is None:
            return f"{self.file}, document {self.number}"
        return f"{self.file}:{_line(self.node, path) + 1}"


def sources(names: Sequence[str]) -> tuple[Source, ...]:
    """Every document in some files, in order.

    Raises: WrongUsage for what cannot be read.
    """
    found = tuple(source for name in names for file in _files(name) for source in _read(file))
    if not found:
        raise WrongUsage(f"{', '.join(names) or 'no file'}: there is no document in it")
    return found


def _files(name: str) -> Iterator[str]:
    """The files that a name stands for; of a folder, those that look like documents, by name."""
    if name.startswith("-") and name != STDIN:
        raise WrongUsage(f"there is no flag {name}")
    if name == STDIN or not Path(name).is_dir():
        yield name
        return
    listed = sorted(one for one in Path(name).rglob("*") if one.suffix in ENDINGS and one.is_file())
    if not listed:
        raise WrongUsage(f"{name} holds no file that ends in {', '.join(sorted(ENDINGS))}")
    yield from map(str, listed)


def _text(file: str) -> str:
    try:
        raw = sys.stdin.buffer.read() if file == STDIN else Path(file).read_bytes()
        return raw.decode("utf-8-sig")
    except OSError as error:
        raise WrongUsage(f"cannot read {file}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise WrongUsage(f"{file} is no text in UTF-8") from error


def _read(file: str) -> Iterator[Source]:
    text = _text(file)
    shown = "standard input" if file == STDIN else file
    number = 0
    for found in _json(text, shown) or _yaml(text, shown):
        for one in _single(found):
            number += 1
            document = _plain(one.document, f"{shown}, document {number}")
            yield Source(document, shown, number, one.node)


def _json(text: str, file: str) -> list[Source]:
    """The document, if it is JSON: YAML takes most of JSON, but not with tabs in it."""
    if not text.lstrip().startswith(("{", "[")):
        return []
    try:
        return [Source(json.loads(text, object_pairs_hook=_object), file, 0)]
    except RecursionError as error:
        raise WrongUsage(f"{file}: it is nested too deeply") from error
    except ValueError:
        return []


def _yaml(text: str, file: str) -> Iterator[Source]:
    loader = _Loader(text)
    try:
        while loader.check_node():
            node = loader.get_node()
            document = loader.construct_document(node)
            if has_too_much(document):
                raise WrongUsage(f"{file}: {TOO_MUCH}")
            yield Source(document, file, 0, node)
    except yaml.YAMLError as error:
        raise WrongUsage(f"{file}: {_sentence(error)}") from error
    except RecursionError as error:
        raise WrongUsage(f"{file}: it is nested too deeply") from error
    finally:
        loader.dispose()


def _single(source: Source) -> Iterator[Source]:
    """Each resource in what stands between two lines of dashes: one, a list of them, or a template."""
    found, node = source.document, source.node
    if found is None:
        return
    if is_template(found):
        for one in template_documents(found, source.file):
            yield Source(one, source.file, 0)
    elif isinstance(found, list):
        nodes = node.value if isinstance(node, yaml.SequenceNode) else [None] * len(found)
        for one, its_node in zip(found, nodes, strict=True):
            yield from _single(Source(one, source.file, 0, its_node))
    else:
        yield source


def _plain(document: object, where: str) -> object:
    """A document as JSON can hold it.

    Raises: WrongUsage.
    """
    try:
        return json.loads(json.dumps(document, allow_nan=False))
    except (TypeError, ValueError, RecursionError) as error:
        raise WrongUsage(f"{where}: it holds what JSON cannot: {error}") from error


def _object(members: list[tuple[str, object]]) -> dict[str, object]:
    names = [name for name, _ in members]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise WrongUsage(f"{twice[0]} stands more than once in one object")
    return dict(members)


class _Loader(yaml.SafeLoader):
    """Reads YAML as operators mean it: times are text, and no member may stand twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, object]:  # noqa: FBT001, FBT002 - the library's own form
        """An object."""
        names: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.tag != "tag:yaml.org,2002:merge":
                if key.value in names:
                    why = f"{key.value} stands more than once in one object"
                    raise yaml.constructor.ConstructorError(None, None, why, key.start_mark)
                names.add(key.value)
        return super().construct_mapping(node, deep)


_Loader.yaml_implicit_resolvers = {
    first: [(tag, expression) for tag, expression in found if tag != "tag:yaml.org,2002:timestamp"]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _short_function(loader: _Loader, suffix: str, node: yaml.Node) -> dict[str, object]:
    """An intrinsic function of CloudFormation in its short form: `!GetAtt a.b`."""
    name = suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}"
    if isinstance(node, yaml.ScalarNode):
        return {name: loader.construct_scalar(node)}
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    return {name: loader.construct_mapping(node, deep=True) if isinstance(node, yaml.MappingNode) else None}


_Loader.add_multi_constructor("!", _short_function)


def _sentence(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    where = "" if mark is None else f"line {mark.line + 1}, column {mark.column + 1}: "
    return f"{where}{getattr(error, 'problem', None) or error}"


def _line(node: yaml.Node, path: str) -> int:
    """The line of what a path leads to: `spec.listeners[0].portMapping`, as far as it leads."""
    line = node.start_mark.line
    for part in path.replace("[", ".").replace("]", "").split("."):
        if isinstance(node, yaml.MappingNode):
            pair = next(((key, value) for key, value in node.value if key.value == part), None)
            if pair is None:
                return line
            line, node = pair[0].start_mark.line, pair[1]
        elif isinstance(node, yaml.SequenceNode) and part.isdecimal() and int(part) < len(node.value):
            node = node.value[int(part)]
            line = node.start_mark.line
    return line
