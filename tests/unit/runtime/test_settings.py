"""Settings of the control plane."""

from dataclasses import asdict, fields, replace
from typing import Any

import pytest

from gossamer.runtime.settings import Settings
from gossamer.store.store import Limits, Rules


def test_every_limit_is_a_setting_of_its_own() -> None:
    assert Settings().rules() == Rules()
    for field in fields(Limits):
        changed: dict[str, Any] = {f"limit_{field.name}": 7, "strict_references": True}
        rules = replace(Settings(), **changed).rules()
        assert asdict(rules) == {
            "strict_references": True,
            "limits": asdict(Limits()) | {field.name: 7},
        }


def test_a_limit_that_allows_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="--limit-gateway-routes must be at least 1"):
        Settings(limit_gateway_routes=0).check()


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ({"api_port": 65_536}, "--api-port must be between 0 and 65535"),
        ({"xds_port": -1}, "--xds-port must be between 0 and 65535"),
        ({"audit_days": -1}, "--audit-days must be between 0 and 36500"),
        ({"proxies_per_endpoint": 0}, "--proxies-per-endpoint must be between 1 and 1000000"),
        ({"region": "us west/2"}, "--region 'us west/2' is not an AWS region, such as us-west-2"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_in_a_sentence(setting: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        replace(Settings(), **setting).check()
