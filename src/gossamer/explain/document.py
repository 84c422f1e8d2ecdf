"""An explanation as JSON, for `POST /gossamer/v1/meshes/M/explain` and `gossamer explain -o json`."""

from collections.abc import Iterator

from gossamer.explain.explain import Explanation
from gossamer.explain.story import Result, Setting, Step, Target


def document(found: Explanation) -> dict[str, object]:
    """All of it; a member that has nothing to say is left out."""
    return {"steps": [_step(one) for one in found.steps], "result": dict(_result(found.result))}


def _step(step: Step) -> dict[str, object]:
    resource = {"resource": str(step.resource)} if step.resource is not None else {}
    return {"stage": step.stage.value, **resource, "outcome": step.outcome.value, "why": step.why}


def _result(result: Result) -> Iterator[tuple[str, object]]:
    named = {"service": result.service, "gatewayRoute": result.gateway_route, "route": result.route}
    yield from ((name, str(ref)) for name, ref in named.items() if ref is not None)
    yield "targets", [_target(one) for one in result.targets]
    for name, setting in (("timeout", result.timeout), ("retry", result.retry)):
        if setting is not None:
            yield name, _setting(setting)
    if result.tls is not None:
        yield "tls", {"used": result.tls.used, "why": result.tls.why}
    yield "endpoints", list(result.endpoints)
    if result.rewrite:
        yield "rewrite", dict(result.rewrite)
    if result.status is not None:
        yield "status", result.status
    if result.is_closed:
        yield "closed", True


def _target(target: Target) -> dict[str, object]:
    resource = {"resource": str(target.resource)} if target.resource is not None else {}
    return {**resource, "weight": target.weight, "cluster": target.cluster, "port": target.port}


def _setting(setting: Setting) -> dict[str, object]:
    return {**setting.values, "setBy": setting.set_by}
