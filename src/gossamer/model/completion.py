"""What the service fills in where an operator said nothing, and clients read back.

Source: recorded answers of the managed service; clients compare what they read with these values.
"""

from typing import TypeVar

from gossamer.model.listener import Listener
from gossamer.model.spec import Spec
from gossamer.model.virtual_gateway import VirtualGatewayListener, VirtualGatewaySpec
from gossamer.model.virtual_node import VirtualNodeSpec

L = TypeVar("L", Listener, VirtualGatewayListener)


def completed(spec: Spec) -> Spec:
    """The spec with what the service fills in.

    Absent: the `backends` of a node become an empty list; a health check's port becomes its listener's.
    """
    match spec:
        case VirtualNodeSpec():
            listeners = spec.listeners and tuple(_listener(listener) for listener in spec.listeners)
            return spec.having(listeners=listeners, backends=spec.backends or ())
        case VirtualGatewaySpec():
            return spec.having(listeners=tuple(map(_listener, spec.listeners)))
        case _:
            return spec


def _listener(listener: L) -> L:
    """The listener whose health check names its port."""
    check = listener.health_check
    if check is None or check.port is not None:
        return listener
    filled = check.having(port=listener.port_mapping.port)
    return listener.having(health_check=filled)
