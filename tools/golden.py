"""Rewrites every golden output and deletes the stale ones; read the difference before you commit it."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.support.goldens import ROOT as GOLDENS  # noqa: E402 - the tests' folder must be found first
from tests.support.goldens import cases  # noqa: E402


def main() -> int:
    """Write, delete, and tell what changed."""
    wanted = {case.output(): case.golden() for case in cases()}
    for path, text in wanted.items():
        if not path.exists() or path.read_text() != text:
            path.write_text(text)
            print("wrote", path.relative_to(ROOT))
    outputs = (*GOLDENS.rglob("*.envoy.json"), *GOLDENS.rglob("*.violations.txt"))
    for stale in set(outputs) - set(wanted):
        stale.unlink()
        print("deleted", stale.relative_to(ROOT))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
