"""JSON Patch: what differs, applied, gives the other document."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gossamer.inject.document import Refused
from gossamer.inject.patch import applied, difference

SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=5)
NAMED = st.fixed_dictionaries({"name": st.sampled_from("abcd"), "value": SCALARS})
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(NAMED, max_size=4, unique_by=lambda row: row["name"])
        | st.dictionaries(st.text(max_size=3), inner, max_size=4)
    ),
    max_leaves=12,
)
DOCUMENTS = st.dictionaries(st.text(max_size=3), VALUES, max_size=5)


@given(DOCUMENTS, DOCUMENTS)
def test_a_difference_applied_to_one_document_gives_the_other(before: Any, after: Any) -> None:
    assert applied(before, list(difference(before, after))) == after


@given(DOCUMENTS)
def test_a_document_does_not_differ_from_itself(document: Any) -> None:
    assert list(difference(document, document)) == []


def test_a_container_that_is_added_is_one_operation() -> None:
    app, envoy = {"name": "app", "env": []}, {"name": "envoy"}
    before = {"spec": {"containers": [app]}}
    after = {"spec": {"containers": [envoy, {**app, "image": "x"}]}}
    assert list(difference(before, after)) == [
        {"op": "add", "path": "/spec/containers/0", "value": envoy},
        {"op": "add", "path": "/spec/containers/1/image", "value": "x"},
    ]


def test_slashes_and_tildes_of_names_are_written_as_the_paths_of_a_patch_have_them() -> None:
    assert list(difference({}, {"a/b~c": 1})) == [{"op": "add", "path": "/a~1b~0c", "value": 1}]


@pytest.mark.parametrize("path", ["/missing/0", "/list/7", "/text/0"])
def test_an_operation_that_does_not_fit_is_refused(path: str) -> None:
    with pytest.raises(Refused, match="does not fit"):
        applied({"list": [], "text": "t"}, [{"op": "remove", "path": path}])
