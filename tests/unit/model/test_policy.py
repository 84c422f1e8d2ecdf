"""Policies: what a document may say, and what it then allows."""

import json
from typing import Any

import pytest

from gossamer.errors import InvalidSpec
from gossamer.model.permission import Demand, Verdict, is_allowed_anywhere, verdict
from gossamer.model.policy import MANAGED, Policy, policy_from_json

NODE = "arn:aws:appmesh:us-west-2:000000000000:mesh/m/virtualNode/n"
ACTION = "appmesh:UpdateVirtualNode"
ALLOW = {"Effect": "Allow", "Action": "appmesh:*", "Resource": "*"}


def policy(*statements: dict[str, Any]) -> Policy:
    return policy_from_json(json.dumps({"Version": "2012-10-17", "Statement": list(statements)}))


def allowed(*statements: dict[str, Any], action: str = ACTION, resource: str = NODE, **more: Any) -> bool:
    return verdict([policy(*statements)], Demand(action, resource, **more)) is Verdict.ALLOWED


@pytest.mark.parametrize("name", MANAGED)
def test_a_managed_policy_can_be_read(name: str) -> None:
    assert policy_from_json(MANAGED[name]).statements


@pytest.mark.parametrize(
    ("action", "is_allowed"),
    [
        ("*", True),
        ("appmesh:*", True),
        ("appmesh:Update*", True),
        ("APPMESH:updatevirtualnode", True),
        ("appmesh:Update?irtualNode", True),
        ("appmesh:UpdateVirtual", False),
        ("acm:*", False),
        (["acm:*", ACTION], True),
    ],
)
def test_actions_match_in_any_case_and_with_wildcards(action: Any, is_allowed: bool) -> None:  # noqa: FBT001 - a case
    assert allowed({**ALLOW, "Action": action}) is is_allowed


@pytest.mark.parametrize(
    ("resource", "is_allowed"),
    [
        (NODE, True),
        ("arn:aws:appmesh:*:*:mesh/m/*", True),
        ("arn:aws:appmesh:*:*:mesh/?/virtualNode/n", True),
        ("arn:aws:appmesh:*:*:mesh/M/*", False),
        ("arn:aws:appmesh:*:*:mesh/m", False),
        ([f"{NODE}x", NODE], True),
    ],
)
def test_resources_match_with_wildcards_and_in_their_case(resource: Any, is_allowed: bool) -> None:  # noqa: FBT001 - a case
    assert allowed({**ALLOW, "Resource": resource}) is is_allowed


def test_a_deny_wins_and_nothing_is_allowed_by_itself() -> None:
    deny = {"Effect": "Deny", "Action": ACTION, "Resource": "*"}
    assert verdict([policy(ALLOW), policy(deny)], Demand(ACTION, NODE)) is Verdict.DENIED
    assert verdict([], Demand(ACTION, NODE)) is Verdict.NOT_ALLOWED
    assert allowed(ALLOW, deny, action="appmesh:DescribeMesh")


def test_not_means_everything_else() -> None:
    others = {"Effect": "Allow", "NotAction": "appmesh:Delete*", "NotResource": f"{NODE}x"}
    assert allowed(others)
    assert not allowed(others, action="appmesh:DeleteMesh")
    assert not allowed(others, resource=f"{NODE}x")


CASES: list[tuple[dict[str, Any], dict[str, Any], bool]] = [
    ({"StringEquals": {"aws:ResourceTag/team": "a"}}, {"tags": {"team": "a"}}, True),
    ({"StringEquals": {"appmesh:ResourceTag/Team": ["a", "b"]}}, {"tags": {"team": "b"}}, True),
    ({"StringEquals": {"aws:resourcetag/team": "a"}}, {"tags": {"team": "A"}}, False),
    ({"StringEquals": {"aws:ResourceTag/team": "a"}}, {}, False),
    ({"StringEqualsIfExists": {"aws:ResourceTag/team": "a"}}, {}, True),
    ({"StringNotEquals": {"aws:ResourceTag/team": "a"}}, {}, True),
    ({"StringNotEquals": {"aws:ResourceTag/team": ["a", "b"]}}, {"tags": {"team": "b"}}, False),
    ({"StringLike": {"aws:RequestTag/team": "a*"}}, {"requested": {"team": "abc"}}, True),
    ({"StringNotLike": {"aws:RequestTag/team": "a*"}}, {"requested": {"team": "abc"}}, False),
    ({"ForAllValues:StringEquals": {"aws:TagKeys": ["a", "b"]}}, {"tag_keys": ("a",)}, True),
    ({"ForAllValues:StringEquals": {"aws:TagKeys": ["a", "b"]}}, {"tag_keys": ("a", "c")}, False),
    ({"ForAllValues:StringEquals": {"aws:TagKeys": "a"}}, {}, True),
    ({"ForAnyValue:StringEquals": {"aws:TagKeys": "a"}}, {"tag_keys": ("a", "c")}, True),
    ({"ForAnyValue:StringEquals": {"aws:TagKeys": "a"}}, {}, False),
    ({"Null": {"aws:RequestTag/team": "true"}}, {}, True),
    ({"Null": {"aws:RequestTag/team": False}}, {}, False),
    ({"Null": {"aws:TagKeys": False}}, {"tag_keys": ("a",)}, True),
    (
        {"StringEquals": {"aws:ResourceTag/team": "a", "aws:ResourceTag/tier": "x"}},
        {"tags": {"team": "a"}},
        False,
    ),
]


