"""Endpoints from DNS: what each response type makes of several addresses, and which family is asked for."""

from collections import Counter

import pytest

from tests.support.answering import HTTP
from tests.support.envoy import eventually
from tests.support.stage import Stage
from tests.support.stage_mesh import Spec, mesh, node, to

BLUE, GREEN = "10.88.0.3", "10.88.0.4"
BLUE6, GREEN6 = "fd88::3", "fd88::4"


def named(name: str, **more: object) -> Spec:
    """The usual mesh, in which all goes to a node that DNS finds."""
    found = node("found", "http", serviceDiscovery={"dns": {"hostname": name, **more}})
    # Listeners of IPv6 are there only where some preference is set.
    both = {"serviceDiscovery": {"ipPreference": "IPv4_PREFERRED"}}
    return mesh(routes={"all": to("found")}, nodes={"found": found}, mesh=both)


async def answers(stage: Stage) -> Counter[str]:
    found = [await stage.front.http("http://orders.test/") for _ in range(8)]
    return Counter(one.who if one.status == 200 else str(one.status) for one in found)


async def hosts(stage: Stage) -> set[str]:
    """The addresses that front's proxy knows."""
    lines = (await stage.envoys["front"].get("/clusters")).splitlines()
    names = {line.split("::")[0] + "|" + line.removeprefix(line.split("::")[0] + "::") for line in lines}
    wanted = f"cds_egress_shop_found_http_{HTTP}|"
    found = {one.removeprefix(wanted) for one in names if one.startswith(wanted)}
    return {one.split("::cx_active")[0] for one in found if "::cx_active" in one}


@pytest.mark.shows("ServiceDiscovery.dns", "DnsServiceDiscovery.hostname", "DnsServiceDiscovery.responseType")
async def test_endpoints_are_all_used_and_followed_when_they_change(stage: Stage) -> None:
    stage.names["several.test"] = [BLUE, GREEN]
    await stage.show(named("several.test", responseType="ENDPOINTS"))
    assert set(await answers(stage)) == {"blue", "green"}
    stage.names["several.test"] = [GREEN]

    async def only_green() -> bool:
        return set(await answers(stage)) == {"green"}

    await eventually(only_green, "what DNS no longer names gets no requests", within_s=90)


@pytest.mark.parametrize("response_type", [{}, {"responseType": "LOADBALANCER"}])
@pytest.mark.shows("DnsServiceDiscovery.responseType")
async def test_of_a_load_balancers_addresses_one_is_used(stage: Stage, response_type: Spec) -> None:
    stage.names["balanced.test"] = [BLUE, GREEN]
    await stage.show(named("balanced.test", **response_type))
    assert len(await answers(stage)) == 1


async def test_a_name_that_ends_in_a_dot_is_looked_up_as_it_is(stage: Stage) -> None:
    stage.names["dotted.test"] = [GREEN]
    await stage.show(named("dotted.test."))
    assert set(await answers(stage)) == {"green"}


async def test_a_name_that_nobody_knows_is_answered_503(stage: Stage) -> None:
    await stage.show(named("nobody.test", responseType="ENDPOINTS"))
    assert set(await answers(stage)) == {"503"}


@pytest.mark.parametrize(
    ("preference", "expected"),
    [
        ("IPv4_PREFERRED", {f"{BLUE}:{HTTP}"}),
        ("IPv6_PREFERRED", {f"[{BLUE6}]:{HTTP}"}),
        ("IPv4_ONLY", {f"{BLUE}:{HTTP}"}),
        ("IPv6_ONLY", {f"[{BLUE6}]:{HTTP}"}),
    ],
)
@pytest.mark.parametrize("says", ["node", "mesh"])
@pytest.mark.shows("DnsServiceDiscovery.ipPreference", "MeshServiceDiscovery.ipPreference")
async def test_the_preferred_family_is_asked_for(
    stage: Stage, preference: str, expected: set[str], says: str
) -> None:
    name = f"{preference}-{says}.test".lower().replace("_", "-")
    stage.names[name] = [BLUE, BLUE6]
    own = {"ipPreference": preference} if says == "node" else {}
    written = named(name, responseType="ENDPOINTS", **own)
    if says == "mesh":
        written["mesh"] = {"serviceDiscovery": {"ipPreference": preference}}
    await stage.show(written)
    assert set(await answers(stage)) == {"blue"}
    assert await hosts(stage) == expected


@pytest.mark.parametrize(
    ("preference", "address", "who"),
    [
        ("IPv4_PREFERRED", BLUE6, {"blue"}),
        ("IPv6_PREFERRED", BLUE, {"blue"}),
        ("IPv4_ONLY", BLUE6, {"503"}),
        ("IPv6_ONLY", BLUE, {"503"}),
    ],
)
@pytest.mark.shows("DnsServiceDiscovery.ipPreference")
async def test_a_preference_takes_the_other_family_and_only_does_not(
    stage: Stage, preference: str, address: str, who: set[str]
) -> None:
    name = f"other-{preference}.test".lower().replace("_", "-")
    stage.names[name] = [address]
    await stage.show(named(name, responseType="ENDPOINTS", ipPreference=preference))
    assert set(await answers(stage)) == who


async def test_without_a_preference_ipv6_is_asked_for_first(stage: Stage) -> None:
    """Envoy's own choice, which App Mesh left as it was."""
    stage.names["either.test"] = [BLUE, GREEN6]
    written = named("either.test", responseType="ENDPOINTS")
    written["mesh"] = {}
    await stage.show(written)
    assert await hosts(stage) == {f"[{GREEN6}]:{HTTP}"}
