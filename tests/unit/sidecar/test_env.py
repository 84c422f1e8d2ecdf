import datetime

import pytest

from gossamer.sidecar.env import TABLE, settings
from gossamer.sidecar.intercept import env as intercept_env
from gossamer.sidecar.variable import Variable

NODE = {"APPMESH_RESOURCE_ARN": "mesh/m/virtualNode/n"}
BOTH = ("127.0.0.1", "::1")


@pytest.mark.parametrize("given", ["4", "111", "-1", "2.5", "soon", "9" * 5000, "٢٠"])
def test_a_number_out_of_range_gives_way_to_the_default_and_is_reported(given: str) -> None:
    found, ignored = settings({**NODE, "LISTENER_DRAIN_WAIT_TIME_S": given})
    assert found.life.drain_wait == datetime.timedelta(seconds=20)
    assert [each.sentence for each in ignored] == [
        f"LISTENER_DRAIN_WAIT_TIME_S is {given!r}, but it takes 5 to 110; using 20"
    ]


@pytest.mark.parametrize("given", ["5", "110"])
def test_the_ends_of_a_range_belong_to_it(given: str) -> None:
    found, ignored = settings({**NODE, "LISTENER_DRAIN_WAIT_TIME_S": given})
    assert found.life.drain_wait == datetime.timedelta(seconds=int(given))
    assert not ignored


def test_no_restarts_at_all_is_a_choice() -> None:
    assert settings({**NODE, "APPNET_ENVOY_RESTART_COUNT": "0"})[0].life.restart_count == 0


@pytest.mark.parametrize("given", ["1", "t", "T", "TRUE", "true", "True"])
def test_yes_is_spelled_as_go_reads_it(given: str) -> None:
    assert settings({**NODE, "ENVOY_ADMIN_ACCESS_ENABLE_IPV6": given})[0].admin.addresses == BOTH


@pytest.mark.parametrize("given", ["0", "f", "F", "FALSE", "false", "False", ""])
def test_no_is_spelled_as_go_reads_it(given: str) -> None:
    found, ignored = settings({**NODE, "ENVOY_ADMIN_ACCESS_ENABLE_IPV6": given})
    assert found.admin.addresses == BOTH[:1]
    assert not ignored


def test_any_other_truth_gives_way_to_the_default_and_is_reported() -> None:
    found, ignored = settings({**NODE, "ENVOY_ADMIN_ACCESS_ENABLE_IPV6": "yes"})
    assert found.admin.addresses == BOTH[:1]
    assert [each.name for each in ignored] == ["ENVOY_ADMIN_ACCESS_ENABLE_IPV6"]


def test_a_log_level_is_taken_in_any_case() -> None:
    assert settings({**NODE, "ENVOY_LOG_LEVEL": "DEBUG"})[0].envoy.log_level == "debug"


def test_an_unknown_log_level_gives_way_to_the_default_and_is_reported() -> None:
    found, ignored = settings({**NODE, "ENVOY_LOG_LEVEL": "loud"})
    assert found.envoy.log_level == "info"
    assert [each.name for each in ignored] == ["ENVOY_LOG_LEVEL"]


def test_concurrency_that_is_not_set_is_left_to_envoy() -> None:
    assert settings(NODE)[0].envoy.concurrency is None


def test_a_bootstrap_of_ones_own_needs_no_identity() -> None:
    found, _ = settings({"ENVOY_CONFIG_FILE": "/etc/envoy.yaml"})
    assert found.node.identity is None


def test_a_user_without_a_group_brings_the_group_of_its_number() -> None:
    assert settings({**NODE, "GOSSAMER_ENVOY_UID": "1337"})[0].envoy.gid == 1337
    assert settings({**NODE, "GOSSAMER_ENVOY_UID": "1337", "GOSSAMER_ENVOY_GID": "0"})[0].envoy.gid == 0


