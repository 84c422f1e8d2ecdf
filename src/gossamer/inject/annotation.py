"""The annotations of a pod that say how its sidecar is to be.

Source: App Mesh's Kubernetes controller 1.13, reference of annotations, and the sentences of its refusals.
"""

import dataclasses
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from gossamer.inject.document import Refused
from gossamer.inject.settings import Settings, addresses, ports

PREFIX: Final = "appmesh.k8s.aws/"

MODE: Final = "sidecarInjectorWebhook"
MESH: Final = "mesh"
VIRTUAL_NODE: Final = "virtualNode"
VIRTUAL_GATEWAY: Final = "virtualGateway"
PORTS: Final = "ports"
IGNORED_IPS: Final = "egressIgnoredIPs"
IGNORED_PORTS: Final = "egressIgnoredPorts"
IGNORED_UID: Final = "ignoredUID"
EGRESS_PORT: Final = "proxyEgressPort"
INGRESS_PORT: Final = "proxyIngressPort"
IPV6: Final = "ipv6"
CNI: Final = "appmeshCNI"
SDS: Final = "sds"
PREVIEW: Final = "preview"
SECRET_MOUNTS: Final = "secretMounts"  # noqa: S105 - the name of an annotation
VOLUME_MOUNTS: Final = "volumeMounts"
ENV: Final = "sidecarEnv"
ENV_JSON: Final = "sidecarEnvJson"
XRAY_CONFIG: Final = "xrayAgentConfigMount"
SKIP_IMAGE: Final = "virtualGatewaySkipImageOverride"

#: Every annotation that is read, what it takes, and what it does: the reference page is made of it.
MEANINGS: Final[Mapping[str, tuple[str, str]]] = {
    MODE: (
        "`enabled`, `disabled`",
        "whether the pod gets a sidecar; wins over the namespace's label of that name",
    ),
    MESH: ("a mesh's name", "the mesh that the pod belongs to"),
    VIRTUAL_NODE: ("a virtual node's name", "the virtual node that the pod is"),
    VIRTUAL_GATEWAY: ("a virtual gateway's name", "the virtual gateway that the pod is"),
    "cpuRequest": ("a quantity", "the CPU that the sidecar asks for"),
    "memoryRequest": ("a quantity", "the memory that the sidecar asks for"),
    "cpuLimit": ("a quantity", "the most CPU that the sidecar may use"),
    "memoryLimit": ("a quantity", "the most memory that the sidecar may use"),
    PORTS: (
        "ports with commas",
        "the application's ports; else the virtual node's listeners, else its containers'",
    ),
    IGNORED_IPS: ("addresses and CIDR blocks with commas", "outbound traffic to these passes"),
    IGNORED_PORTS: ("ports with commas", "outbound traffic to these passes, in place of 22"),
    IPV6: ("`disabled`", "IPv6 is not intercepted"),
    CNI: (
        "`enabled`, `disabled`",
        "a CNI plugin intercepts in place of an init container; on Fargate it is enabled",
    ),
    PREVIEW: ("`enabled`, `disabled`", "sets APPMESH_PREVIEW"),
    SDS: ("`disabled`", "no secret discovery service for this pod"),
    SECRET_MOUNTS: ("`secret:path`, with commas", "secrets that the sidecar sees, read-only"),
    VOLUME_MOUNTS: ("`volume:path`, with commas", "volumes of the pod that the sidecar sees, read-only"),
    ENV: ("`NAME=VALUE`, with commas", "more variables of the sidecar; those that we set win"),
    ENV_JSON: ('`[{"NAME":"VALUE"}]`', "the same, for values with commas or equals signs"),
    XRAY_CONFIG: ("`volume:path`", "the volume with the configuration of X-Ray's daemon"),
    SKIP_IMAGE: ("`enabled`, `disabled`", "a virtual gateway's container keeps its own image"),
}

#: Annotations that are written for a CNI plugin, and not read.
OUTPUTS: Final = (IGNORED_UID, EGRESS_PORT, INGRESS_PORT)

