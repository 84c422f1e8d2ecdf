"""From start to end: control plane, mesh, stage, shifts, clean-up."""

import asyncio
import contextlib
import datetime
import json
import os
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import aiohttp

from gossamer.contract import API_PORT
from gossamer.demo import odds
from gossamer.demo.aws import Aws
from gossamer.demo.layout import MEMBERS, MESH, SERVICE_B1, SERVICE_B2, VIRTUAL_SERVICE
from gossamer.demo.namespaces import namespaces
from gossamer.demo.processes import DemoFailed, dying_with_us, environment, last_words, running
from gossamer.demo.show import Show
from gossamer.demo.traffic import Traffic

START_S: Final = 20.0
APPLY_S: Final = 10.0
WORKERS_S: Final = 0.25
#: How many requests a split is judged by.
SAMPLE: Final = 500

#: A socket's path has at most 107 bytes, and ours are up to 45 longer than the directory that holds it all.
LONGEST_DIRECTORY: Final = 60

SHIFTS: Final = ((50, 50), (0, 100))

#: The Getting Started's own files, ours between them, in the order of its steps.
FILES: Final = (
    ("create-virtual-service", "serviceB-virtual-service.json"),
    ("create-virtual-service", "serviceB.simpleapp.local-virtual-service.json"),
    ("create-virtual-node", "serviceA.json"),
    ("create-virtual-node", "serviceBv1.json"),
    ("create-virtual-node", "serviceBv2.json"),
    ("create-virtual-router", "serviceB-router.json"),
    ("create-route", "serviceB-routes.json"),
)


@dataclass(slots=True)
class Demo:
    """What the demo has started, and what it knows."""

    show: Show
    directory: Path
    api: str
    aws: Aws
    traffic: Traffic
    stage: asyncio.subprocess.Process

    async def create_mesh(self) -> None:
        """Steps 1 to 5 of the Getting Started, through the AWS CLI."""
        await self._told("create-mesh", "--mesh-name", MESH)
        for command, file in FILES:
            await self._told(command, "--cli-input-json", f"file://{examples() / file}")

    async def open_curtain(self) -> None:
        """Let the traffic begin once every sidecar is ready, and wait until answers go all the way."""
        await self._ready()
        assert self.stage.stdin is not None  # noqa: S101 - it was started with pipes
        self.stage.stdin.write(b"begin\n")
        await self.stage.stdin.drain()
        await self.heard("answered")

    async def heard(self, what: str) -> dict[str, Any]:
        """Wait for a word of the stage.

        Raises: DemoFailed with the last words of whoever failed.
        """
        assert self.stage.stdout is not None  # noqa: S101 - it was started with pipes
        try:
            async with asyncio.timeout(START_S + APPLY_S):
                while line := await self.stage.stdout.readline():
                    message = self.traffic.hear(line)
                    if what in message:
                        return message
        except TimeoutError:
            pass
        logs = sorted(self.directory.glob("*.log"))
        words = "".join(f"\n  {log.stem}:{last_words(log)}" for log in logs if log.stat().st_size)
        raise DemoFailed(f"the stage did not get as far as {what!r}{words}")

    async def listen(self) -> None:
        """Count what the stage tells until it ends."""
        assert self.stage.stdout is not None  # noqa: S101 - it was started with pipes
        while line := await self.stage.stdout.readline():
            self.traffic.hear(line)

    async def judge(self, weights: dict[str, int]) -> None:
        """Watch a split, and hold it against its weights.

        Raises: DemoFailed if a request failed, or the split cannot come from the weights.
        """
        async with self.show.watching(self.traffic, weights), asyncio.timeout(START_S + APPLY_S):
            await self.traffic.until(SAMPLE)
        self.check_failures()
        total = self.traffic.counts.total()
        for name, weight in weights.items():
            hits = self.traffic.counts[name]
            if not odds.is_plausible(hits, total, weight / sum(weights.values())):
                raise DemoFailed(
                    f"{name} answered {hits} of {total} requests: not what a weight of {weight} gives"
                )

    def check_failures(self) -> None:
        """No request may fail, ever.

        Raises: DemoFailed.
        """
        if self.traffic.failures:
            first = self.traffic.failures[0]
            raise DemoFailed(
                f"{len(self.traffic.failures)} of {self.traffic.total} requests failed; "
                f"the first with {first.status}: {first.who}"
            )

    async def shift(self, first: int, second: int) -> None:
        """Change the weights with the AWS CLI, and tell how long each stage of it took."""
        route = json.loads((examples() / "serviceB-routes.json").read_text())
        targets = route["spec"]["httpRoute"]["action"]["weightedTargets"]
        for target, weight in zip(targets, (first, second), strict=True):
            target["weight"] = weight
        file = self.directory / "shift.json"
        file.write_text(json.dumps(route))
        found = await self._told("update-route", "--cli-input-json", f"file://{file}")
        answered = float(found["route"]["metadata"]["lastUpdatedAt"])
        applied = await self._applied(answered)
        self.traffic.count_from(applied)
        await self.traffic.until(1)
        self.check_failures()
        new = next(iter(self.traffic.window)).begun
        self.show.step(
            f"  written → applied by serviceA's proxy: {(applied - answered) * 1000:.0f} ms; "
            f"first request under the new weights after {(new - answered) * 1000:.0f} ms"
        )
        # Envoy says that it has applied a change when its main thread has; its workers follow at once.
        self.traffic.count_from(applied + WORKERS_S)

    async def _ready(self) -> None:
        """Return when every sidecar runs its configuration.

        Raises: DemoFailed with what each said.
        """
        try:
            async with aiohttp.ClientSession() as session, asyncio.timeout(START_S):
                while sum(is_ready(one) for one in await proxies(session, self.api)) < len(MEMBERS):
                    await asyncio.sleep(0.05)
        except TimeoutError:
            logs = sorted(self.directory.glob("*-agent.log"))
            words = "".join(f"\n  {log.stem}:{last_words(log)}" for log in logs)
            raise DemoFailed(f"not every sidecar became ready{words}") from None

    async def _applied(self, since: float) -> float:
        """When serviceA's proxy accepted routes that are newer than a moment."""
        async with aiohttp.ClientSession() as session, asyncio.timeout(APPLY_S):
            while True:
                for proxy in await proxies(session, self.api):
                    at = proxy["types"].get("route", {}).get("acceptedAt")
                    if proxy["node"].endswith("/serviceA") and at is not None:
                        moment = datetime.datetime.fromisoformat(at).timestamp()
                        if moment >= since:
                            return moment
                await asyncio.sleep(0.02)

    async def _told(self, *words: str) -> dict[str, Any]:
        self.show.step(f"$ aws appmesh {' '.join(words)}")
        return await self.aws.appmesh(*words)


