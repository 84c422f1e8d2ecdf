"""Values that specs carry for those who read them."""

import datetime

import pytest

from gossamer.model.duration import Duration, DurationUnit
from gossamer.model.names import is_account
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


@pytest.mark.parametrize("text", ["", "12345678901", "1234567890123", "12345678901a", "١٢٣٤٥٦٧٨٩٠١٢"])
def test_an_account_is_twelve_digits_as_they_stand_in_arns(text: str) -> None:
    assert is_account("000000000000")
    assert not is_account(text)
