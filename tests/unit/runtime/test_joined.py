"""The head of an answer leaves together with its body, and nothing waits longer than a turn of the loop."""

import asyncio

from gossamer.runtime.joined import Joined


class Wire(asyncio.Transport):
    """What was sent, piece by piece."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[bytes] = []
        self.is_closed = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.sent.append(bytes(data))

    def close(self) -> None:
        self.is_closed = True

    def is_closing(self) -> bool:
        return self.is_closed


async def test_a_head_and_a_body_are_sent_as_one_piece() -> None:
    wire = Wire()
    joined = Joined(wire, asyncio.get_running_loop())
    joined.write(b"head")
    joined.write(b"body")
    assert wire.sent == [b"headbody"]
    await asyncio.sleep(0)
    assert wire.sent == [b"headbody"]


async def test_a_head_that_nothing_follows_is_sent_in_the_next_turn() -> None:
    wire = Wire()
    Joined(wire, asyncio.get_running_loop()).write(b"head")
    assert wire.sent == []
    await asyncio.sleep(0)
    assert wire.sent == [b"head"]


async def test_what_waits_is_sent_before_the_end() -> None:
    wire = Wire()
    joined = Joined(wire, asyncio.get_running_loop())
    joined.write(b"last words")
    joined.close()
    assert wire.sent == [b"last words"]
    assert joined.is_closing()


async def test_nothing_is_written_to_a_connection_that_ended() -> None:
    wire = Wire()
    Joined(wire, asyncio.get_running_loop()).write(b"head")
    wire.close()
    await asyncio.sleep(0)
    assert wire.sent == []
