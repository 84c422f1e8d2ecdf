"""Rounds in turn, and what they say."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from bench.dataplane.load import CONNECTIONS, Burst, burst
from bench.dataplane.track import SERVICE, Track, running_track, settle
from bench.dataplane.ways import (
    ALL,
    APP_MESH,
    AT_GATEWAYS,
    AT_SIDECARS,
    MINIMAL,
    MINIMAL_1,
    PROCESSORS,
    WAYS,
    Way,
)
from bench.result import Goal, Result, Spread, at_least, at_most
from bench.silence import silence
from tests.support.answering import HTTP
from tests.support.calling import NOWHERE

ROUNDS: Final = 10
SECONDS: Final = 1
#: Which Envoys a path goes through.
PATHS: Final[Mapping[str, tuple[str, ...]]] = {"two sidecars": ("front", "blue"), "a gateway": ("gate",)}
MEASURED: Final = {"two sidecars": AT_SIDECARS, "a gateway": AT_GATEWAYS}


@dataclass
class Found:
    """What rounds brought, by path and way."""

    bursts: dict[tuple[str, str], list[Burst]] = field(default_factory=dict)
    direct: list[float] = field(default_factory=list)

    def spent(self, path: str, way: Way) -> list[float]:
        """Processor time a request in the path's own Envoys, round by round."""
        return [sum(one.spent_us[role] for role in PATHS[path]) for one in self.bursts[path, way.name]]

    def rates(self, path: str, way: Way) -> list[float]:
        """Requests a second, round by round."""
        return [one.rate for one in self.bursts[path, way.name]]


async def dataplane() -> list[Result]:
    """Measure every way by both paths, again and again, each time in another order."""
    silence()
    with tempfile.TemporaryDirectory(prefix="track") as name:
        async with running_track(WAYS, Path(name)) as track:
            await _round(track, Found(), 0)  # Connections are made, caches are filled.
            found = Found()
            for number in range(ROUNDS):
                await _round(track, found, number)
    straight = Result("requests a second straight to the application", "a second", Spread.of(found.direct))
    return [*_costs(found), *_throughput(found), straight]


async def _round(track: Track, found: Found, number: int) -> None:
    turns = [(path, way) for path, ways in MEASURED.items() for way in ways]
    turn = number * 5 % len(turns)
    for path, way in turns[turn:] + turns[:turn]:
        lane = track.lanes[way.name]
        machine, url = (
            (lane.machines["front"], f"http://{NOWHERE}/")
            if path == "two sidecars"
            else (track.outside, lane.gate)
        )
        await settle(0.1)
        done = await burst(machine, url, SERVICE, SECONDS, lane.pids)
        found.bursts.setdefault((path, way.name), []).append(done)
    # Nobody is in front of the application of the machine itself.
    blue = track.lanes[MINIMAL.name].machines["blue"]
    straight = await burst(blue, f"http://127.0.0.1:{HTTP}/", SERVICE, SECONDS, {})
    found.direct.append(straight.rate)


def _costs(found: Found) -> list[Result]:
    """Processor time a request: each way, and to App Mesh's own."""
    goals = {"two sidecars": at_most(0.6), "a gateway": at_most(0.55)}
    return [
        one
        for path, ways in MEASURED.items()
        for way in ways
        for one in _cost(found, path, way, goals[path] if way is ALL else None)
    ]


def _cost(found: Found, path: str, way: Way, goal: Goal | None) -> list[Result]:
    baseline = found.spent(path, APP_MESH)
    what = f"processor time of a request through {path}, {way.said}"
    spent = found.spent(path, way)
    absolute = Result(what, "µs", Spread.of(spent), settings=_settings(way))
    if way is APP_MESH:
        return [absolute]
    ratios = [one / other for one, other in zip(spent, baseline, strict=True)]
    to = f"the same, to {APP_MESH.said}: {path}, {way.said}"
    return [
        absolute,
        Result(to, "×", Spread.of(ratios), goals=(goal,) if goal else (), settings=_settings(way)),
    ]


def _throughput(found: Found) -> list[Result]:
    """Requests a second, to what a hand-written configuration with as many workers gives."""
    results = []
    for path, ways in MEASURED.items():
        for way in ways:
            peer = MINIMAL if way.workers == PROCESSORS else MINIMAL_1
            if way is peer:
                continue
            rates, others = found.rates(path, way), found.rates(path, peer)
            ratios = [one / other for one, other in zip(rates, others, strict=True)]
            goals = (at_least(0.97),) if way is ALL else ()
            results.append(
                Result(
                    f"requests a second through {path} to {MINIMAL.said}, {way.said}",
                    "×",
                    Spread.of(ratios),
                    goals=goals,
                    settings={**_settings(way), "requests a second": round(Spread.of(rates).median)},
                )
            )
    return results


def _settings(way: Way) -> Mapping[str, str | int | float]:
    return {"workers": way.workers, "connections": CONNECTIONS, "rounds": ROUNDS, "seconds": SECONDS}
