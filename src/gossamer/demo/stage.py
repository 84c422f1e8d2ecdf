"""The machines: `python -m gossamer.demo.stage DIRECTORY MODE`, inside namespaces of its own.

One network namespace a service, on a bridge; in each the application under one user, its sidecar under
another, and the interception between them. Everything vanishes with this process. A line on standard input
lets the traffic begin, what happens goes out as JSON lines; the end of the input is the end of the stage.
"""

import asyncio
import contextlib
import ipaddress
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import aiohttp

from gossamer.clock import SystemClock
from gossamer.contract import EGRESS_PORT, INGRESS_PORT, PROXY_UID
from gossamer.demo import explicit, layout
from gossamer.demo.layout import MEMBERS, SERVICE_A, Member
from gossamer.demo.processes import dying_with_us, ended, environment
from gossamer.demo.traffic import OK
from gossamer.sidecar.binary import envoy_path
from gossamer.sidecar.env import settings
from gossamer.sidecar.intercept import apply
from gossamer.sidecar.intercept.plan import Interception

APP_UID: Final = 1500
AGENT: Final = (sys.executable, "-m", "gossamer.cli.main", "agent")
#: Every Linux has this directory; what is mounted on it is seen in our namespace only.
REACHABLE: Final = Path("/mnt")
#: Requests a second.
RATE: Final = 120
CLIENTS: Final = 4
ADMIN_TIMEOUT_S: Final = 20.0
#: Enough that both versions have answered, one of them with a tenth of the traffic.
ANSWERS_IN_A_ROW: Final = 60

CREDENTIALS_NETWORKS: Final = tuple(ipaddress.ip_network(one) for one in ("169.254.169.254", "169.254.170.2"))


@dataclass(frozen=True, slots=True)
class Machine:
    """One member on its machine; `within` is the command that runs another there."""

    member: Member
    within: tuple[str, ...]


def has_users() -> bool:
    """Whether application and sidecar can run as different users here: more than one user is mapped."""
    return any(
        int(line.split()[2]) > PROXY_UID for line in Path("/proc/self/uid_map").read_text().splitlines()
    )


def do(*command: str) -> None:
    """Run a command of the system; a failure ends the stage with its own words."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own commands
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}: {done.stderr.strip() or done.returncode}")


def build_network(directory: Path) -> list[Machine]:
    """The bridge and the machines on it; names are looked up in the stage's own hosts file."""
    names = {"hosts": layout.hosts_file(), "resolv.conf": layout.RESOLVER}
    for name, text in names.items():
        (directory / name).write_text(text)
        # Another user reads them, whatever our umask.
        (directory / name).chmod(0o644)
    do("ip", "link", "set", "lo", "up")
    do("ip", "link", "add", "bridge", "type", "bridge")
    do("ip", "address", "add", f"{layout.GATEWAY}/24", "dev", "bridge")
    do("ip", "link", "set", "bridge", "up")
    return [build_machine(member, [directory / name for name in names]) for member in MEMBERS]


def build_machine(member: Member, names: Sequence[Path]) -> Machine:
    """One machine: a namespace held open by a process that sleeps."""
    holder = subprocess.Popen(
        ("unshare", "--net", "--mount", "sleep", "infinity"),  # noqa: S607 - found on PATH, as a user would
    )
    pid = str(holder.pid)
    within = ("nsenter", "--target", pid, "--net", "--mount", "--")
    wait_for_namespace(pid)
    link = f"to-{member.name}"[:15]
    do("ip", "link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", pid)
    do("ip", "link", "set", link, "master", "bridge", "up")
    for file in names:
        do(*within, "mount", "--bind", str(file), f"/etc/{file.name}")
    do(*within, "ip", "link", "set", "lo", "up")
    do(*within, "ip", "address", "add", f"{member.address}/24", "dev", "eth0")
    do(*within, "ip", "link", "set", "eth0", "up")
    do(*within, "ip", "route", "add", "default", "via", layout.GATEWAY)
    apply.enable(interception(member), within=within)
    return Machine(member, within)


