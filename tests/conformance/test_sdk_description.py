"""Our own description of the service, beside botocore's: the same but for one short list."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import botocore.session
import pytest
from botocore.model import ListShape, OperationModel, ServiceModel, Shape, StringShape, StructureShape

from gossamer.api.description.sdk import documents
from gossamer.api.description.service import Service, current
from gossamer.api.preview.service import preview
from tests.conformance.test_shapes import DIFFERENCES, LOOSE

SERVICES: Final = (current(), preview())
VERSIONS: Final = [service.version for service in SERVICES]

#: Where the description differs on purpose, beside the models, whose own list is `DIFFERENCES`.
OURS: Final[Mapping[str, str]] = {
    "TagsLimit max": "the documentation says 100",
    "AccountId pattern": "an account has digits only",
    "HealthCheckIntervalMillis type": "an integer holds what the bounds allow",
    "HealthCheckTimeoutMillis type": "an integer holds what the bounds allow",
    # Of 2018-10-01, which required next to nothing.
    "*Output required": "an answer always has what it is about",
    "DnsServiceDiscovery required": "without a name there is nothing to look up",
    "Listener required": "a listener without a port is none",
    "PortMapping required": "a port mapping without its port or protocol means nothing",
    "RouteSpec required": "no other kind of route was there",
    "HttpRoute required": "a route without an action leads nowhere",
    "HttpRouteAction required": "as before",
    "WeightedTarget required": "a target without its node or weight means nothing",
    "WeightedTargets min": "the bounds of later versions, whose route it becomes",
    "WeightedTargets max": "the bounds of later versions, whose route it becomes",
    "ServiceNames min": "zero is no bound",
    "VirtualGatewayHealthCheckIntervalMillis type": "an integer holds what the bounds allow",
    "VirtualGatewayHealthCheckTimeoutMillis type": "an integer holds what the bounds allow",
}


def theirs(version: str) -> ServiceModel:
    return botocore.session.get_session().get_service_model("appmesh", version)


def ours(service: Service) -> ServiceModel:
    return ServiceModel(documents(service)["service-2.json"], "appmesh")


def paired(service: Service) -> list[tuple[OperationModel, OperationModel]]:
    mine, botocores = ours(service), theirs(service.version)
    return [(mine.operation_model(name), botocores.operation_model(name)) for name in mine.operation_names]


def traits(shape: Shape) -> dict[str, object]:
    """What a shape says of a value, whatever the shape is called."""
    kept = {
        key: shape.metadata[key]
        for key in ("min", "max", "pattern", "union", "required")
        if key in shape.metadata
    }
    if "required" in kept:
        kept["required"] = sorted(kept["required"])
    if isinstance(shape, StringShape) and shape.enum:
        kept["enum"] = sorted(shape.enum)
    return kept | {"type": shape.type_name}


#: What one member says beside its shape.
PLACES: Final = ("location", "locationName", "payload")


def differences(mine: Shape, botocores: Shape, seen: set[str], where: str) -> Iterator[str]:
    """Every trait in which two shapes differ, and all below them."""
    name = where if botocores.name in LOOSE else botocores.name
    found, wanted = traits(mine), traits(botocores)
    yield from (
        f"{name} {key}" for key in sorted(found.keys() | wanted.keys()) if found.get(key) != wanted.get(key)
    )
    if botocores.name in seen:
        return
    if isinstance(botocores, ListShape) and isinstance(mine, ListShape):
        yield from differences(mine.member, botocores.member, seen, where)
    elif isinstance(botocores, StructureShape) and isinstance(mine, StructureShape):
        seen.add(botocores.name)
        yield from (f"{name}.{one} there" for one in mine.members.keys() ^ botocores.members.keys())
        for one in mine.members.keys() & botocores.members.keys():
            left, right = mine.members[one], botocores.members[one]
            if placed(left) != placed(right):
                yield f"{name}.{one} place"
            yield from differences(left, right, seen, f"{name}.{one}")


def placed(shape: Shape) -> tuple[object, ...]:
    return (*(shape.serialization.get(key) for key in PLACES), bool(shape.metadata.get("idempotencyToken")))


def all_differences(service: Service) -> set[str]:
    seen, found = set[str](), set[str]()
    for mine, botocores in paired(service):
        for left, right in (
            (mine.input_shape, botocores.input_shape),
            (mine.output_shape, botocores.output_shape),
        ):
            found |= {general(one) for one in differences(left, right, seen, right.name)}
    return found


def general(difference: str) -> str:
    """One line for the token that all inputs have, as in the models' own table."""
    inputs, _, member = difference.partition(".")
    if inputs.endswith("Input") and member.startswith("clientToken"):
        trait = {"min": "minLength", "max": "maxLength"}.get(member.partition(" ")[2], "")
        return f"*Input.clientToken {trait}"
    return "*Output required" if difference.endswith("Output required") else difference


