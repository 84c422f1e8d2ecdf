"""Numbers as they are told: the middle, and how far they spread."""

import statistics
from collections.abc import Sequence


def spread(values: Sequence[float], unit: str) -> str:
    """Median, tenth and ninetieth percentile, and how many there are."""
    ordered = sorted(values)
    low, high = ordered[len(ordered) // 10], ordered[(len(ordered) * 9) // 10]
    middle = statistics.median(ordered)
    return f"median {middle:.2f} {unit} (p10 {low:.2f}, p90 {high:.2f}, n={len(ordered)})"
