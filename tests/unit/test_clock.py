"""Times as callers write them."""

import datetime

import pytest

from gossamer.clock import read_time

NINE = datetime.datetime(2026, 1, 31, 9, tzinfo=datetime.UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-31T09:00:00Z",
        "2026-01-31T09:00",
        "2026-01-31 09:00:00",
        "2026-01-31T10:00:00+01:00",
        "2026-01-31T10:00:00 01:00",
    ],
)
def test_a_time_is_read_with_and_without_a_zone_and_where_a_plus_became_a_blank(text: str) -> None:
    assert read_time(text) == NINE


@pytest.mark.parametrize("text", ["", "x", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:00"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_time(text)
