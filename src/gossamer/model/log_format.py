"""Envoy's format strings, as far as one can be refused before Envoy sees it.

A command is `%NAME%`, `%NAME(parameters)%` or `%NAME(parameters):length%`; a percent sign of its own is `%%`.
Source: Envoy access log documentation, command operators; which name takes what was asked of Envoy 1.40
itself, and a test asks it again.
"""

import re
from collections.abc import Iterator
from typing import Final

from gossamer.model.likeness import did_you_mean
from gossamer.model.rule import Obeying
from gossamer.model.spec import Violated, one_of

COMMAND: Final = re.compile(
    r"%(?P<name>[A-Z0-9_]+)(?:\((?P<parameters>.*?)\))?(?::(?P<length>[0-9]{1,18}))?%"
)
HEADER: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z:-]*")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: Those that stand alone.
PLAIN: Final = _words(
    """
    ACCESS_LOG_TYPE BYTES_RECEIVED BYTES_RETRANSMITTED BYTES_SENT CONNECTION_ID
    CONNECTION_TERMINATION_DETAILS CUSTOM_FLAGS DOWNSTREAM_CX_RTT
    DOWNSTREAM_DECOMPRESSED_HEADER_BYTES_RECEIVED DOWNSTREAM_DECOMPRESSED_HEADER_BYTES_SENT
    DOWNSTREAM_DETECTED_CLOSE_TYPE DOWNSTREAM_DIRECT_LOCAL_ADDRESS
    DOWNSTREAM_DIRECT_LOCAL_ADDRESS_ENDPOINT_ID DOWNSTREAM_DIRECT_LOCAL_PORT
    DOWNSTREAM_DIRECT_REMOTE_ADDRESS DOWNSTREAM_DIRECT_REMOTE_PORT DOWNSTREAM_HANDSHAKE_DURATION
    DOWNSTREAM_HEADER_BYTES_RECEIVED DOWNSTREAM_HEADER_BYTES_SENT DOWNSTREAM_LOCAL_ADDRESS
    DOWNSTREAM_LOCAL_ADDRESS_ENDPOINT_ID DOWNSTREAM_LOCAL_CLOSE_REASON DOWNSTREAM_LOCAL_DNS_SAN
    DOWNSTREAM_LOCAL_EMAIL_SAN DOWNSTREAM_LOCAL_IP_SAN DOWNSTREAM_LOCAL_OTHERNAME_SAN
    DOWNSTREAM_LOCAL_PORT DOWNSTREAM_LOCAL_SUBJECT DOWNSTREAM_LOCAL_URI_SAN DOWNSTREAM_PEER_CERT
    DOWNSTREAM_PEER_CHAIN_FINGERPRINTS_1 DOWNSTREAM_PEER_CHAIN_FINGERPRINTS_256
    DOWNSTREAM_PEER_CHAIN_SERIALS DOWNSTREAM_PEER_DNS_SAN DOWNSTREAM_PEER_EMAIL_SAN
    DOWNSTREAM_PEER_FINGERPRINT_1 DOWNSTREAM_PEER_FINGERPRINT_256 DOWNSTREAM_PEER_IP_SAN
    DOWNSTREAM_PEER_ISSUER DOWNSTREAM_PEER_ISSUER_FINGERPRINT_256 DOWNSTREAM_PEER_ISSUER_SERIAL
    DOWNSTREAM_PEER_OTHERNAME_SAN DOWNSTREAM_PEER_SERIAL DOWNSTREAM_PEER_SUBJECT DOWNSTREAM_PEER_URI_SAN
    DOWNSTREAM_REMOTE_ADDRESS DOWNSTREAM_REMOTE_PORT DOWNSTREAM_TLS_CIPHER DOWNSTREAM_TLS_GROUP
    DOWNSTREAM_TLS_SESSION_ID DOWNSTREAM_TLS_VERSION DOWNSTREAM_TRANSPORT_FAILURE_REASON
    DOWNSTREAM_WIRE_BYTES_RECEIVED DOWNSTREAM_WIRE_BYTES_SENT DURATION FILTER_CHAIN_NAME
    GRPC_STATUS_NUMBER HOSTNAME LOCAL_REPLY_BODY PROTOCOL REQUEST_DURATION REQUEST_HEADERS_BYTES
    REQUEST_TX_DURATION RESPONSE_CODE RESPONSE_DURATION RESPONSE_FLAGS RESPONSE_FLAGS_LONG
    RESPONSE_HEADERS_BYTES RESPONSE_TRAILERS_BYTES RESPONSE_TX_DURATION ROUNDTRIP_DURATION ROUTE_NAME
    ROUTE_RESOLUTION_COUNT ROUTE_RESOLUTION_TIME_US SPAN_ID STREAM_ID TLS_JA3_FINGERPRINT
    TLS_JA4_FINGERPRINT TRACE_ID UNIQUE_ID UPSTREAM_CLUSTER UPSTREAM_CLUSTER_RAW UPSTREAM_CONNECTION_ID
    UPSTREAM_CONNECTION_IDS_ATTEMPTED UPSTREAM_CONNECTION_POOL_READY_DURATION
    UPSTREAM_DECOMPRESSED_HEADER_BYTES_RECEIVED UPSTREAM_DECOMPRESSED_HEADER_BYTES_SENT
    UPSTREAM_DETECTED_CLOSE_TYPE UPSTREAM_HEADER_BYTES_RECEIVED UPSTREAM_HEADER_BYTES_SENT UPSTREAM_HOST
    UPSTREAM_HOSTS_ATTEMPTED UPSTREAM_HOSTS_ATTEMPTED_WITHOUT_PORT UPSTREAM_HOST_NAME
    UPSTREAM_HOST_NAMES_ATTEMPTED UPSTREAM_HOST_NAMES_ATTEMPTED_WITHOUT_PORT
    UPSTREAM_HOST_NAME_WITHOUT_PORT UPSTREAM_LOCAL_ADDRESS UPSTREAM_LOCAL_CLOSE_REASON
    UPSTREAM_LOCAL_DNS_SAN UPSTREAM_LOCAL_IP_SAN UPSTREAM_LOCAL_PORT UPSTREAM_LOCAL_URI_SAN
    UPSTREAM_PEER_CERT UPSTREAM_PEER_DNS_SAN UPSTREAM_PEER_IP_SAN UPSTREAM_PEER_ISSUER
    UPSTREAM_PEER_SUBJECT UPSTREAM_PEER_URI_SAN UPSTREAM_PROTOCOL UPSTREAM_REMOTE_ADDRESS
    UPSTREAM_REMOTE_ADDRESS_ENDPOINT_ID UPSTREAM_REMOTE_PORT UPSTREAM_REQUEST_ATTEMPT_COUNT
    UPSTREAM_SERVER_NAME UPSTREAM_TLS_CIPHER UPSTREAM_TLS_GROUP UPSTREAM_TLS_SESSION_ID
    UPSTREAM_TLS_VERSION UPSTREAM_TRANSPORT_FAILURE_REASON UPSTREAM_WIRE_BYTES_RECEIVED
    UPSTREAM_WIRE_BYTES_SENT VIRTUAL_CLUSTER_NAME
    """
)

