"""The agent's log: one JSON object a line on standard error, beside Envoy's own lines.

Standard logging and nothing more, to keep the sidecar light.
"""

import datetime
import json
import logging
from typing import Final

Fact = str | int | float | None

_LOG: Final = logging.getLogger("gossamer.agent")


class _JsonLine(logging.Formatter):
    """Time, level, event, and the event's facts."""

    def format(self, record: logging.LogRecord) -> str:
        """One event as one line."""
        at = datetime.datetime.fromtimestamp(record.created, datetime.UTC)
        line = {
            "timestamp": at.isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
        }
        return json.dumps({**line, **getattr(record, "facts", {})})


def begin() -> None:
    """Send the log to standard error; called once, by the program."""
    handler = logging.StreamHandler()
    handler.setFormatter(_JsonLine())
    _LOG.handlers = [handler]
    _LOG.setLevel(logging.INFO)
    _LOG.propagate = False


def info(event: str, **facts: Fact) -> None:
    """A change of state."""
    _LOG.info(event, extra={"facts": facts})


def warning(event: str, **facts: Fact) -> None:
    """What may come to need a person."""
    _LOG.warning(event, extra={"facts": facts})


def error(event: str, **facts: Fact) -> None:
    """What a person must act on."""
    _LOG.error(event, extra={"facts": facts})
