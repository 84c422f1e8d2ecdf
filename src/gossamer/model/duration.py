"""A length of time with the unit that the operator chose.

Source: App Mesh API 2019-01-25, `Duration`.
"""

import datetime
import enum
from collections.abc import Iterator
from typing import Annotated, Final

from gossamer.model.rule import Between
from gossamer.model.spec import Ruled, Violated

#: A hundred years. Envoy 1.40 refuses durations somewhat above it, and the managed service named no bound.
LONGEST_SECONDS: Final = 100 * 365 * 24 * 3600


class DurationUnit(enum.Enum):
    """The unit of a duration."""

    SECONDS = "s"
    MILLISECONDS = "ms"


class Duration(Ruled):
    """A length of time; zero is a value of its own and switches a timeout off.

    Both members are needed: neither means anything without the other.
    """

    unit: DurationUnit
    """The unit that `value` is counted in."""
    value: Annotated[int, Between(0, LONGEST_SECONDS * 1000)]
    """How many of the unit; at most a hundred years."""

    @property
    def as_timedelta(self) -> datetime.timedelta:
        """The same length without a unit."""
        if self.unit is DurationUnit.SECONDS:
            return datetime.timedelta(seconds=self.value)
        return datetime.timedelta(milliseconds=self.value)

    def _broken_rules(self) -> Iterator[Violated]:
        if self.unit is DurationUnit.SECONDS and self.value > LONGEST_SECONDS:
            yield Violated(f"must be between 0 and {LONGEST_SECONDS} when the unit is s", "value")
