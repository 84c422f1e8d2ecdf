"""Envoy's wrapped scalars, and messages packed into messages.

model.duration -> google.protobuf.Duration
"""

import datetime

from google.protobuf.any_pb2 import Any
from google.protobuf.duration_pb2 import Duration as EnvoyDuration
from google.protobuf.message import Message
from google.protobuf.wrappers_pb2 import BoolValue, UInt32Value

from gossamer.model.duration import Duration


def uint32(number: int) -> UInt32Value:
    """A number that may be absent: absent and zero differ."""
    return UInt32Value(value=number)


def boolean(*, value: bool) -> BoolValue:
    """A truth that may be absent: absent and false differ."""
    return BoolValue(value=value)


def duration(length: Duration) -> EnvoyDuration:
    """A length of time, in the operator's own unit made exact."""
    return seconds(length.as_timedelta)


def seconds(length: datetime.timedelta) -> EnvoyDuration:
    """A length of time."""
    message = EnvoyDuration()
    message.FromTimedelta(length)
    return message


def packed(message: Message) -> Any:
    """A message as a typed config: the same message gives the same bytes."""
    box = Any()
    box.Pack(message, deterministic=True)
    return box
