"""The file of a backup: lines of JSON, compressed; it knows nothing of databases.

The first line says what it is and how many rows of each table follow; then each table's columns and rows; the
last line holds the digest of all before it. So a file that was cut, changed, or is something else is told
from a good one before a row of it is used.
"""

import contextlib
import gzip
import hashlib
import json
import os
import zlib
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Self

#: What the first line begins with; a later one is not understood by us.
FORMAT: Final = 1
_MARK: Final = "gossamer backup"

_LEVEL: Final = 6


class BadArchive(ValueError):
    """A file is no backup that can be used; the text says why."""


@dataclass(frozen=True, slots=True)
class Header:
    """What a backup says of itself.

    `version` is that of its tables. `secrets_key` is the fingerprint of the key that its secrets were sealed
    with, if it was known; the key itself is not in it.
    """

    version: int
    opens_to: int
    at: str
    by: str
    engine: str
    sequence: int
    secrets_key: str | None
    rows: Mapping[str, int]

    def line(self) -> object:
        """As it stands in the file."""
        return {"is": _MARK, "format": FORMAT, **asdict(self)}

    @classmethod
    def read(cls, path: Path, line: bytes) -> Self:
        """What a first line says.

        Raises: BadArchive.
        """
        try:
            found = json.loads(line)
            if found.pop("is") != _MARK:
                raise BadArchive(f"{path} is not a backup of Gossamer")
            if (number := found.pop("format")) != FORMAT:
                raise BadArchive(f"{path} has format {number}, and this Gossamer only reads {FORMAT}")
            return cls(**found)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            if isinstance(error, BadArchive):
                raise
            raise BadArchive(f"{path} is not a backup of Gossamer") from error


class Sink:
    """Writes a backup, line after line."""

    def __init__(self, file: gzip.GzipFile, header: Header) -> None:
        self._file = file
        self._digest = hashlib.sha256()
        self._write(header.line())

    def table(self, name: str, columns: Sequence[str]) -> None:
        """The rows that follow are of this table."""
        self._write({"table": name, "columns": list(columns)})

    def row(self, row: Sequence[object]) -> None:
        """One row."""
        self._write(list(row))

    def end(self) -> None:
        """There is no more."""
        self._write({"sha256": self._digest.hexdigest()})

    def _write(self, line: object) -> None:
        raw = json.dumps(line, separators=(",", ":")).encode() + b"\n"
        self._digest.update(raw)
        self._file.write(raw)


@contextlib.contextmanager
def written(path: Path, header: Header, *, overwrite: bool) -> Iterator[Sink]:
    """A backup that is there as a whole once the block ends, or not at all; only its owner may read it.

    Raises: FileExistsError unless it may be overwritten, OSError.
    """
    if path.exists() and not overwrite:
        raise FileExistsError(f"{path} is there already (--overwrite replaces it)")
    if path.exists() and not path.is_file():
        raise FileExistsError(f"{path} is no file, and is not replaced")
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as raw:
            with gzip.GzipFile(filename="", fileobj=raw, mode="wb", compresslevel=_LEVEL, mtime=0) as file:
                sink = Sink(file, header)
                yield sink
                sink.end()
            raw.flush()
            os.fsync(raw.fileno())
        _put_in_place(draft, path, overwrite=overwrite)
    except OSError as error:
        # The draft is our business; what was asked for is the file.
        raise OSError(error.errno, error.strerror, str(path)) from error
    finally:
        draft.unlink(missing_ok=True)


def _put_in_place(draft: Path, path: Path, *, overwrite: bool) -> None:
    if overwrite:
        draft.replace(path)
    else:
        # Unlike a renaming, this overwrites nothing that came meanwhile.
        os.link(draft, path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


class Source:
    """Reads a backup, line after line."""

    def __init__(self, path: Path, file: gzip.GzipFile) -> None:
        self._path = path
        self._file = file
        self._digest = hashlib.sha256()
        self._ahead: object = None
        self.header = Header.read(path, self._line())

    def tables(self) -> Iterator[tuple[str, list[str], Iterator[list[object]]]]:
        """Each table: its name, its columns, and its rows, which must be taken before the next table.

        Raises: BadArchive.
        """
        self._next()
        while isinstance(self._ahead, dict) and "table" in self._ahead:
            name = self._ahead["table"]
            yield name, self._ahead["columns"], self._rows(name)
        self._check_end()

    def _rows(self, name: str) -> Iterator[list[object]]:
        count = 0
        self._next()
        while isinstance(self._ahead, list):
            count += 1
            yield self._ahead
            self._next()
        if count != self.header.rows.get(name):
            raise BadArchive(
                f"{self._path} is damaged: it holds {count} rows of {name} and says that it holds "
                f"{self.header.rows.get(name)}"
            )

    def _next(self) -> None:
        before = self._digest.hexdigest()
        try:
            self._ahead = json.loads(self._line())
        except json.JSONDecodeError as error:
            raise BadArchive(f"{self._path} is damaged: {error}") from error
        if isinstance(self._ahead, dict) and "sha256" in self._ahead and self._ahead["sha256"] != before:
            raise BadArchive(f"{self._path} is damaged: what it holds is not what its last line says")

    def _check_end(self) -> None:
        if not (isinstance(self._ahead, dict) and "sha256" in self._ahead):
            raise BadArchive(f"{self._path} is damaged: a line of it is no table, row or end")
        if self._read():
            raise BadArchive(f"{self._path} is damaged: it goes on behind its end")

    def _line(self) -> bytes:
        raw = self._read()
        if not raw.endswith(b"\n"):
            raise BadArchive(f"{self._path} is not whole: it ends in the middle")
        self._digest.update(raw)
        return raw

    def _read(self) -> bytes:
        try:
            return self._file.readline()
        except EOFError as error:
            raise BadArchive(f"{self._path} is not whole: it ends in the middle") from error
        except gzip.BadGzipFile as error:
            if "Not a gzipped file" in str(error):
                raise BadArchive(f"{self._path} is not a backup of Gossamer") from error
            raise BadArchive(f"{self._path} is damaged: {error}") from error
        except zlib.error as error:
            raise BadArchive(f"{self._path} is damaged: {error}") from error


@contextlib.contextmanager
def opened(path: Path) -> Iterator[Source]:
    """A backup to read from.

    Raises: BadArchive, OSError.
    """
    with gzip.open(path, "rb") as file:
        yield Source(path, file)


def verified(path: Path) -> Header:
    """What a backup says of itself, once it was read to its end and found whole.

    Raises: BadArchive, OSError.
    """
    with opened(path) as source:
        found = set()
        for name, _, rows in source.tables():
            found.add(name)
            deque(rows, maxlen=0)
        if found != set(source.header.rows):
            raise BadArchive(f"{path} is damaged: tables are missing")
        return source.header
