"""Where `gossamer` begins: a sidecar without flags at once, everything else through the commands."""

import gc
import os
import sys
from typing import Final

#: The one command line that every container of a sidecar has.
SIDECAR: Final = ["agent"]

#: How many more objects there must be for a look at the youngest, and so on. What is loaded is never garbage,
#: and at Python's own numbers looking through it takes a sixth of the time of a command.
_THRESHOLDS: Final = (100_000, 10, 10)


def main() -> None:
    """Run what was asked for; each is imported only when it is."""
    usual = gc.get_threshold()
    gc.set_threshold(*_THRESHOLDS)
    if sys.argv[1:] == SIDECAR:
        from gossamer.cli.sidecar import run  # noqa: PLC0415  as light as can be

        gc.set_threshold(*usual)  # It has little memory, and years.
        raise SystemExit(run(os.environ))
    from gossamer.cli.main import main as run_command  # noqa: PLC0415  loads the reader of flags

    run_command()


if __name__ == "__main__":
    main()
