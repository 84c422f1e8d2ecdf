"""What the C library does with memory that was let go; each in its own process: an allocator is set once."""

import os
import subprocess
import sys
from collections.abc import Mapping
from textwrap import dedent

ARENAS = """
    import ctypes, os, re, tempfile, threading
    from gossamer.runtime import allocator

    allocator.settle()
    libc = ctypes.CDLL(None)
    libc.malloc.restype = libc.fopen.restype = ctypes.c_void_p
    everyone = threading.Barrier(12)

    def allocate():
        everyone.wait()
        for _ in range(1000):
            libc.malloc(ctypes.c_size_t(1000))
        everyone.wait()

    threads = [threading.Thread(target=allocate) for _ in range(12)]
    [one.start() for one in threads]
    [one.join() for one in threads]
    path = os.path.join(tempfile.mkdtemp(), "info").encode()
    file = ctypes.c_void_p(libc.fopen(path, b"w"))
    libc.malloc_info(0, file)
    libc.fclose(file)
    print(open(path).read().count("<heap nr"))
"""

GIVEN_BACK = """
    import asyncio, ctypes
    from gossamer.runtime import allocator

    def held_mb():
        return int(open("/proc/self/statm").read().split()[1]) * 4096 / 2**20

    async def main():
        libc = ctypes.CDLL(None)
        libc.malloc.restype = ctypes.c_void_p
        pieces = [libc.malloc(ctypes.c_size_t(4096)) for _ in range(16_000)]
        for piece in pieces:
            ctypes.memset(piece, 1, 4096)
        # The last one stays, so that the heap's end cannot simply be moved.
        for piece in pieces[:-1]:
            libc.free(ctypes.c_void_p(piece))
        before = held_mb()
        giving = asyncio.create_task(allocator.give_back(0.01))
        async with asyncio.timeout(60):
            while held_mb() > before - 40:
                await asyncio.sleep(0.01)
        giving.cancel()

    asyncio.run(main())
"""


def said(script: str, variables: Mapping[str, str]) -> str:
    environ = {name: value for name, value in os.environ.items() if name != "MALLOC_ARENA_MAX"}
    command = [sys.executable, "-c", dedent(script)]
    return subprocess.run(
        command, env=environ | dict(variables), capture_output=True, text=True, check=True, timeout=120
    ).stdout.strip()


def test_many_threads_share_few_arenas() -> None:
    assert said(ARENAS, {}) == "2"


def test_an_operators_own_number_of_arenas_counts() -> None:
    assert said(ARENAS, {"MALLOC_ARENA_MAX": "4"}) == "4"


def test_what_is_free_is_given_back_while_the_process_goes_on() -> None:
    said(GIVEN_BACK, {})


CIRCLES = """
    import asyncio, gc, weakref
    from gossamer.runtime import allocator, tuning

    class Stream:
        pass

    async def main():
        tuning.settle()
        stream = Stream()
        stream.itself = stream
        gc.collect(1)  # As one that was there for a while.
        seen = weakref.ref(stream)
        del stream
        giving = asyncio.create_task(allocator.give_back(0.01))
        async with asyncio.timeout(60):
            while seen() is not None:
                await asyncio.sleep(0.01)
        giving.cancel()

    asyncio.run(main())
"""


SELDOM = """
    import asyncio, gc
    from gossamer.runtime import allocator

    class Stream:
        pass

    looks = []

    def seen(phase, info):
        if phase == "stop":
            looks.append(info["collected"])

    async def main():
        gc.collect()
        gc.disable()
        gc.callbacks.append(seen)
        naps = []
        sleep = asyncio.sleep

        async def nap(seconds):
            naps.append(len(looks))
            await sleep(0)

        allocator.asyncio = type("Asyncio", (), {"sleep": nap, "to_thread": asyncio.to_thread})
        giving = asyncio.create_task(allocator.give_back(1))
        async with asyncio.timeout(60):
            while len(looks) < 6:
                await sleep(0)
        # After how many naps each look came: ever more, and then as many as before.
        print([naps.count(number) for number in range(6)])
        for _ in range(2 * allocator.WORTH_IT):
            stream = Stream()
            stream.itself = stream
        async with asyncio.timeout(60):
            while len(looks) < 8:
                await sleep(0)
        print([naps.count(number) for number in range(6, 8)])
        giving.cancel()

    asyncio.run(main())
"""


def test_who_finds_nothing_looks_less_and_less_often_until_something_is_found() -> None:
    assert said(SELDOM, {}).split("\n")[:2] == ["[1, 2, 4, 8, 10, 10]", "[10, 1]"]


def test_what_only_names_itself_is_found_while_the_process_goes_on() -> None:
    said(CIRCLES, {})
