"""From one version of the tables to another, by Alembic and the steps in `migrations`.

All of it is one transaction of the caller's, so a step that fails leaves the database as it was. Only loaded
by those who have a step to take: Alembic takes a while.
Source: Alembic cookbook, sharing a connection, building an up-to-date database from scratch.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from gossamer.errors import Unavailable
from gossamer.store import statements
from gossamer.store.schema import METADATA, SCHEMA_VERSION, VERSION_TABLE
from gossamer.store.versions import Version

_FOLDER: Final = Path(__file__).parent / "migrations"

#: A table that somebody reads can't be changed, and whoever comes after us waits with us.
_PATIENCE: Final = text("SET LOCAL lock_timeout = '10s'")


@dataclass(frozen=True, slots=True)
class Step:
    """One step: the version it leads to, who may go on with that, what the way down forgets."""

    version: int
    opens_to: int
    loses: str


def steps() -> tuple[Step, ...]:
    """Every step, from the first."""
    found = ScriptDirectory.from_config(_config()).walk_revisions()
    every = (Step(int(one.revision), one.module.opens_to, one.module.loses) for one in found)
    return tuple(sorted(every, key=lambda step: step.version))


def is_online(version: int) -> bool:
    """Whether a Gossamer of a version may go on while its database is brought to ours."""
    return steps()[-1].opens_to <= version


def lost(version: int, to: int) -> tuple[str, ...]:
    """What the way down from a version to an earlier one forgets."""
    return tuple(step.loses for step in reversed(steps()) if to < step.version <= version and step.loses)


def upgrade(connection: Connection, found: Version | None, to: int = SCHEMA_VERSION) -> None:
    """Bring a database to a version.

    Raises: DBAPIError.
    """
    config = _begun(connection, found)
    command.upgrade(config, str(to))
    _note(connection, to)


def downgrade(connection: Connection, found: Version, to: int) -> None:
    """Bring a database back to an earlier version, and forget what that can't hold.

    Raises: Unavailable for a version that this Gossamer does not know, DBAPIError.
    """
    known = {step.version for step in steps()}
    if found.found not in known:
        raise Unavailable(
            f"the database has version {found.found}, and this Gossamer only knows {max(known)}: "
            "the one that made it can bring it back"
        )
    if to not in known or to > found.found:
        raise ValueError(f"version {to} is not one between 1 and {found.found}, the database's own")
    config = _begun(connection, found)
    command.downgrade(config, str(to))
    _note(connection, to)


def differences(connection: Connection) -> tuple[str, ...]:
    """How the tables differ from those that this Gossamer works with, each in words."""
    options = {"version_table": VERSION_TABLE, "target_metadata": METADATA}
    found = compare_metadata(MigrationContext.configure(connection, opts=options), METADATA)
    return tuple(_words(one) for one in found)


def _begun(connection: Connection, found: Version | None) -> Config:
    """Alembic on this connection; a database of before Alembic is told to it."""
    if connection.dialect.name == "postgresql":
        connection.execute(_PATIENCE)
    config = _config()
    config.attributes["connection"] = connection
    if found is not None and not inspect(connection).has_table(VERSION_TABLE):
        command.stamp(config, str(found.found))
    return config


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _note(connection: Connection, version: int) -> None:
    opens_to = next(step.opens_to for step in steps() if step.version == version)
    connection.execute(statements.CHANGE_IDENTITY, {"is_id": 1, "schema_version": opens_to})


def _words(difference: object) -> str:
    """One difference, such as ('remove_table', Table('pets')), or a list of those of one column."""
    first = difference[0] if isinstance(difference, list) else difference
    match first:
        case (str(what), *_, last):
            return f"{what.replace('_', ' ')}: {last}"
        case _:
            return str(first)
