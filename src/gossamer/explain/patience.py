"""How long a request may take and how often it is tried, and which member of which resource says so.

Source: compile.timeout, compile.retry for what holds where nothing is said; Envoy, router headers, for what
an application itself may say.
"""

from datetime import timedelta
from typing import Final

from envoy.config.route.v3.route_components_pb2 import RetryPolicy, RouteAction
from google.protobuf.duration_pb2 import Duration as EnvoyDuration

from gossamer.compile.timeout import ENVOY_IDLE_TIMEOUT, request_timeout
from gossamer.explain.heard import Heard
from gossamer.explain.story import Setting, Stage, Story
from gossamer.mesh.view import ResolvedRoute
from gossamer.model.kind import Ref
from gossamer.model.listener import Listener
from gossamer.model.route import GrpcRoute, HttpRoute

#: A resource, and the member of it that holds a rule.
Where = tuple[Ref, str]

DEFAULT: Final = "the default"
NO_LIMIT: Final = "no limit"
#: What an application may say of one request, and what it then sets.
_TIMEOUT_HEADER: Final = "x-envoy-upstream-rq-timeout-ms"
_TRY_HEADER: Final = "x-envoy-upstream-rq-per-try-timeout-ms"
_RETRIES_HEADER: Final = "x-envoy-max-retries"
_EVENTS_HEADER: Final = "x-envoy-retry-on"


def tell_patience(
    story: Story, said: tuple[ResolvedRoute, Where], action: RouteAction, heard: Heard
) -> tuple[Setting, Setting]:
    """The timeouts and retries of a route, compiled to an action."""
    route, where = said
    resource, _ = where
    timeout = route.timeout
    total, total_by = (
        action.timeout.ToTimedelta(),
        _set_by(where, "timeout.perRequest", timeout and timeout.per_request),
    )
    if (own := _milliseconds(heard, _TIMEOUT_HEADER)) is not None:
        total, total_by = own, f"the request's own header {_TIMEOUT_HEADER}"
    idle = action.idle_timeout.ToTimedelta() if action.HasField("idle_timeout") else ENVOY_IDLE_TIMEOUT
    idle_by = _set_by(where, "timeout.idle", timeout and timeout.idle)
    patience = Setting({"perRequest": length(total), "idle": length(idle), "idleSetBy": idle_by}, total_by)
    whole = f"the whole request: {length(total)}, set by {total_by}"
    quiet = f"without a byte: {length(idle)}, set by {idle_by}"
    story.matched(Stage.TIMEOUT, f"{whole}; {quiet}", resource)
    retry = _retry(said, action.retry_policy, heard, total)
    story.matched(Stage.RETRY, _retry_said(retry), resource)
    return patience, retry


def _retry(said: tuple[ResolvedRoute, Where], policy: RetryPolicy, heard: Heard, total: timedelta) -> Setting:
    route, where = said
    rule = route.rule if isinstance(route.rule, HttpRoute | GrpcRoute) else None
    set_by = _set_by(where, "retryPolicy", rule and rule.retry_policy)
    count = policy.num_retries.value
    own = [
        name
        for name in (_RETRIES_HEADER, _EVENTS_HEADER, _TRY_HEADER)
        if heard.is_trusted and heard.value(name)
    ]
    if own:
        set_by += f", and the request's own {', '.join(own)}"
        number = heard.value(_RETRIES_HEADER) or ""
        count = int(number) if number.isascii() and number.isdigit() else count
    per_try = _milliseconds(heard, _TRY_HEADER)
    per_try = policy.per_try_timeout.ToTimedelta() if per_try is None else per_try
    # Envoy leaves out a bound of a try that the whole request's reaches first.
    bounds = bool(per_try) and (not total or per_try < total)
    events = [word for word in policy.retry_on.split(",") if word and word != "retriable-status-codes"]
    values = {
        "maxRetries": count,
        "events": events,
        "statusCodes": list(policy.retriable_status_codes),
        "perTryTimeout": length(per_try) if bounds else NO_LIMIT,
    }
    return Setting(values, set_by)


def _retry_said(retry: Setting) -> str:
    values = retry.values
    if not values["maxRetries"]:
        return f"not tried again, set by {retry.set_by}"
    events, codes = values["events"], values["statusCodes"]
    assert isinstance(events, list)  # noqa: S101 - made above
    assert isinstance(codes, list)  # noqa: S101 - made above
    statuses = [f"status {' '.join(map(str, codes))}"] if codes else []
    on = ", ".join([*events, *statuses]) or "nothing"
    each = f"each try: {values['perTryTimeout']}; set by {retry.set_by}"
    return f"up to {values['maxRetries']} more tries on {on}; {each}"


def ingress_patience(node: Ref, listener: Listener) -> tuple[timedelta, str]:
    """How long the callee's own proxy lets a request take, and who says so; zero is no limit."""
    found = listener.timeout
    timeout = (found.http or found.http2 or found.grpc) if found is not None else None
    total = request_timeout(timeout).ToTimedelta()
    protocol = listener.port_mapping.protocol.value
    said = timeout.per_request if timeout is not None else None
    return total, _set_by(
        (node, f"listener {listener.port_mapping.port} timeout.{protocol}"), "perRequest", said
    )


def longest_wait(message: RouteAction) -> str:
    """How long a gateway's first hop waits for its second."""
    return (
        length(message.timeout.ToTimedelta())
        if message.HasField("timeout")
        else length(timedelta(seconds=15))
    )


def length(found: timedelta | EnvoyDuration) -> str:
    """A length of time as an operator would write it."""
    exact = found if isinstance(found, timedelta) else found.ToTimedelta()
    if not exact:
        return NO_LIMIT
    milliseconds = exact // timedelta(milliseconds=1)
    return f"{milliseconds // 1000}s" if milliseconds % 1000 == 0 else f"{milliseconds}ms"


def _set_by(where: Where, member: str, said: object) -> str:
    resource, rule = where
    return f"{resource} {rule}.{member}" if said is not None else DEFAULT


def _milliseconds(heard: Heard, header: str) -> timedelta | None:
    """What a trusted request says of its own patience."""
    said = heard.value(header) or ""
    return (
        timedelta(milliseconds=int(said)) if heard.is_trusted and said.isascii() and said.isdigit() else None
    )
