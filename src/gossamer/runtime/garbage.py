"""How often Python looks for garbage that counting references does not find: objects that name each other.

Such a look keeps every thread still. What a mesh is made of never names itself in a circle, and there may be
a million objects of it: looking through all of them took 100 ms, again and again while a mesh grew. Answering
a call leaves no such garbage at all.
Source: Python documentation, gc.freeze and gc.set_threshold.
"""

import gc
from typing import Final

#: How many more objects there must be for a look at the youngest, so many such looks for one at those that
#: survived one, and so many of these for one at all.
THRESHOLDS: Final = (10_000, 10, 50)


def settle() -> None:
    """Take what is there for what stays, and look seldom at what comes."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
