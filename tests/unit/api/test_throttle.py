"""How often an account may call."""

import datetime

import pytest

from gossamer.api.call import Call
from gossamer.api.gate import OpenGate
from gossamer.api.throttle import ThrottlingGate
from gossamer.clock import FixedClock
from gossamer.errors import Throttled

NOW = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
CALL = Call("id", "GET", b"/", b"", (), "", is_secure=False)


def allowed(gate: ThrottlingGate) -> int:
    """How many calls pass before one does not."""
    for count in range(1000):
        try:
            gate.authenticate(CALL)
        except Throttled:
            return count
    raise AssertionError("nothing was refused")


def test_a_burst_passes_then_the_rate_holds() -> None:
    clock = FixedClock(NOW)
    gate = ThrottlingGate(OpenGate("000000000000"), 5, clock)
    assert allowed(gate) == 10
    clock.at += datetime.timedelta(seconds=1)
    assert allowed(gate) == 5
    clock.at += datetime.timedelta(hours=1)
    assert allowed(gate) == 10


def test_a_clock_that_jumps_back_takes_nothing_away() -> None:
    clock = FixedClock(NOW)
    gate = ThrottlingGate(OpenGate("000000000000"), 5, clock)
    assert allowed(gate) == 10
    clock.at -= datetime.timedelta(hours=1)
    with pytest.raises(Throttled, match="Rate exceeded: at most 5 calls a second"):
        gate.authenticate(CALL)
    clock.at += datetime.timedelta(seconds=1)
    assert allowed(gate) == 5
