"""What is told of one request: steps in the order in which they happen, and what they come to."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from gossamer.model.kind import Ref


class Stage(enum.Enum):
    """What a step is about."""

    LISTENER = "listener"
    VIRTUAL_HOST = "virtualHost"
    ROUTE = "route"
    REWRITE = "rewrite"
    CLUSTER = "cluster"
    TIMEOUT = "timeout"
    RETRY = "retry"
    TLS = "tls"
    ENDPOINT = "endpoint"
    INGRESS = "ingress"


class Outcome(enum.Enum):
    """What a step came to: it applied, it was passed over, or the request ends there."""

    MATCHED = "matched"
    SKIPPED = "skipped"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Step:
    """One step, with the resource that it is about, if there is one."""

    stage: Stage
    outcome: Outcome
    why: str
    resource: Ref | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """Where a share of such requests goes; without a resource it is wherever the application was going."""

    resource: Ref | None
    weight: int
    cluster: str
    port: int


@dataclass(frozen=True, slots=True)
class Setting:
    """Lengths or counts that hold, by name, and the member that set the first of them, or its default."""

    values: Mapping[str, object]
    set_by: str


@dataclass(frozen=True, slots=True)
class Protection:
    """Whether a connection is protected, and why, or why not."""

    used: bool
    why: str


@dataclass(frozen=True, slots=True)
class Taken:
    """An entry of Envoy's configuration that took the request: routes, virtual host, and place in it."""

    routes: str
    host: str
    index: int


@dataclass(frozen=True, slots=True)
class Result:
    """What it comes to. `status` is what the proxy itself answers, if it does; closed is nothing at all."""

    service: Ref | None = None
    route: Ref | None = None
    gateway_route: Ref | None = None
    targets: tuple[Target, ...] = ()
    timeout: Setting | None = None
    retry: Setting | None = None
    tls: Protection | None = None
    endpoints: tuple[str, ...] = ()
    rewrite: Mapping[str, str] = field(default_factory=dict)
    status: int | None = None
    is_closed: bool = False
    taken: tuple[Taken, ...] = ()


class Story:
    """Steps as they are told, and the result as it comes together."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.result = Result()

    def tell(self, stage: Stage, outcome: Outcome, why: str, resource: Ref | None = None) -> None:
        """One more step."""
        self.steps.append(Step(stage, outcome, why, resource))

    def matched(self, stage: Stage, why: str, resource: Ref | None = None) -> None:
        """Something applies."""
        self.tell(stage, Outcome.MATCHED, why, resource)

    def ends(self, stage: Stage, why: str, resource: Ref | None = None, status: int | None = None) -> None:
        """The request goes no further: it is answered with a status, or its connection is closed."""
        self.tell(stage, Outcome.NONE, why, resource)
        self.result = replace(self.result, status=status, is_closed=status is None)

    def take(self, entry: Taken) -> None:
        """An entry of Envoy's configuration took the request."""
        self.result = replace(self.result, taken=(*self.result.taken, entry))
