"""What a process has computed.

Source: Linux, `clock_getcpuclockid(3)`: a process's clock is named by its id, and counts all its threads,
those that ended too, by the nanosecond.
"""

import time
from typing import Final

#: Which of a process's clocks: the scheduler's own.
_SCHEDULED: Final = 2


def computed_s(process: int) -> float:
    """The processor time that a process has taken so far."""
    return time.clock_gettime(~process << 3 | _SCHEDULED)