async def proxies(session: aiohttp.ClientSession, api: str) -> list[dict[str, Any]]:
    """What each connected proxy runs, as the control plane tells it."""
    async with session.get(f"{api}/gossamer/v1/proxies") as answer:
        found: list[dict[str, Any]] = (await answer.json())["proxies"]
    return found


def is_ready(proxy: dict[str, Any]) -> bool:
    """Whether a proxy runs all that it was sent, its routes included."""
    return proxy["state"] == "in sync" and "route" in proxy["types"]


def examples() -> Path:
    """The Getting Started's files: in the package where it is installed, else in the repository."""
    packaged = Path(__file__).with_name("getting-started")
    return packaged if packaged.is_dir() else Path(__file__).parents[3] / "examples" / "getting-started"


async def perform(show: Show, mode: str, *, once: bool) -> None:
    """The whole demo.

    Raises: DemoFailed.
    """
    place = short_enough(Path(tempfile.gettempdir()))
    with tempfile.TemporaryDirectory(prefix="gossamer-demo-", ignore_cleanup_errors=True, dir=place) as name:
        directory = Path(name)
        # The proxies run as another user, and reach the control plane's socket in here.
        directory.chmod(0o755)
        async with control_plane(show, directory, mode) as api, stage(show, directory, mode) as process:
            aws = Aws.found(api, directory)
            demo = Demo(show, directory, api, aws, Traffic(), process)
            await demo.create_mesh()
            built = await demo.heard("built")
            show.step(told_users(mode, has_users=bool(built["built"])))
            await demo.open_curtain()
            show.step(f"\nserviceA calls http://{VIRTUAL_SERVICE}/ through its sidecar:")
            listening = asyncio.ensure_future(demo.listen())
            try:
                await play(demo)
                if not once:
                    await stay(demo)
            finally:
                listening.cancel()
            demo.check_failures()
    if directory.exists():
        raise DemoFailed(f"{directory} could not be removed")
    show.step("\nDone: no request failed, and everything that the demo started is gone.")


def short_enough(directory: Path) -> Path:
    """Where temporary files go, unless a socket in there would have a longer path than sockets may have."""
    is_short = len(os.fsencode(directory)) <= LONGEST_DIRECTORY
    return directory if is_short else Path("/tmp")  # noqa: S108 - a directory of our own is made in it


async def play(demo: Demo) -> None:
    """The first split, then every shift."""
    await demo.judge({SERVICE_B1.name: 90, SERVICE_B2.name: 10})
    for first, second in SHIFTS:
        demo.show.step(f"\nShift to {first}/{second}:")
        await demo.shift(first, second)
        await demo.judge({SERVICE_B1.name: first, SERVICE_B2.name: second})


