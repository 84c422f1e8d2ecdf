import ipaddress

import pytest

from gossamer.compile.name_service import (
    VIRTUAL_IPV4,
    VIRTUAL_IPV6,
    addresses,
    virtual_ipv4,
    virtual_ipv6,
)
from gossamer.model.service_discovery import IpPreference

NAMES = [f"service{number}.shop.local" for number in range(2000)]


def test_a_name_has_the_same_addresses_for_ever() -> None:
    assert virtual_ipv4("orders.shop.local") == "244.205.76.222"
    assert virtual_ipv6("orders.shop.local") == "fd67:6f73:7361:6d00:6dfc:de4e:4d95:b26c"


def test_a_name_has_the_same_addresses_however_it_is_spelled() -> None:
    assert virtual_ipv4("Orders.Shop.local.") == virtual_ipv4("orders.shop.local")


def test_addresses_are_of_the_networks_that_nobody_uses() -> None:
    for name in NAMES:
        assert ipaddress.ip_address(virtual_ipv4(name)) in VIRTUAL_IPV4
        assert ipaddress.ip_address(virtual_ipv6(name)) in VIRTUAL_IPV6


def test_services_hardly_ever_share_an_address() -> None:
    assert len({virtual_ipv4(name) for name in NAMES}) > len(NAMES) - 3
    assert len({virtual_ipv6(name) for name in NAMES}) == len(NAMES)


@pytest.mark.parametrize("preference", [None, *IpPreference])
def test_every_name_has_an_address_of_each_family(preference: IpPreference | None) -> None:
    found = [ipaddress.ip_address(one) for one in addresses("orders.shop.local", preference)]
    assert sorted(one.version for one in found) == [4, 6]
