"""Values that specs carry for those who read them."""

import datetime

import pytest

from gossamer.errors import Violation
from gossamer.model.duration import Duration, DurationUnit
from gossamer.model.kind import Kind
from gossamer.model.names import name_violations
from gossamer.model.service_discovery import DnsServiceDiscovery, ServiceDiscovery


@pytest.mark.parametrize(
    ("unit", "value", "expected"),
    [
        (DurationUnit.SECONDS, 15, datetime.timedelta(seconds=15)),
        (DurationUnit.MILLISECONDS, 1500, datetime.timedelta(seconds=1.5)),
        (DurationUnit.SECONDS, 0, datetime.timedelta()),
        (DurationUnit.SECONDS, 3153600000, datetime.timedelta(days=36500)),
    ],
)
def test_a_duration_is_a_length_of_time(unit: DurationUnit, value: int, expected: datetime.timedelta) -> None:
    assert Duration(unit=unit, value=value).as_timedelta == expected


def test_a_union_tells_which_member_is_set() -> None:
    assert ServiceDiscovery(dns=DnsServiceDiscovery(hostname="a")).chosen == "dns"


def test_a_name_in_a_path_has_the_rules_of_a_name_in_a_body() -> None:
    assert list(name_violations("meshName", Kind.MESH, "arn:aws")) == [
        Violation("meshName", "may hold letters, digits, hyphens and underscores only")
    ]
    assert list(name_violations("virtualServiceName", Kind.VIRTUAL_SERVICE, "a.local")) == []
    assert list(name_violations("virtualServiceName", Kind.VIRTUAL_SERVICE, "")) == [
        Violation("virtualServiceName", "must have 1 to 255 characters")
    ]
