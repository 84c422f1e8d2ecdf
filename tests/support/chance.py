"""How often chance is tried: so much in a usual run, more under `--hypothesis-profile=fuzz`."""

import os
from typing import Final

from hypothesis import settings

FUZZ: Final = "fuzz"


def tries(*, usual: int, fuzz: int) -> int:
    """How many of something this run has time for."""
    return fuzz if is_long() else usual


def is_long() -> bool:
    """Whether this is a run that leaves much to chance."""
    return settings.get_current_profile_name() == FUZZ


def seconds(*, usual: float) -> float:
    """How long a test that is bounded by time goes on; GOSSAMER_FUZZ_SECONDS says it for a long run."""
    return float(os.environ.get("GOSSAMER_FUZZ_SECONDS", "100")) if is_long() else usual
