"""The table of operations against the public service description, and paths that look strange."""

import botocore.loaders
import pytest

from gossamer.api.faults import FAULTS
from gossamer.api.operations import OPERATIONS, UnknownOperation, matched
from gossamer.errors import Bug, InvalidSpec

SERVICE = botocore.loaders.Loader().load_service_model("appmesh", "service-2", "2019-01-25")
THEIRS = SERVICE["operations"]


@pytest.mark.parametrize("ours", OPERATIONS, ids=lambda one: one.name)
def test_an_operation_has_the_method_and_path_of_the_service(ours: object) -> None:
    name, method = ours.name, ours.method  # type: ignore[attr-defined]  # parametrize knows no types
    theirs = THEIRS[name]["http"]
    shape = tuple(
        None if part.startswith("{") else part for part in theirs["requestUri"].strip("/").split("/")
    )
    assert (method, ours.path) == (theirs["method"], shape)  # type: ignore[attr-defined]


def test_every_operation_of_the_service_is_served() -> None:
    assert {one.name for one in OPERATIONS} == THEIRS.keys()


def test_an_error_has_the_status_and_name_of_the_service() -> None:
    shapes = SERVICE["shapes"]
    for error, (status, name) in FAULTS.items():
        assert shapes[name]["exception"], error
        assert shapes[name]["error"]["httpStatusCode"] == status
    told = {name for _, name in FAULTS.values()}
    theirs = {error["shape"] for operation in THEIRS.values() for error in operation.get("errors", ())}
    assert theirs <= told
    assert Bug in FAULTS


def test_a_path_is_split_before_its_names_are_decoded() -> None:
    operation, names = matched("GET", b"/v20190125/meshes/a%2Fb/virtualServices/%C3%BC%20%2F..")
    assert operation.name == "DescribeVirtualService"
    assert names == ("a/b", "ü /..")


def test_a_name_that_is_not_text_is_a_bad_request() -> None:
    with pytest.raises(InvalidSpec, match="UTF-8"):
        matched("GET", b"/v20190125/meshes/%FF")


@pytest.mark.parametrize("path", [b"/v20190125/mesh", b"/v20190125", b"", b"/", b"/v20190125/meshes/a/b/c/d"])
def test_an_unknown_path_names_the_operations_nearby(path: bytes) -> None:
    with pytest.raises(UnknownOperation, match="nearby: ") as error:
        matched("GET", path)
    assert error.value.allowed == ()


def test_an_encoded_slash_does_not_make_up_a_path() -> None:
    with pytest.raises(UnknownOperation):
        matched("GET", b"/v20190125%2Fmeshes")


def test_a_method_that_a_path_does_not_have_is_told_which_it_has() -> None:
    with pytest.raises(UnknownOperation) as error:
        matched("PATCH", b"/v20190125/meshes/m")
    assert error.value.allowed == ("DELETE", "GET", "PUT")
