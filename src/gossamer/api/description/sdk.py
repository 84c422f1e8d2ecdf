"""The description that the AWS CLI and SDKs load, so that one which has dropped App Mesh speaks it still.

A service becomes three documents: `service-2.json`, `paginators-1.json` and `endpoint-rule-set-1.json`.
Source: botocore, how its models spell services; Smithy's traits of the AWS REST protocol with JSON.
"""

import html
from typing import Final

from pydantic.json_schema import JsonSchemaValue

from gossamer.api.description.operation import Described
from gossamer.api.description.service import Service
from gossamer.api.description.shape import referred
from gossamer.api.faults import FAULTS

Document = dict[str, object]

#: The largest number of the wider of the API's two kinds of whole numbers that the narrower one holds.
LARGEST_INTEGER: Final = 2**31 - 1

THROTTLING: Final = "TooManyRequestsException"

#: How JSON Schema's words are called in these documents.
WORDS: Final = {
    "minimum": "min",
    "maximum": "max",
    "minLength": "min",
    "maxLength": "max",
    "minItems": "min",
    "maxItems": "max",
    "pattern": "pattern",
    "enum": "enum",
}


def documents(service: Service) -> dict[str, Document]:
    """The documents of one version, by the name of their file."""
    return {
        "service-2.json": _service(service),
        "paginators-1.json": _paginators(service),
        "endpoint-rule-set-1.json": _endpoint_rules(),
    }


def _service(service: Service) -> Document:
    return {
        "version": "2.0",
        "metadata": {
            "apiVersion": service.version,
            "endpointPrefix": "appmesh",
            "jsonVersion": "1.1",
            "protocol": "rest-json",
            "protocols": ["rest-json"],
            "serviceFullName": "AWS App Mesh",
            "serviceId": "App Mesh",
            "signatureVersion": "v4",
            "signingName": "appmesh",
            "uid": f"appmesh-{service.version}",
        },
        "operations": {one.name: _operation(one) for one in service.operations},
        "shapes": _Shapes(service).all(),
        "documentation": _told("App Mesh, as Gossamer serves it."),
    }


def _operation(operation: Described) -> Document:
    http = {"method": operation.method, "requestUri": operation.uri, "responseCode": 200}
    found: Document = {
        "name": operation.name,
        "http": http,
        "input": {"shape": f"{operation.name}Input"},
        "output": {"shape": f"{operation.name}Output"},
        "errors": [{"shape": name} for name in operation.errors],
        "documentation": _told(operation.says),
    }
    return found | ({"idempotent": True} if operation.changes else {})


