"""The model against the public description of the service, shape by shape, trait by trait.

botocore's copy is the witness: what the tests hold to be true never comes from our own code.
"""

import enum
from collections.abc import Iterator, Mapping
from typing import Final

import botocore.session
import pytest
from botocore.model import ListShape, Shape, StringShape, StructureShape
from pydantic.json_schema import JsonSchemaValue

from gossamer.model.kind import Kind
from gossamer.model.spec import Spec
from tools.make_reference import shapes, stems

Traits = dict[str, object]

SERVICE: Final = botocore.session.get_session().get_service_model("appmesh", "2019-01-25")
DECLARED: Final = [shape for module in stems() for shape in shapes(module)]
SPECS: Final = [shape for shape in DECLARED if issubclass(shape, Spec)]
ENUMS: Final = [shape for shape in DECLARED if issubclass(shape, enum.Enum)]

#: The operations of all kinds, whose inputs hold every shape that we must have.
NOUNS: Final = tuple(kind.noun for kind in Kind)
INPUTS: Final = (
    *(f"{verb}{noun}Input" for noun in NOUNS for verb in ("Create", "Update")),
    "TagResourceInput",
    "UntagResourceInput",
)

#: Names that the API uses for anything: a rule of ours about one is a rule of the member that has it.
LOOSE: Final = frozenset({"String", "Arn"})

#: Where we differ on purpose, and why.
DIFFERENCES: Final[Mapping[str, str]] = {
    "*Input.clientToken minLength": "an empty token identifies nothing",
    "*Input.clientToken maxLength": "tokens are stored; the documentation says 36, and some clients send 64",
    "ResourceName pattern": "documented alphabet; the service refused others",
    "ServiceName minLength": "an empty name cannot be called",
    "ServiceName maxLength": "the service refused 350 characters; other names have 255",
    "ServiceName pattern": "slash ends a segment of an ARN, star is Envoy's wildcard, Host has no blanks",
    "Hostname minLength": "an empty name cannot be looked up",
    "Hostname maxLength": "DNS has no longer names",
    "Hostname pattern": "no such name can be looked up",
    "Duration required": "a duration without its unit or value means nothing",
    "DurationValue maximum": "a hundred years; Envoy refuses durations somewhat above it",
    "HttpRetryPolicyEvent enum": "the documented events; any other would be ignored in silence",
    "HttpRetryPolicyEvent minLength": "follows from the closed choice",
    "HttpRetryPolicyEvent maxLength": "follows from the closed choice",
    "MaxRetries maximum": "Envoy counts retries in 32 bits",
    "OutlierDetectionMaxServerErrors maximum": "Envoy counts errors in 32 bits",
    "MaxConnections maximum": "the API's integer has 32 bits",
    "MaxPendingRequests maximum": "the API's integer has 32 bits",
    "MaxRequests maximum": "the API's integer has 32 bits",
    "Long minimum": "the API's long has 64 bits",
    "Long maximum": "the API's long has 64 bits",
    "HttpPathMatch union": "behaves as a union: exactly one of exact, regex",
    "HttpRouteMatch.prefix pattern": "documented: a prefix starts with a slash",
    "HttpGatewayRouteMatch.prefix pattern": "documented: a prefix starts with a slash",
    "HttpGatewayRouteMatch.prefix rule": "documented: some prefixes are reserved",
    "HttpGatewayRoutePrefix pattern": "documented: a prefix starts with a slash",
    "HttpGatewayRoutePrefix rule": "what a path becomes must fit into a request line",
    "HttpPathExact rule": "what a path becomes must fit into a request line",
    "HttpGatewayRoutePrefixRewrite union": "behaves as a union: exactly one of defaultPrefix, value",
    "GatewayRouteHostnameMatch union": "behaves as a union: exactly one of exact, suffix",
    "TextFormat rule": "Envoy refuses other formats, and keeps its old configuration",
    "JsonValue rule": "Envoy refuses other formats, and keeps its old configuration",
    "ExactHostName pattern": "no such name can be asked for, and a star is Envoy's wildcard",
    "SuffixHostname pattern": "no such name can be asked for, and a star is Envoy's wildcard",
    "ServiceName rule": "gateway routes only, documented: some gRPC services are reserved",
    "HttpPathExact pattern": "documented: a path starts with a slash",
    "HeaderName pattern": "no header has such a name, and Envoy refuses some",
    "QueryParameterName minLength": "Envoy refuses an empty name",
    "QueryParameterName maxLength": "Envoy takes 1024 bytes, and a character may need four",
    "HealthCheckPolicy.path minLength": "Envoy refuses an empty path",
    "HealthCheckPolicy.path maxLength": "a bound where the API has none",
    "HealthCheckPolicy.path pattern": "Envoy refuses control characters",
    "SdsSecretName minLength": "Envoy refuses an empty name",
    "SdsSecretName maxLength": "a SPIFFE id, the longest such name, has 2048 bytes",
    "VirtualGatewaySdsSecretName minLength": "Envoy refuses an empty name",
    "VirtualGatewaySdsSecretName maxLength": "a SPIFFE id, the longest such name, has 2048 bytes",
    "VirtualGatewayHealthCheckPolicy.path minLength": "Envoy refuses an empty path",
    "VirtualGatewayHealthCheckPolicy.path maxLength": "a bound where the API has none",
    "VirtualGatewayHealthCheckPolicy.path pattern": "Envoy refuses control characters",
    "VirtualGatewayListenerTlsAcmCertificate.certificateArn pattern": "an ARN of ACM",
    "VirtualGatewayTlsValidationContextAcmTrust.certificateAuthorityArns pattern": "an ARN of ACM PCA",
    "HttpPathRegex rule": "Envoy refuses what RE2 refuses",
    "HeaderMatch rule": "a regex only: Envoy refuses what RE2 refuses",
    "HeaderName rule": "metadata only: the service kept such names in lower case",
    "AwsCloudMapName pattern": "Cloud Map's own alphabet, and Envoy refuses control characters in a host",
    "AwsCloudMapInstanceAttributeKey rule": "the service refused AWS_INSTANCE_PORT",
    "TagKey rule": "AWS reserves keys that start with aws:",
    "ListenerTlsAcmCertificate.certificateArn pattern": "an ARN of ACM",
    "TlsValidationContextAcmTrust.certificateAuthorityArns pattern": "an ARN of ACM PCA",
}


