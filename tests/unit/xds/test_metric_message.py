"""Envoy's metrics messages, byte by byte as they are on the wire."""

import struct

from envoy.config.core.v3.base_pb2 import Node

from gossamer.xds.metric_message import measured, node_of
from gossamer.xds.reports import Summary


def field(number: int, content: bytes) -> bytes:
    """A field that has a length. Source: protocol buffers, encoding."""
    return varint(number << 3 | 2) + varint(len(content)) + content


def varint(value: int) -> bytes:
    low, rest = value & 0x7F, value >> 7
    return bytes([low | 0x80]) + varint(rest) if rest else bytes([low])


def number(at: int, value: float) -> bytes:
    return varint(at << 3 | 1) + struct.pack("<d", value)


def family(name: str, metric: bytes) -> bytes:
    # The type, field 3, is one that we skip.
    return field(2, field(1, name.encode()) + b"\x18\x02" + field(4, metric))


SUMMARY = field(4, b"\x08\x07" + field(3, number(1, 0.5) + number(2, 12.5)))
MESSAGE = (
    family("time", SUMMARY)
    + family("other", SUMMARY)
    + family("count", field(3, number(1, 3.0)))
    + family("idle", field(3, number(1, 0.0)))
)


def test_what_is_wanted_is_read_and_all_else_is_skipped() -> None:
    found = measured(MESSAGE, 5.0, {"time", "count", "idle", "absent"})
    assert found.seconds == 5.0
    assert found.summaries == {"time": Summary(7, ((0.5, 12.5),))}
    assert found.counts == {"count": 3}


def test_the_first_message_says_who_sends() -> None:
    node = Node(id="mesh/m/virtualNode/n").SerializeToString()
    assert node_of(field(1, field(1, node)) + MESSAGE).id == "mesh/m/virtualNode/n"
    assert node_of(MESSAGE).id == ""
