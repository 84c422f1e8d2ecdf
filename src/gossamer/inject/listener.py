"""Pure: the ports of a virtual node's or gateway's document, which its workload serves.

Source: App Mesh API 2019-01-25: the inputs of CreateVirtualNode and CreateVirtualGateway, the outputs of
their descriptions; App Mesh's custom resources write the same `spec.listeners`.
"""

from gossamer.inject.document import Json, Refused, rows, table


def listener_ports(document: Json) -> tuple[int, ...]:
    """The ports of its listeners, in order.

    Raises: Refused when it has no specification.
    """
    for name in ("virtualNode", "virtualGateway"):
        if name in document:
            return listener_ports(table(document, name))
    if "spec" not in document:
        raise Refused("this is no virtual node and no virtual gateway: it has no spec")
    mappings = (table(each, "portMapping") for each in rows(table(document, "spec"), "listeners"))
    found = (mapping.get("port") for mapping in mappings)
    return tuple(dict.fromkeys(port for port in found if isinstance(port, int)))
