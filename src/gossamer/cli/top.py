"""`gossamer top`: what goes on in a mesh, live: requests a second, success, latency, proxies."""

import contextlib
import os
import select
import signal
import sys
import termios
import time
import tty
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Final

import cyclopts
from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from gossamer.cli.control_plane import NotAnswered
from gossamer.cli.inventory import Inventory, Where
from gossamer.cli.server import HERE, OWN, Server, told
from gossamer.cli.shown import Output, show_document

app = cyclopts.App(name="top")

#: How often the screen is drawn anew.
EVERY_S: Final = 1.0

#: How long a single look takes: until every sidecar has said how long its requests take.
LOOK_S: Final = 6.0

Json = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Row:
    """One line: a resource with its proxies, or an edge between two; None is what nobody measured."""

    name: str
    requests: float = 0.0
    errors: float = 0.0
    success: float | None = None
    p50: float | None = None
    p99: float | None = None
    active: int = 0
    proxies: str = ""


#: What rows can be ordered by, in the order in which the key goes through them.
ORDERS: Final[Mapping[str, Callable[[Row], float]]] = {
    "requests": lambda one: -one.requests,
    "errors": lambda one: -one.errors,
    "p99": lambda one: -(one.p99 or 0.0),
    "name": lambda _: 0.0,
}

#: Waits for so many seconds, or until keys are pressed, and tells which.
Pressed = Callable[[float], str]


@dataclass(slots=True)
class Screen:
    """What is shown, and how."""

    mesh: str
    traffic: Json = field(default_factory=dict)
    proxies: Sequence[Json] = ()
    order: str = "requests"
    shows_edges: bool = False
    why: str = ""

    def press(self, key: str) -> None:
        """Take a key; what is none does nothing."""
        if key == "s":
            names = tuple(ORDERS)
            self.order = names[(names.index(self.order) + 1) % len(names)]
        elif key == "e":
            self.shows_edges = not self.shows_edges


@app.default
@told
def show(
    *,
    mesh: Annotated[str | None, cyclopts.Parameter(alias="-m")] = None,
    server: Server = HERE,
    once: bool = False,
    output: Output = "table",
) -> int:
    """Show the traffic of a mesh, live.

    Keys: `s` sorts by something else, `e` shows what goes from where to where, `q` quits.

    Parameters
    ----------
    mesh
        The mesh; may be left out if there is only one.
    once
        Look for six seconds and print what was seen, for scripts.
    output
        A table for people, or JSON or YAML for programs, which is printed once.
    """
    try:
        screen = Screen(Inventory(Where(mesh=mesh, server=server)).mesh())
        if once or output != "table" or not sys.stdout.isatty():
            _print_once(screen, server, output)
        else:
            _show_live(screen, server)
    except KeyboardInterrupt:
        # It is how people leave.
        return 0
    return 0


def rows(screen: Screen) -> list[Row]:
    """The lines of a screen, in its order."""
    found = _edges(screen.traffic) if screen.shows_edges else _resources(screen)
    return sorted(sorted(found, key=lambda one: one.name), key=ORDERS[screen.order])


def drawn(screen: Screen) -> Group:
    """The screen as it is drawn."""
    what = "from → to" if screen.shows_edges else "resource"
    table = Table(what, box=None, expand=True)
    for name in ("proxies", "req/s", "err/s", "success", "p50 ms", "p99 ms", "active"):
        table.add_column(name, justify="right")
    for row in rows(screen):
        table.add_row(
            row.name,
            row.proxies,
            f"{row.requests:.1f}",
            f"{row.errors:.1f}",
            Text("-" if row.success is None else f"{row.success:.1%}", style=_style(row.success)),
            _number(row.p50),
            _number(row.p99),
            str(row.active),
        )
    keys = f"s sort ({screen.order})   e {'resources' if screen.shows_edges else 'edges'}   q quit"
    foot = Text(screen.why, style="red") if screen.why else Text(keys, style="dim")
    return Group(_head(screen), table, foot)


def _head(screen: Screen) -> Text:
    states = [str(one["state"]) for one in screen.proxies]
    stale = sum(bool(one.get("stale")) for one in screen.proxies)
    told = f"{len(states)} {'proxy' if len(states) == 1 else 'proxies'}: {states.count('in sync')} in sync"
    if states.count("refused"):
        told += f", {states.count('refused')} refused"
    if stale:
        told += f", {stale} stale"
    at = str(screen.traffic.get("at", ""))[11:19]
    return Text.assemble((screen.mesh, "bold"), f"   {told}   {at}")


