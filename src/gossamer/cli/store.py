"""`gossamer store`: the database: checked, backed up, restored, moved, brought to another version."""

import contextlib
import sys
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

import cyclopts

from gossamer.cli.database import HERE, Output, Place, told
from gossamer.cli.progress import progress
from gossamer.cli.shown import show_document
from gossamer.cli.words import WrongUsage
from gossamer.clock import SystemClock
from gossamer.errors import MeshError, Unavailable
from gossamer.store import migration
from gossamer.store.engine import fill_states
from gossamer.store.schema import SCHEMA_VERSION
from gossamer.store.upkeep import backup as backing_up
from gossamer.store.upkeep import move as moving
from gossamer.store.upkeep import restore as restoring
from gossamer.store.upkeep.archive import Header, verified
from gossamer.store.upkeep.check import problems
from gossamer.store.upkeep.info import info as info_of
from gossamer.store.upkeep.opening import held, looked_at
from gossamer.store.vault import Vault
from gossamer.store.versions import version_of

#: `check` found something; 2 is what a wrong flag exits with.
UNSOUND = 3

#: How many problems are told one by one.
MOST_TOLD = 100

app = cyclopts.App(
    name="store", help="The database: check it, back it up, restore it, move it, change its version."
)


class Lossy(MeshError):
    """A way down would forget something."""

    def __str__(self) -> str:
        """What, and how it is allowed."""
        return f"this would forget {', '.join(self.args[0])} (--accept-loss says that it may)"


@app.command
@told
def info(*, output: Output = "table", place: Place = HERE) -> None:
    """Say what the database is, which version it has, and how much is in it.

    Parameters
    ----------
    output
        table for people, json for programs.
    """
    _check_there(place)
    with looked_at(place.url()) as connection:
        found = info_of(connection)
    document = {"engine": place.url().get_backend_name()} if found is None else found.document()
    if output != "table":
        show_document(document, output)
        return
    for name, fact in document.items():
        told_fact = ", ".join(f"{key} {n}" for key, n in fact.items()) if isinstance(fact, dict) else fact
        sys.stdout.write(f"{name}: {told_fact}\n")
    if found is None:
        sys.stdout.write("the database is empty\n")


@app.command
@told
def check(*, place: Place = HERE) -> int:
    """Look for anything that is wrong; changes nothing, and servers may go on meanwhile.

    Looks at the database's own structure, every resource and what it refers to, the log against what is
    there, and whether the secrets open with the key. Exits with 0 if all is well, with 3 if something is
    wrong, and with 1 if it could not look.
    """
    _check_there(place)
    opener, found = place.opener(), 0
    with looked_at(place.url()) as connection:
        for problem in problems(connection, opener):
            found += 1
            if found <= MOST_TOLD:
                sys.stdout.write(f"{problem}\n")
    if found > MOST_TOLD:
        sys.stdout.write(f"and {found - MOST_TOLD} more\n")
    sys.stderr.write(f"{found or 'no'} problem{'' if found == 1 else 's'} found\n")
    return UNSOUND if found else 0


@app.command
@told
def backup(file: Path, *, overwrite: bool = False, place: Place = HERE) -> None:
    """Write everything into a file, as it is at one moment, while servers go on.

    The file appears once it is whole, and only its owner may read it. Secrets in it are sealed: the key that
    opens them, gossamer.key, is not in it. Keep that as well, elsewhere.

    Parameters
    ----------
    file
        Where to; it restores into SQLite and into PostgreSQL.
    overwrite
        Replace a file that is there.
    """
    _check_there(place)
    opener = place.opener()
    fingerprint = opener.fingerprint() if isinstance(opener, Vault) else None
    taken = backing_up.Taken(SystemClock().now(), version("gossamer"), fingerprint)
    with looked_at(place.url()) as connection, progress() as tell:
        header = backing_up.backup(connection, file, taken, tell, overwrite=overwrite)
    sys.stdout.write(f"{file}: {_said(header)}\n")
    if fingerprint is None:
        sys.stderr.write(f"gossamer: {opener}: whether its secrets will open is not known\n")
    sys.stderr.write("gossamer: the key of secrets is not in the backup: keep it too, and elsewhere\n")


@app.command
@told
def verify(file: Path) -> None:
    """Read a backup to its end, and say what it holds.

    Parameters
    ----------
    file
        What `gossamer store backup` wrote.
    """
    header = verified(file)
    sys.stdout.write(f"{file}: {_said(header)}, taken {header.at} by Gossamer {header.by}\n")


