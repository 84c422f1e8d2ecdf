"""The running Envoy, by its admin interface: its state, its stream, what it refused, its certificates.

Source: Envoy, administration interface: `/ready`, `/server_info`, `/stats`, `/config_dump`, `/certs`.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from gossamer.sidecar import http_client
from gossamer.sidecar.admin_settings import AdminSettings
from gossamer.sidecar.doctor.check import Check, fail, ok, warn
from gossamer.sidecar.health import LIVE, STATS_TARGET, Look, look
from gossamer.sidecar.http_client import Answer, Unanswered
from gossamer.sidecar.json_value import member, parsed

_PATIENCE_S: Final = 5.0
#: How many days before a certificate expires one should know.
_NOTICE_DAYS: Final = 14


@dataclass(frozen=True, slots=True)
class Running:
    """What the running Envoy says: nothing of itself where nobody answers."""

    look: Look
    server: object = None
    dump: object = None
    certificates: object = None
    why_not: str = ""

    @property
    def is_there(self) -> bool:
        """Whether somebody answered."""
        return not self.why_not


async def running(admin: AdminSettings) -> Running:
    """Ask the admin interface."""
    try:
        ready = await _asked(admin, "/ready")
        stats = await _asked(admin, STATS_TARGET)
        server, dump, certificates = [
            parsed((await _asked(admin, one)).body) for one in ("/server_info", "/config_dump", "/certs")
        ]
    except (Unanswered, TimeoutError) as error:
        return Running(Look(), why_not=str(error) or "no answer in time")
    return Running(look(ready.body, stats.body), server, dump, certificates)


async def _asked(admin: AdminSettings, target: str) -> Answer:
    """What the admin interface answers; whoever has its port may never say a word.

    Raises: Unanswered, TimeoutError.
    """
    if admin.socket:
        return await http_client.request_socket(admin.socket, target, within_s=_PATIENCE_S)
    host = "127.0.0.1" if admin.addresses[0] == "0.0.0.0" else admin.addresses[0]  # noqa: S104 - asked of, not bound
    shown = f"[{host}]" if ":" in host else host
    async with asyncio.timeout(_PATIENCE_S):
        return await http_client.request_url(f"http://{shown}:{admin.port}{target}")


def where(admin: AdminSettings) -> str:
    """Where the admin interface is."""
    return admin.socket or f"{admin.addresses[0]}:{admin.port}"


def proxy_checks(admin: AdminSettings, found: Running) -> Iterator[Check]:
    """How the running Envoy is."""
    if not found.is_there:
        said = f"nobody answers at {where(admin)}: {found.why_not}"
        yield fail("agent", said, "Start `gossamer agent`; if it runs, ENVOY_ADMIN_* differ here and there.")
        return
    state, version = member(found.server, "state"), str(member(found.server, "version")).split("/")
    yield ok("agent", f"Envoy {version[1] if len(version) > 1 else '?'} answers at {where(admin)}")
    if found.look.state == LIVE:
        yield ok("state", "LIVE: Envoy takes traffic")
    else:
        said = f"{state or found.look.state}: it has no configuration yet"
        yield fail("state", said, "The lines about the control plane and the stream say why.")
    yield from _refusals(found)
    yield from _certificates(found.certificates)


def _refusals(found: Running) -> Iterator[Check]:
    told = dict.fromkeys(_details(found.dump))
    for why in told:
        yield fail(
            "update", f"refused: {why}", "It goes on with its last good configuration; correct the resource."
        )
    if not told:
        yield ok("update", "Envoy has refused nothing that it was sent last")


def _details(value: object) -> Iterator[str]:
    """The words of every update that was refused. Source: Envoy, `UpdateFailureState`."""
    if isinstance(value, dict):
        state = value.get("error_state")
        if isinstance(state, dict) and state.get("details"):
            yield str(state["details"])
        for one in value.values():
            yield from _details(one)
    elif isinstance(value, list):
        for one in value:
            yield from _details(one)


def _certificates(found: object) -> Iterator[Check]:
    """How long the certificates that Envoy runs are valid."""
    for path, days in sorted(set(_days(found))):
        if days <= 0:
            yield fail("certificate", f"{path} has expired", "Renew it.")
        elif days < _NOTICE_DAYS:
            yield warn("certificate", f"{path} expires in {days} days", "See that it is renewed.")
        else:
            yield ok("certificate", f"{path} is valid for {days} more days")


def _days(value: object) -> Iterator[tuple[str, int]]:
    if isinstance(value, dict):
        if "days_until_expiration" in value:
            names = [str(one) for each in value.get("subject_alt_names") or () for one in each.values()]
            label = str(value.get("path") or "")
            known = ", ".join(names) if label in ("", "<inline>") and names else label
            yield known or str(value.get("serial_number")), int(value["days_until_expiration"])
        for one in value.values():
            yield from _days(one)
    elif isinstance(value, list):
        for one in value:
            yield from _days(one)
