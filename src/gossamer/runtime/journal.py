"""How logs are written: events with facts as keys, for people on a terminal, as JSON lines elsewhere."""

import contextlib
import io
import logging
import sys
from typing import Final, TextIO

import structlog
from structlog.typing import EventDict

from gossamer.telemetry import facts

LEVELS: Final = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
}


class LossyStream(io.StringIO):
    """A stream that loses lines rather than the process: the disk is full, or whoever read them has left."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__()
        self._stream = stream

    def write(self, text: str) -> int:
        """Write as much as can be."""
        with contextlib.suppress(OSError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Send on what was written."""
        with contextlib.suppress(OSError):
            self._stream.flush()


def set_up(*, level: str, style: str) -> None:
    """Send this process's log to standard error. `style` is auto, console or json.

    What libraries log, and Python's own warnings, take the same form, as event `library_said`.
    """
    for_people = style == "console" or (style == "auto" and sys.stderr.isatty())
    last = structlog.dev.ConsoleRenderer() if for_people else structlog.processors.JSONRenderer()
    stream = LossyStream(sys.stderr)
    structlog.configure(
        processors=[*_PROCESSORS, structlog.processors.format_exc_info, last],
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]),
        logger_factory=structlog.PrintLoggerFactory(stream),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*_PROCESSORS, structlog.stdlib.add_logger_name, _said],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                last,
            ],
        )
    )
    logging.captureWarnings(capture=True)
    logging.basicConfig(level=max(logging.WARNING, LEVELS[level]), handlers=[handler])


_PROCESSORS: Final = (
    facts.merged,
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)


def _said(_: object, __: str, said: EventDict) -> EventDict:
    """A library's sentence is a fact; the event is that it spoke."""
    return {**said, "event": "library_said", "why": said["event"]}
