"""Labels that a resource carries for people and for billing.

Source: App Mesh API 2019-01-25, `TagRef`, `TagList`; AWS reserves keys that start with `aws:`.
"""

from typing import Annotated, Final

from gossamer.model.rule import Characters, Items, Obeying
from gossamer.model.spec import Spec, Violated


def _unreserved(key: str) -> str:
    if key.lower().startswith("aws:"):
        raise Violated("must not start with aws:")
    return key


TagKey = Annotated[str, Characters(1, 128)]


class TagRef(Spec):
    """One label."""

    key: Annotated[TagKey, Obeying(_unreserved, "must not start with aws:")]
    """Its name."""
    value: Annotated[str, Characters(0, 256)]
    """What it says; it may be empty."""


#: How many labels a resource may carry.
MOST_TAGS: Final = 50

TagList = Annotated[tuple[TagRef, ...], Items(0, MOST_TAGS)]
TagKeyList = Annotated[tuple[TagKey, ...], Items(0, MOST_TAGS)]
