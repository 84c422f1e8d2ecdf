"""`GET /gossamer/v1/meshes/M/topology`: who is in a mesh, who leads to whom, and how each of them is."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from gossamer.api.guard import caller
from gossamer.api.own_route import route
from gossamer.insight.sources import Sources, no_such_mesh
from gossamer.mesh.problem import Problem
from gossamer.mesh.snapshot import Mesh, revisions
from gossamer.model.gateway_route import GatewayRouteSpec
from gossamer.model.kind import Kind, MeshKey, Ref
from gossamer.model.route import RouteSpec
from gossamer.model.virtual_node import VirtualNodeSpec
from gossamer.model.virtual_service import VirtualServiceSpec
from gossamer.xds.status import ProxyStatus

Json = dict[str, object]

#: What stands in the picture; routes are edges of it.
KINDS: Final = (Kind.VIRTUAL_GATEWAY, Kind.VIRTUAL_SERVICE, Kind.VIRTUAL_ROUTER, Kind.VIRTUAL_NODE)

#: Those of them that have proxies.
WITH_PROXIES: Final = frozenset({Kind.VIRTUAL_GATEWAY, Kind.VIRTUAL_NODE})


def topology_routes(sources: Sources) -> tuple[BaseRoute, ...]:
    """The one route. Callers of another account than ours ask about their own meshes."""

    async def shown(request: Request) -> Response:
        name, account = request.path_params["mesh"], caller(request.scope).account
        mesh = sources.meshes.mesh(MeshKey(account, name))
        problems = sources.meshes.problems(name, account)
        if mesh is None or problems is None:
            return no_such_mesh(name)
        statuses = [one for one in sources.hub.statuses() if one.account == account]
        return JSONResponse(topology(mesh, problems, statuses))

    return (route("/gossamer/v1/meshes/{mesh}/topology", shown),)


def topology(mesh: Mesh, problems: Iterable[Problem], statuses: Iterable[ProxyStatus]) -> Json:
    """A mesh as a graph."""
    whys: dict[Ref, list[str]] = {}
    for one in problems:
        whys.setdefault(_in_picture(one.ref), []).append(
            one.why if one.ref.parent is None else f"{one.ref.kind.value} {one.ref.name} {one.why}"
        )
    proxies: dict[str, Counter[str]] = {}
    for status in statuses:
        counts = proxies.setdefault(status.endpoint, Counter())
        counts["connected"] += 1
        counts["refused" if status.is_refusing else "inSync" if status.in_sync else "updating"] += 1
    refs = sorted((ref for ref in revisions(mesh) if ref.kind in KINDS), key=str)
    nodes = [_node(ref, whys.get(ref, []), proxies.get(str(ref), Counter())) for ref in refs]
    return {"nodes": nodes, "edges": list(_edges(mesh))}


def _node(ref: Ref, whys: list[str], proxies: Counter[str]) -> Json:
    counts = {name: proxies[name] for name in ("connected", "inSync", "refused")}
    return {
        "id": str(ref),
        "kind": ref.kind.value,
        "name": ref.name,
        "health": _health(ref, whys, proxies),
        "problems": whys,
        "proxies": counts,
    }


def _health(ref: Ref, whys: list[str], proxies: Counter[str]) -> str:
    """A refused update is a failure, and a proxy that was never seen leaves it open."""
    if proxies["refused"]:
        return "failing"
    if whys:
        return "warning"
    return "ok" if proxies["connected"] or ref.kind not in WITH_PROXIES else "unknown"


def _edges(mesh: Mesh) -> Iterator[Json]:
    for ref, revision in sorted(revisions(mesh).items(), key=lambda one: str(one[0])):
        spec = revision.spec
        match spec:
            case VirtualNodeSpec():
                yield from _backends(mesh, ref, spec)
            case VirtualServiceSpec():
                yield from _provider(mesh, ref, spec)
            case RouteSpec():
                yield from _route(mesh, ref, spec)
            case GatewayRouteSpec():
                yield from _gateway_route(mesh, ref, spec)
            case _:
                continue


def _backends(mesh: Mesh, ref: Ref, spec: VirtualNodeSpec) -> Iterator[Json]:
    for one in spec.backends or ():
        if one.virtual_service is not None:
            service = mesh.ref(Kind.VIRTUAL_SERVICE, one.virtual_service.virtual_service_name)
            yield _edge(ref, service, "backend")


def _provider(mesh: Mesh, ref: Ref, spec: VirtualServiceSpec) -> Iterator[Json]:
    provider = spec.provider
    if provider is not None and provider.virtual_router is not None:
        router = mesh.ref(Kind.VIRTUAL_ROUTER, provider.virtual_router.virtual_router_name)
        yield _edge(ref, router, "provider")
    if provider is not None and provider.virtual_node is not None:
        yield _edge(ref, mesh.ref(Kind.VIRTUAL_NODE, provider.virtual_node.virtual_node_name), "provider")


def _route(mesh: Mesh, ref: Ref, spec: RouteSpec) -> Iterator[Json]:
    rules = {
        "http": spec.http_route,
        "http2": spec.http2_route,
        "grpc": spec.grpc_route,
        "tcp": spec.tcp_route,
    }
    for protocol, rule in rules.items():
        for target in rule.action.weighted_targets if rule is not None else ():
            more: Json = {"weight": target.weight, "protocol": protocol, "route": str(ref)}
            if target.port is not None:
                more["port"] = target.port
            node = mesh.ref(Kind.VIRTUAL_NODE, target.virtual_node)
            yield _edge(_in_picture(ref), node, "route") | more


def _gateway_route(mesh: Mesh, ref: Ref, spec: GatewayRouteSpec) -> Iterator[Json]:
    rules = {"http": spec.http_route, "http2": spec.http2_route, "grpc": spec.grpc_route}
    for protocol, rule in rules.items():
        if rule is not None:
            target = rule.action.target
            more: Json = {"protocol": protocol, "route": str(ref)}
            if target.port is not None:
                more["port"] = target.port
            service = mesh.ref(Kind.VIRTUAL_SERVICE, target.virtual_service.virtual_service_name)
            yield _edge(_in_picture(ref), service, "gatewayRoute") | more


def _edge(start: Ref, end: Ref, kind: str) -> Json:
    return {"from": str(start), "to": str(end), "kind": kind}


def _in_picture(ref: Ref) -> Ref:
    """What stands for a resource in the picture: for a route, its router or gateway."""
    if ref.kind.parent is None or ref.parent is None:
        return ref
    return Ref(ref.account, ref.mesh, ref.kind.parent, ref.parent)
