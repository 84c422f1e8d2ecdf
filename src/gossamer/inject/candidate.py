"""Pure: which virtual node or virtual gateway a pod is.

A pod may say it itself, by annotations. Otherwise App Mesh's custom resources say it, as the documents that
people apply: a virtual node's or gateway's pod selector, in its namespace.

Source: App Mesh's Kubernetes controller 1.13: selection, and the sentences of its refusals;
docs/decisions/057-where-candidates-come-from.md.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from gossamer.contract import DEFAULT_ACCOUNT
from gossamer.inject import annotation, pod
from gossamer.inject.document import Json, Refused, table, text
from gossamer.inject.listener import listener_ports
from gossamer.inject.selector import is_selected
from gossamer.inject.settings import Endpoint, endpoint

GROUP: Final = "appmesh.k8s.aws/"
_KINDS: Final = frozenset({"VirtualNode", "VirtualGateway"})


@dataclass(frozen=True, slots=True)
class Candidate:
    """One endpoint, and the pods that it takes."""

    who: Endpoint
    namespace: str
    resource: str
    selector: Json | None
    ports: tuple[int, ...]

    def is_of(self, namespace: str, labels: Mapping[str, object]) -> bool:
        """Whether a pod with these labels is this endpoint's; without a selector, none is."""
        return (
            self.selector is not None and self.namespace == namespace and is_selected(labels, self.selector)
        )


@dataclass(frozen=True, slots=True)
class Pod:
    """What is known of a pod that is to be made."""

    template: Json
    namespace: str

    @property
    def name(self) -> str:
        """Its name, or what its name will begin with."""
        metadata = table(self.template, "metadata")
        return text(metadata, "name") or text(metadata, "generateName")

    @property
    def labels(self) -> Json:
        """Its labels."""
        return table(table(self.template, "metadata"), "labels")


@dataclass(frozen=True, slots=True)
class Choice:
    """The endpoint of a pod, and the ports of its listeners."""

    who: Endpoint
    ports: tuple[int, ...] = ()


def candidates(
    documents: Iterable[Json], mesh: str = "", account: str = DEFAULT_ACCOUNT
) -> tuple[Candidate, ...]:
    """The candidates among custom resources; `mesh` is that of those that name none.

    A mesh that another account than `account` owns has that account in its proxies' identities.
    Raises: Refused for a resource that cannot be read.
    """
    ours = [each for each in documents if text(each, "apiVersion").startswith(GROUP)]
    meshes = {text(table(each, "metadata"), "name"): each for each in ours if each.get("kind") == "Mesh"}
    if not mesh and len(meshes) == 1:
        mesh = next(iter(meshes))
    found = (_candidate(each, meshes, mesh, account) for each in ours if each.get("kind") in _KINDS)
    return tuple(each for each in found if each is not None)


def _candidate(resource: Json, meshes: Mapping[str, Json], mesh: str, account: str) -> Candidate | None:
    """One resource as a candidate; None for one that belongs to no mesh."""
    metadata, spec = table(resource, "metadata"), table(resource, "spec")
    name, namespace = text(metadata, "name"), text(metadata, "namespace") or "default"
    of = text(table(spec, "meshRef"), "name") or mesh
    if not of:
        return None
    own_mesh = table(meshes.get(of, {}), "spec")
    owner = text(own_mesh, "meshOwner")
    mesh_name = (text(own_mesh, "awsName") or of) + (f"@{owner}" if owner not in {"", account} else "")
    own_name = text(spec, "awsName") or f"{name}_{namespace}"
    is_node = resource.get("kind") == "VirtualNode"
    return Candidate(
        who=Endpoint(mesh_name, "virtualNode" if is_node else "virtualGateway", own_name),
        namespace=namespace,
        resource=name,
        selector=table(spec, "podSelector") if spec.get("podSelector") is not None else None,
        ports=listener_ports(resource),
    )


def choice(made: Pod, among: Iterable[Candidate], mesh: str, *, is_wanted: bool) -> Choice | None:
    """The endpoint of a pod; None for one that gets no sidecar.

    `is_wanted` tells whether the pod's namespace asks for sidecars; the pod's own annotation wins over it.
    Raises: Refused in the controller's words where there are too many, or none and one is wanted.
    """
    wished = pod.wishes_of(made.template)
    said = wished.is_enabled(annotation.MODE)
    if said is False:
        return None
    given = wished.given
    node, gateway = given.get(annotation.VIRTUAL_NODE, ""), given.get(annotation.VIRTUAL_GATEWAY, "")
    if node or gateway:
        return Choice(endpoint(given.get(annotation.MESH) or mesh, node, gateway))
    return _selected(made, among, is_wanted=is_wanted if said is None else said)


def _selected(made: Pod, among: Iterable[Candidate], *, is_wanted: bool) -> Choice | None:
    """The one endpoint whose selector takes a pod."""
    matching = [each for each in among if each.is_of(made.namespace, made.labels)]
    nodes = [each for each in matching if not each.who.is_gateway]
    gateways = [each for each in matching if each.who.is_gateway]
    for noun, some in (("VirtualNodes", nodes), ("VirtualGateways", gateways)):
        if len(some) > 1:
            listed = ", ".join(each.resource for each in some)
            raise Refused(f"found multiple matching {noun} for pod {made.name}: {listed}")
    if nodes and gateways:
        raise Refused(
            f"sidecarInject enabled for both virtualNode {nodes[0].resource} and virtualGateway "
            f"{gateways[0].resource} on pod {made.name}. Please use podSelector on one"
        )
    if matching:
        return Choice(matching[0].who, matching[0].ports)
    if is_wanted:
        raise Refused("sidecarInject enabled but no matching VirtualNode or VirtualGateway found")
    return None
