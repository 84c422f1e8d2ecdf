"""Creates, reads and lists through the API, in turns with a canned answer and with moto's server.

Each create is signed and its signature checked, judged by the policies of its key, validated, written to the
audit log, and on the disk before it is answered.
"""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from bench.api.load import CONNECTIONS, load
from bench.api.request import NODE, Signer
from bench.api.server import Server, canned, gossamer, moto
from bench.result import Baseline, Goal, Result, Spread, Statistic, at_least, at_most

ROUNDS: Final = 6
REQUESTS: Final = 3000
#: Moto is slow, and shows it with fewer.
OF_MOTO: Final = 400
MESH: Final = "bench"

Sending = Callable[[Signer, int, int], Iterator[bytes]]


def _creations(signer: Signer, turn: int, count: int) -> Iterator[bytes]:
    return (signer.creation(MESH, f"n{turn}-{number}") for number in range(count))


def _readings(signer: Signer, turn: int, count: int) -> Iterator[bytes]:
    return (signer.reading(MESH, f"n{turn}-{number % OF_MOTO}") for number in range(count))


def _listings(signer: Signer, _: int, count: int) -> Iterator[bytes]:
    return (signer.listing(MESH) for _ in range(count // 4))


@dataclass(slots=True)
class Measured:
    """One kind of call at one server, round by round."""

    rates: list[float] = field(default_factory=list)
    latencies_ms: list[float] = field(default_factory=list)
    computed_us: list[float] = field(default_factory=list)
    busiest: float = 0.0


async def api() -> list[Result]:
    """Every kind of call, at every server that can answer it."""
    async with contextlib.AsyncExitStack() as stack:
        servers = [await stack.enter_async_context(one()) for one in (gossamer, canned, moto)]
        for server in servers:
            signer = server.signer
            await load(signer.url, [signer.request("PUT", "/v20190125/meshes", {"meshName": MESH})], 1)
        creates = await _in_turns(servers, _creations)
        reads = await _in_turns(servers[:2], _readings)
        lists = await _in_turns(servers[:2], _listings)
    return [
        *_results("durable creates", creates, (at_least(2000),), (at_most(10, Statistic.P99),)),
        *_results("reads of one virtual node", reads),
        *_results("lists of 100 virtual nodes", lists),
    ]


async def _in_turns(servers: list[Server], sending: Sending) -> dict[str, Measured]:
    found = {server.name: Measured() for server in servers}
    for turn in range(ROUNDS):
        for server in servers:
            await _round(server, turn, sending, found[server.name])
    return found


async def _round(server: Server, turn: int, sending: Sending, measured: Measured) -> None:
    count = OF_MOTO if server.name == "moto" else REQUESTS
    requests = list(sending(server.signer, turn, count))
    before = server.computed_s()
    taken = await load(server.signer.url, requests)
    measured.rates.append(taken.rate)
    measured.latencies_ms += taken.latencies_ms
    measured.computed_us.append((server.computed_s() - before) * 1e6 / len(requests))
    measured.busiest = max(measured.busiest, taken.busy)


def _results(
    what: str,
    measured: Mapping[str, Measured],
    rate_goals: tuple[Goal, ...] = (),
    latency_goals: tuple[Goal, ...] = (),
) -> Iterator[Result]:
    ours = measured["gossamer"]

    def baselines(of: Callable[[Measured], list[float]]) -> tuple[Baseline, ...]:
        return tuple(Baseline(name, Spread.of(of(one))) for name, one in measured.items() if one is not ours)

    settings: dict[str, str | int | float] = {"connections": CONNECTIONS, "members of a spec": len(NODE)}
    yield Result(
        f"{what} through the API",
        "a second",
        Spread.of(ours.rates),
        rate_goals,
        baselines(lambda one: one.rates),
        settings,
        note=f"The client of {what} computed for at most {ours.busiest:.0%} of the time.",
    )
    yield Result(
        f"{what}: one answer",
        "ms",
        Spread.of(ours.latencies_ms),
        latency_goals,
        baselines(lambda one: one.latencies_ms),
    )
    yield Result(
        f"{what}: processor time of the server for one",
        "µs",
        Spread.of(ours.computed_us),
        baselines=baselines(lambda one: one.computed_us),
    )
