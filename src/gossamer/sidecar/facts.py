"""Pure: what the machine says of itself, as the agent's metadata tells it to the control plane.

Source: App Mesh's agent, node metadata; ECS task metadata endpoint version 4; EC2 instance metadata.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from gossamer.sidecar.json_value import Json, member, text_at

#: By whether there are addresses of IPv4 and of IPv6.
_FAMILIES: Final = {(True, True): "ALL", (True, False): "IPv4_ONLY", (False, True): "IPv6_ONLY"}

Addresses = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """The platform's and the machine's own words; `""` and nothing for what is not known."""

    region: str = ""
    zone: str = ""
    zone_id: str = ""
    ecs: Mapping[str, str] = field(default_factory=dict)
    ip_families: str = ""
    interfaces_v4: Addresses = field(default_factory=dict)
    interfaces_v6: Addresses = field(default_factory=dict)
    machine: str = ""
    kernel: str = ""
    nameservers: tuple[str, ...] = ()
    #: The version of the agent that looked.
    agent: str = ""

    @property
    def system(self) -> Json:
        """The machine's kind and its kernel, those that are known."""
        named = {"systemPlatform": self.machine, "systemKernelVersion": self.kernel}
        return {name: value for name, value in named.items() if value}

    @property
    def interfaces(self) -> Json:
        """The addresses of every interface, by family."""
        by_family = {"ipv4": self.interfaces_v4, "ipv6": self.interfaces_v6}
        return {
            family: {name: list(addresses) for name, addresses in found.items()}
            for family, found in by_family.items()
            if found
        }


NO_FACTS: Final = Facts()


def ecs_platform(launch_type: str, task: object, container: object) -> dict[str, str]:
    """What a task says of itself; CPU and memory are the container's own limits.

    Source: ECS task metadata endpoint version 4, `${ECS_CONTAINER_METADATA_URI_V4}` and its `/task`.
    """
    said = {
        "ecsLaunchType": launch_type,
        "ecsClusterArn": text_at(task, "Cluster"),
        "ecsTaskArn": text_at(task, "TaskARN"),
        "CPU": text_at(container, "Limits", "CPU"),
        "Memory": text_at(container, "Limits", "Memory"),
    }
    return {name: value for name, value in said.items() if value}


def region_of_task(task: object) -> str:
    """The region in a task's ARN."""
    parts = text_at(task, "TaskARN").split(":")
    return parts[3] if len(parts) > 3 else ""  # noqa: PLR2004  arn:PARTITION:ecs:REGION:…


def families_of_task(task: object) -> str:
    """Which families a task has addresses of; all its containers share the network.

    Source: ECS task metadata endpoint version 4, `Containers[].Networks[]`.
    """
    containers = member(task, "Containers")
    first = containers[0] if isinstance(containers, list) and containers else None
    found = member(first, "Networks")
    networks = found if isinstance(found, list) else []
    return families(
        has_v4=any(member(one, "IPv4Addresses") for one in networks),
        has_v6=any(member(one, "IPv6Addresses") for one in networks),
    )


def families(*, has_v4: bool, has_v6: bool) -> str:
    """The word for the families that there are addresses of; `""` for none at all."""
    return _FAMILIES.get((has_v4, has_v6), "")