#: Settings that an annotation gives a value of its own.
_SETTINGS: Final = {
    "cpuRequest": "cpu_request",
    "memoryRequest": "memory_request",
    "cpuLimit": "cpu_limit",
    "memoryLimit": "memory_limit",
    PORTS: "app_ports",
    IGNORED_IPS: "egress_ignored_ips",
    IGNORED_PORTS: "egress_ignored_ports",
}
_FARGATE: Final = "eks.amazonaws.com/fargate-profile"


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a pod's metadata says, read; `given` has our annotations without their prefix."""

    given: Mapping[str, str]
    is_on_fargate: bool = False

    def is_enabled(self, name: str) -> bool | None:
        """Whether a switch is on; None when it does not stand there as one of the two words."""
        return {"enabled": True, "disabled": False}.get(self.given.get(name, "").lower())

    def over(self, settings: Settings) -> Settings:
        """The settings with what the pod says in their place.

        Raises: Refused for a list of ports or addresses that is none.
        """
        for name in (PORTS, IGNORED_PORTS):
            ports(self.given.get(name, ""), f"annotation {PREFIX}{name}")
        addresses(self.given.get(IGNORED_IPS, ""), f"annotation {PREFIX}{IGNORED_IPS}")
        own = {field: self.given[name] for name, field in _SETTINGS.items() if name in self.given}
        has_ipv6 = settings.ipv6 and self.is_enabled(IPV6) is not False
        has_sds = self.is_enabled(SDS) is not False
        sds = settings.sds_socket_path if has_sds else ""
        return dataclasses.replace(settings, **own, ipv6=has_ipv6, sds_socket_path=sds)  # type: ignore[arg-type] # text for members that are text

    @property
    def uses_cni(self) -> bool:
        """Whether a CNI plugin intercepts; the annotation wins over where the pod runs."""
        said = self.is_enabled(CNI)
        return self.is_on_fargate if said is None else said

    def variables(self) -> dict[str, str]:
        """More variables of the sidecar.

        Raises: Refused in the controller's words.
        """
        found = dict(self._pairs(ENV, "=", "EnvVariableKey=EnvVariableValue"))
        if text := self.given.get(ENV_JSON):
            found |= self._json_variables(text)
        return found

    def secret_mounts(self) -> list[tuple[str, str]]:
        """Secrets and the paths that they are seen at."""
        return list(self._pairs(SECRET_MOUNTS, ":", "secretName:mountPath"))

    def volume_mounts(self) -> list[tuple[str, str]]:
        """Volumes and the paths that they are seen at."""
        return list(self._pairs(VOLUME_MOUNTS, ":", "volumeName:mountPath"))

    def xray_config(self) -> tuple[str, str] | None:
        """The volume of X-Ray's configuration, and its path; exactly one."""
        form = "volumeName:mountPath"
        found = list(self._pairs(XRAY_CONFIG, ":", form))
        if len(found) > 1:
            raise _malformed(XRAY_CONFIG, form)
        return found[0] if found else None

    def _pairs(self, name: str, between: str, form: str) -> Iterator[tuple[str, str]]:
        """The pairs of a list with commas."""
        if name not in self.given:
            return
        for segment in self.given[name].split(","):
            parts = [part.strip() for part in segment.split(between)]
            if len(parts) != 2 or not all(parts):  # noqa: PLR2004 - a pair
                raise _malformed(name, form)
            yield parts[0], parts[1]

    def _json_variables(self, text: str) -> dict[str, str]:
        """Variables written as JSON."""
        form = '[{"EnvVariableKey":"EnvVariableValue"}]'
        try:
            found = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise _malformed(ENV_JSON, form) from error
        if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
            raise _malformed(ENV_JSON, form)
        variables = {name: value for each in found for name, value in each.items()}
        if not all(isinstance(value, str) for value in variables.values()):
            raise _malformed(ENV_JSON, form)
        return variables


def wishes(annotations: Mapping[str, object], labels: Mapping[str, object]) -> Wishes:
    """What a pod's metadata says."""
    given = {
        name.removeprefix(PREFIX): str(value)
        for name, value in annotations.items()
        if name.startswith(PREFIX)
    }
    return Wishes(given, is_on_fargate=bool(labels.get(_FARGATE)))


def _malformed(name: str, form: str) -> Refused:
    """The controller's sentence."""
    return Refused(f"malformed annotation {PREFIX}{name}, expected format: {form}")
