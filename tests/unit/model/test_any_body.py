"""Whatever a body holds, it is either read and written back, or refused in our own words."""

import json
from collections.abc import Iterator
from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from gossamer.errors import InvalidSpec, Violation
from gossamer.model.kind import Kind
from gossamer.model.spec import Spec
from gossamer.model.specs import spec_from_json
from tests.support.full_specs import SAMPLES

Path = tuple[str | int, ...]

VALUES: Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
#: A sentence that none of our rules says.
UNKNOWN: Final = "has a value that is not allowed"


def places(value: object, path: Path = ()) -> Iterator[Path]:
    """Where every value of a document is."""
    yield path
    members = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, member in members:
        yield from places(member, (*path, key))


def changed(value: object, path: Path, other: object) -> object:
    """The document with another value at one place."""
    if not path:
        return other
    if isinstance(value, dict):
        return value | {path[0]: changed(value[path[0]], path[1:], other)}
    assert isinstance(value, list)
    return [changed(one, path[1:], other) if index == path[0] else one for index, one in enumerate(value)]


@given(sample=st.sampled_from(sorted(SAMPLES)), data=st.data())
def test_one_wrong_value_anywhere_is_refused_or_harmless(sample: str, data: st.DataObject) -> None:
    kind, spec = SAMPLES[sample]
    place = data.draw(st.sampled_from(list(places(spec))))
    check(kind, json.dumps(changed(spec, place, data.draw(VALUES))))


@given(kind=st.sampled_from(Kind), body=st.binary() | VALUES.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_are_refused_or_harmless(kind: Kind, body: bytes) -> None:
    check(kind, body)


def reading(kind: Kind, body: bytes | str) -> Spec | tuple[Violation, ...]:
    try:
        return spec_from_json(kind, body)
    except InvalidSpec as error:
        return error.violations


def check(kind: Kind, body: bytes | str) -> None:
    match reading(kind, body):
        case Spec() as read:
            assert spec_from_json(kind, read.to_json()) == read
        case found:
            assert found
            assert all(one.why and one.why != UNKNOWN for one in found)
