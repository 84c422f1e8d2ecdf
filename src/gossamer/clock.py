"""The only door to the clock, so that tests can hold time still."""

import datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime.datetime:
        """The time now, aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime.datetime:
        """The time now, aware, in UTC."""
        return datetime.datetime.now(datetime.UTC)


class FixedClock:
    """A clock that a test moves by hand."""

    def __init__(self, at: datetime.datetime) -> None:
        self.at = at

    def now(self) -> datetime.datetime:
        """The time that it was last set to."""
        return self.at


def read_time(text: str) -> datetime.datetime:
    """A time as callers write it, in ISO 8601; without a zone it is UTC.

    Raises: ValueError for what is none, or lies outside the years that there are.
    """
    # A plus sign that nobody encoded arrives as a blank; between date and time a blank is meant.
    found = datetime.datetime.fromisoformat(text.replace(" ", "+") if "T" in text else text)
    aware = found if found.tzinfo is not None else found.replace(tzinfo=datetime.UTC)
    try:
        return aware.astimezone(datetime.UTC)
    except OverflowError as error:
        raise ValueError(str(error)) from error


def iso(at: datetime.datetime) -> str:
    """A time as our own routes tell it: ISO 8601, UTC, with milliseconds."""
    return at.astimezone(datetime.UTC).isoformat(timespec="milliseconds")
