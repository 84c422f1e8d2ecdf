"""How often chance is tried: so much in a usual run, more under `--hypothesis-profile=fuzz`."""

from typing import Final

from hypothesis import settings

FUZZ: Final = "fuzz"


def tries(*, usual: int, fuzz: int) -> int:
    """How many of something this run has time for."""
    return fuzz if settings.get_current_profile_name() == FUZZ else usual
