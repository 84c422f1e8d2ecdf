"""A wire to a server that a test may cut, or over which nothing passes any more though it is not cut."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass
class Wire:
    """Connections to one port of the loopback, passed on by threads of their own."""

    backend: int
    listener: socket.socket
    passes: threading.Event = field(default_factory=threading.Event)
    is_cut: bool = False
    open_now: set[socket.socket] = field(default_factory=set)

    @property
    def port(self) -> int:
        """Where it begins."""
        return int(self.listener.getsockname()[1])

    def cut(self) -> None:
        """End every connection, and take no others."""
        self.is_cut = True
        for one in tuple(self.open_now):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def stall(self) -> None:
        """Let nothing pass, and end nothing."""
        self.passes.clear()

    def mend(self) -> None:
        """Be a wire again."""
        self.is_cut = False
        self.passes.set()

    def serve(self) -> None:
        """Take connections until the listener is closed."""
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._pass, args=(near,), daemon=True).start()

    def _pass(self, near: socket.socket) -> None:
        with near, contextlib.suppress(OSError):
            if self.is_cut:
                return
            with socket.create_connection(("127.0.0.1", self.backend), timeout=60) as far:
                far.settimeout(None)
                self.open_now |= {near, far}
                back = threading.Thread(target=self._pump, args=(far, near), daemon=True)
                back.start()
                self._pump(near, far)
                back.join()
                self.open_now -= {near, far}

    def _pump(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                self.passes.wait()
                target.sendall(data)
        for one in (source, target):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def wire_to(port: int) -> Iterator[Wire]:
    """A wire, cut for good at the end."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        wire = Wire(port, listener)
        wire.mend()
        serving = threading.Thread(target=wire.serve, daemon=True)
        serving.start()
        try:
            yield wire
        finally:
            wire.mend()
            wire.cut()
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()
            serving.join()
