"""`python -m bench [SCENARIO…]`: run scenarios, print a table each, keep the results; `--page` writes those.

Each scenario runs in a process of its own, so that none sees what another left in memory, and one that fails
or hangs keeps nobody from measuring the rest.
"""

import argparse
import signal
import sys
from pathlib import Path

from bench import page, run
from bench.scenarios import SCENARIOS
from bench.table import table


def main() -> int:
    """Run what was asked for, or all of it."""
    # Told to end, it still ends what it started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    asked = _arguments()
    if asked.measure:
        run.write_results(run.measure(SCENARIOS[asked.measure]), asked.to)
        return 0
    is_whole = True
    for name in () if asked.page_only else asked.scenario or SCENARIOS:
        print(f"== {name}: {SCENARIOS[name].about}", flush=True)
        done = run.run_apart(name, asked.patience)
        run.save(done)
        print(table(done), flush=True)
        is_whole = is_whole and not done.failure
    if asked.page or asked.page_only:
        page.write([kept for name in SCENARIOS if (kept := run.load(name)) is not None])
        print(f"wrote {page.PAGE}")
    return not is_whole


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("scenario", nargs="*", choices=[[], *SCENARIOS], help="all, if none is named")
    parser.add_argument("--page", action="store_true", help="write the page from the newest run of each")
    parser.add_argument("--page-only", action="store_true", help="the same, without running any")
    parser.add_argument("--patience", type=float, default=1, help="on a busy machine: so many times as long")
    parser.add_argument("--measure", choices=SCENARIOS, help=argparse.SUPPRESS)
    parser.add_argument("--to", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