def traits_of_api(shape: Shape) -> Traits:
    """What the API says of one member's value, in the words of JSON Schema."""
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    match shape:
        case StructureShape():
            return {"type": shape.name}
        case ListShape():
            return present({"type": "array", "minItems": low, "maxItems": high})
        case StringShape():
            pattern = shape.metadata.get("pattern")
            choices = tuple(sorted(shape.enum))
            return present(
                {"type": "string", "minLength": low, "maxLength": high, "pattern": pattern, "enum": choices}
            )
        case _:
            kind = "integer" if shape.type_name == "long" else shape.type_name
            return present({"type": kind, "minimum": low, "maximum": high})


def traits_of_ours(about: JsonSchemaValue, definitions: JsonSchemaValue) -> Traits:
    """What our model says of one member's value."""
    about = about["anyOf"][0] if "anyOf" in about else about
    if "$ref" not in about:
        kept = ("type", "minItems", "maxItems", "minLength", "maxLength", "minimum", "maximum", "pattern")
        # A pattern brings its own words; any further rule is one that JSON Schema cannot tell.
        further = tuple(about.get("x-rules", ())[("pattern" in about) :])
        choices = tuple(sorted(about.get("enum", ())))
        return present({key: about.get(key) for key in kept} | {"rule": further, "enum": choices})
    name = about["$ref"].rpartition("/")[2]
    choices = definitions[name].get(
        "enum", [definitions[name]["const"]] if "const" in definitions[name] else ()
    )
    return {"type": "string", "enum": tuple(sorted(choices))} if choices else {"type": name}


def present(traits: Traits) -> Traits:
    return {key: value for key, value in traits.items() if value not in (None, ())}


def body_of(shape: StructureShape) -> dict[str, Shape]:
    """The members that travel in the body."""
    return {name: one for name, one in shape.members.items() if "location" not in one.serialization}


def differing(where: str, ours: Traits, theirs: Traits) -> Iterator[str]:
    for trait in sorted(ours.keys() | theirs.keys()):
        if ours.get(trait) != theirs.get(trait):
            yield f"{where} {trait}"


def differences(spec: type[Spec]) -> Iterator[str]:
    """Every trait of one shape and of its members in which the model and the API differ."""
    theirs = SERVICE.shape_for(spec.__name__)
    schema = spec.model_json_schema(by_alias=True)
    body = body_of(theirs)
    required = sorted(set(theirs.required_members) & body.keys())
    if sorted(schema.get("required", ())) != required:
        yield f"{spec.__name__} required"
    if spec.is_union is not bool(theirs.metadata.get("union")):
        yield f"{spec.__name__} union"
    for member, shape in body.items():
        about = schema["properties"][member]
        yield from member_differences(f"{spec.__name__}.{member}", about, shape, schema.get("$defs", {}))


def member_differences(
    path: str, about: JsonSchemaValue, shape: Shape, definitions: JsonSchemaValue
) -> Iterator[str]:
    """The traits of one member, and of its items if it is a list."""
    where = path if shape.name in LOOSE else shape.name
    yield from differing(where, traits_of_ours(about, definitions), traits_of_api(shape))
    if isinstance(shape, ListShape):
        about = about["anyOf"][0] if "anyOf" in about else about
        yield from member_differences(path, about["items"], shape.member, definitions)


def general(difference: str) -> str:
    """One line of the table for the token that all inputs have."""
    member = difference.partition(".")[2]
    return f"*Input.{member}" if member.startswith("clientToken") else difference


def reachable(name: str) -> Iterator[Shape]:
    """A shape of the API and all below it."""
    waiting, seen = [SERVICE.shape_for(name)], set[str]()
    while waiting:
        shape = waiting.pop()
        if shape.name in seen:
            continue
        seen.add(shape.name)
        yield shape
        if isinstance(shape, StructureShape):
            waiting.extend(body_of(shape).values())
        elif isinstance(shape, ListShape):
            waiting.append(shape.member)


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.__name__)
def test_a_spec_has_the_members_of_its_shape(spec: type[Spec]) -> None:
    schema = spec.model_json_schema(by_alias=True)
    assert schema.get("properties", {}).keys() == body_of(SERVICE.shape_for(spec.__name__)).keys()


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.__name__)
def test_a_spec_differs_from_its_shape_only_on_purpose(spec: type[Spec]) -> None:
    assert [one for one in differences(spec) if general(one) not in DIFFERENCES] == []


@pytest.mark.parametrize("choice", ENUMS, ids=lambda choice: choice.__name__)
def test_an_enum_has_the_name_of_its_shape(choice: type[enum.Enum]) -> None:
    assert isinstance(SERVICE.shape_for(choice.__name__), StringShape)


def test_every_shape_that_the_seven_kinds_can_hold_is_in_the_model() -> None:
    theirs = {shape.name for name in INPUTS for shape in reachable(name) if isinstance(shape, StructureShape)}
    assert theirs == {spec.__name__ for spec in SPECS}


def test_the_table_of_differences_lists_no_difference_that_is_gone() -> None:
    found = {general(one) for spec in SPECS for one in differences(spec)}
    assert found == DIFFERENCES.keys()
