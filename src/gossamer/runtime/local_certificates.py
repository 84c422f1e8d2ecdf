"""The local authority in a running server: what a command changes is noticed, what time brings is done."""

import asyncio
import datetime
from collections.abc import Callable, Iterable
from typing import Final

import structlog

from gossamer.certs import pem
from gossamer.certs.ledger import Ledger, Seal
from gossamer.certs.local import LocalCredentials, local_credentials
from gossamer.clock import Clock
from gossamer.errors import MeshError
from gossamer.model.credential import Amendment, Credential, CredentialKind
from gossamer.store.credentials import CredentialStore

log = structlog.get_logger(__name__)

#: How soon a change by a command, or a moment that has come, is noticed.
LOOK_S: Final = 0.5


class LocalCertificates:
    """Watches the store, renews and rotates, and tells what there is."""

    def __init__(
        self, store: CredentialStore, seal: Seal, clock: Clock, on_change: Callable[[LocalCredentials], None]
    ) -> None:
        self._store = store
        self._seal = seal
        self._clock = clock
        self._on_change = on_change
        self._version = 0
        self._credentials: tuple[Credential, ...] = ()
        #: When the first of its kind ends that nothing has followed: `authority`, `issued`.
        self.ends: dict[str, datetime.datetime] = {}
        self._told = LocalCredentials()

    async def run(self) -> None:
        """Watch for ever; a database that fails is asked again."""
        while True:
            try:
                await self.look()
            except MeshError as error:
                log.warning("certificates_not_read", why=str(error))
            except Exception:  # a mistake of ours here must not end the server
                log.exception("certificates_not_read")
            await asyncio.sleep(LOOK_S)

    async def look(self) -> None:
        """Do what is due, and tell what there is if it is new.

        Raises: Unavailable.
        """
        found = await asyncio.to_thread(self._looked)
        if found != self._told:
            self._told = found
            self._on_change(found)

    def _looked(self) -> LocalCredentials:
        self._read()
        if self._due(self._credentials):
            done = self._store.amend(self._due)
            for one in done.put:
                log.info("certificate_written", arn=one.arn, generation=one.generation, kind=one.kind.value)
            self._read()
        return local_credentials(self._credentials, self._seal, self._clock.now())

    def _read(self) -> None:
        version = self._store.version()
        if version != self._version:
            self._credentials = self._store.every()
            self._version = version
            self.ends = first_ends(self._credentials)

    def _due(self, credentials: tuple[Credential, ...]) -> Amendment:
        return Ledger(credentials, self._seal, self._clock.now()).due()


def first_ends(credentials: Iterable[Credential]) -> dict[str, datetime.datetime]:
    """When the first authority, and the first certificate, ends; of each ARN its newest generation counts."""
    newest: dict[str, Credential] = {}
    for one in credentials:
        if one.arn not in newest or newest[one.arn].generation < one.generation:
            newest[one.arn] = one
    ends: dict[str, datetime.datetime] = {}
    for one in newest.values():
        use = "authority" if one.kind is CredentialKind.AUTHORITY else "issued"
        until = pem.facts(one.certificate).not_after
        ends[use] = min(until, ends.get(use, until))
    return ends
