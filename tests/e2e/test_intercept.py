"""Interception between two machines: an application's with its proxy, and another."""

import ipaddress
import os
from collections.abc import Iterator

import pytest

from gossamer.contract import EGRESS_PORT, PROXY_UID
from gossamer.sidecar.intercept import apply
from gossamer.sidecar.intercept.plan import Interception
from tests.support.machines import (
    APP,
    APP_V6,
    IGNORED,
    OTHER,
    OTHER_V6,
    VARIABLES,
    Machines,
    ask,
    joined,
)

pytestmark = pytest.mark.e2e

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root has a second user to tell apart")


@pytest.fixture(scope="module")
def cabled() -> Iterator[Machines]:
    with joined() as machines:
        yield machines


@pytest.fixture
def machines(cabled: Machines) -> Iterator[Machines]:
    """Two machines, left without rules."""
    yield cabled
    apply.disable(within=cabled.app.within)


@pytest.fixture
def intercepted(machines: Machines) -> Machines:
    code, _, why = machines.intercept("enable")
    assert code == 0, why
    return machines


def test_without_rules_every_connection_comes_out_where_it_was_meant_to(machines: Machines) -> None:
    assert ask(machines.app, OTHER, 80) == "http"
    assert ask(machines.other, APP, 8080) == "application"


def test_what_the_application_opens_goes_to_the_proxy(intercepted: Machines) -> None:
    assert ask(intercepted.app, OTHER, 80) == "egress"
    assert ask(intercepted.app, OTHER, 12345) == "egress"


def test_an_address_that_nobody_has_goes_to_the_proxy_too(intercepted: Machines) -> None:
    assert ask(intercepted.app, "10.77.0.99", 80) == "egress"


@AS_ROOT
def test_what_the_proxy_opens_passes_and_another_user_does_not(intercepted: Machines) -> None:
    assert ask(intercepted.app, OTHER, 80, uid=PROXY_UID) == "http"
    assert ask(intercepted.app, OTHER, 80, uid=1000) == "egress"


def test_ignored_addresses_and_ports_pass_and_port_22_always_does(intercepted: Machines) -> None:
    assert ask(intercepted.app, IGNORED, 80) == "http"
    assert ask(intercepted.app, OTHER, 443) == "https"
    assert ask(intercepted.app, OTHER, 22) == "ssh"


@pytest.mark.parametrize("address", ["127.0.0.1", APP])
def test_what_a_machine_says_to_itself_passes(intercepted: Machines, address: str) -> None:
    assert ask(intercepted.app, address, 8080) == "application"


def test_what_others_open_to_an_app_port_goes_to_the_proxy_and_to_any_other_port_does_not(
    intercepted: Machines,
) -> None:
    assert ask(intercepted.other, APP, 8080) == "ingress"
    assert ask(intercepted.other, APP, 8081) == "unlisted"


def test_ipv6_passes_until_it_is_asked_for(intercepted: Machines) -> None:
    assert ask(intercepted.app, OTHER_V6, 80) == "http"
    assert ask(intercepted.other, APP_V6, 8080) == "application"
    assert intercepted.intercept("enable", "--enable-ipv6")[0] == 0
    assert ask(intercepted.app, OTHER_V6, 80) == "egress"
    assert ask(intercepted.other, APP_V6, 8080) == "ingress"
    assert ask(intercepted.app, OTHER, 80) == "egress"


def test_enabling_twice_is_the_same_as_once(intercepted: Machines) -> None:
    once = intercepted.ruleset()
    assert intercepted.intercept("enable")[0] == 0
    assert intercepted.ruleset() == once


def test_enabling_with_other_settings_leaves_nothing_of_the_first(intercepted: Machines) -> None:
    assert intercepted.intercept("enable", "--egress-ignored-ip", OTHER, "--app-ports", "8081")[0] == 0
    assert ask(intercepted.app, OTHER, 80) == "http"
    assert ask(intercepted.app, IGNORED, 80) == "egress"
    assert ask(intercepted.other, APP, 8080) == "application"
    assert ask(intercepted.other, APP, 8081) == "ingress"


