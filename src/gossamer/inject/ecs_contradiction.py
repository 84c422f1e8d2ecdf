"""Pure: what in a task definition contradicts a sidecar, so that nothing is overwritten.

Source: App Mesh user guide, Getting Started for Amazon ECS, virtual gateways; Amazon ECS API: `NetworkMode`,
`ProxyConfiguration`, `PortMapping`.
"""

from gossamer.contract import PROXY_UID
from gossamer.inject.document import Json, Refused, named, rows, table, text
from gossamer.inject.environment import refuse_another
from gossamer.inject.settings import ENVOY, Endpoint
from gossamer.inject.spelling import Spelling


def refuse_contradictions(task: Json, who: Endpoint, spell: Spelling) -> None:
    """Stop at the first contradiction.

    Raises: Refused, naming the member and what is wrong with it.
    """
    if who.is_gateway:
        if table(task, spell("proxyConfiguration")):
            raise Refused(
                "a virtual gateway's traffic is not intercepted, but the task has a proxyConfiguration"
            )
    else:
        _refuse_network(task, spell)
    _refuse_envoy(task, who, spell)
    for container in rows(task, spell("containerDefinitions")):
        _refuse_host_ports(container, spell)


def _refuse_network(task: Json, spell: Spelling) -> None:
    """A network of the task's own, and no other proxy."""
    mode = task.get(spell("networkMode"))
    if isinstance(mode, str) and mode != "awsvpc":
        raise Refused(f"networkMode is {mode!r}, but a sidecar needs a network of the task's own: awsvpc")
    proxy = table(task, spell("proxyConfiguration"))
    if (kind := text(proxy, spell("type"))) not in {"", "APPMESH"}:
        raise Refused(f"proxyConfiguration.type is {kind!r}; only APPMESH is known")
    if (name := text(proxy, spell("containerName"))) not in {"", ENVOY}:
        raise Refused(f"proxyConfiguration.containerName is {name!r}: another container is this task's proxy")
    ignored = named(rows(proxy, spell("properties")), "IgnoredUID", spell("name")) or {}
    if (uid := text(ignored, spell("value"))) not in {"", str(PROXY_UID)}:
        raise Refused(f"IgnoredUID is {uid!r}, but the sidecar runs as user {PROXY_UID}")


def _refuse_envoy(task: Json, who: Endpoint, spell: Spelling) -> None:
    """A sidecar that is there already must be the same endpoint's, under the user whose traffic passes."""
    envoy = named(rows(task, spell("containerDefinitions")), ENVOY, spell("name")) or {}
    user = text(envoy, spell("user"))
    if who.is_gateway and user:
        raise Refused(f"container envoy has user {user!r}, but a virtual gateway's takes none")
    if user not in {"", str(PROXY_UID)}:
        raise Refused(f"container envoy has user {user!r}, but its traffic is told by user {PROXY_UID}")
    variables = rows(envoy, spell("environment"))
    refuse_another(((text(row, spell("name")), text(row, spell("value"))) for row in variables), who)


def _refuse_host_ports(container: Json, spell: Spelling) -> None:
    """A host port that differs: with a network of its own, a task has no other."""
    for mapping in rows(container, spell("portMappings")):
        host, own = mapping.get(spell("hostPort")), mapping.get(spell("containerPort"))
        if isinstance(host, int) and host not in {0, own}:
            raise Refused(
                f"container {text(container, spell('name'))}: hostPort {host} is not containerPort {own}; "
                "with networkMode awsvpc they are the same, or hostPort is left out"
            )
