"""Virtual hosts and routes, tried in the order in which Envoy tries them.

Source: Envoy, `RouteConfiguration`, how a virtual host is chosen, and `VirtualHost`, whose first route that
matches is taken.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest
from typing import Final

from envoy.config.route.v3.route_components_pb2 import Route, VirtualHost

from gossamer.compile.resources import Host
from gossamer.explain.condition import grpc_unmet, headers_unmet, path_unmet, query_unmet
from gossamer.explain.heard import Heard
from gossamer.explain.member import Members
from gossamer.explain.story import Outcome, Stage, Story
from gossamer.model.kind import Ref

ANY: Final = "*"


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entry of a virtual host, its place there, and the resource that it was compiled from."""

    index: int
    resource: Ref
    message: Route
    members: Members


def chosen_host(compiled: Sequence[Host], authority: str) -> VirtualHost | None:
    """The virtual host that takes a host: by its whole name in any case, else the one for every name."""
    wanted = lowered(authority)
    hosts = [one.message for one in compiled]
    named = (one for one in hosts for domain in one.domains if domain != ANY and lowered(domain) == wanted)
    every = (one for one in hosts if ANY in one.domains)
    return next(chain(named, every), None)


def lowered(host: str) -> str:
    """A host in lower case, as Envoy makes it: ASCII letters only."""
    return host.encode().lower().decode()


def first_match(candidates: Iterable[Candidate], heard: Heard, story: Story) -> Candidate | None:
    """The first entry that matches, and why those before it do not."""
    for one in candidates:
        if whys := list(unmet(one, heard)):
            story.tell(Stage.ROUTE, Outcome.SKIPPED, "; ".join(whys), one.resource)
        else:
            return one
    return None


def unmet(candidate: Candidate, heard: Heard) -> Iterator[str]:
    """Why an entry does not take a request: each condition that does not hold, and its member."""
    match, members = candidate.message.match, candidate.members
    said = chain(
        [(path_unmet(match, heard), members.path), (grpc_unmet(match, heard), "")],
        zip_longest(headers_unmet(match.headers, heard), members.headers),
        zip_longest(query_unmet(match.query_parameters, heard), members.query),
    )
    for why, member in said:
        if why:
            yield f"{why} ({member})" if member else why
