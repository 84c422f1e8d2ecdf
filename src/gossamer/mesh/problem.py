"""One thing that an operator wrote and that cannot work, and the words for a name that is not there."""

import enum
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from gossamer.mesh.snapshot import Mesh
from gossamer.model.kind import Kind, Ref
from gossamer.model.likeness import asked, did_you_mean
from gossamer.model.port_mapping import PortMapping


class Trouble(enum.Enum):
    """What kind of thing cannot work."""

    DANGLING = "dangling-name"
    NO_ANSWER = "nothing-answers"
    PORT_CLASH = "port-clash"
    PROTOCOL_CLASH = "protocol-clash"
    NOT_USED = "route-not-used"
    NO_SUCH_PORT = "no-such-port"
    RESERVED_PORT = "reserved-port"
    NO_CHECK = "health-check-of-gateway"
    CERTIFICATE = "unknown-certificate"
    TLS_MISMATCH = "tls-mismatch"
    NO_ENDPOINT = "no-endpoint"
    OUTDATED = "outdated-knowledge"


#: What cannot work in a resource, and why.
Said = tuple[Trouble, str]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that cannot work: whose spec says it, why it will not do what it says, of what kind."""

    ref: Ref
    why: str
    trouble: Trouble


def problems_of(ref: Ref, said: Iterable[Said]) -> Iterator[Problem]:
    """What cannot work in one resource."""
    return (Problem(ref, why, trouble) for trouble, why in said)


def missing(mesh: Mesh, kind: Kind, name: str) -> str:
    """That a resource is not there, and which one may have been meant."""
    names = mesh.names(kind)
    # A name without its domain is the likeliest slip: the seed itself makes it. Then another case.
    near = [one for one in names if name.startswith(f"{one}.") or one.startswith(f"{name}.")]
    near = near or [one for one in names if one.lower() == name.lower()]
    return f"{name} does not exist{asked(near[0]) if near else did_you_mean(name, names)}"


def unused(
    owner: str, listening: Sequence[PortMapping], spoken: Sequence[int], port: int | None
) -> Iterator[Said]:
    """Why no listener of its router or gateway, the `owner`, uses a route.

    `spoken` are the ports of those listeners that can use its type, `port` is the one that it names.
    """
    if listening and not spoken:
        found = listed(sorted({one.protocol.value for one in listening}))
        yield (
            Trouble.NOT_USED,
            f"is of another type than the listeners of its {owner} ({found}), so it is not used",
        )
    elif spoken and port is not None and port not in spoken:
        yield (
            Trouble.NOT_USED,
            f"is for port {port}, which is none of its {owner}'s ({listed(spoken)}), so it is not used",
        )


def listed(things: Iterable[object]) -> str:
    """Names or numbers in a sentence; `none` where there are none."""
    return ", ".join(map(str, things)) or "none"