def _resources(screen: Screen) -> Iterator[Row]:
    """Every resource that has proxies or traffic."""
    here: dict[str, list[str]] = {}
    for one in screen.proxies:
        here.setdefault(str(one["endpoint"]), []).append(str(one["state"]))
    moving = {str(one["id"]): one for one in _listed(screen.traffic, "nodes")}
    for name in {*here, *moving}:
        states = here.get(name, [])
        proxies = f"{states.count('in sync')}/{len(states)}" if states else "-"
        yield _row(name.partition("/")[2], moving.get(name, {}), proxies)


def _edges(traffic: Json) -> Iterator[Row]:
    for one in _listed(traffic, "edges"):
        start, end = (str(one[name]).partition("/")[2] for name in ("from", "to"))
        service = f" ({one['service']})" if one.get("service") else ""
        yield _row(f"{start} → {end}{service}", one, "")


def _row(name: str, told: Json, proxies: str) -> Row:
    latency = told.get("latencyMs")
    times: Json = latency if isinstance(latency, Mapping) else {}
    return Row(
        name=name,
        requests=_value(told, "requestsPerSecond") or 0.0,
        errors=_value(told, "errorsPerSecond") or 0.0,
        success=_value(told, "successRate"),
        p50=_value(times, "p50"),
        p99=_value(times, "p99"),
        active=int(_value(told, "activeRequests") or 0),
        proxies=proxies,
    )


def _value(told: Json, name: str) -> float | None:
    found = told.get(name)
    return float(found) if isinstance(found, int | float) else None


def _listed(told: Json, name: str) -> Sequence[Json]:
    found = told.get(name, ())
    return found if isinstance(found, list) else ()


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.0f}"


#: From which share of successes on all is well, and from which on it is worth a look.
_WELL: Final = 0.999
_FAIR: Final = 0.95


def _style(success: float | None) -> str:
    if success is None:
        return "dim"
    return "green" if success >= _WELL else "yellow" if success >= _FAIR else "red"


def _look(screen: Screen, server: Server) -> None:
    """Ask what is going on.

    Raises: NotAnswered.
    """
    screen.traffic = server.glance(*OWN, "meshes", screen.mesh, "traffic")
    proxies = _listed(server.glance(*OWN, "proxies"), "proxies")
    screen.proxies = [one for one in proxies if one.get("mesh") == screen.mesh]


def _print_once(screen: Screen, server: Server, output: str) -> None:
    _look(screen, server)
    time.sleep(LOOK_S)
    _look(screen, server)
    if output == "table":
        Console().print(drawn(screen))
    else:
        show_document({"traffic": screen.traffic, "proxies": screen.proxies}, output)


def _show_live(screen: Screen, server: Server) -> None:
    """Draw again and again until somebody quits; the terminal is then as it was."""
    _look(screen, server)
    with _keys() as pressed, Live(screen=True, auto_refresh=False) as live:
        with _undisturbed():
            live.update(drawn(screen), refresh=True)
        while True:
            for key in pressed(EVERY_S):
                if key == "q":
                    return
                screen.press(key)
            try:
                _look(screen, server)
                screen.why = ""
            except NotAnswered as error:
                screen.why = str(error)
            with _undisturbed():
                live.update(drawn(screen), refresh=True)


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """Put an interrupt off until all is drawn: half a screen could not be taken away again."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


@contextlib.contextmanager
def _keys() -> Iterator[Pressed]:
    """Keys as they are pressed, without a line end and unseen; the terminal is put back in any case."""
    if not sys.stdin.isatty():
        yield _wait
        return
    before = termios.tcgetattr(sys.stdin)
    try:
        tty.setcbreak(sys.stdin, termios.TCSANOW)
        yield _pressed
    finally:
        # Not once all is written: perhaps nobody reads any more.
        termios.tcsetattr(sys.stdin, termios.TCSANOW, before)


def _pressed(seconds: float) -> str:
    ready, _, _ = select.select([sys.stdin], [], [], seconds)
    return os.read(sys.stdin.fileno(), 64).decode("ascii", "ignore") if ready else ""


def _wait(seconds: float) -> str:
    time.sleep(seconds)
    return ""