#: Those that may have parameters, and no length.
OPTIONAL: Final = _words(
    """
    DOWNSTREAM_DIRECT_LOCAL_ADDRESS_WITHOUT_PORT DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT
    DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT DOWNSTREAM_PEER_CERT_V_END DOWNSTREAM_PEER_CERT_V_START
    DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT EMIT_TIME EMIT_TIME_LOCAL RESPONSE_CODE_DETAILS START_TIME
    START_TIME_LOCAL UPSTREAM_LOCAL_ADDRESS_WITHOUT_PORT UPSTREAM_PEER_CERT_V_END
    UPSTREAM_PEER_CERT_V_START UPSTREAM_REMOTE_ADDRESS_WITHOUT_PORT
    """
)

#: Those whose parameters are a header, and perhaps another that counts where it is missing.
OF_HEADERS: Final = _words(
    """
    REQ REQUEST_HEADER RESP RESPONSE_HEADER RESPONSE_TRAILER STREAM_INFO_REQ TRAILER
    """
)

#: Those that need parameters, which Envoy alone can judge.
NEEDY: Final = _words(
    """
    CEL CLUSTER_METADATA COALESCE COMMON_DURATION DYNAMIC_METADATA ENVIRONMENT FILTER_STATE METADATA
    QUERY_PARAM UPSTREAM_FILTER_STATE UPSTREAM_METADATA
    """
)

