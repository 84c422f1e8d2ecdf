"""The OpenAPI document: complete, and true to the server's own checks."""

import json
import re
from collections.abc import Iterator
from typing import Any, Final

import jsonschema_rs
import pytest

from gossamer.api.description.example import EXAMPLES
from gossamer.api.description.openapi import openapi
from gossamer.api.description.operation import Described
from gossamer.api.description.service import current
from gossamer.api.operations import OPERATIONS
from gossamer.api.refusal import Refusal

DOCUMENT: Final[dict[str, Any]] = json.loads(json.dumps(openapi(current())))
WITH_BODY: Final = [one for one in current().operations if one.body is not None]


def references(found: object) -> Iterator[str]:
    """Every reference in a document."""
    if isinstance(found, dict):
        if isinstance(found.get("$ref"), str):
            yield found["$ref"]
        for inner in found.values():
            yield from references(inner)
    elif isinstance(found, list):
        for inner in found:
            yield from references(inner)


def calls() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in DOCUMENT["paths"].items():
        for method, about in methods.items():
            yield path, method, about


def test_every_operation_is_in_the_document() -> None:
    assert {about["operationId"] for _, _, about in calls()} == {one.name for one in OPERATIONS}


def test_every_reference_leads_somewhere_and_every_schema_is_used() -> None:
    used = set(references(DOCUMENT))
    parts = DOCUMENT["components"]
    there = {f"#/components/{part}/{name}" for part in ("schemas", "headers") for name in parts[part]}
    assert used == there


def test_every_name_in_a_path_is_a_parameter_of_it() -> None:
    for path, _, about in calls():
        names = [one["name"] for one in about["parameters"] if one["in"] == "path"]
        assert re.findall("{([^}]+)}", path) == names


def test_every_error_tells_its_name_in_a_header() -> None:
    for _, _, about in calls():
        for status, answer in about["responses"].items():
            assert ("x-amzn-ErrorType" in answer["headers"]) is (status != "200")


def test_every_reason_not_to_let_a_caller_in_is_an_answer_of_every_operation() -> None:
    for _, _, about in calls():
        for one in Refusal:
            header = about["responses"][str(one.status)]["headers"]["x-amzn-ErrorType"]
            assert one.fault in header["schema"]["enum"]


def test_every_operation_with_a_body_has_an_example() -> None:
    assert {one.name for one in WITH_BODY} <= EXAMPLES.keys()


@pytest.mark.parametrize("one", WITH_BODY, ids=lambda one: one.name)
def test_an_example_is_what_the_document_and_the_server_take(one: Described) -> None:
    assert one.body is not None
    body = json.dumps(EXAMPLES[one.name])
    one.body.from_json(body)
    schema = {"$ref": f"#/components/schemas/{one.body.__name__}", "components": DOCUMENT["components"]}
    jsonschema_rs.validate(schema, json.loads(body))
