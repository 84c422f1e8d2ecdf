"""Resources as documents: what operators write down, small."""

from typing import Any

Document = dict[str, Any]


def mesh(name: str = "shop", **spec: object) -> Document:
    return {"kind": "mesh", "meshName": name, "spec": spec}


def listeners(*ports: int, protocol: str = "http") -> list[Document]:
    return [{"portMapping": {"port": port, "protocol": protocol}} for port in ports]


def node(name: str, *ports: int, backends: tuple[str, ...] = (), **more: object) -> Document:
    spec = {
        "listeners": listeners(*(ports or (8080,))),
        "serviceDiscovery": {"dns": {"hostname": f"{name}.local"}},
        "backends": [{"virtualService": {"virtualServiceName": one}} for one in backends],
    }
    return {"kind": "virtualNode", "meshName": "shop", "virtualNodeName": name, "spec": spec, **more}


def router(name: str, *ports: int) -> Document:
    spec = {"listeners": listeners(*(ports or (8080,)))}
    return {"kind": "virtualRouter", "meshName": "shop", "virtualRouterName": name, "spec": spec}


def route(
    router_name: str, name: str, *, port: int | None = None, prefix: str = "/", **weights: int
) -> Document:
    targets = [{"virtualNode": node_name, "weight": weight} for node_name, weight in weights.items()]
    match = {"prefix": prefix} | ({} if port is None else {"port": port})
    return {
        "kind": "route",
        "meshName": "shop",
        "virtualRouterName": router_name,
        "routeName": name,
        "spec": {"httpRoute": {"match": match, "action": {"weightedTargets": targets}}},
    }


def service(name: str, router_name: str) -> Document:
    spec = {"provider": {"virtualRouter": {"virtualRouterName": router_name}}}
    return {"kind": "virtualService", "meshName": "shop", "virtualServiceName": name, "spec": spec}


def shop() -> list[Document]:
    """A mesh with a canary: `front` calls `orders.local`, which two versions answer."""
    return [
        # In an order that would not work call by call.
        service("orders.local", "orders"),
        route("orders", "all", v1=90, v2=10),
        router("orders"),
        node("front", backends=("orders.local",)),
        node("v1"),
        node("v2"),
        mesh(),
    ]
