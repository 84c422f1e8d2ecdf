"""The interception as a plugin of the container network interface, under the type `aws-appmesh`.

A runtime that made a network calls the plugin after others in its list: ADD puts the rules in place, CHECK
tells whether they still are, DEL takes them away. The request is the environment and a configuration in JSON;
the answer is JSON.

Source: CNI specification 1.0.0: commands, variables, error codes; App Mesh's CNI plugin: the configuration's
members, and the sentences of its refusals. A port beyond 65535 is refused here in the same words.
"""

import ipaddress
import json
from collections.abc import Mapping, Sequence
from typing import Final, Protocol

from gossamer.errors import MeshError
from gossamer.sidecar.intercept.env import LAST_PORT
from gossamer.sidecar.intercept.plan import Installed, Interception, Network, plan
from gossamer.sidecar.variable import DIGITS

VERSIONS: Final = ("0.3.0", "0.3.1", "0.4.0", "1.0.0")
_WITHOUT_CHECK: Final = ("0.3.0", "0.3.1")

#: What each command needs of the environment.
_NEEDED: Final = {
    "ADD": ("CNI_CONTAINERID", "CNI_NETNS", "CNI_IFNAME", "CNI_PATH"),
    "CHECK": ("CNI_CONTAINERID", "CNI_NETNS", "CNI_IFNAME", "CNI_PATH"),
    "DEL": ("CNI_CONTAINERID", "CNI_IFNAME", "CNI_PATH"),
    "VERSION": (),
}

INCOMPATIBLE: Final = 1
WRONG_ENVIRONMENT: Final = 4
UNREADABLE: Final = 6
WRONG_CONFIG: Final = 7
#: From 100 on, a code is the plugin's own.
FAILED: Final = 100

Config = Mapping[str, object]


class Refused(MeshError):
    """The request cannot be met; the code is the specification's."""

    def __init__(self, code: int, why: str) -> None:
        self.code = code
        super().__init__(why)


class Rules(Protocol):
    """What the plugin does to one network."""

    def enable(self, netns: str, wanted: Interception) -> None:
        """Put the rules in place."""

    def installed(self, netns: str) -> Installed | None:
        """What is in place."""

    def remove(self, netns: str) -> None:
        """Leave no trace; a network that is gone is no error."""


def answer(environ: Mapping[str, str], text: str, rules: Rules) -> tuple[bool, str]:
    """Carry out one request: whether it was met, and what to print."""
    version = VERSIONS[-1]
    try:
        config = _config(text)
        version = str(config.get("cniVersion", version))
        return True, _printed(_met(environ, config, version, rules))
    except Refused as error:
        return False, _printed({"cniVersion": version, "code": error.code, "msg": str(error)})
    except MeshError as error:
        return False, _printed({"cniVersion": version, "code": FAILED, "msg": str(error)})


def _met(
    environ: Mapping[str, str], config: Config, version: str, rules: Rules
) -> Mapping[str, object] | None:
    """Do what the command says; what to print, if anything."""
    command = environ.get("CNI_COMMAND", "")
    if command not in _NEEDED:
        raise Refused(WRONG_ENVIRONMENT, f"unknown CNI_COMMAND: {command}")
    if missing := [name for name in _NEEDED[command] if not environ.get(name)]:
        raise Refused(WRONG_ENVIRONMENT, f"required env variables [{','.join(missing)}] missing")
    if command == "VERSION":
        return {"cniVersion": VERSIONS[-1], "supportedVersions": list(VERSIONS)}
    if version not in VERSIONS:
        supported = ", ".join(VERSIONS)
        raise Refused(
            INCOMPATIBLE, f"incompatible CNI versions: config is {version!r}, plugin supports {supported}"
        )
    netns = environ.get("CNI_NETNS", "")
    if command == "DEL":
        rules.remove(netns)
        return None
    wanted = interception(config)
    if command == "CHECK":
        _check(wanted, version, rules.installed(netns))
        return None
    rules.enable(netns, wanted)
    return _result(config, version)


def _result(config: Config, version: str) -> Mapping[str, object]:
    """What the plugins before this one made, passed on; stand-alone, an empty result."""
    before = config.get("prevResult")
    return {"cniVersion": version, **(before if isinstance(before, dict) else {"dns": {}})}


