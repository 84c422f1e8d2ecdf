"""Why nobody takes a connection or a host, and what would help, in an operator's words."""

from gossamer.mesh.problem import listed, missing
from gossamer.mesh.problems import problems
from gossamer.mesh.snapshot import Mesh
from gossamer.mesh.view import NodeView
from gossamer.model.kind import Kind, Ref


def unknown_port(mesh: Mesh, view: NodeView, host: str, port: int) -> str:
    """Why an application finds nothing on a port, where the mesh lets nothing else out."""
    ports = sorted({one.port for one in view.services})
    nothing = f"no backend of {view.node} is on port {port} (ports: {listed(ports)})"
    return f"{nothing}, and egress filter DROP_ALL lets nothing else out; {_hint(mesh, view, host)}"


def unknown_host(mesh: Mesh, view: NodeView, host: str, port: int) -> str:
    """Why no service on a port that is known has a host."""
    names = listed(one.service for one in view.services if one.port == port)
    return f"host {host} is none of the backends on port {port} ({names}); {_hint(mesh, view, host)}"


def _hint(mesh: Mesh, view: NodeView, host: str) -> str:
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
    ports = sorted(one.port for one in view.services if one.service == name)
    if ports:
        return f"virtual service {name} is on port {listed(ports)}"
    backends = {one.service for one in view.services}
    if mesh.virtual_service(name) is None:
        return f"virtual service {missing(mesh, Kind.VIRTUAL_SERVICE, name)}"
    if name in backends or _is_backend(mesh, view, name):
        why = told(mesh, mesh.ref(Kind.VIRTUAL_SERVICE, name)) or "nothing listens behind it"
        return f"virtual service {name} is a backend, but on no port: {why}"
    return f"virtual service {name} is there, but no backend of {view.node}: add it to its spec.backends"


def _is_backend(mesh: Mesh, view: NodeView, name: str) -> bool:
    spec = mesh.virtual_node(view.node)
    listed_ = (one.virtual_service for one in (spec.backends or ())) if spec is not None else ()
    return any(one is not None and one.virtual_service_name == name for one in listed_)


def told(mesh: Mesh, resource: Ref) -> str:
    """What cannot work in one resource, as one sentence; empty where nothing is known."""
    return "; ".join(one.why for one in problems(mesh) if one.ref == resource)