#: The models' table speaks of JSON Schema's words; here a bound has one word for all types.
WORDS: Final = {
    "minLength": "min",
    "maxLength": "max",
    "minimum": "min",
    "maximum": "max",
    "minItems": "min",
    "maxItems": "max",
}


def in_these_words(difference: str) -> str:
    where, _, trait = difference.partition(" ")
    return f"{where} {trait if where.startswith('*') else WORDS.get(trait, trait)}"


@pytest.mark.parametrize("service", SERVICES, ids=VERSIONS)
def test_the_description_has_every_operation(service: Service) -> None:
    assert set(ours(service).operation_names) == set(theirs(service.version).operation_names)


@pytest.mark.parametrize("service", SERVICES, ids=VERSIONS)
def test_an_operation_has_its_method_path_and_errors(service: Service) -> None:
    def told(operation: OperationModel) -> tuple[Any, ...]:
        errors = sorted(shape.name for shape in operation.error_shapes)
        return (
            operation.name,
            operation.http,
            errors,
            operation.has_streaming_output,
            operation.idempotent_members,
        )

    for mine, botocores in paired(service):
        assert told(mine) == told(botocores)


@pytest.mark.parametrize("service", SERVICES, ids=VERSIONS)
def test_an_answer_is_the_bare_object_where_theirs_is(service: Service) -> None:
    for mine, botocores in paired(service):
        payloads = [one.output_shape.serialization.get("payload") for one in (mine, botocores)]
        assert payloads[0] == payloads[1]


@pytest.mark.parametrize("service", SERVICES, ids=VERSIONS)
def test_an_error_has_its_status_and_fault(service: Service) -> None:
    mine = {shape.name: shape for shape in ours(service).error_shapes}
    for shape in theirs(service.version).error_shapes:
        if any(
            shape.name in (one.name for one in operation.error_shapes) for operation, _ in paired(service)
        ):
            status, fault = (
                shape.metadata["error"]["httpStatusCode"],
                bool(shape.metadata["error"].get("senderFault")),
            )
            error = mine[shape.name].metadata["error"]
            assert (error["httpStatusCode"], bool(error.get("senderFault"))) == (status, fault)
            assert mine[shape.name].members.keys() == shape.members.keys()


@pytest.mark.parametrize("service", SERVICES, ids=VERSIONS)
def test_shapes_differ_from_theirs_only_on_purpose(service: Service) -> None:
    known = {in_these_words(one) for one in DIFFERENCES} | OURS.keys()
    assert sorted(all_differences(service) - known) == []


def test_the_list_of_differences_holds_none_that_is_gone() -> None:
    found = set[str]().union(*map(all_differences, SERVICES))
    assert OURS.keys() - found == set()


@pytest.mark.parametrize("service", SERVICES, ids=VERSIONS)
def test_the_paginators_are_theirs(service: Service) -> None:
    loader = botocore.session.get_session().get_component("data_loader")
    found = loader.load_service_model("appmesh", "paginators-1", service.version)
    assert documents(service)["paginators-1.json"]["pagination"] == found["pagination"]
