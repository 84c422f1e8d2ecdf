"""Where nftables is missing: the same interception by iptables, in both of its kinds."""

import shutil
from collections.abc import Iterator

import pytest

from gossamer.contract import PROXY_UID
from gossamer.sidecar.intercept import apply
from gossamer.sidecar.intercept.env import interception as env_interception
from tests.support.machines import APP, APP_V6, IGNORED, OTHER, OTHER_V6, VARIABLES, Machines, ask, joined
from tests.support.network_namespace import ENVIRON

pytestmark = pytest.mark.e2e

#: Somebody else's rules, and a chain of theirs.
THEIRS = "*nat\n:THEIRS - [0:0]\n-A OUTPUT -p tcp -m tcp --dport 9 -j THEIRS\n-A THEIRS -j RETURN\nCOMMIT\n"


@pytest.fixture(scope="module", params=["iptables-nft", "iptables-legacy"])
def kind(request: pytest.FixtureRequest) -> str:
    if shutil.which(request.param, path=ENVIRON["PATH"]) is None:
        pytest.skip("iptables is not installed")
    return str(request.param)


@pytest.fixture(scope="module")
def cabled(kind: str) -> Iterator[Machines]:
    with joined() as machines:
        for family in families(kind):
            machines.app.run(f"{family}-restore", "--noflush", text=THEIRS)
        yield machines


@pytest.fixture
def machines(cabled: Machines, kind: str) -> Iterator[Machines]:
    """Two machines, left without rules of ours."""
    yield cabled
    apply.disable(using=kind, within=cabled.app.within)


def families(kind: str) -> tuple[str, str]:
    return kind, kind.replace("ip", "ip6", 1)


def variables(kind: str, **others: str) -> dict[str, str]:
    return VARIABLES | {"GOSSAMER_INTERCEPT_USING": kind} | others


def saved(machines: Machines, kind: str) -> str:
    """The rules of both families, without the lines that tell the time."""
    listed = (machines.app.run(f"{family}-save", "-t", "nat") for family in families(kind))
    return "".join(
        line for text in listed for line in text.splitlines(keepends=True) if not line.startswith("#")
    )


def test_traffic_goes_the_same_ways_as_with_nftables(machines: Machines, kind: str) -> None:
    assert machines.intercept("enable", variables=variables(kind)) == (0, "=== Enabling routing ===\n", "")
    assert ask(machines.app, OTHER, 80) == "egress"
    assert ask(machines.app, OTHER, 80, uid=PROXY_UID) == "http"
    assert ask(machines.app, IGNORED, 80) == "http"
    assert ask(machines.app, OTHER, 443) == "https"
    assert ask(machines.app, OTHER, 22) == "ssh"
    assert ask(machines.app, "127.0.0.1", 8080) == "application"
    assert ask(machines.app, APP, 8080) == "application"
    assert ask(machines.other, APP, 8080) == "ingress"
    assert ask(machines.other, APP, 8081) == "unlisted"
    assert ask(machines.app, OTHER_V6, 80) == "http"


def test_ipv6_goes_through_the_proxy_when_asked_for_and_no_longer_when_not(
    machines: Machines, kind: str
) -> None:
    assert machines.intercept("enable", variables=variables(kind, APPMESH_ENABLE_IPV6="1"))[0] == 0
    assert ask(machines.app, OTHER_V6, 80) == "egress"
    assert ask(machines.other, APP_V6, 8080) == "ingress"
    assert machines.intercept("enable", variables=variables(kind))[0] == 0
    assert ask(machines.app, OTHER_V6, 80) == "http"


def test_enabling_twice_is_once_and_disabling_leaves_the_rules_of_others_byte_for_byte(
    machines: Machines, kind: str
) -> None:
    before = saved(machines, kind)
    both = variables(kind, APPMESH_ENABLE_IPV6="1", APPMESH_APP_PORTS=",".join(map(str, range(8000, 8040))))
    assert machines.intercept("enable", variables=both)[0] == 0
    once = saved(machines, kind)
    assert machines.intercept("enable", variables=both)[0] == 0
    assert saved(machines, kind) == once != before
    assert machines.intercept("disable", variables=variables(kind)) == (0, "", "")
    assert saved(machines, kind) == before
    assert machines.intercept("disable", variables=variables(kind)) == (0, "", "")
    assert saved(machines, kind) == before


def test_the_status_reads_both_families_back_in_words(machines: Machines, kind: str) -> None:
    several = variables(kind, APPMESH_ENABLE_IPV6="1", APPMESH_EGRESS_IGNORED_IP="10.0.0.0/8,fd00:ec2::254")
    machines.intercept("enable", variables=several)
    assert machines.intercept("status", variables=variables(kind)) == (
        0,
        (
            f"Traffic is intercepted ({kind}, table nat): TCP over IPv4 and IPv6.\n"
            "Outbound: what goes to other machines is sent to the proxy at port 15001, "
            "except what user 1337 opens; "
            "what goes to ports 443, 22; what goes to 10.0.0.0/8, fd00:ec2::254.\n"
            "Inbound: what other machines open to port 8080 is sent to the proxy at port 15000.\n"
        ),
        "",
    )


def test_when_ipv6_fails_ipv4_is_left_as_it_was(machines: Machines, kind: str) -> None:
    machines.intercept("enable", variables=variables(kind))
    before = saved(machines, kind)
    refusing = 'case "$1" in *ip6tables*-restore) echo no >&2; exit 1;; esac; exec "$@"'
    within = (*machines.app.within, "sh", "-c", refusing, "sh")
    wanted = env_interception(variables(kind, APPMESH_ENABLE_IPV6="1", APPMESH_APP_PORTS="9999"))
    with pytest.raises(apply.NotIntercepted, match="restore refused: no"):
        apply.enable(wanted, using=kind, within=within)
    assert saved(machines, kind) == before
