"""Statements as text that is made once for each engine, and carried out as they are.

SQLAlchemy looks a statement up, counts its parameters and prepares a result by its types each time that it is
executed, which takes five times as long as SQLite needs for all the rest. Ours are about texts and whole
numbers, which need no conversion in either engine.
Source: SQLAlchemy documentation, Connection.exec_driver_sql and PoolProxiedConnection.driver_connection.
"""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
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


class _Text:
    """A statement in one engine's words, and its parameters as the driver takes them."""

    def __init__(self, sql: str, order: Sequence[str] | None, constants: Parameters) -> None:
        self.sql = sql
        self._order = order
        self._constants = dict(constants)
        # One name would give a bare value, none is refused.
        self._in_order = itemgetter(*order) if order is not None and len(order) > 1 else None
        self._row: Callable[[Sequence[object]], Found] | None = None

    def values(self, parameters: Parameters) -> tuple[object, ...] | Parameters:
        """The parameters by their places, or where the engine has none by their names."""
        named = {**self._constants, **parameters} if self._constants else parameters
        if self._in_order is not None:
            ordered: tuple[object, ...] = self._in_order(named)
            return ordered
        return named if self._order is None else tuple([named[name] for name in self._order])

    def row(self, columns: Sequence[Sequence[str]]) -> Callable[[Sequence[object]], Found]:
        """What makes a row of the values found; a statement always finds the same columns."""
        if self._row is None:
            self._row = result_tuple([column[0] for column in columns])
        return self._row


class Prepared:
    """One statement. Inside of a transaction only: nothing here begins one."""

    def __init__(self, statement: Executable) -> None:
        self._statement = statement
        self._texts: dict[tuple[str, ...], _Text] = {}

    def rows(self, connection: Connection, parameters: Parameters) -> Sequence[Found]:
        """Carry it out; all that it finds."""
        text = self._text(connection, parameters)
        driver = connection.connection.dbapi_connection
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
        row = text.row(cursor.description)
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
        driver = connection.connection.dbapi_connection
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
    constants = {name: value for name, value in compiled.params.items() if name not in parameters}
    return _Text(compiled.string, compiled.positiontup, constants)


def _told(connection: Connection, error: sqlite3.Error) -> BaseException:
    """The error as SQLAlchemy tells it, of its own kind; what was written may be secret, and is left out."""
    return DBAPIError.instance(
        None, None, error, sqlite3.Error, hide_parameters=True, dialect=connection.dialect
    )
