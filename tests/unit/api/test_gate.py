"""Signatures that were used before."""

import datetime
from dataclasses import replace

import pytest

from gossamer.api import sigv4
from gossamer.api.call import Call
from gossamer.api.gate import OpenGate, UsedSignatures
from gossamer.api.refusal import Refusal, Refused
from gossamer.api.sigv4 import Claim

NOW = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
CLAIM = Claim("key", "20260101", "us-west-2", "appmesh", sigv4.stamp(NOW), ("host",), "0" * 64)


def after(seconds: float) -> datetime.datetime:
    return NOW + datetime.timedelta(seconds=seconds)


def test_a_retry_passes_and_a_replay_does_not() -> None:
    used = UsedSignatures()
    used.add(CLAIM, "", NOW)
    used.add(CLAIM, "", after(4))
    with pytest.raises(Refused) as error:
        used.add(CLAIM, "", after(6))
    assert error.value.refusal is Refusal.REPEATED
    used.add(replace(CLAIM, signature="1" * 64), "", after(6))


def test_what_was_answered_is_never_repeated() -> None:
    used = UsedSignatures()
    used.add(CLAIM, "", NOW)
    used.settle(CLAIM.signature, "")
    with pytest.raises(Refused) as error:
        used.add(CLAIM, "", NOW)
    assert error.value.refusal is Refusal.REPEATED


def test_two_calls_of_an_sdk_that_are_alike_within_a_second_are_two_calls() -> None:
    used = UsedSignatures()
    for call in ("one", "two"):
        used.add(CLAIM, call, NOW)
        used.settle(CLAIM.signature, call)
    for call, later in (("one", NOW), ("two", NOW), ("three", after(3)), ("", NOW)):
        with pytest.raises(Refused):
            used.add(CLAIM, call, later)


def test_a_presigned_call_is_remembered_for_as_long_as_it_is_good() -> None:
    used = UsedSignatures()
    used.add(replace(CLAIM, life=datetime.timedelta(hours=2)), "", NOW)
    used.add(replace(CLAIM, signature="1" * 64), "", after(3600))
    with pytest.raises(Refused):
        used.add(replace(CLAIM, life=datetime.timedelta(hours=2)), "", after(3601))


def test_a_presigned_call_does_not_keep_the_calls_after_it() -> None:
    used = UsedSignatures()
    used.add(replace(CLAIM, life=datetime.timedelta(days=7)), "", NOW)
    for number in range(1, 4):
        later = after(3600 * number)
        used.add(replace(CLAIM, stamp=sigv4.stamp(later), signature=str(number) * 64), "", later)
        assert len(used) == 2


def test_memory_is_bounded_and_the_oldest_go_first() -> None:
    used = UsedSignatures(most=2)
    for number in range(4):
        used.add(replace(CLAIM, signature=str(number) * 64), "", NOW)
    with pytest.raises(Refused):
        used.add(replace(CLAIM, signature="3" * 64), "", after(10))
    used.add(replace(CLAIM, signature="0" * 64), "", after(10))


@pytest.mark.parametrize(("region", "partition"), [("us-west-2", "aws"), ("cn-north-1", "aws-cn")])
def test_the_one_caller_of_an_open_server_is_of_its_regions_partition(region: str, partition: str) -> None:
    call = Call("id", "GET", b"/", b"", (), "", is_secure=False)
    caller = OpenGate("123456789012", region).authenticate(call)
    assert caller.principal == f"arn:{partition}:iam::123456789012:root"
