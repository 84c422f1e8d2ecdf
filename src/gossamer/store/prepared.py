"""Statements as text that is made once for each engine, and carried out as they are.

SQLAlchemy looks a statement up, counts its parameters and prepares a result by its types each time that it is
executed, which takes five times as long as SQLite needs for all the rest. Ours are about texts and whole
numbers, which need no conversion in either engine.
Source: SQLAlchemy documentation, Connection.exec_driver_sql and PoolProxiedConnection.driver_connection.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row
from sqlalchemy.engine import result_tuple
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.base import Executable
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ClauseElement

Parameters = Mapping[str, object]

#: A row as SQLAlchemy has it: its columns by their names.
Found = Row[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class _Text:
    """A statement in one engine's words. `order` names its parameters where they go by their place."""

    sql: str
    order: tuple[str, ...] | None
    constants: Parameters

    def values(self, parameters: Parameters) -> tuple[object, ...] | dict[str, object]:
        """The parameters as the driver takes them."""
        named = {**self.constants, **parameters}
        return named if self.order is None else tuple([named[name] for name in self.order])


class Prepared:
    """One statement. Inside of a transaction only: nothing here begins one."""

    def __init__(self, statement: Executable) -> None:
        self._statement = statement
        self._texts: dict[tuple[str, ...], _Text] = {}

    def rows(self, connection: Connection, parameters: Parameters) -> Sequence[Found]:
        """Carry it out; all that it finds."""
        text = self._text(connection, parameters)
        driver = connection.connection.driver_connection
        if not isinstance(driver, sqlite3.Connection):
            found = connection.exec_driver_sql(text.sql, text.values(parameters))
            return found.all() if found.returns_rows else ()
        try:
            cursor = driver.execute(text.sql, text.values(parameters))
            rows = cursor.fetchall()
        except sqlite3.Error as error:
            raise _told(connection, error) from error
        if not rows:
            return ()
        row = result_tuple([column[0] for column in cursor.description])
        return [row(one) for one in rows]

    def row(self, connection: Connection, parameters: Parameters) -> Found | None:
        """Carry it out; the first that it finds, if anything."""
        found = self.rows(connection, parameters)
        return found[0] if found else None

    def number(self, connection: Connection, parameters: Parameters) -> int:
        """Carry it out; the one number that it finds."""
        return int(self.rows(connection, parameters)[0][0])

    def many(self, connection: Connection, several: Sequence[Parameters]) -> None:
        """Carry it out with each of several parameters, which have the same names."""
        if not several:
            return
        text = self._text(connection, several[0])
        driver = connection.connection.driver_connection
        values = [text.values(one) for one in several]
        if not isinstance(driver, sqlite3.Connection):
            connection.exec_driver_sql(text.sql, values)
            return
        try:
            driver.executemany(text.sql, values)
        except sqlite3.Error as error:
            raise _told(connection, error) from error

    def _text(self, connection: Connection, parameters: Parameters) -> _Text:
        # Which columns an INSERT or UPDATE is about follows from the parameters.
        key = (connection.dialect.name, *parameters)
        text = self._texts.get(key)
        if text is None:
            text = self._texts[key] = _text(self._statement, connection, parameters)
        return text


def _text(statement: Executable, connection: Connection, parameters: Parameters) -> _Text:
    assert isinstance(statement, ClauseElement)  # noqa: S101 - every statement is one
    compiled = statement.compile(dialect=connection.dialect, column_keys=list(parameters))
    assert isinstance(compiled, SQLCompiler)  # noqa: S101 - of SQL
    order = tuple(compiled.positiontup) if compiled.positiontup is not None else None
    constants = {name: value for name, value in compiled.params.items() if name not in parameters}
    return _Text(compiled.string, order, constants)


def _told(connection: Connection, error: sqlite3.Error) -> BaseException:
    """The error as SQLAlchemy tells it, of its own kind; what was written may be secret, and is left out."""
    return DBAPIError.instance(
        None, None, error, sqlite3.Error, hide_parameters=True, dialect=connection.dialect
    )
