"""The console with a mesh of 300 services in a real Chromium: opened, and searched a key at a time.

A key counts from its event until what it changed has been painted. The page's own processor time is told too:
on a busy machine the clock tells of others.
"""

import shutil
import tempfile
from pathlib import Path
from typing import Any, Final

from playwright.async_api import Page, async_playwright

from bench.result import Result, Spread, at_most
from tests.support.control_plane import running_control_plane
from tests.support.shop import MESH, SERVICES, fill

#: What is typed and taken back, a key at a time: from finding all to finding one, and none.
WORDS: Final = ("svc-123", "29", "9.local", "zzz")
ROUNDS: Final = 3
#: Chromium that reaches nothing but this machine, as root.
FLAGS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)

DRAWN: Final = f"""document.querySelectorAll('.svelte-flow__node').length === {SERVICES}
  && document.querySelector('[aria-busy=true]') === null"""

PRESSED: Final = """async (text) => {
  const field = document.querySelector("#find");
  const painted = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0)));
  await painted();
  const begun = performance.now();
  field.value = text;
  field.dispatchEvent(new InputEvent("input", { bubbles: true }));
  await painted();
  return performance.now() - begun;
}"""


async def console() -> list[Result]:
    """Open the page, and type.

    Raises: RuntimeError without Chromium.
    """
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        raise RuntimeError("no Chromium on this machine")
    with tempfile.TemporaryDirectory() as name, running_control_plane(Path(name)) as plane:
        fill(plane)
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=chromium, args=[*FLAGS])
            page = await browser.new_page()
            opened = await _opened(page, f"{plane.url}/console/meshes/{MESH}")
            keys = [await _searched(page) for _ in range(ROUNDS)]
            await browser.close()
    pressed, computed = ([one for each in keys for one in each[kind]] for kind in (0, 1))
    settings: dict[str, str | int | float] = {"services": SERVICES, "keys": len(pressed)}
    return [
        Result(
            "a key in the console's search → painted",
            "ms",
            Spread.of(pressed),
            goals=(at_most(100),),
            settings=settings,
        ),
        Result("processor time of it, of the page's own thread", "ms", Spread.of(computed)),
        Result(f"a mesh of {SERVICES} services opened → drawn", "ms", Spread.of([opened])),
    ]


async def _opened(page: Page, address: str) -> float:
    """Open a mesh; how long it took until everything is there, in milliseconds."""
    await page.goto(address)
    while not await page.evaluate(DRAWN):
        await page.wait_for_timeout(5)
    return float(await page.evaluate("performance.now()"))


async def _searched(page: Page) -> tuple[list[float], list[float]]:
    """Type and take back every word; what each key took, and what of it the page's thread computed.

    Source: Chrome DevTools Protocol, `Performance.enable` with `timeDomain: threadTicks`, the thread's time.
    """
    told = await page.context.new_cdp_session(page)
    await told.send("Performance.enable", {"timeDomain": "threadTicks"})

    async def spent_ms() -> float:
        found: list[dict[str, Any]] = (await told.send("Performance.getMetrics"))["metrics"]
        return next(float(one["value"]) for one in found if one["name"] == "TaskDuration") * 1000

    pressed, computed = [], []
    for word in WORDS:
        there = [word[:length] for length in range(1, len(word) + 1)]
        for text in (*there, *reversed(["", *there[:-1]])):
            before = await spent_ms()
            pressed.append(float(await page.evaluate(PRESSED, text)))
            computed.append(await spent_ms() - before)
    await told.detach()
    return pressed, computed
