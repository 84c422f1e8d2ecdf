"""The network interface's plugin: what it is asked, and what it answers."""

import json
from dataclasses import dataclass, field
from typing import Any

import pytest

from gossamer.sidecar.intercept import cni
from gossamer.sidecar.intercept.plan import Installed, Interception, plan

CONFIG: dict[str, Any] = {
    "cniVersion": "0.4.0",
    "name": "appmesh",
    "type": "aws-appmesh",
    "ignoredUID": "1337",
    "proxyIngressPort": "15000",
    "proxyEgressPort": "15001",
    "appPorts": ["8080"],
    "egressIgnoredIPs": ["169.254.169.254", "fd00:ec2::254"],
    "egressIgnoredPorts": ["443"],
}
ENVIRON = {
    "CNI_CONTAINERID": "c1",
    "CNI_NETNS": "/run/netns/c1",
    "CNI_IFNAME": "eth0",
    "CNI_PATH": "/opt/cni/bin",
}
PREVIOUS = {
    "cniVersion": "0.4.0",
    "interfaces": [{"name": "eth0", "sandbox": "/run/netns/c1"}],
    "ips": [{"version": "4", "address": "10.0.0.2/24", "interface": 0}],
    "dns": {},
}


@dataclass
class FakeRules:
    """The rules of networks, by path."""

    networks: dict[str, Interception] = field(default_factory=dict)

    def enable(self, netns: str, wanted: Interception) -> None:
        self.networks[netns] = wanted

    def installed(self, netns: str) -> Installed | None:
        found = self.networks.get(netns)
        return None if found is None else Installed(plan(found), "here", "rules")

    def remove(self, netns: str) -> None:
        self.networks.pop(netns, None)


@pytest.fixture
def rules() -> FakeRules:
    return FakeRules()


def asked(rules: FakeRules, command: str, config: Any = CONFIG, **environ: str) -> tuple[bool, Any]:
    """One request; whether it was met, and the answer."""
    is_met, said = cni.answer({**ENVIRON, "CNI_COMMAND": command, **environ}, json.dumps(config), rules)
    return is_met, json.loads(said) if said else None


def refusal(rules: FakeRules, command: str, config: Any = CONFIG, **environ: str) -> tuple[int, str]:
    is_met, said = asked(rules, command, config, **environ)
    assert not is_met
    return said["code"], said["msg"]


def test_add_puts_the_rules_in_place_and_passes_the_result_on(rules: FakeRules) -> None:
    assert asked(rules, "ADD", CONFIG | {"prevResult": PREVIOUS}) == (True, PREVIOUS)
    made = rules.networks["/run/netns/c1"]
    assert (made.egress_port, made.ingress_port, made.app_ports, made.ignored_uid) == (
        15001,
        15000,
        (8080,),
        1337,
    )


def test_add_stand_alone_answers_an_empty_result(rules: FakeRules) -> None:
    assert asked(rules, "ADD") == (True, {"cniVersion": "0.4.0", "dns": {}})


def test_port_22_is_not_added_to_the_ignored_ports_here(rules: FakeRules) -> None:
    asked(rules, "ADD")
    assert rules.networks["/run/netns/c1"].ignored_ports == (443,)


def test_check_succeeds_only_while_just_the_wanted_rules_are_there(rules: FakeRules) -> None:
    assert refusal(rules, "CHECK") == (100, "the rules are missing: traffic is not intercepted")
    asked(rules, "ADD")
    assert asked(rules, "CHECK") == (True, None)
    assert (
        refusal(rules, "CHECK", CONFIG | {"appPorts": ["9"]})[1]
        == "the rules are not those of the configuration"
    )


def test_check_is_refused_where_the_version_does_not_know_it(rules: FakeRules) -> None:
    assert refusal(rules, "CHECK", CONFIG | {"cniVersion": "0.3.1"})[0] == 1


def test_del_takes_them_away_as_often_as_it_is_asked_and_without_a_network(rules: FakeRules) -> None:
    asked(rules, "ADD")
    assert asked(rules, "DEL") == (True, None)
    assert asked(rules, "DEL") == (True, None)
    assert asked(rules, "DEL", CNI_NETNS="") == (True, None)
    assert rules.networks == {}


def test_del_does_not_ask_whether_the_configuration_is_right(rules: FakeRules) -> None:
    assert asked(rules, "DEL", {"cniVersion": "1.0.0"}) == (True, None)


def test_version_lists_what_is_spoken(rules: FakeRules) -> None:
    assert asked(rules, "VERSION") == (
        True,
        {"cniVersion": "1.0.0", "supportedVersions": ["0.3.0", "0.3.1", "0.4.0", "1.0.0"]},
    )


@pytest.mark.parametrize("version", cni.VERSIONS)
def test_every_version_is_answered_in_its_own(rules: FakeRules, version: str) -> None:
    assert asked(rules, "ADD", CONFIG | {"cniVersion": version})[1]["cniVersion"] == version


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"ignoredUID": ""}, "missing required parameter ignoredGID or ignoredUID"),
        ({"proxyEgressPort": ""}, "missing required parameter proxyEgressPort"),
        ({"proxyIngressPort": ""}, "missing parameter proxyIngressPort (required if appPorts are provided)"),
        ({"appPorts": []}, "missing parameter appPorts (required if proxyIngressPort is provided)"),
        ({"proxyEgressPort": "no"}, "invalid port [no] specified"),
        ({"appPorts": ["0"]}, "invalid port [0] specified"),
        ({"egressIgnoredPorts": ["65536"]}, "invalid port [65536] specified"),
        (
            {"egressIgnoredIPs": ["10.0.0.256"]},
            "invalid IP or CIDR block [10.0.0.256] specified in egressIgnoredIPs",
        ),
    ],
)
def test_a_wrong_configuration_is_refused_in_the_plugins_own_words(
    rules: FakeRules, change: dict[str, Any], why: str
) -> None:
    assert refusal(rules, "ADD", CONFIG | change) == (7, why)
    assert rules.networks == {}


def test_a_list_of_one_empty_text_is_an_empty_list_that_was_provided(rules: FakeRules) -> None:
    assert asked(rules, "ADD", CONFIG | {"appPorts": [""]})[0]
    assert rules.networks["/run/netns/c1"].app_ports == ()


@pytest.mark.parametrize(
    ("config", "environ", "code"),
    [
        (CONFIG | {"cniVersion": "0.2.0"}, {}, 1),
        (CONFIG, {"CNI_NETNS": ""}, 4),
        (CONFIG | {"ignoredUID": 1337}, {}, 6),
        (CONFIG | {"appPorts": "8080"}, {}, 6),
        (CONFIG | {"enableIPv6": "yes"}, {}, 6),
        ([], {}, 6),
    ],
)
def test_what_cannot_be_understood_has_the_code_of_the_specification(
    rules: FakeRules, config: Any, environ: dict[str, str], code: int
) -> None:
    assert refusal(rules, "ADD", config, **environ)[0] == code


def test_an_unknown_command_is_refused(rules: FakeRules) -> None:
    assert refusal(rules, "DANCE") == (4, "unknown CNI_COMMAND: DANCE")


def test_what_is_no_json_is_refused(rules: FakeRules) -> None:
    is_met, said = cni.answer({**ENVIRON, "CNI_COMMAND": "ADD"}, "{", rules)
    assert not is_met
    assert json.loads(said)["code"] == 6
