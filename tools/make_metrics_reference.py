"""Writes docs/reference/metrics.md from the table of metrics; `--check` only compares."""

import re
import sys
from pathlib import Path
from typing import Final

from gossamer.telemetry import metrics
from gossamer.telemetry.tally import Tallied

ROOT: Final = Path(__file__).resolve().parent.parent
PAGE: Final = ROOT / "docs" / "reference" / "metrics.md"

HEAD: Final = """# Metrics of the control plane

Made from `telemetry/metrics.py` by `make docs`. `GET /metrics` on the API's port answers in Prometheus' text
format, to everybody. Besides these it tells the `process_*` and `python_*` metrics of Prometheus' client
library: memory, open files, processor time, garbage collection.

No label names a mesh, a resource, a proxy or a caller, so the number of series does not grow with the mesh.
What each single proxy runs is told by `GET /gossamer/v1/proxies` and `gossamer proxies`. A histogram has the
series `_bucket`, `_sum` and `_count`; all times are in seconds.
"""

COLUMNS: Final = "| Metric | Kind | Labels | Meaning |\n|---|---|---|---|\n"


def page() -> str:
    """The whole page."""
    text = Path(metrics.__file__).read_text()
    parts = [HEAD]
    for title, body in re.findall(r"^# (.+)\.\n((?:(?!^# ).*\n)+)", text, re.MULTILINE):
        names = re.findall(r"^([A-Z_]+): Final = (?:Loop)?(?:Counter|Gauge|Histogram)\(", body, re.MULTILINE)
        rows = [_row(metrics.table()[name]) for name in names]
        parts.append(
            f"\n## {title}\n\n| Metric | Kind | Labels | Meaning |\n|---|---|---|---|\n" + "".join(rows)
        )
    return "".join(parts)


def _row(metric: metrics.Told) -> str:
    (told,) = metric.describe()
    name = f"{told.name}_total" if told.type == "counter" else told.name
    # The client library tells them nowhere else.
    names = [metric.label] if isinstance(metric, Tallied) else metric._labelnames  # noqa: SLF001
    labels = ", ".join(f"`{label}`" for label in names)
    return f"| `{name}` | {told.type} | {labels} | {told.documentation} |\n"


def main() -> int:
    """Write the page, or tell that it is stale."""
    if "--check" not in sys.argv:
        PAGE.write_text(page())
        return 0
    is_current = PAGE.exists() and PAGE.read_text() == page()
    print("metrics: current" if is_current else "metrics: stale, run `make docs`")
    return not is_current


if __name__ == "__main__":
    raise SystemExit(main())
