"""Translating health checks."""

import datetime
import json

import pytest

from gossamer.compile.health_check import health_check
from gossamer.model.health_check import HealthCheckPolicy


@pytest.mark.parametrize(("asked_s", "kept_s"), [(5, 5), (60, 60), (300, 60)])
def test_without_traffic_the_interval_holds_up_to_a_minute(asked_s: int, kept_s: int) -> None:
    policy = {
        "protocol": "tcp",
        "healthyThreshold": 2,
        "unhealthyThreshold": 2,
        "intervalMillis": asked_s * 1000,
        "timeoutMillis": 2000,
    }
    check = health_check(HealthCheckPolicy.from_json(json.dumps(policy)), "shop.local", 80)
    assert check.interval.ToTimedelta() == datetime.timedelta(seconds=asked_s)
    assert check.no_traffic_interval.ToTimedelta() == datetime.timedelta(seconds=kept_s)
