"""Any valid value of any shape of the API, on the wire, drawn by Hypothesis from the model itself.

The model's annotations say what a value may be, so a new member is drawn without a word here. What stands
here is what no annotation says: names that refer to other resources, files and formats that must be there
outside of the mesh, and members that have to fit each other.
"""

import enum
import functools
import json
import operator
import types
import typing
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final, TypeAlias, get_args, get_origin

from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from gossamer.errors import InvalidSpec
from gossamer.model.duration import LONGEST_SECONDS, DurationUnit
from gossamer.model.kind import Kind
from gossamer.model.rule import Between, Items
from gossamer.model.spec import Ruled, Spec, Union

Json: TypeAlias = dict[str, Any]
Strategy: TypeAlias = st.SearchStrategy[Any]

#: Few of each kind, so that references meet; the last of each is nobody's name.
NAMES: Final[Mapping[Kind, Sequence[str]]] = {
    Kind.VIRTUAL_NODE: ("n0", "n1", "N-1_x", "no-node"),
    Kind.VIRTUAL_ROUTER: ("r0", "r1", "no-router"),
    Kind.VIRTUAL_GATEWAY: ("g0", "g1", "no-gateway"),
    Kind.VIRTUAL_SERVICE: ("s.local", "S.local", "s.local:80", "café.local", "no-service"),
}

#: Members that name another resource, in whatever shape they stand.
REFERENCES: Final = {
    "virtual_node": Kind.VIRTUAL_NODE,
    "virtual_node_name": Kind.VIRTUAL_NODE,
    "virtual_router_name": Kind.VIRTUAL_ROUTER,
    "virtual_service_name": Kind.VIRTUAL_SERVICE,
}

#: Optional members without which a mesh does not hang together; meshes are drawn with empty specs too.
ALWAYS: Final = frozenset({"provider", "listeners", "backends"})

#: Lists are short: what can go wrong with ten items goes wrong with three.
MOST_ITEMS: Final = 3
PORTS: Final = (80, 443, 8080)

EXPRESSIONS: Final = (".*", "^/v[0-9]+/x$", "(a|b)+", r"\d{1,3}", "[[:alpha:]]é?", "(?i)gold|silver")
#: What secret discovery beside the proxy has; golden cases use the first of each.
SECRETS: Final = ("front", "spiffe://shop/ä b")
ROOTS: Final = ("roots", "spiffe://")

#: Any character that JSON and UTF-8 can carry.
ANY: Final = st.characters(codec="utf-8")

WORDS: Final = r"""
a a.b A-1_x 0 -1 é 😀 a,b " \ % a:b a:80 [::1] ::1 * *.a a.* / /a /a/ /A//b /%2f?é {} $1 %0a spiffe://a/b
:authority :path host Content-Length x-envoy-retry-on te grpc-status Cookie package.Service AWS_INSTANCE_X
arn:aws:acm:us-west-2:123456789012:certificate/1234-5678
arn:aws:acm-pca:us-west-2:123456789012:certificate-authority/1234-5678
"""
#: Texts that are trouble to somebody.
TEXTS: Final = (*WORDS.split(), "a b", " a", "/ \t", "\u2028", "a\nb", "a\0b", "\x7f", "a" * 50, "a" * 255)
#: Nobody is there, and that is known at once: an Envoy that checked the health of itself would wait.
HOSTS: Final = ("192.0.2.1", "2001:db8::1", "b.local", "b.local.", "no_such-host")
FORMATS: Final = ("%START_TIME% %REQ(:METHOD)% %RESPONSE_CODE%\n", "plain", "%DURATION%é", "100%%")

UNITS: Final = st.sampled_from([unit.value for unit in DurationUnit])
SOME_TIME: Final = st.fixed_dictionaries({"unit": UNITS, "value": st.integers(1, LONGEST_SECONDS)})

