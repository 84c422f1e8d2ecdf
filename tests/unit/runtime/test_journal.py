"""The log, where it cannot be written."""

import io

import structlog

from gossamer.runtime.journal import LossyStream


class FullDisk(io.StringIO):
    """A file on a disk that has no room for as long as `is_full`."""

    is_full = True

    def write(self, text: str) -> int:
        if self.is_full:
            raise OSError(28, "No space left on device")
        return super().write(text)


def test_a_log_that_cannot_be_written_loses_lines_and_goes_on() -> None:
    disk = FullDisk()
    log = structlog.PrintLogger(LossyStream(disk))
    log.info("lost")
    disk.is_full = False
    log.info("kept")
    assert disk.getvalue().endswith("kept\n")
