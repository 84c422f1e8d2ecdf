"""The description as OpenAPI 3.1: every operation, its limits, its bodies, its errors.

Source: OpenAPI Specification 3.1; how AWS's own documents tell OpenAPI of signed requests.
"""

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from importlib.metadata import version
from typing import Final

from pydantic.json_schema import JsonSchemaValue

from gossamer.api.description.example import EXAMPLES
from gossamer.api.description.operation import Described
from gossamer.api.description.service import Service
from gossamer.api.description.shape import reference
from gossamer.api.faults import FAULTS
from gossamer.api.refusal import Refusal

ABOUT: Final = """The API of AWS App Mesh, as Gossamer serves it.

Create and update send the whole spec. A member that is null counts as absent, and one that is not listed is
refused. A refusal names every member that is wrong, with its rule; some rules hold between members or between
resources, and only the server can tell those. Once access keys are configured, requests are signed with AWS
Signature Version 4."""

ERROR: Final = "Error"

#: Errors that no operation lists, because they come before it: who calls, and what for.
BEFORE: Final[Mapping[int, tuple[str, ...]]] = {
    404: ("UnknownOperationException",),
    **{
        status: tuple(dict.fromkeys(one.fault for one in Refusal if one.status == status))
        for status in sorted({one.status for one in Refusal})
    },
}

REQUEST_ID: Final[JsonSchemaValue] = {
    "description": "What the server's log calls this request.",
    "required": True,
    "schema": {"type": "string", "format": "uuid"},
}


def openapi(service: Service) -> dict[str, object]:
    """The whole document."""
    paths: dict[str, dict[str, object]] = {}
    for one in service.operations:
        paths.setdefault(one.uri, {})[one.method.lower()] = _operation(one)
    error = {
        "type": "object",
        "description": "What went wrong, in a sentence; its name is in the header `x-amzn-ErrorType`.",
        "properties": {"message": {"type": "string"}},
        "required": ["message"],
    }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "App Mesh",
            "version": service.version,
            "description": ABOUT,
            "x-gossamer": version("gossamer"),
        },
        "servers": [{"url": "/"}],
        "security": [{"sigv4": []}],
        "paths": paths,
        "components": {
            "schemas": dict(sorted(({**service.shapes, ERROR: error}).items())),
            "headers": {"RequestId": REQUEST_ID},
            "securitySchemes": {"sigv4": _signature()},
        },
    }


def _operation(one: Described) -> dict[str, object]:
    found: dict[str, object] = {
        "operationId": one.name,
        "summary": one.says,
        "tags": [_tag(one)],
        "parameters": list(_parameters(one)),
        "responses": _responses(one),
    }
    if one.body is not None:
        content: dict[str, object] = {"schema": reference(one.body.__name__)}
        if one.name in EXAMPLES:
            content["example"] = EXAMPLES[one.name]
        required = bool(one.body.model_json_schema().get("required"))
        found["requestBody"] = {"required": required, "content": {"application/json": content}}
    return found


def _tag(one: Described) -> str:
    """What an operation is about: the last name in its path, or the collection that it lists."""
    return [part for part in one.uri.split("/") if not part.startswith("{")][-1]


def _parameters(one: Described) -> Iterator[dict[str, object]]:
    for place, members in (("path", one.path), ("query", one.query)):
        for name, schema in members.items():
            inner = {key: value for key, value in schema.items() if key != "description"}
            must = place == "path" or name in one.required_query
            found: dict[str, object] = {"name": name, "in": place, "required": must, "schema": inner}
            yield found | ({"description": schema["description"]} if "description" in schema else {})


def _responses(one: Described) -> dict[str, object]:
    good = {
        "description": "Done." if one.changes else "Found.",
        "headers": _headers(),
        "content": {"application/json": {"schema": reference(one.answer)}},
    }
    return {"200": good, **{str(status): _refusal(status, names) for status, names in _refusals(one)}}


def _refusals(one: Described) -> Iterator[tuple[int, tuple[str, ...]]]:
    """The errors of an operation by their status."""
    statuses = {name: status for status, name in FAULTS.values()}
    for status in sorted({*BEFORE, *map(statuses.__getitem__, one.errors)}):
        own = (name for name in one.errors if statuses[name] == status)
        yield status, (*own, *BEFORE.get(status, ()))


def _refusal(status: int, names: tuple[str, ...]) -> dict[str, object]:
    kind = {
        "description": "The name of the error.",
        "required": True,
        "schema": {"type": "string", "enum": list(names)},
    }
    return {
        "description": f"{HTTPStatus(status).phrase}: {', '.join(names)}.",
        "headers": _headers() | {"x-amzn-ErrorType": kind},
        "content": {"application/json": {"schema": reference(ERROR)}},
    }


def _headers() -> dict[str, object]:
    return {"x-amzn-RequestId": {"$ref": "#/components/headers/RequestId"}}


def _signature() -> dict[str, object]:
    return {
        "type": "apiKey",
        "name": "Authorization",
        "in": "header",
        "x-amazon-apigateway-authtype": "awsSigv4",
        "description": (
            "AWS Signature Version 4, service `appmesh`; needed once access keys are configured. On this"
            " page, give KEY:SECRET or KEY:SECRET:REGION: your browser signs what you try out."
        ),
    }
