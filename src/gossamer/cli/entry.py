"""Where `gossamer` begins: a sidecar without flags at once, everything else through the commands."""

import os
import sys
from typing import Final

#: The one command line that every container of a sidecar has.
SIDECAR: Final = ["agent"]


def main() -> None:
    """Run what was asked for; each is imported only when it is."""
    if sys.argv[1:] == SIDECAR:
        from gossamer.cli.sidecar import run  # noqa: PLC0415  as light as can be

        raise SystemExit(run(os.environ))
    from gossamer.cli.main import main as run_command  # noqa: PLC0415  loads the reader of flags

    run_command()


if __name__ == "__main__":
    main()
