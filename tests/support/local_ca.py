"""The local certificate authority for tests: the command beside a server that watches the same database."""

import asyncio
import contextlib
import io
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from gossamer.cli.ca import app
from gossamer.clock import SystemClock
from gossamer.runtime.local_certificates import LocalCertificates
from gossamer.runtime.lookout import Lookout, Sources
from gossamer.runtime.reconcile import Reconciler
from gossamer.store.credentials import CredentialStore
from gossamer.store.engine import sqlite_url
from gossamer.store.vault import vault_from_file


@dataclass(frozen=True)
class LocalCa:
    """`gossamer ca` on one data directory."""

    directory: Path

    def run(self, *words: str) -> str:
        """What the command prints; in this process, for another takes longer to start than to work."""
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            code = app(
                [*words, "--data-dir", str(self.directory)], exit_on_error=False, result_action="return_value"
            )
        assert code in (0, None), (words, code)
        return said.getvalue().strip()


@contextlib.asynccontextmanager
async def running_local_ca(reconciler: Reconciler, directory: Path) -> AsyncIterator[LocalCa]:
    """A server's part of it, until the test ends."""
    ca = LocalCa(directory)
    ca.run("list")
    store = CredentialStore(sqlite_url(directory / "gossamer.db"))
    clock, random = SystemClock(), Random(1)
    lookout = Lookout(reconciler, Sources(), clock, random)
    local = LocalCertificates(store, vault_from_file(directory / "gossamer.key"), clock, lookout.know)
    running = [asyncio.ensure_future(lookout.run()), asyncio.ensure_future(local.run())]
    try:
        yield ca
    finally:
        for task in running:
            task.cancel()
        await asyncio.wait(running)
        store.close()
