"""Which version of the tables a database has, and who may go on with it."""

import enum
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Column, Connection, MetaData, String, Table, inspect, select

from gossamer.errors import Unavailable
from gossamer.store.schema import SCHEMA_VERSION, STORE, VERSION_TABLE

#: As Alembic makes it.
VERSIONS: Final = Table(VERSION_TABLE, MetaData(), Column("version_num", String(32), primary_key=True))


class Migrating(enum.Enum):
    """Which steps to this Gossamer's version may be taken by opening a database."""

    NONE = "none"
    ONLINE = "online"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class Version:
    """What a database is, and the oldest version whose Gossamer may go on with it."""

    found: int
    opens_to: int

    def check(self) -> None:
        """Refuse what this Gossamer must not touch.

        Raises: Unavailable.
        """
        if self.opens_to > SCHEMA_VERSION:
            raise Unavailable(
                f"the database has version {self.found}, which needs a Gossamer that knows version "
                f"{self.opens_to}, and this one only knows {SCHEMA_VERSION}"
            )


def version_of(connection: Connection) -> Version | None:
    """The version of a database; None if it has none of our tables."""
    tables = inspect(connection).get_table_names()
    if STORE.name not in tables:
        return None
    opens_to = connection.execute(select(STORE.c.schema_version)).scalar_one_or_none()
    if opens_to is None:
        raise Unavailable("the database does not say what it is: its table store is empty")
    if VERSION_TABLE not in tables:
        return Version(opens_to, opens_to)
    return Version(int(connection.execute(select(VERSIONS.c.version_num)).scalar_one()), opens_to)
