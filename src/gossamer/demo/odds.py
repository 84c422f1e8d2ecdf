"""Whether an observed split can come from its weights: an exact binomial test.

Envoy draws the target of each request by itself, so the count of one target is binomial.
"""

import math
from typing import Final

#: A right split is called wrong less often than once in a million.
SIGNIFICANCE: Final = 1e-6


def is_plausible(hits: int, total: int, share: float) -> bool:
    """Whether `hits` of `total` requests are plausible for a target with this share of the weights."""
    if share in (0.0, 1.0):
        return hits == total * share
    here = _probability(hits, total, share)
    # Everything that is no likelier than what was seen.
    tail = sum(
        p for count in range(total + 1) if (p := _probability(count, total, share)) <= here * (1 + 1e-9)
    )
    return tail >= SIGNIFICANCE


def _probability(hits: int, total: int, share: float) -> float:
    choices = math.lgamma(total + 1) - math.lgamma(hits + 1) - math.lgamma(total - hits + 1)
    return math.exp(choices + hits * math.log(share) + (total - hits) * math.log1p(-share))
