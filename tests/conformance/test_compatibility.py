"""Every operation with every client: what each call comes to, what answers hold, and the page about it."""

import functools
from collections.abc import Sequence

import botocore.loaders
import pytest
from botocore.model import ServiceModel

from tests.support.compatibility.answer import misfits
from tests.support.compatibility.call import Api
from tests.support.compatibility.matrix import APIS, PAGE, Result, listed_errors, page, results

pytestmark = [pytest.mark.e2e, pytest.mark.parametrize("api", APIS, ids=lambda api: api.version)]


@functools.cache
def found(version: str) -> Sequence[Result]:
    """What every call came to; made once for all tests here."""
    return results(next(api for api in APIS if api.version == version))


def model(api: Api) -> ServiceModel:
    return ServiceModel(botocore.loaders.Loader().load_service_model("appmesh", "service-2", api.version))


def test_every_call_comes_to_what_it_must_with_every_client(api: Api) -> None:
    wrong = [one for one in found(api.version) if not one.is_right]
    assert [(one.client, one.call.operation, one.call.error, one.outcome) for one in wrong] == []


def test_every_operation_is_answered_and_refused_in_every_way_that_is_listed(api: Api) -> None:
    made = {(one.client, one.call.operation, one.call.error) for one in found(api.version)}
    clients = {client for client, _, _ in made}
    assert clients == {"AWS CLI", "boto3"}
    for operation, errors in listed_errors(api).items():
        wanted = {error for error in errors if (operation, error) not in api.impossible} | {""}
        for client in clients:
            assert {error for of, called, error in made if (of, called) == (client, operation)} == wanted


def test_every_answer_is_what_the_description_says(api: Api) -> None:
    answers = [one for one in found(api.version) if one.outcome.is_raw]
    assert {one.call.operation for one in answers} >= {
        name for name in listed_errors(api) if not name.startswith("List")
    }
    for one in answers:
        output = model(api).operation_model(one.call.operation).output_shape
        payload = output.serialization.get("payload")
        shape = output.members[payload] if payload else output
        assert list(misfits(one.outcome.answer, shape, one.call.operation)) == []


def test_every_list_is_walked_to_its_end_page_by_page(api: Api) -> None:
    walked = {one.call.operation for one in found(api.version) if one.outcome.found == 2}
    pages = botocore.loaders.Loader().load_service_model("appmesh", "paginators-1", api.version)
    assert walked == pages["pagination"].keys()


def test_the_page_tells_what_the_calls_came_to(api: Api) -> None:
    assert PAGE.read_text() == page({one.version: found(one.version) for one in APIS}), "run `make docs`"
    assert api.version in PAGE.read_text()
