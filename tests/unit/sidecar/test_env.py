import datetime

import pytest

from gossamer.sidecar.env import TABLE, settings
from gossamer.sidecar.intercept import env as intercept_env
from gossamer.sidecar.variable import Variable

NODE = {"APPMESH_RESOURCE_ARN": "mesh/m/virtualNode/n"}


@pytest.mark.parametrize("given", ["4", "111", "-1", "2.5", "soon", "9" * 5000, "٢٠"])
def test_a_number_out_of_range_gives_way_to_the_default_and_is_reported(given: str) -> None:
    found, ignored = settings({**NODE, "LISTENER_DRAIN_WAIT_TIME_S": given})
    assert found.drain_wait == datetime.timedelta(seconds=20)
    assert [each.sentence for each in ignored] == [
        f"LISTENER_DRAIN_WAIT_TIME_S is {given!r}, but it takes 5 to 110; using 20"
    ]


@pytest.mark.parametrize("given", ["5", "110"])
def test_the_ends_of_a_range_belong_to_it(given: str) -> None:
    found, ignored = settings({**NODE, "LISTENER_DRAIN_WAIT_TIME_S": given})
    assert found.drain_wait == datetime.timedelta(seconds=int(given))
    assert not ignored


def test_no_restarts_at_all_is_a_choice() -> None:
    assert settings({**NODE, "APPNET_ENVOY_RESTART_COUNT": "0"})[0].restart_count == 0


@pytest.mark.parametrize("given", ["1", "t", "T", "TRUE", "true", "True"])
def test_yes_is_spelled_as_go_reads_it(given: str) -> None:
    assert settings({**NODE, "ENVOY_ADMIN_ACCESS_ENABLE_IPV6": given})[0].is_admin_on_ipv6


@pytest.mark.parametrize("given", ["0", "f", "F", "FALSE", "false", "False", ""])
def test_no_is_spelled_as_go_reads_it(given: str) -> None:
    found, ignored = settings({**NODE, "ENVOY_ADMIN_ACCESS_ENABLE_IPV6": given})
    assert not found.is_admin_on_ipv6
    assert not ignored


def test_any_other_truth_gives_way_to_the_default_and_is_reported() -> None:
    found, ignored = settings({**NODE, "ENVOY_ADMIN_ACCESS_ENABLE_IPV6": "yes"})
    assert not found.is_admin_on_ipv6
    assert [each.name for each in ignored] == ["ENVOY_ADMIN_ACCESS_ENABLE_IPV6"]


def test_a_log_level_is_taken_in_any_case() -> None:
    assert settings({**NODE, "ENVOY_LOG_LEVEL": "DEBUG"})[0].log_level == "debug"


def test_an_unknown_log_level_gives_way_to_the_default_and_is_reported() -> None:
    found, ignored = settings({**NODE, "ENVOY_LOG_LEVEL": "loud"})
    assert found.log_level == "info"
    assert [each.given for each in ignored] == ["loud"]


def test_concurrency_that_is_not_set_is_left_to_envoy() -> None:
    assert settings(NODE)[0].concurrency is None


def test_a_bootstrap_of_ones_own_needs_no_identity() -> None:
    found, _ = settings({"ENVOY_CONFIG_FILE": "/etc/envoy.yaml"})
    assert found.identity is None


def test_a_user_without_a_group_brings_the_group_of_its_number() -> None:
    assert settings({**NODE, "GOSSAMER_ENVOY_UID": "1337"})[0].envoy_gid == 1337
    assert settings({**NODE, "GOSSAMER_ENVOY_UID": "1337", "GOSSAMER_ENVOY_GID": "0"})[0].envoy_gid == 0


@pytest.mark.parametrize("table", [TABLE, intercept_env.TABLE], ids=["agent", "intercept"])
def test_no_two_settings_share_a_flag_or_a_variable(table: tuple[Variable, ...]) -> None:
    flags = [variable.flag for variable in table]
    names = [name for variable in table for name in variable.names]
    assert len(set(flags)) == len(flags)
    assert len(set(names)) == len(names)
