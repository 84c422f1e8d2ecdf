"""What one Envoy asks for beyond its endpoint's own configuration; its metadata says so.

Most ask for nothing, and share one set of bytes. Those that ask for the same share theirs.
Source: App Mesh's agent, `aws.appmesh.metric_filter`; decisions 051 and 052.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Resolver:
    """Who answers for a name."""

    address: str
    port: int


@dataclass(frozen=True, slots=True)
class NameService:
    """Where the proxy is to answer DNS, and whom it asks for names that it does not know."""

    address: str
    port: int
    resolvers: tuple[Resolver, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """App Mesh's own metrics; names answered; `x-request-id` without the decision to trace in it.

    `makes_no_request_ids`, `keeps_idle_requests`, `hides_envoy`: what requests may do without, decision 124.
    `counts_steps` is an ability of the Envoys of a gateway: they can count a step that is left out.
    """

    has_metrics: bool = False
    names: NameService | None = None
    keeps_request_id: bool = False
    makes_no_request_ids: bool = False
    keeps_idle_requests: bool = False
    hides_envoy: bool = False
    counts_steps: bool = False


NOTHING: Final = Wishes()
