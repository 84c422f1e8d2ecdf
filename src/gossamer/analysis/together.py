"""Matches that take together what none of them takes alone, told apart by conditions on headers.

A condition divides requests into those without the header, those that satisfy it, and those that have the
header and do not. If earlier matches take all of each part, they take all. Paths need no division: what
several prefixes take together, one of them takes. Nor do methods: there are others than the named ones.
Source: Envoy `HeaderMatcher`: a header that is not there satisfies no condition on its value, turned or not.
"""

from collections.abc import Iterator, Sequence
from typing import Final, TypeVar

from envoy.config.route.v3.route_components_pb2 import HeaderMatcher, RouteMatch

from gossamer.explain.condition import value_holds

#: How many conditions requests are divided by at most: each makes up to three parts of one.
MOST_DIVISIONS: Final = 4

Name = TypeVar("Name")

Conditions = Sequence[HeaderMatcher]


def taken_together(
    wides: Sequence[tuple[Name, RouteMatch]], have: Conditions, left: int = MOST_DIVISIONS
) -> tuple[Name, ...] | None:
    """Those of some matches that surely take every request with some headers; None if that is not sure.

    They are matches that take the path and the rest, so that only their headers are asked about.
    """
    open_ = [(name, wide) for name, wide in wides if not any(refuted(have, one) for one in wide.headers)]
    asked = [[one for one in wide.headers if not satisfied(have, one)] for _, wide in open_]
    alone = next((name for (name, _), more in zip(open_, asked, strict=True) if not more), None)
    if alone is not None:
        return (alone,)
    if not open_ or not left:
        return None
    found: dict[Name, None] = {}
    for part in _parts(min(asked, key=len)[0]):
        if not refuted(have, part):
            taken = taken_together(open_, (*have, part), left - 1)
            if taken is None:
                return None
            found |= dict.fromkeys(taken)
    return tuple(name for name, _ in wides if name in found)


def satisfied(have: Conditions, asked: HeaderMatcher) -> bool:
    """Whether what satisfies some conditions surely satisfies another."""
    return any(implies(one, asked) for one in have)


def implies(have: HeaderMatcher, asked: HeaderMatcher) -> bool:
    """Whether a header that satisfies one condition surely satisfies another."""
    if have.name.lower() != asked.name.lower():
        return False
    if have == asked:
        return True
    if asked.invert_match:
        return False
    if asked.HasField("present_match"):
        # A condition on a value, turned round or not, asks for the header too.
        return not _is_absence(have)
    is_exact = have.string_match.WhichOneof("match_pattern") == "exact" and not have.invert_match
    return is_exact and value_holds(asked, have.string_match.exact)[0]


def refuted(have: Conditions, asked: HeaderMatcher) -> bool:
    """Whether nothing that satisfies some conditions satisfies another."""
    return any(_excludes(one, asked) for one in have if one.name.lower() == asked.name.lower())


def _excludes(have: HeaderMatcher, asked: HeaderMatcher) -> bool:
    if _is_absence(have) or _is_absence(asked):
        return _is_absence(have) is not _is_absence(asked)
    return not asked.HasField("present_match") and implies(have, _turned(asked))


def _parts(condition: HeaderMatcher) -> Iterator[HeaderMatcher]:
    """Conditions of which every request satisfies exactly one."""
    if not condition.HasField("present_match"):
        yield HeaderMatcher(name=condition.name, present_match=True, invert_match=True)
    yield condition
    yield _turned(condition)


def _turned(condition: HeaderMatcher) -> HeaderMatcher:
    turned = HeaderMatcher()
    turned.CopyFrom(condition)
    turned.invert_match = not condition.invert_match
    return turned


def _is_absence(condition: HeaderMatcher) -> bool:
    return condition.HasField("present_match") and condition.invert_match