def wait_for_namespace(pid: str) -> None:
    """Return once the holder has left our namespaces for its own."""
    ours = Path("/proc/self/ns/net").readlink()
    for _ in range(1000):
        if Path(f"/proc/{pid}/ns/net").readlink() != ours:
            return
        os.sched_yield()
        subprocess.run(("sleep", "0.01"), check=False)  # noqa: S607 - the stage is not awake yet
    sys.exit("a network namespace could not be made")


def interception(member: Member) -> Interception:
    """What goes through the sidecar; where all users are one, addresses tell the two apart."""
    own = () if has_users() else (ipaddress.ip_network(layout.NETWORK),)
    return Interception(
        egress_port=EGRESS_PORT,
        ingress_port=INGRESS_PORT,
        app_ports=(member.port,),
        ignored_uid=PROXY_UID if has_users() else None,
        ignored_networks=(*CREDENTIALS_NETWORKS, *own),
    )


def shared_envoy(directory: Path) -> Path:
    """Envoy's program where any user can run it, also if the repository lies in a home of root's own."""
    found, _ = settings({"ENVOY_CONFIG_FILE": "/dev/null"})
    place = directory / "envoy"
    place.touch(mode=0o755)
    do("mount", "--bind", envoy_path(found), str(place))
    return place


async def start(machine: Machine, directory: Path, envoy: Path) -> None:
    """The application and the sidecar of one machine."""
    member = machine.member
    as_user = ("--uid", str(APP_UID)) if has_users() else ()
    app = (sys.executable, "-m", "gossamer.demo.app", member.name, str(member.port), *as_user)
    await spawn(machine, "app", [*app, "--calls", member.calls], directory, environment())
    variables = sidecar_variables(member, directory) | {"GOSSAMER_ENVOY_PATH": str(envoy)}
    if has_users():
        variables["GOSSAMER_ENVOY_UID"] = variables["GOSSAMER_ENVOY_GID"] = str(PROXY_UID)
    await spawn(machine, "agent", AGENT, directory, environment(**variables))


def sidecar_variables(member: Member, directory: Path) -> dict[str, str]:
    """What a sidecar of the stage is told, with a directory of its own to run in."""
    run_directory = directory / member.name
    run_directory.mkdir()
    return {
        "APPMESH_VIRTUAL_NODE_NAME": f"mesh/{layout.MESH}/virtualNode/{member.name}",
        "APPMESH_XDS_ENDPOINT": f"unix://{directory}/xds.sock",
        "ENVOY_ADMIN_ACCESS_LOG_FILE": "/dev/null",
        "ENVOY_OUTLIER_DETECTION_EVENT_LOG_PATH": "/dev/null",
        "ENVOY_CONCURRENCY": "1",
        "ENVOY_LOG_LEVEL": "warning",
        "LISTENER_DRAIN_WAIT_TIME_S": "5",
        "GOSSAMER_RUN_DIR": str(run_directory),
    }


async def start_explicitly(directory: Path) -> list[asyncio.subprocess.Process]:
    """The applications and their sidecars on this machine's loopback, each found where it is said to be."""
    names_port, way_out = await explicit.serve_names(), explicit.free_port()
    started = []
    for member in MEMBERS:
        here = Machine(member, ())
        app = (sys.executable, "-m", "gossamer.demo.app", member.name, str(member.port))
        called = ("--calls", member.calls, "--proxy", f"http://127.0.0.1:{way_out}")
        started.append(await spawn(here, "app", dying_with_us(*app, *called), directory, environment()))
        variables = sidecar_variables(member, directory)
        config = explicit.write_bootstrap(member, variables, names_port, way_out)
        variables |= {"ENVOY_CONFIG_FILE": str(config), "ENVOY_ADMIN_ACCESS_PORT": "0"}
        command = dying_with_us(*AGENT)
        started.append(await spawn(here, "agent", command, directory, environment(**variables)))
    return started


