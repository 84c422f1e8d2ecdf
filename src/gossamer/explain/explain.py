"""What becomes of a request that a virtual node's application, or a gateway's client, sends."""

from dataclasses import dataclass
from typing import Final

from gossamer.errors import InvalidSpec, NotFound, Violation
from gossamer.explain.gateway import tell_gateway
from gossamer.explain.node import tell_node
from gossamer.explain.request import Request
from gossamer.explain.story import Result, Step, Story
from gossamer.mesh.problem import missing
from gossamer.mesh.resolve import proxy_view
from gossamer.mesh.snapshot import Mesh
from gossamer.mesh.surroundings import NOWHERE, Surroundings
from gossamer.mesh.view import GatewayView, NodeView, ProxyView
from gossamer.model.kind import Kind, Ref

#: Whose proxies requests pass first.
SENDERS: Final = (Kind.VIRTUAL_NODE, Kind.VIRTUAL_GATEWAY)


@dataclass(frozen=True, slots=True)
class Explanation:
    """Every step of a request, and what it comes to."""

    steps: tuple[Step, ...]
    result: Result


def sender_of(mesh: Mesh, text: str) -> Ref:
    """The sender that somebody names: `virtualNode/N`, `virtualGateway/G`, `M/` before it, or a bare name.

    Raises: InvalidSpec if there is none of that name.
    """
    short = text.removeprefix(f"{mesh.key.mesh}/")
    kind, _, name = short.rpartition("/")
    kinds = [one for one in SENDERS if not kind or one.value.lower() == kind.lower()]
    found = [mesh.ref(one, name) for one in kinds if name in mesh.names(one)]
    if not found:
        nouns = " or ".join(one.value for one in kinds or SENDERS)
        told = missing(mesh, (kinds or SENDERS)[0], name)
        raise InvalidSpec([Violation("from", f"must be a {nouns}: {told}")])
    return found[0]


def view_of(mesh: Mesh, sender: Ref, surroundings: Surroundings = NOWHERE) -> ProxyView:
    """What the proxies of a sender get where nothing is asked of all proxies.

    Raises: NotFound if there is no such node or gateway.
    """
    view = proxy_view(mesh, sender, surroundings)
    if view is None:
        raise NotFound(sender)
    return view


def explained(mesh: Mesh, view: ProxyView, request: Request) -> Explanation:
    """Tell what becomes of a request.

    `view` is of the virtual node whose application sends it, or of the virtual gateway that it comes to.
    """
    story = Story()
    if isinstance(view, GatewayView):
        tell_gateway(story, mesh, view, request)
    elif isinstance(view, NodeView):
        tell_node(story, mesh, view, request)
    return Explanation(tuple(story.steps), story.result)
