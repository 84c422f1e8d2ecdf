"""Envoy's log in a file, begun anew when it is full.

Source: App Mesh's agent, `APPNET_ENVOY_LOG_DESTINATION` and the variables beside it.
"""

import contextlib
from pathlib import Path
from typing import BinaryIO

from gossamer.sidecar.life_settings import LogFile
from gossamer.sidecar.variable import Misconfigured


class RotatingFile:
    """A file that is written to its end; `NAME.1` is the youngest of those that are full."""

    def __init__(self, settings: LogFile) -> None:
        """Open it, with what is in it already.

        Raises: Misconfigured where it cannot be written.
        """
        self._settings = settings
        self._path = Path(settings.directory) / settings.name
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file: BinaryIO = self._path.open("ab", buffering=0)
        except OSError as error:
            raise Misconfigured(f"Envoy's log cannot be kept in {self._path}: {error.strerror}.") from error
        self._size = self._file.tell()

    def write(self, data: bytes) -> None:
        """Add to it; a piece is never split, so that a line is not either where it is written whole."""
        if self._size and self._size + len(data) > self._settings.size:
            self._begin_anew()
        self._file.write(data)
        self._size += len(data)

    def close(self) -> None:
        """Let it be."""
        self._file.close()

    def _begin_anew(self) -> None:
        """Move every full file one further; the oldest goes."""
        self._file.close()
        count = self._settings.count
        for number in range(count - 1, 0, -1):
            with contextlib.suppress(FileNotFoundError):
                self._numbered(number).rename(self._numbered(number + 1))
        if count:
            self._path.rename(self._numbered(1))
        self._file = self._path.open("wb", buffering=0)
        self._size = 0

    def _numbered(self, number: int) -> Path:
        return self._path.with_name(f"{self._path.name}.{number}")