@pytest.mark.parametrize(("condition", "facts", "holds"), CASES, ids=range(len(CASES)))
def test_a_condition_narrows_a_statement(
    condition: dict[str, Any],
    facts: dict[str, Any],
    holds: bool,  # noqa: FBT001 - a case
) -> None:
    assert allowed({**ALLOW, "Condition": condition}, **facts) is holds


def test_a_resource_is_looked_at_only_where_a_policy_asks_for_it() -> None:
    assert is_allowed_anywhere([policy(ALLOW)], ACTION)
    assert not is_allowed_anywhere([policy({**ALLOW, "Resource": NODE})], ACTION)
    assert not is_allowed_anywhere(
        [policy({**ALLOW, "Condition": {"Null": {"aws:TagKeys": "true"}}})], ACTION
    )
    deny = {"Effect": "Deny", "Action": "appmesh:Delete*", "Resource": NODE}
    assert is_allowed_anywhere([policy(ALLOW, deny)], ACTION)
    assert not is_allowed_anywhere([policy(ALLOW, deny)], "appmesh:DeleteMesh")
    assert not is_allowed_anywhere([], ACTION)


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        ("{", "the policy is not JSON"),
        ("[]", "must be an object"),
        ({}, "Statement: is required"),
        ({"Version": "2020-01-01", "Statement": ALLOW}, "Version: must be one of 2012-10-17, 2008-10-17"),
        ({"Statement": ALLOW, "Colour": 1}, "Colour: is unknown"),
        ({"Statement": {**ALLOW, "Effect": "allow"}}, r"Statement\[0\].Effect: must be Allow or Deny"),
        ({"Statement": {**ALLOW, "Principal": "*"}}, r"Statement\[0\].Principal: is unknown"),
        ({"Statement": {**ALLOW, "NotAction": "*"}}, "must have either Action or NotAction"),
        ({"Statement": {**ALLOW, "Action": 7}}, "Action: must be a text or a list of texts"),
        ({"Statement": {**ALLOW, "Action": []}}, "Action: must be a text or a list of texts"),
        ({"Statement": {**ALLOW, "Action": "UpdateMesh"}}, r"must be \* or service:Action"),
        ({"Statement": {**ALLOW, "Resource": "mesh/m"}}, r"must be \* or an ARN"),
        ({"Statement": {**ALLOW, "Resource": "arn:${aws:username}"}}, "variables are not supported"),
        (
            {"Statement": {**ALLOW, "Condition": {"IpAddress": {"aws:SourceIp": "::1"}}}},
            "no condition operator",
        ),
        ({"Statement": {**ALLOW, "Condition": {"StringEquals": {"aws:SourceIp": "x"}}}}, "no condition key"),
        (
            {"Statement": {**ALLOW, "Condition": {"StringEquals": {"aws:TagKeys": "x"}}}},
            "holds several values",
        ),
        (
            {"Statement": {**ALLOW, "Condition": {"Some:StringEquals": {"aws:TagKeys": "x"}}}},
            "no condition op",
        ),
        ({"Statement": {**ALLOW, "Condition": {"Null": {"aws:TagKeys": "maybe"}}}}, "must be true or false"),
    ],
)
def test_what_could_not_be_honoured_is_refused_with_a_sentence(document: Any, sentence: str) -> None:
    with pytest.raises(InvalidSpec, match=sentence):
        policy_from_json(document if isinstance(document, str) else json.dumps(document))
