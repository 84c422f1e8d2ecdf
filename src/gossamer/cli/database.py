"""The database of a data directory, opened by a command beside a running server; and how commands fail."""

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import cyclopts

from gossamer.cli.failure import telling
from gossamer.cli.shown import Output as AnyOutput
from gossamer.cli.words import WrongUsage
from gossamer.clock import SystemClock
from gossamer.errors import MeshError
from gossamer.runtime.listen import CannotStart, owned
from gossamer.runtime.settings import Settings, known_vault, vault
from gossamer.store.engine import Url
from gossamer.store.vault import Vault
from gossamer.store.visit import Visit, visited


@cyclopts.Parameter(name="*")
@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Which database."""

    data_dir: Path | None = None
    """Where the control plane keeps its data, as `gossamer serve --data-dir`."""
    database_url: str = ""
    """The PostgreSQL database of several replicas, as `gossamer serve --database-url`."""
    secrets_key_file: Path | None = None
    """The key that secrets are sealed with, as `gossamer serve --secrets-key-file`."""

    def vault(self) -> Vault:
        """What seals its secrets.

        Raises: ValueError, OSError.
        """
        return vault(self._settings(), os.environ)

    @contextlib.contextmanager
    def opened(self) -> Iterator[Visit]:
        """A transaction on it; a running server sees what it did within a second.

        Raises: Unavailable, OSError.
        """
        settings = self._settings()
        settings.directory().mkdir(parents=True, exist_ok=True, mode=0o700)
        with visited(settings.url(), SystemClock().now()) as connection:
            yield connection

    def url(self) -> Url:
        """Where it is.

        Raises: WrongUsage.
        """
        try:
            return self._settings().url()
        except ValueError as error:
            raise WrongUsage(str(error)) from error

    def resolved(self) -> "Place":
        """The same by the whole path of its data directory."""
        return replace(self, data_dir=None if self.data_dir is None else self.data_dir.resolve())

    def opener(self) -> Vault | str:
        """What opens its secrets, or why there is nothing that does; no key is made.

        Raises: ValueError, OSError.
        """
        return known_vault(self._settings(), os.environ)

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the data directory, so that no server starts on it; PostgreSQL says itself who serves.

        Raises: CannotStart.
        """
        with owned(self._settings()):
            yield

    def is_there(self) -> bool:
        """Whether there is anything to open."""
        return bool(self.database_url) or Path(str(self.url().database)).exists()

    def _settings(self) -> Settings:
        return Settings(
            data_dir=self.data_dir, database_url=self.database_url, secrets_key_file=self.secrets_key_file
        )


HERE = Place()

Output = Annotated[AnyOutput, cyclopts.Parameter(help="A table for people, or JSON or YAML for programs.")]

#: A command whose failures are one sentence.
told = telling(CannotStart, MeshError, OSError, ValueError)
