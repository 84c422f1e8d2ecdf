"""One line about a resource: what people look for first."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from gossamer.model.kind import Kind

Spec = Mapping[str, Any]

_ROUTES: Final = ("httpRoute", "http2Route", "grpcRoute", "tcpRoute")


def summary(kind: Kind, spec: Spec) -> str:
    """The line."""
    match kind:
        case Kind.MESH:
            return f"egress {spec.get('egressFilter', {}).get('type', 'DROP_ALL')}"
        case Kind.VIRTUAL_NODE:
            backends = [one["virtualService"]["virtualServiceName"] for one in spec.get("backends", ())]
            calls = f" → {', '.join(backends)}" if backends else ""
            return f"{_ports(spec)} {_discovery(spec.get('serviceDiscovery', {}))}{calls}".strip()
        case Kind.VIRTUAL_SERVICE:
            provider = spec.get("provider", {})
            return " ".join(f"{word} {next(iter(one.values()))}" for word, one in provider.items())
        case Kind.VIRTUAL_ROUTER | Kind.VIRTUAL_GATEWAY:
            return _ports(spec)
        case Kind.ROUTE | Kind.GATEWAY_ROUTE:
            return "; ".join(_rules(spec))


def _ports(spec: Spec) -> str:
    mappings = [one["portMapping"] for one in spec.get("listeners", ())]
    return ", ".join(f"{one['port']}/{one['protocol']}" for one in mappings)


def _discovery(found: Spec) -> str:
    if "dns" in found:
        return str(found["dns"]["hostname"])
    cloud = found.get("awsCloudMap")
    return f"{cloud['serviceName']}.{cloud['namespaceName']} (Cloud Map)" if cloud else ""


def _rules(spec: Spec) -> Iterator[str]:
    for member in _ROUTES:
        if (rule := spec.get(member)) is not None:
            yield f"{_match(rule.get('match', {}))} → {_action(rule['action'])}".strip()


def _match(match: Spec) -> str:
    path = match.get("path", {})
    found = match.get("prefix") or path.get("exact") or path.get("regex") or ""
    call = "/".join(match[name] for name in ("serviceName", "methodName") if name in match)
    port = f":{match['port']}" if "port" in match else ""
    host = match.get("hostname", {})
    named = host.get("exact") or host.get("suffix") or ""
    return " ".join(part for part in (match.get("method", ""), f"{named}{found or call}{port}") if part)


def _action(action: Spec) -> str:
    if "target" in action:
        return str(action["target"]["virtualService"]["virtualServiceName"])
    return ", ".join(f"{one['virtualNode']} {one['weight']}" for one in action["weightedTargets"])