def _check(wanted: Interception, version: str, here: Installed | None) -> None:
    """Fail unless just the wanted rules are in place."""
    if version in _WITHOUT_CHECK:
        raise Refused(INCOMPATIBLE, f"config version {version!r} does not allow CHECK")
    if here is None or here.is_draining:
        raise Refused(FAILED, "the rules are missing: traffic is not intercepted")
    asked = plan(wanted)
    # As sets: two families that are listed apart come back in another order.
    is_same = set(here.plan.egress) == set(asked.egress) and here.plan.ingress == asked.ingress
    if not is_same or here.plan.is_ipv6 != asked.is_ipv6 or here.strangers:
        raise Refused(FAILED, "the rules are not those of the configuration")


def interception(config: Config) -> Interception:
    """What a configuration asks for.

    Raises: Refused with App Mesh's sentence for what is missing or wrong.
    """
    uid, gid = _text(config, "ignoredUID"), _text(config, "ignoredGID")
    egress, ingress = _text(config, "proxyEgressPort"), _text(config, "proxyIngressPort")
    app_ports = _list(config, "appPorts")
    if not (uid or gid):
        raise Refused(WRONG_CONFIG, "missing required parameter ignoredGID or ignoredUID")
    if not egress:
        raise Refused(WRONG_CONFIG, "missing required parameter proxyEgressPort")
    # A list of one empty text is an empty list that was provided.
    if app_ports and not ingress:
        raise Refused(WRONG_CONFIG, "missing parameter proxyIngressPort (required if appPorts are provided)")
    if ingress and not app_ports:
        raise Refused(WRONG_CONFIG, "missing parameter appPorts (required if proxyIngressPort is provided)")
    return Interception(
        egress_port=_port(egress),
        ingress_port=_port(ingress) if ingress else None,
        app_ports=_ports(app_ports),
        ignored_uid=_owner("ignoredUID", uid),
        ignored_gid=_owner("ignoredGID", gid),
        ignored_ports=_ports(_list(config, "egressIgnoredPorts")),
        ignored_networks=tuple(map(_network, _list(config, "egressIgnoredIPs"))),
        is_ipv6=_truth(config, "enableIPv6"),
    )


def _config(text: str) -> Config:
    """The configuration."""
    try:
        found = json.loads(text or "{}")
    except ValueError as error:
        raise Refused(UNREADABLE, f"failed to parse network config: {error}") from error
    if not isinstance(found, dict):
        raise Refused(UNREADABLE, "failed to parse network config: it is no JSON object")
    return found


def _text(config: Config, name: str) -> str:
    """A member that is text."""
    found = config.get(name, "")
    if not isinstance(found, str):
        raise Refused(UNREADABLE, f"failed to parse network config: {name} must be a string")
    return found


def _list(config: Config, name: str) -> Sequence[str]:
    """A member that is a list of texts; null is an empty one."""
    found = config.get(name) or []
    if not isinstance(found, list) or not all(isinstance(item, str) for item in found):
        raise Refused(UNREADABLE, f"failed to parse network config: {name} must be a list of strings")
    return found


def _truth(config: Config, name: str) -> bool:
    """A member that is true or false."""
    found = config.get(name, False)
    if not isinstance(found, bool):
        raise Refused(UNREADABLE, f"failed to parse network config: {name} must be true or false")
    return found


def _owner(name: str, text: str) -> int | None:
    """A user or a group by number; None when nothing was said."""
    if text and DIGITS.fullmatch(text) is None:
        raise Refused(WRONG_CONFIG, f"invalid {name} [{text}] specified")
    return int(text) if text else None


def _ports(texts: Sequence[str]) -> tuple[int, ...]:
    """Ports; an empty text is none."""
    return tuple(_port(text) for text in texts if text)


def _port(text: str) -> int:
    """One port."""
    if DIGITS.fullmatch(text) is None or not 0 < int(text) <= LAST_PORT:
        raise Refused(WRONG_CONFIG, f"invalid port [{text}] specified")
    return int(text)


def _network(text: str) -> Network:
    """An address or a block of any family."""
    try:
        return ipaddress.ip_network(text.strip(), strict=False)
    except ValueError as error:
        why = f"invalid IP or CIDR block [{text.strip()}] specified in egressIgnoredIPs"
        raise Refused(WRONG_CONFIG, why) from error


def _printed(said: Mapping[str, object] | None) -> str:
    """JSON as the specification's own tools print it."""
    return "" if said is None else json.dumps(said, indent=4) + "\n"
