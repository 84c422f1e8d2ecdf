"""Pure: a task definition, and the same with a sidecar in it.

What is there stays: containers are matched by name, properties and variables are merged by name, members that
we do not know are kept. A value that contradicts what was asked for is refused, never overwritten.

Source: Getting Started with AWS App Mesh, step 6; App Mesh user guide, Getting Started for Amazon ECS,
virtual gateways, X-Ray; Amazon ECS API `TaskDefinition`.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from gossamer.contract import EGRESS_PORT, INGRESS_PORT, PROXY_UID
from gossamer.inject.document import (
    Json,
    Refused,
    copied,
    drop,
    insert_before,
    named,
    own_rows,
    own_table,
    put,
    rows,
    table,
    text,
)
from gossamer.inject.ecs_contradiction import refuse_contradictions
from gossamer.inject.environment import environment
from gossamer.inject.settings import (
    ENVOY,
    INSTANCE_METADATA,
    LIVE,
    TASK_METADATA,
    TRACER_PORTS,
    XRAY,
    Endpoint,
    Settings,
    addresses,
    pair,
    ports,
)
from gossamer.inject.spelling import Spelling

#: A label on the sidecar's container that tells what undoing needs beyond what every injection adds.
RECORD: Final = "gossamer.injected"

#: Source: App Mesh user guide, proxy configuration.
_MOST_IGNORED_PORTS: Final = 15

Say = Callable[[str], None]


def injected(task: Json, who: Endpoint, settings: Settings, spell: Spelling, warn: Say) -> Json:
    """A task definition with the sidecar of an endpoint.

    Raises: Refused for a contradiction.
    """
    made = copied(task)
    if not rows(made, spell("containerDefinitions")) and not who.is_gateway:
        raise Refused("containerDefinitions is empty: there is no application to put a sidecar beside")
    refuse_contradictions(made, who, spell)
    envoy = _envoy(made, who, settings, spell)
    if not who.is_gateway:
        _intercept(made, settings, spell, warn)
        envoy.setdefault(spell("user"), str(PROXY_UID))
        for container in _applications(made, spell):
            _wait_for(container, spell)
    containers = own_rows(made, spell("containerDefinitions"))
    if settings.tracer == "xray" and named(containers, XRAY, spell("name")) is None:
        containers.append(_xray(settings, spell))
    return made


def _envoy(task: Json, who: Endpoint, settings: Settings, spell: Spelling) -> Json:
    """The sidecar's container, new or the one that is there, with all that we manage."""
    containers = own_rows(task, spell("containerDefinitions"))
    envoy = named(containers, ENVOY, spell("name"))
    if envoy is None:
        envoy = {spell("name"): ENVOY}
        containers.append(envoy)
    if envoy.get(spell("image")) != settings.image:
        envoy[spell("image")] = settings.image
    envoy.setdefault(spell("essential"), True)
    _tell(envoy, who, settings, spell)
    if spell("healthCheck") not in envoy:
        envoy[spell("healthCheck")] = _health_check(settings, spell)
    if not (task.get(spell("memory")) or envoy.get(spell("memory")) or envoy.get(spell("memoryReservation"))):
        # ECS takes a container without a limit only where the task has one.
        envoy[spell("memoryReservation")] = 64
    return envoy


def _tell(envoy: Json, who: Endpoint, settings: Settings, spell: Spelling) -> None:
    """Write the sidecar's variables, its secrets, and the ports of a gateway."""
    if who.is_gateway and settings.app_ports:
        mappings = own_rows(envoy, spell("portMappings"))
        for port in ports(settings.app_ports, "--app-ports"):
            put(mappings, {spell("containerPort"): port, spell("protocol"): "tcp"}, spell("containerPort"))
    variables = own_rows(envoy, spell("environment"))
    for name, value in _variables(who, settings).items():
        put(variables, {spell("name"): name, spell("value"): value}, spell("name"))
    for name, source in (pair(one, "--secret") for one in settings.secret):
        secret: Json = {spell("name"): name, spell("valueFrom"): source}
        put(own_rows(envoy, spell("secrets")), secret, spell("name"))


def _variables(who: Endpoint, settings: Settings) -> dict[str, str]:
    """The sidecar's variables; the Getting Started's task says nothing of how much is logged."""
    found = environment(who, settings)
    if settings.form == "getting-started" and settings.log_level == "info":
        del found["ENVOY_LOG_LEVEL"]
    return found


def _health_check(settings: Settings, spell: Spelling) -> Json:
    """When the sidecar is ready, and the application may start."""
    return {
        spell("command"): ["CMD-SHELL", LIVE.format(port=settings.admin_port)],
        spell("startPeriod"): 10,
        spell("interval"): 5,
        spell("timeout"): 2,
        spell("retries"): 3,
    }


def _applications(task: Json, spell: Spelling) -> Iterator[Json]:
    """The containers that are neither the sidecar nor what it needs itself."""
    for container in rows(task, spell("containerDefinitions")):
        if container.get(spell("name")) not in {ENVOY, XRAY}:
            yield container