#: Those whose parameters are one of a few words, or the first of several.
CHOICES: Final = {
    "GRPC_STATUS": ("CAMEL_STRING", "SNAKE_STRING", "NUMBER"),
    "PATH": ("WQ", "NQ"),
    "QUERY_PARAMS": ("ORIG", "DECODED"),
    "REQUESTED_SERVER_NAME": ("SNI_ONLY", "SNI_FIRST", "HOST_FIRST"),
}

#: What may follow the name of a filter's state.
STATE_FORMS: Final = ("PLAIN", "TYPED", "FIELD")
OF_STATE: Final = _words("FILTER_STATE UPSTREAM_FILTER_STATE")

#: Those of the others that take a length.
MEASURED: Final = OF_HEADERS | _words(
    """
    CEL DYNAMIC_METADATA ENVIRONMENT FILTER_STATE PATH QUERY_PARAM QUERY_PARAMS UPSTREAM_FILTER_STATE
    """
)

COMMANDS: Final = PLAIN | OPTIONAL | OF_HEADERS | NEEDY | CHOICES.keys()


def commands(text: str) -> Iterator[re.Match[str]]:
    """The commands of a format string, in order.

    Raises: Violated where a percent sign begins none.
    """
    place = 0
    while (place := text.find("%", place)) >= 0:
        found = COMMAND.match(text, place)
        if text.startswith("%%", place):
            place += 2
        elif found is None:
            raise Violated(
                f"has no command at character {place + 1}; a percent sign of its own is written %%"
            )
        else:
            yield found
            place = found.end()


def checked_format(text: str) -> str:
    """A format string that Envoy takes.

    Raises: Violated with what is wrong in it.
    """
    for found in commands(text):
        if why := _broken(found["name"], found["parameters"] or "", has_length=found["length"] is not None):
            raise Violated(why)
    return text


def _broken(name: str, parameters: str, *, has_length: bool) -> str:
    """What is wrong with one command; nothing if it is fine."""
    if name not in COMMANDS:
        return f"has %{name}%, which is no command of Envoy{did_you_mean(name, sorted(COMMANDS), '%{}%')}"
    if name in PLAIN and (parameters or has_length):
        return f"has %{name}% with more than its name: it takes no parameters and no length"
    if has_length and name not in MEASURED:
        return f"has %{name}% with a length, which it does not take"
    if not parameters:
        return f"has %{name}% without parameters, which it requires" if name in OF_HEADERS | NEEDY else ""
    return _broken_parameters(name, parameters)


def _broken_parameters(name: str, parameters: str) -> str:
    if name in CHOICES and parameters.partition(":")[0] not in CHOICES[name]:
        return f"has %{name}({parameters})%: its parameter must be {one_of(CHOICES[name])}"
    form = parameters.partition(":")[2].partition(":")[0]
    if name in OF_STATE and form not in ("", *STATE_FORMS):
        return f"has %{name}({parameters})%: what follows the colon must be {one_of(STATE_FORMS)}"
    if name in OF_HEADERS:
        headers = parameters.split("?")
        if len(headers) > len(("header", "alternative")):
            return f"has %{name}({parameters})%, which names more than one alternative"
        if not all(HEADER.fullmatch(header) for header in headers):
            return f"has %{name}({parameters})%, which names no header"
    return ""


#: The rule of every format string.
CHECKED: Final = Obeying(checked_format, "must be a format string that Envoy takes")
