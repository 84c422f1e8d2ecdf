import datetime
import json

import pytest

from gossamer.sidecar.health import LIVE, UNREACHABLE, Health, Look, look
from gossamer.sidecar.status import is_ready, status

BEGAN = datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.UTC)
HOUR = datetime.timedelta(hours=1)
CONNECTED = Look(state=LIVE, is_connected=True)
AWAY = Look(state=LIVE, is_connected=False)


def stats(**values: int) -> bytes:
    names = {"connected": "control_plane.connected_state", "refused": "cluster_manager.cds.update_rejected"}
    named = [
        {"name": names.get(name, "listener_manager.lds.update_success"), "value": value}
        for name, value in values.items()
    ]
    return json.dumps({"stats": named}).encode()


def health(*looks: tuple[int, Look]) -> Health:
    """Looks at an Envoy, so many seconds after the agent began."""
    found = Health(BEGAN, HOUR)
    for seconds, one in looks:
        found.see(one, BEGAN + datetime.timedelta(seconds=seconds))
    return found


def test_an_envoy_that_does_not_answer_is_unreachable() -> None:
    assert look(None, None) == Look(state=UNREACHABLE)


def test_the_state_is_envoys_own_word_and_the_stream_is_open_when_its_statistic_says_so() -> None:
    assert look(b"LIVE\n", stats(connected=1)) == CONNECTED
    assert look(b"PRE_INITIALIZING\n", stats(connected=0)).is_connected is False


def test_an_envoy_without_a_control_plane_has_no_such_statistic() -> None:
    assert look(b"LIVE\n", stats()).is_connected is None


def test_a_first_configuration_that_was_refused_is_told_until_one_is_taken() -> None:
    assert look(b"LIVE\n", stats(refused=1)).was_refused
    assert not look(b"LIVE\n", stats(refused=1, accepted=1)).was_refused


def test_a_control_plane_that_goes_away_is_missed_since_the_first_look_that_found_it_gone() -> None:
    found = health((1, CONNECTED), (11, AWAY), (21, AWAY))
    assert found.disconnected_since == BEGAN + datetime.timedelta(seconds=11)


def test_a_control_plane_that_never_was_there_is_missed_since_the_beginning() -> None:
    assert health((10, AWAY)).disconnected_since == BEGAN


def test_a_control_plane_that_comes_back_is_missed_no_more() -> None:
    assert health((1, AWAY), (2, CONNECTED)).disconnected_since is None


def test_what_changes_is_told_once() -> None:
    found = Health(BEGAN, HOUR)
    assert [found.see(one, BEGAN) for one in (AWAY, CONNECTED, CONNECTED, AWAY)] == [False, True, False, True]


@pytest.mark.parametrize(
    ("looks", "is_healthy"),
    [
        ([(1, CONNECTED)], True),
        ([(1, CONNECTED), (2, AWAY), (3600, AWAY)], True),
        ([(1, CONNECTED), (2, AWAY), (3602, AWAY)], False),
        ([(1, Look(state="DRAINING", is_connected=True))], False),
        ([(1, Look())], False),
        ([(99999, Look(state=LIVE))], True),
    ],
)
def test_a_proxy_is_healthy_while_it_serves_and_its_control_plane_is_not_away_for_too_long(
    *, looks: list[tuple[int, Look]], is_healthy: bool
) -> None:
    assert health(*looks).is_healthy is is_healthy


def test_the_status_is_texts_under_app_meshs_names() -> None:
    found = json.loads(status(health((12, CONNECTED)), 77, 1))
    assert found == {
        "healthStatus": "HEALTHY",
        "agentUptime": "12s",
        "envoyPid": "77",
        "envoyState": "LIVE",
        "envoyRestartCount": "1",
        "managementServerConnectionStatus": "CONNECTED",
        "envoyReadinessState": "INITIALIZED",
        "initialConfigUpdateStatus": "UPDATE_SUCCESSFUL",
    }


def test_the_status_says_since_when_the_control_plane_is_away() -> None:
    found = json.loads(status(health((1, CONNECTED), (60, AWAY)), 77, 0))
    assert found["managementServerConnectionStatus"] == "NOT_CONNECTED"
    assert found["managementServerDisconnectedTimestamp"] == "2026-01-02T03:05:05Z"


def test_a_proxy_is_ready_when_it_is_initialized_and_its_first_configuration_was_taken() -> None:
    assert is_ready(json.loads(status(health((1, CONNECTED)), 1, 0)))
    assert not is_ready(json.loads(status(health((1, Look(state="INITIALIZING"))), 1, 0)))
    refused = Look(state=LIVE, is_connected=True, was_refused=True)
    assert not is_ready(json.loads(status(health((1, refused)), 1, 0)))
    assert not is_ready(None)
