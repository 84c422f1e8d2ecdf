"""The rights of root that Envoy keeps when it runs as another user, of those that the agent has.

Envoy opens its own sockets: it needs NET_ADMIN for marks and transparent sources, and NET_BIND_SERVICE for
ports below 1024.

Source: App Mesh user guide, the agent for Envoy; Linux capabilities(7), ambient set; prctl(2),
PR_CAP_AMBIENT.
"""

import contextlib
import ctypes
from collections.abc import Iterator
from typing import Final

NET_BIND_SERVICE: Final = 10
NET_ADMIN: Final = 12
PASSED_ON: Final = (NET_BIND_SERVICE, NET_ADMIN)

_LIBC: Final = ctypes.CDLL(None, use_errno=True)
_PR_SET_KEEPCAPS: Final = 8
_PR_CAP_AMBIENT: Final = 47
_PR_CAP_AMBIENT_RAISE: Final = 2
_VERSION_3: Final = 0x20080522
_PERMITTED: Final = 1
_INHERITABLE: Final = 2


@contextlib.contextmanager
def kept() -> Iterator[None]:
    """Let a child that is made meanwhile keep what it may do when it changes its user."""
    _LIBC.prctl(_PR_SET_KEEPCAPS, 1, 0, 0, 0)
    try:
        yield
    finally:
        _LIBC.prctl(_PR_SET_KEEPCAPS, 0, 0, 0, 0)


def pass_on() -> None:
    """Make the rights survive what this process becomes next; those that it has not are left out."""
    header = (ctypes.c_uint32 * 2)(_VERSION_3, 0)
    # Two halves of three sets: effective, permitted, inheritable.
    sets = (ctypes.c_uint32 * 6)()
    if _LIBC.capget(header, sets) != 0:
        return
    permitted = [right for right in PASSED_ON if sets[_PERMITTED] & 1 << right]
    for right in permitted:
        sets[_INHERITABLE] |= 1 << right
    if permitted and _LIBC.capset(header, sets) == 0:
        for right in permitted:
            _LIBC.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, right, 0, 0)
