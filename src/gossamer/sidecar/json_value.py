"""JSON as the agent builds and reads it: every part of a bootstrap is one of these."""

import json
from collections.abc import Mapping
from typing import Final

Json = dict[str, object]

TYPE: Final = "type.googleapis.com/"


def typed(name: str, /, **fields: object) -> Json:
    """An extension's configuration, under its type's name."""
    return {"@type": TYPE + name, **fields}


def member(value: object, *names: str) -> object:
    """What is at a path of members; None where there is nothing."""
    for name in names:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def text_at(value: object, *names: str) -> str:
    """The text at a path of members; numbers as their digits, and `""` where there is nothing of the kind."""
    found = member(value, *names)
    if isinstance(found, bool) or not isinstance(found, str | int | float):
        return ""
    return str(found)


def parsed(text: str | bytes) -> object:
    """A JSON document; None when it is none."""
    try:
        return json.loads(text)
    except ValueError:
        return None


def pipe(path: str) -> Json:
    """A socket in the file system as Envoy's address."""
    return {"pipe": {"path": path}}


def own_pipe(path: str) -> Json:
    """A socket that Envoy makes, for nobody but its own user and root."""
    return {"pipe": {"path": path, "mode": 0o600}}


def socket_address(host: str, port: int, **more: object) -> Json:
    """A host and a port as Envoy's address."""
    return {"socket_address": {"address": host, "port_value": port, **more}}


def one_endpoint(cluster: str, address: Json) -> Json:
    """The load assignment of a cluster that has one endpoint."""
    return {"cluster_name": cluster, "endpoints": [{"lb_endpoints": [{"endpoint": {"address": address}}]}]}