async def stay(demo: Demo) -> None:
    """Go on until the user has seen enough; what he shifts himself shows at once."""
    demo.show.step(
        "\nShift it yourself, in another terminal (Ctrl-C here ends the demo):\n"
        f"  export AWS_ACCESS_KEY_ID=demo AWS_SECRET_ACCESS_KEY=demo AWS_DEFAULT_REGION=us-west-2\n"
        f"  cp {examples()}/serviceB-routes.json my-route.json   # and change the weights in it\n"
        f"  {demo.aws.program} --endpoint-url {demo.api} appmesh update-route --cli-input-json file://my-route.json\n"
    )
    while demo.stage.returncode is None:
        weights = await current_weights(demo.api)
        demo.traffic.count_from(0)
        async with demo.show.watching(demo.traffic, weights):
            while weights == await current_weights(demo.api) and demo.stage.returncode is None:
                await asyncio.sleep(0.5)


async def current_weights(api: str) -> dict[str, int]:
    """The weights of the route as they stand."""
    path = f"/v20190125/meshes/{MESH}/virtualRouter/serviceB/routes/serviceB-route"
    async with aiohttp.ClientSession() as session, session.get(api + path) as answer:
        spec = (await answer.json())["spec"]
    return {one["virtualNode"]: one["weight"] for one in spec["httpRoute"]["action"]["weightedTargets"]}


@contextlib.asynccontextmanager
async def control_plane(show: Show, directory: Path, mode: str) -> AsyncIterator[str]:
    """`gossamer serve` with data of its own; yields its address."""
    log = directory / "control-plane.log"
    socket = directory / "xds.sock"
    # Without machines of their own, serviceA needs that port.
    port = API_PORT if mode != "explicit" and await is_free(API_PORT) else 0
    command = (
        *(sys.executable, "-m", "gossamer.cli.main", "serve", "--data-dir", str(directory / "data")),
        *("--api-port", str(port), "--xds-port", "0", "--xds-socket", str(socket), "--log-format", "json"),
    )
    async with running(dying_with_us(*command), log, environment()) as process:
        api = await serving(process, log)
        socket.chmod(0o666)
        taken = "" if port or mode == "explicit" else f" (port {API_PORT} is taken)"
        show.step(f"The control plane answers at {api}{taken}")
        show.step(f"The console, to watch and to shift in a browser: {api}/console/")
        yield api


async def serving(process: asyncio.subprocess.Process, log: Path) -> str:
    """The address of a control plane, once it serves."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(START_S):
            while process.returncode is None:
                for line in log.read_text().splitlines():
                    if '"serving"' in line:
                        return str(json.loads(line)["api"])
                await asyncio.sleep(0.02)
    raise DemoFailed(f"the control plane did not start:{last_words(log)}")


@contextlib.asynccontextmanager
async def stage(show: Show, directory: Path, mode: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """The machines, in namespaces that end with them."""
    show.step(f"The stage: {', '.join(one.name for one in MEMBERS)}, each on a machine of its own")
    log = directory / "stage.log"
    command = (*namespaces(mode), sys.executable, "-m", "gossamer.demo.stage", str(directory), mode)
    async with running(dying_with_us(*command), log, environment(), is_talking=True) as process:
        try:
            yield process
        finally:
            if process.stdin is not None:
                process.stdin.close()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), START_S)


def told_users(mode: str, *, has_users: bool) -> str:
    """How the sidecars are set apart from their applications, in words."""
    if mode == "explicit":
        return "No machines to be had: the sidecars share the loopback, and serviceA names its proxy"
    where = "network namespaces" if mode == "root" else "network namespaces of an unprivileged user namespace"
    apart = "by user 1337" if has_users else "by address, because only one user is mapped here"
    return f"Three machines are up, in {where}; each sidecar is told from its application {apart}"


async def is_free(port: int) -> bool:
    """Whether a port of the loopback can be bound."""
    try:
        server = await asyncio.start_server(lambda *_: None, "127.0.0.1", port)
    except OSError:
        return False
    server.close()
    await server.wait_closed()
    return True


async def chosen(mode: str) -> str:
    """The mode to play in: root's namespaces, else a user's.

    Without either: explicit proxying.
    Raises: DemoFailed if the mode that was asked for is not to be had.
    """
    if mode == "explicit":
        return mode
    os.environ["PATH"] = f"{os.environ.get('PATH', os.defpath)}:/usr/local/sbin:/usr/sbin:/sbin"
    missing = [name for name in ("ip", "nft", "unshare", "nsenter") if shutil.which(name) is None]
    if missing and mode == "auto":
        return "explicit"
    if missing:
        raise DemoFailed(
            f"missing: {', '.join(missing)}; on Debian: apt-get install iproute2 nftables util-linux"
        )
    why = ""
    modes = [mode] if mode != "auto" else ["root", "user"] if os.geteuid() == 0 else ["user"]
    for one in modes:
        process = await asyncio.create_subprocess_exec(
            *namespaces(one), "true", stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE
        )
        _, error = await process.communicate()
        if process.returncode == 0:
            return one
        why = error.decode(errors="replace").strip()
    if mode == "auto":
        return "explicit"
    raise DemoFailed(f"no network namespaces of our own to be had: {why}")