def _wait_for(container: Json, spell: Spelling) -> None:
    """Let a container start only once the sidecar is healthy; whatever it says of the sidecar stays."""
    waits = own_rows(container, spell("dependsOn"))
    if named(waits, ENVOY, spell("containerName")) is None:
        waits.append({spell("containerName"): ENVOY, spell("condition"): "HEALTHY"})


def _intercept(task: Json, settings: Settings, spell: Spelling, warn: Say) -> None:
    """The task's traffic through the sidecar."""
    task.setdefault(spell("networkMode"), "awsvpc")
    if spell("proxyConfiguration") not in task:
        insert_before(task, spell("containerDefinitions"), spell("proxyConfiguration"), {})
    proxy = own_table(task, spell("proxyConfiguration"))
    proxy[spell("type")] = "APPMESH"
    proxy[spell("containerName")] = ENVOY
    properties = own_rows(proxy, spell("properties"))
    for name, value in _properties(task, settings, spell, warn):
        put(properties, {spell("name"): name, spell("value"): value}, spell("name"))


def _properties(task: Json, settings: Settings, spell: Spelling, warn: Say) -> Iterator[tuple[str, str]]:
    """What ECS is told of the interception."""
    proxy = table(task, spell("proxyConfiguration"))
    found = named(rows(proxy, spell("properties")), "AppPorts", spell("name")) or {}
    served = _served(task, spell)
    app_ports = settings.app_ports or text(found, spell("value")) or ",".join(map(str, served))
    wanted = ports(app_ports, "--app-ports")
    if not wanted:
        warn(
            "no ports of the application are known, so nothing inbound goes through the sidecar: --app-ports"
        )
    if missed := [port for port in wanted if served and port not in served]:
        warn(f"--app-ports has {', '.join(map(str, missed))}, which no container of the task serves")
    yield "IgnoredUID", str(PROXY_UID)
    yield "ProxyIngressPort", str(INGRESS_PORT)
    yield "ProxyEgressPort", str(EGRESS_PORT)
    yield "AppPorts", ",".join(map(str, wanted))
    if settings.form != "getting-started" and settings.egress_ignored_ports:
        passing = ports(settings.egress_ignored_ports, "--egress-ignored-ports")
        if len(passing) > _MOST_IGNORED_PORTS:
            raise Refused(f"--egress-ignored-ports: ECS takes {_MOST_IGNORED_PORTS} at most")
        yield "EgressIgnoredPorts", ",".join(map(str, passing))
    more = addresses(settings.egress_ignored_ips, "--egress-ignored-ips")
    yield "EgressIgnoredIPs", ",".join(dict.fromkeys((TASK_METADATA, INSTANCE_METADATA, *more)))


def _served(task: Json, spell: Spelling) -> tuple[int, ...]:
    """The TCP ports that the application's containers name."""
    found = (
        mapping.get(spell("containerPort"))
        for container in _applications(task, spell)
        for mapping in rows(container, spell("portMappings"))
        if text(mapping, spell("protocol")) in {"", "tcp"}
    )
    return tuple(dict.fromkeys(port for port in found if isinstance(port, int)))


def _xray(settings: Settings, spell: Spelling) -> Json:
    """X-Ray's daemon, whose traffic passes because it runs as the sidecar's user."""
    return {
        spell("name"): XRAY,
        spell("image"): settings.xray_image,
        spell("essential"): True,
        spell("cpu"): 32,
        spell("memoryReservation"): 256,
        spell("portMappings"): [
            {spell("containerPort"): settings.tracer_port or TRACER_PORTS["xray"], spell("protocol"): "udp"}
        ],
        spell("user"): str(PROXY_UID),
    }


def labelled(task: Json, record: str, spell: Spelling) -> None:
    """Write the record on the sidecar's container."""
    envoy = named(rows(task, spell("containerDefinitions")), ENVOY, spell("name"))
    if envoy is not None:
        own_table(envoy, spell("dockerLabels"))[RECORD] = record


def record(task: Json, spell: Spelling) -> str | None:
    """The record on the sidecar's container; None where nothing was injected by us."""
    envoy = named(rows(task, spell("containerDefinitions")), ENVOY, spell("name")) or {}
    found = table(envoy, spell("dockerLabels")).get(RECORD)
    return None if found is None else str(found)


def bare(task: Json, spell: Spelling) -> Json:
    """A task definition without what every injection adds."""
    made = copied(task)
    for ours in (ENVOY, XRAY):
        drop(made, spell("containerDefinitions"), ours, spell("name"))
    for container in _applications(made, spell):
        drop(container, spell("dependsOn"), ENVOY, spell("containerName"))
    if text(table(made, spell("proxyConfiguration")), spell("containerName")) == ENVOY:
        del made[spell("proxyConfiguration")]
    return made


def unregistrable(task: Json) -> Sequence[str]:
    """Members of a description that a registration does not take."""
    return [name for name in _OUTPUT_ONLY if name in task]


#: Source: Amazon ECS API: members of `TaskDefinition` that `RegisterTaskDefinition` lacks.
_OUTPUT_ONLY: Final = (
    "taskDefinitionArn", "revision", "status", "requiresAttributes", "compatibilities", "registeredAt",
    "registeredBy", "deregisteredAt", "deleteRequestedAt",
)  # fmt: skip
