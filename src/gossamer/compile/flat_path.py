"""Two conditions on a path, with a rewrite between them, as one: a gateway route's, and a route's behind it.

A gateway's own way out would see the rewritten path, normalised once more. Only what is certain to be the
same in one step is put together; everything else is left to the two steps.
Source: Envoy `RouteMatch`, `RouteAction.prefix_rewrite`, `regex_rewrite`; HTTP path normalisation.
"""

import enum
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from envoy.config.route.v3.route_components_pb2 import RouteAction, RouteMatch
from envoy.type.matcher.v3.regex_pb2 import RegexMatchAndSubstitute, RegexMatcher

#: A path, or the beginning of one, that normalisation leaves as it is, and that holds no query.
_PLAIN: Final = re.compile(r"(/(?!\.{0,2}(/|$))[A-Za-z0-9._~!$&'()*+,;=:@-]+)*/?")


class Verdict(enum.Enum):
    """What is known where the two are no one match."""

    #: No path satisfies both.
    NEVER = enum.auto()
    #: They cannot be put together; what comes here goes both steps.
    UNCLEAR = enum.auto()


@dataclass(frozen=True, slots=True)
class Passage:
    """Which paths are taken, and what becomes of them: parts of a match and of an action."""

    match: RouteMatch
    rewrite: RouteAction


def passages(outer: RouteMatch, rewrite: RouteAction) -> Iterator[Passage]:
    """A gateway route's paths in parts that one rewrite holds for.

    Shape: where a prefix without a slash at its end becomes one with it, the path that is the prefix itself;
           what goes on after the prefix may become a path that is normalised.
    """
    if _is_moved(outer, rewrite) and _gains_a_slash(outer.prefix, rewrite.prefix_rewrite):
        yield Passage(RouteMatch(path=outer.prefix), rewrite)
    else:
        yield Passage(outer, rewrite)


def through(passage: Passage, inner: RouteMatch) -> Passage | Verdict:
    """The paths of a passage that a route takes after the rewrite."""
    outer, rewrite = passage.match, passage.rewrite
    if rewrite.HasField("regex_rewrite"):
        return _fixed(passage, rewrite.regex_rewrite.substitution.replace("\\\\", "\\"), inner)
    if not rewrite.prefix_rewrite:
        return _both(outer, inner)
    if not _is_moved(outer, rewrite):
        return _fixed(passage, rewrite.prefix_rewrite, inner)
    return _moved(outer.prefix, rewrite.prefix_rewrite, inner)


def _is_moved(outer: RouteMatch, rewrite: RouteAction) -> bool:
    """Whether one prefix becomes another."""
    return bool(rewrite.prefix_rewrite) and outer.WhichOneof("path_specifier") == "prefix"


def _gains_a_slash(prefix: str, becomes: str) -> bool:
    return becomes.endswith("/") and not prefix.endswith("/")


def _fixed(passage: Passage, path: str, inner: RouteMatch) -> Passage | Verdict:
    """Every path becomes this one."""
    condition = inner.WhichOneof("path_specifier")
    if condition == "safe_regex" or not _is_plain(path):
        return Verdict.UNCLEAR
    is_taken = path == inner.path if condition == "path" else path.startswith(inner.prefix)
    return passage if is_taken else Verdict.NEVER


def _both(outer: RouteMatch, inner: RouteMatch) -> Passage | Verdict:
    """The path stays: both conditions are on one."""
    for one, other in ((outer, inner), (inner, outer)):
        if one.prefix == "/":
            return Passage(other, RouteAction())
    if "safe_regex" in (outer.WhichOneof("path_specifier"), inner.WhichOneof("path_specifier")):
        return Verdict.UNCLEAR
    for one, other in ((outer, inner), (inner, outer)):
        if _takes_all(one, other):
            return Passage(other, RouteAction())
    return Verdict.NEVER


def _takes_all(one: RouteMatch, other: RouteMatch) -> bool:
    """Whether one takes every path that the other takes; neither is an expression."""
    if one.path:
        return one.path == other.path
    return (other.path or other.prefix).startswith(one.prefix)


def _moved(prefix: str, becomes: str, inner: RouteMatch) -> Passage | Verdict:
    """A prefix becomes another, and a route looks at what came of it."""
    condition = inner.WhichOneof("path_specifier")
    if condition == "safe_regex":
        return Passage(inner, _kept()) if prefix == becomes == "/" else Verdict.UNCLEAR
    looked_for = inner.path or inner.prefix
    if not all(_is_plain(one) for one in (prefix, becomes, looked_for)):
        return Verdict.UNCLEAR
    if looked_for.startswith(becomes):
        taken = prefix + looked_for.removeprefix(becomes)
        match = RouteMatch(path=taken) if condition == "path" else RouteMatch(prefix=taken)
        return Passage(match, RouteAction(prefix_rewrite=looked_for))
    if condition == "prefix" and becomes.startswith(looked_for):
        return Passage(RouteMatch(prefix=prefix), RouteAction(prefix_rewrite=becomes))
    return Verdict.NEVER


def _kept() -> RouteAction:
    """A rewrite that changes nothing, but is one: the path before it is told in a header, as of any other."""
    root = RegexMatcher(regex="^/")
    return RouteAction(regex_rewrite=RegexMatchAndSubstitute(pattern=root, substitution="/"))


def _is_plain(path: str) -> bool:
    return _PLAIN.fullmatch(path) is not None