async def spawn(
    machine: Machine, role: str, command: Sequence[str], directory: Path, environ: dict[str, str]
) -> asyncio.subprocess.Process:
    """A program on a machine, its words in a log of its own."""
    with (directory / f"{machine.member.name}-{role}.log").open("wb") as log:
        return await asyncio.create_subprocess_exec(
            *machine.within, *command, stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log, env=environ
        )


async def until_answered(session: aiohttp.ClientSession, url: str) -> None:
    """Return once requests go all the way: the applications start by themselves, and take a moment."""
    in_a_row = 0
    async with asyncio.timeout(ADMIN_TIMEOUT_S):
        while in_a_row < ANSWERS_IN_A_ROW:
            _, _, status, _ = await ask(session, url)
            in_a_row = in_a_row + 1 if status == OK else 0
            await asyncio.sleep(0.01)


async def ask(session: aiohttp.ClientSession, url: str) -> tuple[float, float, int, str]:
    """One request to serviceA: when it began, how many milliseconds it took, its status, who answered."""
    clock = SystemClock()
    begun = clock.now()
    try:
        async with session.get(url) as answer:
            status, text = answer.status, await answer.text()
    except aiohttp.ClientError as error:
        status, text = 0, str(error)
    return begun.timestamp(), (clock.now() - begun).total_seconds() * 1000, status, text.strip()[:200]


async def call_for_ever(session: aiohttp.ClientSession, url: str) -> None:
    """Requests at a steady rate, each told as one line."""
    while True:
        answer, _ = await asyncio.gather(ask(session, url), asyncio.sleep(CLIENTS / RATE))
        say({"request": answer})


def say(message: object) -> None:
    """One line to whoever started the stage."""
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


async def main(directory: Path, mode: str) -> None:
    """Set the stage, then send traffic until the input ends."""
    if mode == "explicit":
        started = await start_explicitly(directory)
        address = explicit.ADDRESSES[SERVICE_A.host]
    else:
        started, address = [], SERVICE_A.address
        await start_on_machines(directory)
    say({"built": has_users()})
    try:
        await send_traffic(f"http://{address}:{SERVICE_A.port}/")
    finally:
        # With machines, everything ends with our namespace.
        await asyncio.gather(*(ended(process) for process in started))


async def start_on_machines(directory: Path) -> None:
    """Everything in network namespaces, with its traffic intercepted."""
    for program in ("ip", "nft", "nsenter", "mount"):
        if shutil.which(program) is None:
            sys.exit(f"{program} is missing")
    do("mount", "--make-rprivate", "/")
    # Under a name that every user reaches: the directory may lie in a place of its owner's alone.
    do("mount", "--bind", str(directory), str(REACHABLE))
    # Before the machines: each begins with the mounts that are there when it is made.
    envoy = shared_envoy(REACHABLE)
    machines = build_network(REACHABLE)
    await asyncio.gather(*(start(machine, REACHABLE, envoy) for machine in machines))


async def send_traffic(url: str) -> None:
    """Requests to serviceA, from the first line of the input until its end."""
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    async with aiohttp.ClientSession() as session:
        if not await reader.readline():
            return
        try:
            await until_answered(session, url)
        except TimeoutError:
            sys.exit(f"no request reached the end: the last answer was {await ask(session, url)}")
        say({"answered": True})
        clients = [asyncio.ensure_future(call_for_ever(session, url)) for _ in range(CLIENTS)]
        await reader.read()
        for client in clients:
            client.cancel()
        await asyncio.gather(*clients, return_exceptions=True)


if __name__ == "__main__":
    os.environ["PATH"] = f"{os.environ.get('PATH', os.defpath)}:/usr/local/sbin:/usr/sbin:/sbin"
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