def test_disabling_leaves_the_rules_of_others_byte_for_byte(machines: Machines) -> None:
    theirs = "table inet theirs { chain c { type nat hook output priority -100; tcp dport 9 return; }; }"
    machines.app.run("nft", "-f", "-", text=theirs)
    before = machines.ruleset()
    assert machines.intercept("enable")[0] == 0
    assert machines.ruleset() != before
    assert machines.intercept("disable")[0] == 0
    assert machines.ruleset() == before
    assert machines.intercept("disable") == (0, "", "")
    assert machines.ruleset() == before


def test_the_status_tells_in_words_what_is_in_place(machines: Machines) -> None:
    assert machines.intercept("status") == (1, "Traffic is not intercepted.\n", "")
    machines.intercept("enable")
    code, words, _ = machines.intercept("status")
    assert code == 0
    assert words == (
        "Traffic is intercepted (nftables, table inet gossamer_appmesh): "
        "TCP over IPv4; IPv6 passes untouched.\n"
        "Outbound: what goes to other machines is sent to the proxy at port 15001, "
        "except what user 1337 opens;"
        f" what goes to ports 443, 22; what goes to {IGNORED}.\n"
        "Inbound: what other machines open to port 8080 is sent to the proxy at port 15000.\n"
    )
    assert f"meta skuid {PROXY_UID} return" in machines.intercept("status", "--rules")[1]


def test_the_status_shows_a_rule_that_another_put_among_ours(intercepted: Machines) -> None:
    intercepted.app.run("nft", "insert rule inet gossamer_appmesh egress tcp dport 9 accept")
    assert "another's making: tcp dport 9 accept\n" in intercepted.intercept("status")[1]


def test_a_dry_run_prints_what_a_run_would_do_and_does_nothing(machines: Machines) -> None:
    before = machines.ruleset()
    code, script, _ = machines.intercept("enable", "--dry-run")
    assert code == 0
    assert machines.ruleset() == before
    machines.app.run("nft", "-f", "-", text=script)
    ours = machines.ruleset()
    machines.intercept("enable")
    assert machines.ruleset() == ours


def test_a_container_that_starts_puts_the_rules_in_place_only_when_told_to(machines: Machines) -> None:
    before = machines.ruleset()
    assert machines.intercept()[0] == 0
    assert machines.ruleset() == before
    code, said, _ = machines.intercept(variables={**VARIABLES, "APPMESH_START_ENABLED": "1"})
    assert code == 0
    assert "=== Enabling routing ===\n=== Entering main loop ===\n" in said
    assert ask(machines.app, OTHER, 80) == "egress"


def test_commands_are_taken_a_line_each_until_quit_which_leaves_nothing(machines: Machines) -> None:
    before = machines.ruleset()
    code, said, _ = machines.intercept(
        typed="status\nenable\n\nstatus\ndance\ndisable\nstatus\nenable\nquit\nstatus\n"
    )
    assert code == 0
    told = said.partition("=== Entering main loop ===\n")[2].splitlines()
    assert [line[:27] for line in told] == [
        "Traffic is not intercepted.",
        "=== Enabling routing ===",
        "Traffic is intercepted (nft",
        "Outbound: what goes to othe",
        "Inbound: what other machine",
        "Commands: enable, disable, ",
        "Traffic is not intercepted.",
        "=== Enabling routing ===",
    ]
    assert machines.ruleset() == before


def test_a_refusal_changes_nothing_and_fails(intercepted: Machines) -> None:
    before = intercepted.ruleset()
    code, _, why = intercepted.intercept("enable", variables={"APPMESH_ENVOY_EGRESS_PORT": "15001"})
    assert (code, why) == (1, "Variables APPMESH_IGNORE_UID and/or APPMESH_IGNORE_GID must be set.\n")
    assert intercepted.ruleset() == before


def test_without_root_and_with_one_user_ignored_addresses_alone_tell_the_proxy_apart() -> None:
    with joined(is_rootless=True) as machines:
        wanted = Interception(egress_port=EGRESS_PORT, ignored_networks=(ipaddress.ip_network(IGNORED),))
        apply.enable(wanted, within=machines.app.within)
        assert ask(machines.app, OTHER, 80) == "egress"
        assert ask(machines.app, IGNORED, 80) == "http"


def test_what_nft_refuses_is_told_in_its_own_words() -> None:
    with pytest.raises(apply.NotIntercepted, match="nft refused"):
        apply.disable(within=("sh", "-c", "echo no >&2; exit 1"))
