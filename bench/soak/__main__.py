"""Run it: `python -m bench.soak MINUTES`; fails if anything grows, or a request failed."""

import asyncio
import json
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from bench.crowd.crowd import running_crowd
from bench.soak.churn import Churn, Traffic, crowd_comes_and_goes
from bench.soak.report import draw, table
from bench.soak.sample import Ask, Series, of_process, tasks_of
from bench.soak.scene import STEADY, Scene, running_scene
from bench.soak.trend import trend

EVERY_S: Final = 5.0
OUT: Final = Path("build/soak")


async def main(minutes: float) -> bool:
    """Soak, and judge; whether all is well."""
    OUT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="soak") as folder:
        async with running_scene(Path(folder)) as scene, running_crowd() as crowd:
            traffic, churn = Traffic(), Churn(scene.plane.client(), random.Random(1))  # noqa: S311 - to be repeated
            async with asyncio.TaskGroup() as tasks:
                running = [
                    tasks.create_task(traffic.run(scene)),
                    tasks.create_task(churn.run()),
                    tasks.create_task(crowd_comes_and_goes(crowd, scene)),
                    tasks.create_task(scene.come_and_go()),
                ]
                # Let everybody be there before anything is noted.
                await asyncio.sleep(20)
                traffic.failures.clear()
                every = await _sampled(scene, minutes * 60)
                for task in running:
                    task.cancel()
    trends = [trend(one) for one in every]
    said = f"{minutes:g} minutes, {churn.writes:,} writes, {traffic.answered:,} requests answered"
    failed = "no request failed" if not traffic.failures else f"failed: {dict(traffic.failures)}"
    text = f"{said}, {failed}\n\n{table(trends)}\n"
    print(text, flush=True)
    (OUT / "soak.md").write_text(text)
    (OUT / "soak.json").write_text(json.dumps([(one.name, one.unit, one.at, one.values) for one in every]))
    draw(every, OUT / "soak.svg")
    return not traffic.failures and not any(one.is_leak for one in trends)


async def _sampled(scene: Scene, seconds: float) -> list[Series]:
    asked = list(_asked(scene))
    every = [Series(name, unit) for name, unit, _ in asked]
    begun = time.monotonic()
    while (at := time.monotonic() - begun) < seconds:
        for series, (_, _, ask) in zip(every, asked, strict=True):
            series.at.append(at)
            series.values.append(await asyncio.to_thread(ask))
        await asyncio.sleep(EVERY_S)
    return every


def _asked(scene: Scene) -> list[tuple[str, str, Ask]]:
    """What is looked at: the control plane, and two agents with their Envoys."""
    plane = scene.plane.process.pid
    found = [*of_process("control plane", plane)]
    found.append(("control plane: tasks", "", tasks_of(scene.plane.url)))
    for name in STEADY:
        agent = scene.agents[name]
        found += of_process(f"agent {name}", agent.process.pid)
        found += of_process(f"Envoy of {name}", agent.envoys()[-1])
    found += of_process("Envoy of front", scene.front.process.pid)
    return found


if __name__ == "__main__":
    raise SystemExit(not asyncio.run(main(float(sys.argv[1]) if len(sys.argv) > 1 else 20)))
