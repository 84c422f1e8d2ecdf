"""What this machine is: its addresses, kernel, maker and resolvers, in the kernel's own words.

Source: Linux rtnetlink(7), RTM_GETADDR; Linux sysfs, the tables of DMI.
"""

import contextlib
import os
import socket
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Final

from gossamer.sidecar import dns, facts
from gossamer.sidecar.cloud import CloudSettings, Said, ask
from gossamer.sidecar.facts import Facts

_RTM_GETADDR: Final = 22
_RTM_NEWADDR: Final = 20
_NLMSG_DONE: Final = 3
_NLM_F_DUMP_REQUEST: Final = 0x301
_IFA_ADDRESS: Final = 1
_IFA_LOCAL: Final = 2
_HEADER: Final = struct.Struct("=IHHII")
_ADDRESS: Final = struct.Struct("=BBBBI")
_ATTRIBUTE: Final = struct.Struct("=HH")
_SCOPE_GLOBAL: Final = 0

_MAKER: Final = Path("/sys/class/dmi/id/sys_vendor")
_RESOLV_CONF: Final = Path("/etc/resolv.conf")


@dataclass(frozen=True, slots=True)
class Address:
    """One address of one interface."""

    interface: str
    family: int
    text: str
    is_global: bool


async def machine_facts(settings: CloudSettings) -> tuple[Facts, tuple[str, ...]]:
    """What this machine is and what its platform says, with who was asked and did not answer."""
    said = await ask(settings, is_amazons=is_amazons())
    return facts_of(settings, said, addresses()), said.silent


def facts_of(settings: CloudSettings, said: Said, found: tuple[Address, ...]) -> Facts:
    """The facts, put together."""
    families = {one.family for one in found if one.is_global}
    local = facts.families(has_v4=socket.AF_INET in families, has_v6=socket.AF_INET6 in families)
    kernel = os.uname()
    has_task = bool(settings.task_uri or settings.launch_type)
    return Facts(
        region=said.region,
        zone=said.zone,
        zone_id=said.zone_id,
        ecs=facts.ecs_platform(settings.launch_type, said.task, said.container) if has_task else {},
        ip_families=facts.families_of_task(said.task) or local,
        interfaces_v4=_by_interface(found, socket.AF_INET),
        interfaces_v6=_by_interface(found, socket.AF_INET6),
        machine=kernel.machine,
        kernel=kernel.release,
        nameservers=dns.nameservers(_text(_RESOLV_CONF)),
        agent=version("gossamer"),
    )


def is_amazons() -> bool:
    """Whether the machine's maker is Amazon, so that EC2 can be asked about it."""
    return "Amazon" in _text(_MAKER)


def addresses() -> tuple[Address, ...]:
    """Every address of every interface; nothing where the kernel does not tell."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_NETLINK, socket.SOCK_RAW) as kernel:
        kernel.settimeout(1)
        request = _HEADER.pack(_HEADER.size + _ADDRESS.size, _RTM_GETADDR, _NLM_F_DUMP_REQUEST, 1, 0)
        kernel.send(request + _ADDRESS.pack(socket.AF_UNSPEC, 0, 0, 0, 0))
        return tuple(_dumped(kernel))
    return ()


def _dumped(kernel: socket.socket) -> Iterator[Address]:
    """The addresses that the kernel lists, until it says that it is done."""
    while True:
        data = kernel.recv(65536)
        while len(data) >= _HEADER.size:
            length, kind, *_ = _HEADER.unpack_from(data)
            if kind == _NLMSG_DONE or length < _HEADER.size:
                return
            if kind == _RTM_NEWADDR:
                yield from _address(data[_HEADER.size : length])
            data = data[_aligned(length) :]


def _address(message: bytes) -> Iterator[Address]:
    """One message's address; of a point-to-point link the own end."""
    family, prefix, _, scope, index = _ADDRESS.unpack_from(message)
    attributes = dict(_attributes(message[_ADDRESS.size :]))
    raw = attributes.get(_IFA_LOCAL) or attributes.get(_IFA_ADDRESS)
    if raw is not None and family in {socket.AF_INET, socket.AF_INET6}:
        text = f"{socket.inet_ntop(family, raw)}/{prefix}"
        yield Address(socket.if_indextoname(index), family, text, scope == _SCOPE_GLOBAL)


def _attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The attributes of a message."""
    while len(data) >= _ATTRIBUTE.size:
        length, kind = _ATTRIBUTE.unpack_from(data)
        if length < _ATTRIBUTE.size:
            return
        yield kind, data[_ATTRIBUTE.size : length]
        data = data[_aligned(length) :]


def _aligned(length: int) -> int:
    """A length as netlink pads it."""
    return (length + 3) & ~3


def _by_interface(found: tuple[Address, ...], family: int) -> dict[str, tuple[str, ...]]:
    """The addresses of one family under their interfaces' names."""
    names = sorted({one.interface for one in found if one.family == family})
    return {
        name: tuple(one.text for one in found if (one.interface, one.family) == (name, family))
        for name in names
    }


def _text(path: Path) -> str:
    """A small file's text; nothing where there is none."""
    with contextlib.suppress(OSError):
        return path.read_text(errors="replace")
    return ""
