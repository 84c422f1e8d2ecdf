"""What is explained is what the real Envoy does, for random meshes and requests that nearly fit."""

import asyncio
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gossamer.compile.fulfil import seen_by
from gossamer.compile.wish import Wishes
from gossamer.explain.explain import Explanation, explained
from gossamer.explain.patience import NO_LIMIT
from gossamer.explain.request import Protocol
from gossamer.mesh.data_plane import DataPlane, Fleet
from gossamer.mesh.resolve import proxy_view
from gossamer.mesh.view import GatewayView, ProxyView
from gossamer.model.kind import Kind, Ref
from tests.support.chance import tries
from tests.support.explaining import Answer, Sandbox
from tests.support.judge import judging_envoy
from tests.support.near_requests import near_request
from tests.support.random_meshes import Drawn, drawn_meshes, mesh_of, proxies, world
from tests.support.routed_meshes import routed_mesh

pytestmark = [pytest.mark.fuzz, pytest.mark.e2e, pytest.mark.timeout(1800)]

#: Pairs of a mesh and a request: so many for each mesh.
EACH = 20
#: So many gateways take one step where they can.
FLAT = 0.5


@pytest.fixture(scope="module")
def sandbox() -> Iterator[tuple[asyncio.Runner, Sandbox]]:
    with asyncio.Runner() as runner, tempfile.TemporaryDirectory() as directory:
        judging = judging_envoy(Path(directory))
        try:
            yield runner, Sandbox(runner.run(judging.__aenter__()), Path(directory))
        finally:
            runner.run(judging.__aexit__(None, None, None))


def test_explanations_agree_with_envoy_where_many_routes_nearly_match(
    sandbox: tuple[asyncio.Runner, Sandbox],
) -> None:
    runner, envoy = sandbox
    ends: Counter[str] = Counter()

    # Between them the first three end in every way, whatever else is drawn; the last sends two cookies.
    @settings(max_examples=tries(usual=50, fuzz=250))
    @given(st.integers(0, 2**32))
    @example(450)
    @example(456)
    @example(472)
    @example(134258)
    def agree(seed: int) -> None:
        random = Random(seed)
        drawn = routed_mesh(random)
        sender = random.choice(
            [
                Ref("123456789012", "shop", Kind.VIRTUAL_NODE, "caller"),
                Ref("123456789012", "shop", Kind.VIRTUAL_GATEWAY, "gate"),
            ]
        )
        runner.run(_agree(envoy, drawn, sender, random, ends))

    agree()
    # Of every way to end there were many.
    assert set(ends) >= {"one step", "straight on", "two steps", "no route", "404", "503", "closed"}, ends
    assert ends["one step"] + ends["straight on"] + ends["two steps"] > ends.total() / 5, ends


@settings(max_examples=tries(usual=20, fuzz=200))
@given(drawn_meshes(), st.integers(0, 2**32))
def test_explanations_agree_with_envoy_for_any_valid_mesh(
    sandbox: tuple[asyncio.Runner, Sandbox], drawn: Drawn, seed: int
) -> None:
    runner, envoy = sandbox
    random = Random(seed)
    sender = random.choice(list(proxies(mesh_of(drawn))))
    # What a gateway does with TLS is no matter of routes; tests/behaviour shows it.
    for listener in drawn[sender].get("listeners") or () if sender.kind is Kind.VIRTUAL_GATEWAY else ():
        listener.pop("tls", None)
    runner.run(_agree(envoy, drawn, sender, random, Counter()))


async def _agree(envoy: Sandbox, drawn: Drawn, sender: Ref, random: Random, ends: Counter[str]) -> None:
    mesh = mesh_of(drawn)
    alone = proxy_view(mesh, sender)
    assert alone is not None
    surroundings = world(alone.needs)
    fleet = Fleet(DataPlane(has_flat_gateways=random.random() < FLAT))
    seen_through = proxy_view(mesh, sender, surroundings, fleet=fleet)
    assert seen_through is not None
    view = seen_by(seen_through, Wishes(counts_steps=True))
    await envoy.run(view)
    for _ in range(EACH):
        request = near_request(random, drawn, sender)
        told = explained(mesh, view, request)
        answer = await envoy.ask(request)
        seen, expected = _seen(envoy, told, answer), _expected(told, answer)
        ends[_end(told, view)] += 1
        assert seen == expected, "\n".join(
            [
                str(request),
                str(answer),
                *(f"{one.stage.value} {one.outcome.value} {one.resource}: {one.why}" for one in told.steps),
            ]
        )


def _expected(told: Explanation, answer: Answer) -> dict[str, Any]:
    """What must be seen of an answer, by what was explained."""
    result = told.result
    # Clusters lead to an echo that asks for no TLS: what fails by a handshake alone is answered here.
    if result.is_closed and (answer.status is None or not result.endpoints):
        return {"is_closed": True}
    if not result.targets:
        return {"status": result.status, "entries": result.taken}
    if _is_tcp(told):
        return {"tcp": True}
    expected: dict[str, Any] = {"entries": result.taken, "cluster": True}
    if result.timeout is not None and result.retry is not None:
        per_try = result.retry.values["perTryTimeout"]
        expected["timeout"] = _milliseconds(
            per_try if per_try != NO_LIMIT else result.timeout.values["perRequest"]
        )
    if result.rewrite:
        expected["rewrite"] = dict(result.rewrite)
    return expected


def _end(told: Explanation, view: ProxyView) -> str:
    """How a request ends."""
    if isinstance(view, GatewayView) and view.is_flat and len(told.result.taken) == 1:
        return "straight on" if told.result.targets else str(told.result.status)
    if told.result.is_closed or told.result.status:
        return str(told.result.status or "closed")
    return ("no route", "one step", "two steps")[len(told.result.taken)]


def _is_tcp(told: Explanation) -> bool:
    return bool(told.result.targets) and not told.result.taken


def _seen(envoy: Sandbox, told: Explanation, answer: Answer) -> dict[str, Any]:
    """The same, as it was seen."""
    result = told.result
    clusters = {one.cluster for one in result.targets if one.weight > 0}
    if answer.status is None:
        return {"is_closed": True}
    if answer.one("x-tcp") and not answer.one("x-entry"):
        return {"tcp": answer.one("x-tcp") in clusters}
    if not result.targets:
        return {"status": _status(answer), "entries": envoy.entries(answer)}
    seen: dict[str, Any] = {
        "entries": envoy.entries(answer),
        "cluster": answer.all("x-cluster")[0] in clusters,
    }
    if result.retry is not None:
        seen["timeout"] = answer.one("x-seen-timeout")
    if result.rewrite:
        seen["rewrite"] = {name: answer.one(f"x-seen-{name}") for name in result.rewrite}
    return seen


def _status(answer: Answer) -> int | None:
    """The status; gRPC carries it in another place."""
    return {"12": 404, "14": 503}.get(answer.one("grpc-status"), answer.status)


def _milliseconds(length: object) -> str:
    said = str(length)
    if said == NO_LIMIT:
        return ""
    return said.removesuffix("ms") if said.endswith("ms") else f"{said.removesuffix('s')}000"


def test_a_request_is_of_http_unless_it_says_otherwise() -> None:
    random = Random(1)
    drawn = routed_mesh(random)
    spoken = {near_request(random, drawn, next(iter(proxies(mesh_of(drawn))))).protocol for _ in range(50)}
    assert spoken >= {Protocol.HTTP, Protocol.HTTP2, Protocol.GRPC}
