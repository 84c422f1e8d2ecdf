"""Spans to AWS X-Ray's daemon -> envoy.config.trace.v3.XRayConfig (as JSON).

Source: App Mesh user guide, X-Ray tracing; AWS X-Ray, `AWS_XRAY_DAEMON_ADDRESS` and sampling rules.
"""

import json
from typing import Final

from gossamer.sidecar.endpoint import is_ip_address
from gossamer.sidecar.identity import Identity
from gossamer.sidecar.json_value import Json, typed
from gossamer.sidecar.variable import DIGITS, Fraction, Number, Reader, Text, Truth, Variable

ENABLED: Final = Truth(
    names=("ENABLE_ENVOY_XRAY_TRACING",),
    flag="--xray-tracing",
    default=False,
    meaning="Whether spans go to an X-Ray daemon.",
)
DAEMON_PORT: Final = Number(
    names=("XRAY_DAEMON_PORT",),
    flag="--xray-daemon-port",
    default=2000,
    least=1,
    most=65535,
    meaning="The daemon's UDP port, where the address says none.",
)
DAEMON_ADDRESS: Final = Text(
    names=("AWS_XRAY_DAEMON_ADDRESS",),
    flag="--xray-daemon-address",
    default="127.0.0.1",
    takes="an IP address with or without a port, or tcp:ADDRESS:PORT udp:ADDRESS:PORT",
    meaning="Where the daemon is.",
)
SAMPLING_RATE: Final = Fraction(
    names=("XRAY_SAMPLING_RATE",),
    flag="--xray-sampling-rate",
    default=0.05,
    least=0,
    most=1,
    meaning="Which share of requests is traced, to two decimals, beside one a second.",
)
SAMPLING_RULES: Final = Text(
    names=("XRAY_SAMPLING_RULE_MANIFEST",),
    flag="--xray-sampling-rule-manifest",
    takes="a file of X-Ray's local sampling rules, version 2",
    meaning="Rules that say which requests are traced; they take the place of the rate.",
)
SEGMENT_NAME: Final = Text(
    names=("XRAY_SEGMENT_NAME",),
    flag="--xray-segment-name",
    meaning="The proxy's name in traces. Without it, MESH/NAME.",
)

TABLE: Final[tuple[Variable, ...]] = (
    ENABLED, DAEMON_PORT, DAEMON_ADDRESS, SAMPLING_RATE, SAMPLING_RULES, SEGMENT_NAME,
)  # fmt: skip

ORIGIN: Final = "AWS::AppMesh::Proxy"


def provider(read: Reader, who: Identity | None) -> Json:
    """X-Ray as the tracer.

    Source: envoy.config.trace.v3.XRayConfig; segment fields as App Mesh's agent wrote them.
    """
    host, port = _daemon(read)
    fields: Json = {"origin": ORIGIN}
    if who is not None:
        fields["aws"] = {"app_mesh": {"mesh_name": who.mesh, "virtual_node_name": who.name}}
    config = typed(
        "envoy.config.trace.v3.XRayConfig",
        daemon_endpoint={"protocol": "UDP", "address": host, "port_value": port},
        segment_name=read.text(SEGMENT_NAME) or (f"{who.mesh}/{who.name}" if who else "unknown"),
        segment_fields=fields,
        **_sampling(read),
    )
    return {"name": "envoy.tracers.xray", "typed_config": config}


def rules_are_of_version_2(manifest: object) -> bool:
    """Whether Envoy can read a manifest of rules; it would fall back to its own rate without a word."""
    return isinstance(manifest, dict) and manifest.get("version") == 2  # noqa: PLR2004  the only one it reads


def _sampling(read: Reader) -> Json:
    """The rules of sampling; Envoy's own are those of the default rate.

    Source: AWS X-Ray, local sampling rules; Envoy, `localized_sampling`, which wants a `fixed_target` and a
    rate.
    """
    if path := read.text(SAMPLING_RULES):
        return {"sampling_rule_manifest": {"filename": path}}
    rate = round(read.fraction(SAMPLING_RATE), 2)
    if rate == SAMPLING_RATE.default:
        return {}
    rules = {"version": 2, "default": {"fixed_target": 1, "rate": rate}}
    return {"sampling_rule_manifest": {"inline_string": json.dumps(rules)}}


def _daemon(read: Reader) -> tuple[str, int]:
    """Where the daemon takes spans.

    Of `tcp:… udp:…` the second: spans go by UDP. Source: AWS X-Ray SDKs, `AWS_XRAY_DAEMON_ADDRESS`.
    """
    own_port = read.number(DAEMON_PORT)
    text = read.text(DAEMON_ADDRESS)
    named = [part.removeprefix("udp:") for part in text.split() if part.startswith("udp:")]
    host, port = _split(named[0] if named else text, own_port)
    if is_ip_address(host):
        return host, port
    return read.refuse(DAEMON_ADDRESS, DAEMON_ADDRESS.takes), own_port


def _split(text: str, port: int) -> tuple[str, int]:
    """A host and its port; IPv6 stands in brackets where a port follows."""
    host, colon, digits = text.rpartition(":")
    if colon and DIGITS.fullmatch(digits) and not (":" in host and not host.endswith("]")):
        return host.strip("[]"), int(digits)
    return text.strip("[]"), port
