"""What a person sees: steps as they happen, and the split while it is watched."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Final

from rich.console import Console
from rich.live import Live
from rich.text import Text

from gossamer.demo.layout import SERVICE_B1, SERVICE_B2
from gossamer.demo.traffic import Traffic

BAR: Final = 50
COLOURS: Final = {SERVICE_B1.name: "cyan", SERVICE_B2.name: "magenta"}
REDRAW_S: Final = 0.1


class Show:
    """A terminal, or a file that gets plain lines."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def step(self, text: str) -> None:
        """Something has happened."""
        self._console.print(text, highlight=False, markup=False, soft_wrap=True)

    @contextlib.asynccontextmanager
    async def watching(self, traffic: Traffic, weights: dict[str, int]) -> AsyncIterator[None]:
        """The split, live while we are inside; afterwards it stands there as it was last."""
        if not self._console.is_terminal:
            yield
            self.step(picture(traffic, weights).plain)
            return
        with Live(picture(traffic, weights), console=self._console, refresh_per_second=10) as live:
            drawing = asyncio.ensure_future(self._draw(live, traffic, weights))
            try:
                yield
            finally:
                drawing.cancel()
                live.update(picture(traffic, weights))

    async def _draw(self, live: Live, traffic: Traffic, weights: dict[str, int]) -> None:
        while True:
            live.update(picture(traffic, weights))
            await asyncio.sleep(REDRAW_S)


def picture(traffic: Traffic, weights: dict[str, int]) -> Text:
    """Who answered, as bars, with the rate and the latency."""
    total = max(traffic.counts.total(), 1)
    text = Text()
    for name, weight in weights.items():
        share = traffic.counts[name] / total
        text.append(f"  {name:<12}")
        text.append(("█" * round(share * BAR)).ljust(BAR, "·"), style=COLOURS.get(name, ""))
        text.append(f" {share:6.1%}  (weight {weight}, {traffic.counts[name]} requests)\n")
    text.append(
        f"  {traffic.rate():.0f} requests/s   p50 {traffic.latency_ms(0.5):.1f} ms   "
        f"p99 {traffic.latency_ms(0.99):.1f} ms   failed {len(traffic.failures)}"
    )
    return text
