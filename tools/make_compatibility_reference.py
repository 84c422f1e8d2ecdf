"""Writes docs/reference/compatibility.md: what every call comes to with every client; `--check` compares."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.support.compatibility.matrix import (
    PAGE,
    current_page,
)


def main() -> int:
    """Write the page, or tell that it is stale."""
    page = current_page()
    if "--check" not in sys.argv:
        PAGE.write_text(page)
        return 0
    is_current = PAGE.exists() and PAGE.read_text() == page
    print("compatibility: current" if is_current else "compatibility: stale, run `make docs`")
    return not is_current


if __name__ == "__main__":
    raise SystemExit(main())
