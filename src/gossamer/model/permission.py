"""Whether policies let something be done: deny wins, and what nothing allows is forbidden.

Source: AWS Identity and Access Management user guide, policy evaluation logic; multivalued context keys.
"""

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from gossamer.model.policy import NULL, TAG_KEYS, Condition, Effect, Policy, Quantifier, Statement, matches


class Verdict(enum.Enum):
    """What the policies say."""

    ALLOWED = "allowed"
    NOT_ALLOWED = "not allowed"
    DENIED = "denied"


@dataclass(frozen=True, slots=True)
class Demand:
    """What somebody wants to do, and to what. `requested` are the tags that the request carries."""

    action: str
    resource: str
    tags: Mapping[str, str] = field(default_factory=dict)
    requested: Mapping[str, str] = field(default_factory=dict)
    tag_keys: tuple[str, ...] = ()


def verdict(policies: Iterable[Policy], demand: Demand) -> Verdict:
    """What policies say to a demand."""
    effects = {
        statement.effect
        for policy in policies
        for statement in policy.statements
        if _applies(statement, demand)
    }
    if Effect.DENY in effects:
        return Verdict.DENIED
    return Verdict.ALLOWED if Effect.ALLOW in effects else Verdict.NOT_ALLOWED


def is_allowed_anywhere(policies: Iterable[Policy], action: str) -> bool:
    """Whether an action is allowed whatever it is done to, so that nobody has to look at the resource."""
    about = [
        statement for policy in policies for statement in policy.statements if statement.actions.match(action)
    ]
    return any(
        one.effect is Effect.ALLOW and one.resources.is_everything and not one.conditions for one in about
    ) and all(one.effect is Effect.ALLOW for one in about)


def _applies(statement: Statement, demand: Demand) -> bool:
    return (
        statement.actions.match(demand.action)
        and statement.resources.match(demand.resource)
        and all(_holds(condition, demand) for condition in statement.conditions)
    )


def _holds(condition: Condition, demand: Demand) -> bool:
    found = _values(condition.key, demand)
    if condition.comparison == NULL:
        return ("false" if found else "true") in condition.values
    if condition.if_exists and not found:
        return True
    each = [_compares(condition, value) for value in found]
    match condition.quantifier:
        case Quantifier.ALL:
            return all(each)
        case Quantifier.ANY:
            return any(each)
        case Quantifier.ONE:
            # What is not there equals nothing, and differs from everything.
            return any(each) if found else "Not" in condition.comparison


def _compares(condition: Condition, value: str) -> bool:
    comparison = condition.comparison
    if comparison.endswith("Like"):
        found = any(matches(pattern, value) for pattern in condition.values)
    else:
        found = value in condition.values
    return found is not ("Not" in comparison)


def _values(key: str, demand: Demand) -> tuple[str, ...]:
    """What a condition key holds."""
    if key == TAG_KEYS:
        return demand.tag_keys
    head, _, tag = key.partition("/")
    tags = demand.requested if head == "aws:RequestTag" else demand.tags
    return tuple(value for name, value in tags.items() if name.lower() == tag.lower())
