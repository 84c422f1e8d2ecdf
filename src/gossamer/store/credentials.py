"""Certificates of the local authority, kept beside the resources; a command and a server may share them."""

import datetime
from collections.abc import Callable
from typing import Final, TypeVar

from sqlalchemy import URL, Connection, Row, select
from sqlalchemy.exc import DBAPIError

from gossamer.errors import Unavailable
from gossamer.model.credential import Amendment, Credential, CredentialKind
from gossamer.store import credential_tables as tables
from gossamer.store.engine import open_database
from gossamer.store.rows import milliseconds, moment
from gossamer.store.schema import RESOURCES

_MILLISECOND: Final = datetime.timedelta(milliseconds=1)

T = TypeVar("T")
Work = Callable[[tuple[Credential, ...]], Amendment]


class CredentialStore:
    """Credentials in a SQL database, for the server that has opened it.

    Its methods block; a write is durable when it returns.

    Raises: Unavailable if the database can't be read or written.
    """

    def __init__(self, url: URL) -> None:
        self._database = open_database(url)

    def version(self) -> int:
        """The number that moves with every change."""
        return self._reading(lambda connection: int(connection.execute(tables.VERSION).scalar_one()))

    def every(self) -> tuple[Credential, ...]:
        """Every credential, by ARN and generation."""
        return self._reading(every)

    def amend(self, work: Work) -> Amendment:
        """Look at all and change some, in one step: what `work` raises, writes nothing."""
        return self._writing(lambda connection: amend(connection, work))

    def close(self) -> None:
        """Let go of the database."""
        self._database.dispose()

    def _reading(self, work: Callable[[Connection], T]) -> T:
        try:
            with self._database.reader.connect() as connection:
                return work(connection)
        except DBAPIError as error:
            raise Unavailable(f"the database can't be read: {error.orig}") from error

    def _writing(self, work: Callable[[Connection], T]) -> T:
        try:
            with self._database.writer.begin() as connection:
                return work(connection)
        except DBAPIError as error:
            raise Unavailable(f"nothing could be written: {error.orig}") from error


def every(connection: Connection) -> tuple[Credential, ...]:
    """Every credential, by ARN and generation."""
    return tuple(_credential(row) for row in connection.execute(tables.ALL))


def amend(connection: Connection, work: Work) -> Amendment:
    """Look at all and change some: what `work` raises, writes nothing."""
    # The row is held from the start, so that of two replicas one waits for the other.
    connection.execute(tables.HOLD_VERSION)
    amendment = work(every(connection))
    for one in (*amendment.remove, *amendment.put):
        connection.execute(tables.REMOVE, {"of_arn": one.arn, "of_generation": one.generation})
    for one in amendment.put:
        connection.execute(tables.ADD, _row(one))
    if amendment:
        connection.execute(tables.NEXT_VERSION)
    return amendment


def used_by(connection: Connection, arn: str) -> tuple[str, ...]:
    """The resources whose specs name an ARN, in words."""
    named = select(RESOURCES.c.mesh, RESOURCES.c.kind, RESOURCES.c.name).where(
        RESOURCES.c.spec.contains(f'"{arn}"', autoescape=True)
    )
    return tuple(sorted(f"{row.mesh}/{row.kind}/{row.name}" for row in connection.execute(named)))


def _row(one: Credential) -> dict[str, object]:
    return {
        "arn": one.arn,
        "generation": one.generation,
        "kind": one.kind.value,
        "certificate": one.certificate,
        "chain": one.chain,
        "sealed_key": one.sealed_key,
        "created_at": milliseconds(one.created_at),
        "issuer": one.issuer,
        "issuer_generation": one.issuer_generation,
        "issues_from": None if one.issues_from is None else milliseconds(one.issues_from),
        "retires_at": None if one.retires_at is None else milliseconds(one.retires_at),
        "overlap_ms": one.overlap // _MILLISECOND,
    }


def _credential(row: Row[*tuple[object, ...]]) -> Credential:
    return Credential(
        arn=row.arn,
        generation=row.generation,
        kind=CredentialKind(row.kind),
        certificate=row.certificate,
        chain=row.chain,
        sealed_key=row.sealed_key,
        created_at=moment(row.created_at),
        issuer=row.issuer,
        issuer_generation=row.issuer_generation,
        issues_from=None if row.issues_from is None else moment(row.issues_from),
        retires_at=None if row.retires_at is None else moment(row.retires_at),
        overlap=row.overlap_ms * _MILLISECOND,
    )