#: Members whose values must make sense outside of the mesh: Envoy opens files, reads formats, looks up hosts.
#: The shapes of virtual gateways are called like those of virtual nodes, but for what they begin with.
ELSEWHERE: Final[Mapping[str, Strategy]] = {
    # Within what the other members of their shapes allow.
    "Duration.value": st.sampled_from((0, 1, 15, LONGEST_SECONDS)) | st.integers(0, LONGEST_SECONDS),
    "OutlierDetection.base_ejection_duration": SOME_TIME,
    "OutlierDetection.interval": SOME_TIME,
    "DnsServiceDiscovery.hostname": st.sampled_from(HOSTS),
    "FileAccessLog.path": st.just("/dev/null"),
    "JsonFormatRef.value": st.sampled_from(FORMATS),
    "LoggingFormat.text": st.sampled_from(FORMATS),
    "ListenerTlsFileCertificate.certificate_chain": st.just("tests/golden/certs/chain.pem"),
    "ListenerTlsFileCertificate.private_key": st.just("tests/golden/certs/key.pem"),
    "ListenerTlsSdsCertificate.secret_name": st.sampled_from(SECRETS),
    "TlsValidationContextFileTrust.certificate_chain": st.just("tests/golden/certs/chain.pem"),
    "TlsValidationContextSdsTrust.secret_name": st.sampled_from(ROOTS),
}


def spec(kind: type[Spec]) -> Strategy:
    """Any valid value of a shape, as JSON."""
    return _shape(kind)


@functools.cache
def _shape(shape: type[Spec]) -> Strategy:
    required: dict[str, Strategy] = {}
    optional: dict[str, Strategy] = {}
    for name, field in shape.model_fields.items():
        drawn = _member(shape, name, field)
        if name in ALWAYS:
            required[field.alias or name] = drawn.filter(bool)
        else:
            (required if field.is_required() else optional)[field.alias or name] = drawn
    if issubclass(shape, Union):
        return st.one_of(*(st.fixed_dictionaries({name: drawn}) for name, drawn in optional.items()))
    drawn = _drawn(required, optional)
    if "port_mapping" in shape.model_fields:
        drawn = drawn.flatmap(functools.partial(_fitting_listener, shape))
    if "listeners" in shape.model_fields:
        drawn = drawn.flatmap(functools.partial(_fitting_node, shape))
    return drawn.filter(functools.partial(_is_valid, shape)) if issubclass(shape, Ruled) else drawn


def _drawn(required: dict[str, Strategy], optional: dict[str, Strategy]) -> Strategy:
    """A shape whose members are there or not, within the rules that would throw most of them away."""
    routes = {name: optional.pop(name) for name in tuple(optional) if name.endswith("Route")}
    events = {name: optional.pop(name) for name in tuple(optional) if name.endswith("RetryEvents")}
    paths = {name: optional.pop(name) for name in ("prefix", "path") if {"prefix", "path"} <= optional.keys()}
    drawn = st.fixed_dictionaries(required, optional=optional)
    for several, needed in ((routes, True), (events, True), (paths, False)):
        if several:
            ones = [st.fixed_dictionaries({name: one}) for name, one in several.items()]
            drawn = st.builds(operator.or_, drawn, st.one_of(*([] if needed else [st.just({})]), *ones))
    return st.builds(operator.or_, drawn, st.fixed_dictionaries({}, optional=events)) if events else drawn


def _member(shape: type[Spec], name: str, field: FieldInfo) -> Strategy:
    if name in REFERENCES and field.annotation is str:
        return st.sampled_from(NAMES[REFERENCES[name]])
    outside = ELSEWHERE.get(f"{shape.__name__.removeprefix('VirtualGateway')}.{name}")
    return outside if outside is not None else _value(field.annotation, tuple(field.metadata))