def test_more_restarts_than_there_may_be_are_as_many_as_there_may_be_and_that_is_reported() -> None:
    found, ignored = settings({**NODE, "APPNET_ENVOY_RESTART_COUNT": "11"})
    assert found.life.restart_count == 10
    assert [each.sentence for each in ignored] == [
        "APPNET_ENVOY_RESTART_COUNT is '11', but it takes 0 to 10; using 10"
    ]


@pytest.mark.parametrize(("given", "seconds"), [("1500ms", 1.5), ("40m", 2400), ("0.5h", 1800), ("7s", 7)])
def test_a_length_of_time_is_spelled_as_go_reads_it(given: str, seconds: float) -> None:
    found, ignored = settings({**NODE, "ENVOY_STATS_FLUSH_INTERVAL": given})
    assert found.stats.flush_interval.total_seconds() == seconds
    assert not ignored


@pytest.mark.parametrize("given", ["5", "5 s", "s", "-5s", "5d"])
def test_a_length_of_time_without_its_unit_gives_way_to_the_default(given: str) -> None:
    found, ignored = settings({**NODE, "ENVOY_STATS_FLUSH_INTERVAL": given})
    assert found.stats.flush_interval.total_seconds() == 5
    assert [each.name for each in ignored] == ["ENVOY_STATS_FLUSH_INTERVAL"]


@pytest.mark.parametrize("given", ["1.01", "-0.5", ".", "half", "1e-1"])
def test_a_share_out_of_range_gives_way_to_the_default(given: str) -> None:
    _, ignored = settings({**NODE, "ENABLE_ENVOY_XRAY_TRACING": "1", "XRAY_SAMPLING_RATE": given})
    assert [each.name for each in ignored] == ["XRAY_SAMPLING_RATE"]


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("STATSD_ADDRESS", "statsd.local"),
        ("AWS_XRAY_DAEMON_ADDRESS", "xray:2000"),
        ("APPNET_CONTAINER_IP_MAPPING", "[]"),
        ("GOSSAMER_DNS_ADDRESS", "localhost"),
    ],
)
def test_a_text_of_the_wrong_form_gives_way_to_the_default(name: str, given: str) -> None:
    on = {"ENABLE_ENVOY_DOG_STATSD": "1", "ENABLE_ENVOY_XRAY_TRACING": "1", "GOSSAMER_DNS": "1"}
    _, ignored = settings({**NODE, **on, name: given})
    assert [each.name for each in ignored] == [name]


def test_a_variable_that_changes_nothing_says_why() -> None:
    _, ignored = settings({**NODE, "APPMESH_DUALSTACK_ENDPOINT": "1"})
    (sentence,) = [each.sentence for each in ignored]
    assert sentence.startswith("APPMESH_DUALSTACK_ENDPOINT changes nothing: ")


@pytest.mark.parametrize(
    ("variables", "seconds"),
    [
        ({}, 10),
        ({"HC_POLL_INTERVAL_MS": "2000"}, 2),
        ({"APPNET_AGENT_POLL_ENVOY_READINESS_INTERVAL_S": "7"}, 7),
        ({"APPNET_AGENT_POLL_ENVOY_READINESS_INTERVAL_S": "7", "HC_POLL_INTERVAL_MS": "3000"}, 3),
        ({"APPNET_AGENT_POLL_ENVOY_READINESS_INTERVAL_S": "1"}, 10),
    ],
)
def test_envoys_health_is_looked_at_as_often_as_the_more_particular_variable_says(
    variables: dict[str, str], seconds: int
) -> None:
    assert settings({**NODE, **variables})[0].life.health_interval.total_seconds() == seconds


def test_a_number_that_would_be_a_port_out_of_range_gives_way_to_the_default() -> None:
    assert settings({**NODE, "APPNET_AGENT_HTTP_PORT": "65536"})[0].management.port == 9902


@pytest.mark.parametrize("table", [TABLE, intercept_env.TABLE], ids=["agent", "intercept"])
def test_no_two_settings_share_a_flag_or_a_variable(table: tuple[Variable, ...]) -> None:
    flags = [variable.flag for variable in table]
    names = [name for variable in table for name in variable.names]
    assert len(set(flags)) == len(flags)
    assert len(set(names)) == len(names)
