"""What a gateway sends straight on: a gateway route and a route behind it, in one step.

The gateway route's own conditions hold when this is asked; what is left are those of the routes.
Source: compile.flat_gateway; decision 069.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gossamer.compile import names
from gossamer.compile.route import in_order
from gossamer.compile.virtual_gateway import Entry
from gossamer.explain.exit import Exit, route_ref, tell_onward, tell_route
from gossamer.explain.heard import Heard
from gossamer.explain.member import Members, members
from gossamer.explain.rewriting import tell_rewrite
from gossamer.explain.routing import Candidate, unmet
from gossamer.explain.story import Outcome, Stage, Story, Taken
from gossamer.mesh.view import ResolvedRoute, ServicePort
from gossamer.model.kind import Ref


@dataclass(frozen=True, slots=True)
class Straight:
    """The routes behind a gateway route's entry, and what of them stands before it, by their names."""

    target: ServicePort
    candidates: dict[str, Candidate]


def straight_on(way: Exit, entries: Sequence[Entry], own: int) -> Straight | None:
    """What goes straight on of what one gateway route's own entry takes; None for what leads nowhere."""
    target = entries[own].route.target
    if target is None:
        return None
    found: dict[str, Candidate] = {}
    for index in range(own - 1, -1, -1):
        behind = entries[index].behind
        if behind is None:
            break
        found[behind.name] = _candidate(way, target, entries, index)
    return Straight(target, found)


def tell_straight(story: Story, way: Exit, straight: Straight, resource: Ref, heard: Heard) -> bool:
    """What becomes of a request that goes straight on; whether it does. If not, nothing is told."""
    routes = in_order(straight.target.routes)
    taken = next((one for one in routes if _takes(straight, one, heard)), None)
    if taken is None:
        return False
    for route in routes[: routes.index(taken)]:
        passed = "; ".join(_passed(straight, route, heard))
        story.tell(Stage.ROUTE, Outcome.SKIPPED, passed, route_ref(way.mesh, straight.target.service, route))
    entry = straight.candidates[taken.name]
    story.take(Taken(way.routes, names.SELF_REDIRECT_VIRTUAL_HOST, entry.index))
    tell_route(story, way, straight.target, taken)
    changes = tell_rewrite(story, entry.message, resource, heard)
    why = "goes straight on to the route's targets, in one step (--flat-gateways)"
    story.matched(Stage.CLUSTER, why, resource)
    onward = heard.changed(changes.items())
    tell_onward(story, way, (straight.target, taken), entry.message.route, onward)
    return True


def _candidate(way: Exit, target: ServicePort, entries: Sequence[Entry], index: int) -> Candidate:
    entry = entries[index]
    behind = entry.behind
    assert behind is not None  # noqa: S101 - asked before
    outer, inner = members(entry.route.rule, target.protocol), members(behind.rule, target.protocol)
    both = Members(_path_said(inner.path, entry), outer.headers + inner.headers, outer.query + inner.query)
    return Candidate(index, route_ref(way.mesh, target.service, behind), entry.message, both)


def _path_said(member: str, entry: Entry) -> str:
    action = entry.message.route
    is_rewritten = action.prefix_rewrite or action.HasField("regex_rewrite")
    return f"{member}, before the rewrite" if is_rewritten and member else member


def _takes(straight: Straight, route: ResolvedRoute, heard: Heard) -> bool:
    found = straight.candidates.get(route.name)
    return found is not None and not any(unmet(found, heard))


def _passed(straight: Straight, route: ResolvedRoute, heard: Heard) -> Iterator[str]:
    """Why a route before the one that is taken does not take a request."""
    found = straight.candidates.get(route.name)
    if found is not None:
        yield from unmet(found, heard)
    else:
        yield "no path that the gateway route takes comes out as one of this route's"