class _Shapes:
    """The shapes of a service; a scalar gets the name of the first member that holds it."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._found: dict[str, Document] = {"ErrorMessage": {"type": "string"}}

    def all(self) -> Document:
        """Every shape, in the order of their names."""
        for name, schema in self._service.shapes.items():
            if "enum" in schema or "const" in schema:
                self._found[name] = _choice(schema)
        for name, schema in self._service.shapes.items():
            if "properties" in schema or schema.get("type") == "object":
                self._add_structure(name, schema)
        for operation in self._service.operations:
            self._add_input(operation)
            self._add_output(operation)
            self._found |= {name: _error(name) for name in operation.errors}
        return dict(sorted(self._found.items()))

    def _add_structure(self, name: str, schema: JsonSchemaValue) -> None:
        members = {one: self._member(name, one, about) for one, about in schema.get("properties", {}).items()}
        shape: Document = {"type": "structure", "members": dict(sorted(members.items()))}
        if required := schema.get("required"):
            shape["required"] = sorted(required)
        if schema.get("maxProperties") == 1:
            shape["union"] = True
        if "description" in schema:
            shape["documentation"] = _told(schema["description"])
        self._found[name] = shape

    def _add_input(self, operation: Described) -> None:
        """What travels in the path, the query and the body, as one structure."""
        name = f"{operation.name}Input"
        body = self._service.shapes.get(name, {}) if operation.body is not None else {}
        about = {**operation.path, **operation.query, **body.get("properties", {})}
        required = (*operation.path, *operation.required_query, *body.get("required", ()))
        says = {"description": f"What {operation.name} takes."}
        self._add_structure(name, {"properties": about, "required": required} | says)
        members = self._found[name]["members"]
        for place, names in (("uri", operation.path), ("querystring", operation.query)):
            for one in names:
                members[one] |= {"location": place, "locationName": one}  # type: ignore[index]  # a structure's

    def _add_output(self, operation: Described) -> None:
        name = f"{operation.name}Output"
        if operation.payload is None:
            if name not in self._found:
                self._add_structure(name, self._service.shapes[operation.answer])
            return
        member = {operation.payload: {"shape": operation.answer}}
        shape: Document = {"type": "structure", "members": member, "required": [operation.payload]}
        self._found[name] = shape | {"payload": operation.payload}

    def _member(self, structure: str, member: str, about: JsonSchemaValue) -> Document:
        found: Document = {"shape": referred(about) or self._named(structure, member, about)}
        if says := about.get("description"):
            found["documentation"] = _told(says)
        if member == "clientToken":
            found["idempotencyToken"] = True
        return found

    def _named(self, structure: str, member: str, about: JsonSchemaValue) -> str:
        """The name of a scalar or a list; the same content has one name wherever it can."""
        shape = self._inline(structure, member, about)
        plain = member[0].upper() + member[1:]
        for name in (plain, structure + plain):
            if name not in self._service.shapes and self._found.setdefault(name, shape) == shape:
                return name
        raise AssertionError(f"{structure}.{member} has no name left")

    def _inline(self, structure: str, member: str, about: JsonSchemaValue) -> Document:
        if about["type"] == "array":
            items = about["items"]
            one = referred(items) or self._named(structure, f"{member}Item", items)
            return {"type": "list", "member": {"shape": one}} | _traits(about)
        return {"type": _type(about)} | _traits(about)


def _type(about: JsonSchemaValue) -> str:
    match about:
        case {"format": "epoch-seconds"}:
            return "timestamp"
        case {"format": "int64"}:
            return "long"
        case {"type": "integer", "maximum": most} if most > LARGEST_INTEGER:
            return "long"
        case _:
            return str(about["type"])


def _traits(about: JsonSchemaValue) -> Document:
    return {WORDS[word]: value for word, value in about.items() if word in WORDS}


def _choice(schema: JsonSchemaValue) -> Document:
    values = schema.get("enum", [schema.get("const")])
    found: Document = {"type": "string", "enum": list(values)}
    return found | ({"documentation": _told(schema["description"])} if "description" in schema else {})


def _error(name: str) -> Document:
    status = {told: status for status, told in FAULTS.values()}[name]
    is_ours = status >= 500  # noqa: PLR2004 - HTTP's own line
    shape: Document = {
        "type": "structure",
        "members": {"message": {"shape": "ErrorMessage"}},
        "error": {"httpStatusCode": status} | ({} if is_ours else {"senderFault": True}),
        "exception": True,
    }
    if is_ours:
        shape["fault"] = True
    if is_ours or name == THROTTLING:
        shape["retryable"] = {"throttling": name == THROTTLING}
    return shape


def _paginators(service: Service) -> Document:
    return {
        "pagination": {
            one.name: {
                "input_token": "nextToken",
                "limit_key": "limit",
                "output_token": "nextToken",
                "result_key": one.page_of,
            }
            for one in service.operations
            if one.page_of is not None
        }
    }


def _endpoint_rules() -> Document:
    """There is no default endpoint: nobody but the operator knows where Gossamer answers."""
    endpoint: Document = {
        "builtIn": "SDK::Endpoint",
        "required": False,
        "documentation": "Where Gossamer answers.",
        "type": "String",
    }
    region: Document = {
        "builtIn": "AWS::Region",
        "required": False,
        "documentation": "The region that requests are signed for.",
        "type": "String",
    }
    is_set = {"fn": "isSet", "argv": [{"ref": "Endpoint"}]}
    answer: Document = {"url": {"ref": "Endpoint"}, "properties": {}, "headers": {}}
    says = "Say where Gossamer answers: --endpoint-url, or the variable AWS_ENDPOINT_URL_APP_MESH"
    return {
        "version": "1.0",
        "parameters": {"Region": region, "Endpoint": endpoint},
        "rules": [
            {"conditions": [is_set], "endpoint": answer, "type": "endpoint"},
            {"conditions": [], "error": says, "type": "error"},
        ],
    }


def _told(says: str) -> str:
    return "".join(f"<p>{html.escape(' '.join(part.split()))}</p>" for part in says.split("\n\n"))
