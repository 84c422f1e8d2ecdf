import datetime
import signal

import pytest

from gossamer.sidecar.lifecycle import (
    Command,
    Drain,
    Elapsed,
    Event,
    Exited,
    Finish,
    Lifecycle,
    Send,
    Settle,
    Settled,
    Signalled,
    Start,
    Wait,
)

DRAIN_WAIT = datetime.timedelta(seconds=20)
TERM, INT, KILL = signal.SIGTERM, signal.SIGINT, signal.SIGKILL


def milliseconds(count: int) -> datetime.timedelta:
    return datetime.timedelta(milliseconds=count)


STOP: list[Command] = [Send(TERM), Wait(datetime.timedelta(seconds=3))]
DRAINED: list[Command] = [Drain(), Wait(DRAIN_WAIT)]
SETTLED: list[Command] = [Settle(), Wait(datetime.timedelta(seconds=3))]


def play(restarts: int, *steps: tuple[Event, list[Command]]) -> None:
    """Left, what happens to a running Envoy; right, what must follow."""
    lifecycle = Lifecycle(restarts=restarts, drain_wait=DRAIN_WAIT)
    assert list(lifecycle.begin()) == [Start()]
    for event, commands in steps:
        assert list(lifecycle.handle(event)) == commands


def test_an_envoy_that_exits_is_started_again_after_a_growing_wait() -> None:
    play(
        3,
        (Exited(1), [Wait(milliseconds(100))]),
        (Elapsed(), [Start()]),
        (Exited(1), [Wait(milliseconds(200))]),
        (Elapsed(), [Start()]),
        (Exited(0), [Wait(milliseconds(400))]),
    )


def test_the_wait_before_a_restart_has_an_upper_end() -> None:
    longest = 0.0
    lifecycle = Lifecycle(restarts=10, drain_wait=DRAIN_WAIT)
    list(lifecycle.begin())
    for _ in range(10):
        (wait,) = lifecycle.handle(Exited(1))
        assert isinstance(wait, Wait)
        longest = wait.time.total_seconds()
        list(lifecycle.handle(Elapsed()))
    assert longest == 5.0


def test_when_no_restart_is_left_the_agent_exits_with_envoys_code() -> None:
    play(1, (Exited(7), [Wait(milliseconds(100))]), (Elapsed(), [Start()]), (Exited(7), [Finish(7)]))


def test_an_envoy_that_a_signal_ended_gives_the_code_that_a_shell_would() -> None:
    play(0, (Exited(-9), [Finish(137)]))


@pytest.mark.parametrize("asked", [signal.SIGTERM, signal.SIGQUIT])
def test_a_graceful_stop_drains_waits_stops_and_ends_well(asked: signal.Signals) -> None:
    play(0, (Signalled(asked), DRAINED), (Elapsed(), SETTLED), (Settled(), STOP), (Exited(-15), [Finish(0)]))


def test_asking_twice_for_a_graceful_stop_does_not_shorten_it() -> None:
    play(0, (Signalled(TERM), DRAINED), (Signalled(TERM), []), (Elapsed(), SETTLED))


def test_an_envoy_that_does_not_stop_is_killed() -> None:
    play(
        0,
        (Signalled(TERM), DRAINED),
        (Elapsed(), SETTLED),
        (Settled(), STOP),
        (Elapsed(), [Send(KILL)]),
        (Exited(-9), [Finish(0)]),
    )


def test_an_envoy_that_exits_while_it_drains_is_not_started_again() -> None:
    play(3, (Signalled(TERM), DRAINED), (Exited(1), [Finish(0)]))


def test_an_interrupt_stops_at_once_and_a_second_one_kills() -> None:
    play(3, (Signalled(INT), STOP), (Signalled(INT), [Send(KILL)]), (Exited(-9), [Finish(0)]))


def test_an_interrupt_cuts_a_drain_short() -> None:
    play(3, (Signalled(TERM), DRAINED), (Signalled(INT), STOP))


def test_a_graceful_stop_changes_nothing_once_envoy_is_stopping() -> None:
    play(3, (Signalled(INT), STOP), (Signalled(TERM), []))


@pytest.mark.parametrize("asked", [TERM, INT])
def test_between_two_envoys_a_stop_ends_the_agent_at_once(asked: signal.Signals) -> None:
    play(3, (Exited(1), [Wait(milliseconds(100))]), (Signalled(asked), [Finish(0)]))


def test_other_signals_are_forwarded_to_an_envoy_that_runs() -> None:
    play(
        3,
        (Signalled(signal.SIGHUP), [Send(signal.SIGHUP)]),
        (Exited(1), [Wait(milliseconds(100))]),
        (Signalled(signal.SIGUSR1), []),
    )


def test_a_wait_that_is_over_while_envoy_runs_means_nothing() -> None:
    play(3, (Elapsed(), []))


def test_what_is_still_being_answered_after_the_wait_gets_three_seconds_and_no_more() -> None:
    play(0, (Signalled(TERM), DRAINED), (Elapsed(), SETTLED), (Elapsed(), STOP), (Settled(), []))


def test_an_interrupt_does_not_wait_for_answers() -> None:
    play(0, (Signalled(TERM), DRAINED), (Elapsed(), SETTLED), (Signalled(INT), STOP))
