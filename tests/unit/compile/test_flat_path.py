"""One step does to a path what two do: any path, conditions and rewrite, against a model of Envoy."""

import re

import pytest
from envoy.config.route.v3.route_components_pb2 import RouteAction, RouteMatch
from envoy.type.matcher.v3.regex_pb2 import RegexMatchAndSubstitute, RegexMatcher
from hypothesis import given
from hypothesis import strategies as st

from gossamer.compile.flat_path import Passage, Verdict, passages, through
from gossamer.compile.rewrite import WHOLE_PATH

PIECES = st.sampled_from(["a", "b", "ab", "a.", ".", "..", "", "a%2Fb", "b?c"])
PATHS = st.lists(PIECES, min_size=0, max_size=4).map(lambda found: "/" + "/".join(found))
REGEXES = st.sampled_from(["/.*", "/a/.*", "/[ab]+"])


def conditions(paths: st.SearchStrategy[str]) -> st.SearchStrategy[RouteMatch]:
    return st.one_of(
        paths.map(lambda one: RouteMatch(prefix=one)),
        paths.map(lambda one: RouteMatch(path=one)),
        REGEXES.map(lambda one: RouteMatch(safe_regex=RegexMatcher(regex=one))),
    )


def whole(path: str) -> RouteAction:
    """Every path becomes this one."""
    substitution = path.replace("\\", "\\\\")
    pattern = RegexMatcher(regex=WHOLE_PATH)
    return RouteAction(regex_rewrite=RegexMatchAndSubstitute(pattern=pattern, substitution=substitution))


REWRITES: st.SearchStrategy[RouteAction] = st.one_of(
    st.just(RouteAction()), PATHS.map(lambda one: RouteAction(prefix_rewrite=one)), PATHS.map(whole)
)


def normalised(path: str) -> str:
    """Source: Envoy, `merge_slashes` and `normalize_path`."""
    bare, mark, query = path.partition("?")
    kept: list[str] = []
    for piece in re.sub("/+", "/", bare).split("/")[1:]:
        if piece == "..":
            del kept[-1:]
        elif piece != ".":
            kept.append(piece)
    ends = bare.endswith(("/", "/.", "/.."))
    text = "/" + "/".join(one for one in kept if one) + ("/" if ends and any(kept) else "")
    return text + mark + query


def takes(match: RouteMatch, path: str) -> bool:
    bare = path.partition("?")[0]
    if match.HasField("safe_regex"):
        return re.fullmatch(match.safe_regex.regex, bare) is not None
    return bare == match.path if match.path else bare.startswith(match.prefix)


def becomes(match: RouteMatch, action: RouteAction, path: str) -> str:
    bare, mark, query = path.partition("?")
    if action.HasField("regex_rewrite"):
        found = action.regex_rewrite
        bare = re.sub(found.pattern.regex, lambda _: found.substitution.replace("\\\\", "\\"), bare, count=1)
    elif action.prefix_rewrite:
        bare = action.prefix_rewrite + bare.removeprefix(match.path or match.prefix)
    return bare + mark + query


@given(PATHS, REWRITES, conditions(PATHS), PATHS)
def test_what_is_put_together_does_what_the_two_steps_did(
    prefix: str, rewrite: RouteAction, inner: RouteMatch, asked: str
) -> None:
    holds(RouteMatch(prefix=prefix), rewrite, inner, normalised(asked))


def holds(outer: RouteMatch, rewrite: RouteAction, inner: RouteMatch, path: str) -> None:
    """Whether each passage takes and makes of a path what the two steps would."""
    for passage in passages(outer, rewrite):
        if not takes(passage.match, path):
            continue
        onward = normalised(becomes(passage.match, passage.rewrite, path))
        found = through(passage, inner)
        if found is Verdict.NEVER:
            assert not takes(inner, onward)
        elif isinstance(found, Passage):
            assert takes(found.match, path) == takes(inner, onward)
            if takes(found.match, path):
                assert becomes(found.match, found.rewrite, path) == onward


@given(conditions(PATHS), conditions(PATHS), PATHS)
def test_two_conditions_on_a_path_that_stays_are_one(
    outer: RouteMatch, inner: RouteMatch, asked: str
) -> None:
    holds(outer, RouteAction(), inner, normalised(asked))


@given(PATHS, PATHS, conditions(PATHS))
def test_a_path_that_is_matched_whole_becomes_another(path: str, other: str, inner: RouteMatch) -> None:
    holds(RouteMatch(path=path), RouteAction(prefix_rewrite=other), inner, normalised(path))


@pytest.mark.parametrize(
    ("prefix", "rewritten", "inner", "taken", "onward"),
    [
        ("/", "/", "/", "/", "/"),
        ("/a/", "/", "/b/", "/a/b/", "/b/"),
        ("/a/", "/", "/", "/a/", "/"),
        ("/a", "/x", "/x/y", "/a/y", "/x/y"),
        ("/a/", "/x/y/", "/x/", "/a/", "/x/y/"),
    ],
)
def test_prefixes_are_put_together(prefix: str, rewritten: str, inner: str, taken: str, onward: str) -> None:
    (passage,) = passages(RouteMatch(prefix=prefix), RouteAction(prefix_rewrite=rewritten))
    assert through(passage, RouteMatch(prefix=inner)) == Passage(
        RouteMatch(prefix=taken), RouteAction(prefix_rewrite=onward)
    )


def test_a_prefix_that_gains_a_slash_is_put_together_for_itself_alone() -> None:
    (passage,) = passages(RouteMatch(prefix="/a"), RouteAction(prefix_rewrite="/"))
    assert passage.match == RouteMatch(path="/a")
    assert through(passage, RouteMatch(prefix="/b")) is Verdict.NEVER
    assert through(passage, RouteMatch(prefix="/")) == passage


def test_an_expression_about_a_rewritten_path_takes_two_steps() -> None:
    (passage,) = passages(RouteMatch(prefix="/a/"), RouteAction(prefix_rewrite="/"))
    expression = RouteMatch(safe_regex=RegexMatcher(regex="/b.*"))
    assert through(passage, expression) is Verdict.UNCLEAR
