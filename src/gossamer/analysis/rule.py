"""Every rule of the analysis: its name, how bad it is, what it is about, and what to do."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from gossamer.mesh.problem import Trouble


class Severity(enum.Enum):
    """How bad it is: it cannot work; it will surprise somebody; it is worth knowing."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule."""

    id: str
    severity: Severity
    says: str
    fix: str


#: The rules whose findings are the problems of `mesh.problems`, word for word.
PROBLEMS: Final[Mapping[Trouble, Rule]] = {
    trouble: Rule(trouble.value, severity, says, fix)
    for trouble, severity, says, fix in (
        (
            Trouble.DANGLING,
            Severity.ERROR,
            "A backend, provider or target names a resource that is not there.",
            "Correct the name, which the sentence may guess, or make the resource.",
        ),
        (
            Trouble.NO_ANSWER,
            Severity.ERROR,
            "Nothing can answer: no provider, listener or route, or weights of 0 alone.",
            "Give it what it lacks, or delete it.",
        ),
        (
            Trouble.PORT_CLASH,
            Severity.ERROR,
            "Backends want one port for themselves: TCP beside others, or hosts that differ by case alone.",
            "Give the services ports of their own.",
        ),
        (
            Trouble.PROTOCOL_CLASH,
            Severity.ERROR,
            "One end speaks TCP and the other HTTP.",
            "Make the protocols of the route and of the target's listener fit.",
        ),
        (
            Trouble.NOT_USED,
            Severity.ERROR,
            "No listener of its router or gateway uses a route: the type or the port differs.",
            "Write the route for a protocol and a port that the listeners have.",
        ),
        (
            Trouble.NO_SUCH_PORT,
            Severity.ERROR,
            "A target names a port that is not there, or none where there are several.",
            "Name one of the ports that the sentence lists.",
        ),
        (
            Trouble.RESERVED_PORT,
            Severity.ERROR,
            "A listener is on a port that its proxy needs for itself: 15000, 15001, 9901 or 9902.",
            "Listen on another port.",
        ),
        (
            Trouble.NO_CHECK,
            Severity.NOTE,
            "A virtual gateway has a health check, which nobody makes.",
            "Leave the check to the load balancer before the gateway.",
        ),
        (
            Trouble.CERTIFICATE,
            Severity.ERROR,
            "Nobody knows a certificate or an authority that is named.",
            "Correct the ARN, or make it known: `gossamer ca`, or access to ACM.",
        ),
        (
            Trouble.TLS_MISMATCH,
            Severity.ERROR,
            "A client policy enforces TLS towards a listener that takes none.",
            "Set tls at the listener, or enforce to false at the client.",
        ),
        (
            Trouble.NO_ENDPOINT,
            Severity.WARNING,
            "Cloud Map is not asked, or lists no instance of a node that is called.",
            "Register the instances, or serve with --cloud-map.",
        ),
        (
            Trouble.OUTDATED,
            Severity.WARNING,
            "What is known of a certificate or of endpoints may be out of date, as nobody answers.",
            "See that AWS can be reached; what was known last goes on to be used.",
        ),
    )
}
UNSENDABLE_NAME: Final = Rule(
    "unsendable-name",
    Severity.WARNING,
    "A gateway is to send the name of a virtual service as the host, and HTTP carries no such host: it "
    "answers 400 or 503.",
    "Name the service by a host name, or keep the client's host: action.rewrite.hostname, DISABLED.",
)
HIDDEN_ROUTE: Final = Rule(
    "hidden-route",
    Severity.WARNING,
    "Every request that a route would take is taken by those that are tried before it.",
    "Give the narrower route a lower priority number, or delete it.",
)
TIMEOUT_BELOW_RETRIES: Final = Rule(
    "timeout-below-retries",
    Severity.WARNING,
    "The tries of a route may take longer than the whole request may: the last ones never happen.",
    "Raise timeout.perRequest to perRetryTimeout times (maxRetries + 1), or lower either.",
)
CALLEE_LESS_PATIENT: Final = Rule(
    "callee-less-patient",
    Severity.WARNING,
    "A route waits longer than the proxy of its target does: requests end at the target's timeout, which is "
    "15 seconds where it says nothing.",
    "Set the timeout of the target's listener to that of the route, or more.",
)
RESERVED_PORT: Final = PROBLEMS[Trouble.RESERVED_PORT]
CLIENT_CERTIFICATE: Final = Rule(
    "no-client-certificate",
    Severity.ERROR,
    "A listener asks its clients for a certificate, and a caller's policy has none: the handshake fails.",
    "Set clientPolicy.tls.certificate at the caller, or drop tls.validation at the listener.",
)
LOST_SHARE: Final = Rule(
    "lost-share",
    Severity.WARNING,
    "A target that has a weight cannot be reached, and the others take its share: traffic is split otherwise "
    "than it is written.",
    "Make the target reachable, or set its weight to 0.",
)
GRPC_OVER_HTTP1: Final = Rule(
    "grpc-over-http1",
    Severity.ERROR,
    "A gRPC route leads to a listener of protocol http: gRPC needs HTTP/2.",
    "Set the protocol of the target's listener to grpc or http2.",
)
SELF_CALL: Final = Rule(
    "calls-itself",
    Severity.NOTE,
    "A virtual node is a target of a service that it has as a backend: its application may call itself.",
    "If it is not meant, take the service out of the backends, or the node out of the route.",
)
UNUSED: Final = Rule(
    "unused",
    Severity.NOTE,
    "Nobody refers to it, so no request of the mesh ever comes to it.",
    "Refer to it, or delete it.",
)
NO_BACKENDS: Final = Rule(
    "no-backends",
    Severity.NOTE,
    "A node without backends, in a mesh that lets nothing else out, can call nobody but AWS.",
    "List the services that its application calls in spec.backends.",
)
EXPIRED: Final = Rule(
    "certificate-expired",
    Severity.ERROR,
    "A certificate that a listener shows has expired: clients that check it refuse it.",
    "Renew it: `gossamer ca rotate`, or in ACM.",
)
EXPIRING: Final = Rule(
    "certificate-expiring",
    Severity.WARNING,
    "A certificate that a listener shows expires within 30 days, or has less than a third of its time left "
    "if it is valid for less than 90.",
    "Renew it, and find out why that did not happen by itself.",
)

#: In the order in which they are documented.
RULES: Final = (
    *PROBLEMS.values(),
    GRPC_OVER_HTTP1,
    CLIENT_CERTIFICATE,
    EXPIRED,
    EXPIRING,
    HIDDEN_ROUTE,
    UNSENDABLE_NAME,
    LOST_SHARE,
    TIMEOUT_BELOW_RETRIES,
    CALLEE_LESS_PATIENT,
    SELF_CALL,
    NO_BACKENDS,
    UNUSED,
)
