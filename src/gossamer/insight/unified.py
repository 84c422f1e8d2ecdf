"""Two specs side by side, as people read changes: a unified diff of their YAML."""

import difflib
import json
from collections.abc import Mapping
from typing import Final

from gossamer.model.revision import Revision
from gossamer.model.spec import Spec
from gossamer.store.history import Then

#: Longer texts are not compared line by line.
LONGEST: Final = 20_000


def spec_document(spec: Spec | None) -> object:
    """A spec as JSON; None for one that is not there."""
    return None if spec is None else json.loads(spec.to_json())


def revision_document(one: Revision | Then | None) -> object:
    """The spec of a resource as JSON; None for one that is not there."""
    return None if one is None else spec_document(one.spec)


def unified(name: str, before: object, after: object) -> str:
    """What changed between two documents, None for one that is not there; empty if nothing did."""
    old, new = _lines(before), _lines(after)
    if old == new:
        return ""
    if len(old) + len(new) > LONGEST:
        return f"--- {name}\n+++ {name}\n too long to compare: {len(old)} lines, now {len(new)}\n"
    was, now = (name if document is not None else "/dev/null" for document in (before, after))
    return "".join(difflib.unified_diff(old, new, was, now))


def _lines(document: object) -> list[str]:
    if document is None:
        return []
    import yaml  # noqa: PLC0415 - a server starts without it

    # The C library's writer where it is there: it is ten times as fast.
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    text: str = yaml.dump(document, Dumper=dumper, sort_keys=False, allow_unicode=True)
    return text.splitlines(keepends=True)


def with_labels(spec: object, tags: Mapping[str, str] | None) -> object:
    """A spec beside its labels, for a change that is about both."""
    return spec if tags is None or spec is None else {"spec": spec, "tags": dict(sorted(tags.items()))}