def _value(annotation: object, rules: tuple[object, ...]) -> Strategy:
    """Any value of an annotation; an optional member's absence is a matter of its shape."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _value(arguments[0], (*arguments[1:], *rules))
    if origin in (types.UnionType, typing.Union):
        (one,) = (argument for argument in arguments if argument is not types.NoneType)
        return _value(one, rules)
    if origin is tuple:
        low, high = next(
            ((rule.low, rule.high) for rule in rules if isinstance(rule, Items)), (0, MOST_ITEMS)
        )
        return st.lists(_value(arguments[0], ()), min_size=low, max_size=max(low, min(high, MOST_ITEMS)))
    assert isinstance(annotation, type)
    return _scalar(annotation, rules)


def _scalar(kind: type, rules: tuple[object, ...]) -> Strategy:
    if issubclass(kind, Spec):
        return st.deferred(lambda: _shape(kind))
    if issubclass(kind, enum.Enum):
        obeys = functools.partial(_obeys, _adapter(kind, rules))
        return st.sampled_from([member.value for member in kind if obeys(member)])
    if kind is bool:
        return st.booleans()
    if kind is int:
        return _number(next(rule for rule in rules if isinstance(rule, Between)))
    assert kind is str, kind
    return _text(rules)


def _number(rule: Between) -> Strategy:
    """Within the bounds, often at them."""
    if (rule.low, rule.high) == (1, 65535):
        return st.sampled_from(PORTS) | st.integers(rule.low, rule.high)
    edges = sorted({rule.low, min(rule.low + 1, rule.high), rule.high})
    return st.sampled_from(edges) | st.integers(rule.low, rule.high)


def _text(rules: tuple[object, ...]) -> Strategy:
    """Of the texts that could be trouble those that obey the rules, some with characters of any kind behind.

    Long arbitrary texts would use up what Hypothesis has for a whole mesh.
    """
    is_valid = functools.partial(_obeys, _adapter(str, rules))
    pool = [text for text in (*TEXTS, *EXPRESSIONS) if is_valid(text)]
    assert pool, rules
    longer = st.tuples(st.sampled_from(pool), st.text(ANY, max_size=4))
    return longer.map(lambda two: "".join(two) if is_valid("".join(two)) else two[0])


def _adapter(kind: type, rules: tuple[object, ...]) -> TypeAdapter[object]:
    return TypeAdapter(Annotated[(kind, *rules)] if rules else kind)  # type: ignore[arg-type] # made here


def _obeys(adapter: TypeAdapter[object], value: object) -> bool:
    try:
        adapter.validate_python(value)
    except ValidationError:
        return False
    return True


def _is_valid(shape: type[Spec], value: Json) -> bool:
    try:
        shape.from_json(json.dumps(value))
    except InvalidSpec:
        return False
    return True


@st.composite
def _fitting_listener(draw: st.DrawFn, shape: type[Spec], drawn: Json) -> Json:
    """A listener whose timeouts, pool and health check are those of its own protocol and port."""
    value = dict(drawn)
    protocol = value["portMapping"]["protocol"]
    for member, name in (("timeout", "timeout"), ("connectionPool", "connection_pool")):
        if member in value:
            union = _only(shape.model_fields[name].annotation)
            own = union.model_fields[protocol].annotation
            value[member] = {protocol: draw(_value(own, ()))}
    if "healthCheck" in value:
        check = dict(value["healthCheck"], port=value["portMapping"]["port"])
        is_able = protocol in ("http2", "grpc") or check["protocol"] != "grpc"
        value["healthCheck"] = check if is_able else check | {"protocol": "http"}
    return value


@st.composite
def _fitting_node(draw: st.DrawFn, shape: type[Spec], drawn: Json) -> Json:
    """A spec whose listeners have ports of their own, found by clients exactly if there are any."""
    value = dict(drawn)
    if "listeners" in value:
        by_port = {listener["portMapping"]["port"]: listener for listener in value["listeners"]}
        value["listeners"] = list(by_port.values())
    if "service_discovery" in shape.model_fields:
        value.pop("serviceDiscovery", None)
        if value.get("listeners"):
            value["serviceDiscovery"] = draw(_value(shape.model_fields["service_discovery"].annotation, ()))
    return value


def _only(annotation: object) -> type[Spec]:
    """The shape behind an optional member."""
    (one,) = (argument for argument in get_args(annotation) if argument is not types.NoneType)
    assert isinstance(one, type)
    assert issubclass(one, Spec)
    return one
