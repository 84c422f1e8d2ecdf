"""One thing that a rule found."""

from dataclasses import dataclass

from gossamer.analysis.rule import Rule
from gossamer.model.kind import Ref


@dataclass(frozen=True, slots=True)
class Finding:
    """Whose spec it is about, which rule it breaks, and how, in a sentence."""

    rule: Rule
    resource: Ref
    why: str