@app.command
@told
def restore(file: Path, *, replace: bool = False, accept_problems: bool = False, place: Place = HERE) -> None:
    """Fill an empty database from a backup; all of it, or nothing. No server may use it meanwhile.

    Parameters
    ----------
    file
        What `gossamer store backup` wrote, from either engine and of this version or an earlier one.
    replace
        The database may hold something, all of which goes.
    accept_problems
        Restore what `gossamer store check` would find fault with.
    """
    header = verified(file)
    with place.alone(), held(place.url(), alone=True) as connection, progress() as tell:
        restoring.make_ready(connection, replace=replace)
        restoring.restore(connection, file, tell, accept_problems=accept_problems)
    sys.stdout.write(f"restored {_said(header)}\n")
    _tell_of_key(header, place.opener())


@app.command
@told
def move(
    *, to_database_url: str = "", to_data_dir: Path | None = None, replace: bool = False, place: Place = HERE
) -> None:
    """Copy everything into another database, SQLite to PostgreSQL or back, and compare the two.

    No server may use either meanwhile. What it was moved from stays as it is. The key of secrets does not
    move: servers of the new database need the same one.

    Parameters
    ----------
    to_database_url
        The PostgreSQL database that it moves to.
    to_data_dir
        The data directory that it moves to.
    replace
        The other database may hold something, all of which goes.
    """
    if bool(to_database_url) is (to_data_dir is not None):
        raise WrongUsage("say either --to-database-url or --to-data-dir")
    target_dir = None if to_data_dir is None else to_data_dir.resolve()
    target = Place(data_dir=target_dir, database_url=to_database_url)
    target_url = target.url()
    _check_there(place)
    if target_url == place.resolved().url():
        raise WrongUsage("it is there already: both are the same database")
    with contextlib.ExitStack() as stack:
        for one in (place, target):
            stack.enter_context(one.alone())
        source = stack.enter_context(held(place.url(), alone=True))
        there = stack.enter_context(held(target_url, alone=True))
        tell = stack.enter_context(progress())
        restoring.make_ready(there, replace=replace)
        counts = moving.move(source, there, tell)
    sys.stdout.write(f"moved and compared {_counted(counts)}\n")
    sys.stdout.write("the one that it was moved from is as it was: serve the new one only\n")


@app.command
@told
def migrate(*, place: Place = HERE) -> None:
    """Bring the database to this Gossamer's version, as `gossamer serve` does on start.

    Servers of the version before go on meanwhile, where they can; where they can't, this is refused while
    one runs.
    """
    _check_there(place)
    with looked_at(place.url()) as connection:
        found = backing_up.known_version(connection)
    is_online = migration.is_online(found.found)
    with contextlib.ExitStack() as stack:
        if not is_online:
            stack.enter_context(place.alone())
        connection = stack.enter_context(held(place.url(), alone=not is_online))
        found = backing_up.known_version(connection)
        if found.found == SCHEMA_VERSION:
            sys.stdout.write(f"the database has version {SCHEMA_VERSION} already\n")
            return
        migration.upgrade(connection, found)
        fill_states(connection)
    sys.stdout.write(f"brought from version {found.found} to {SCHEMA_VERSION}\n")


@app.command
@told
def downgrade(to: int, *, accept_loss: bool = False, place: Place = HERE) -> None:
    """Bring the database back to an earlier version, for an earlier Gossamer. No server may use it meanwhile.

    Parameters
    ----------
    to
        The version.
    accept_loss
        What that version can't hold may go.
    """
    _check_there(place)
    with place.alone(), held(place.url(), alone=True) as connection:
        found = version_of(connection)
        if found is None:
            raise Unavailable("the database is empty: nothing was ever kept in it")
        if (lost := migration.lost(found.found, to)) and not accept_loss:
            raise Lossy(lost)
        migration.downgrade(connection, found, to)
    sys.stdout.write(f"brought from version {found.found} to {to}\n")


def _check_there(place: Place) -> None:
    if not place.is_there():
        raise FileNotFoundError(f"there is no database {place.url().database} (--data-dir or --database-url)")


def _said(header: Header) -> str:
    return f"version {header.version}, up to {header.sequence} in the log, {_counted(header.rows)}"


def _counted(rows: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {number}" for name, number in rows.items() if number)


def _tell_of_key(header: Header, opener: Vault | str) -> None:
    """Whether the key that is here is the one that the secrets were sealed with."""
    if isinstance(opener, str):
        sys.stderr.write(f"gossamer: {opener}: its secrets open only with the key that sealed them\n")
    elif header.secrets_key not in (None, opener.fingerprint()):
        sys.stderr.write(
            "gossamer: the key of secrets that is here is another one than sealed the secrets of the "
            "backup: access keys and certificates will not open until the right one is given\n"
        )
