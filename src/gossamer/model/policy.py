"""Policy documents: what a principal may do, in the language of AWS identity policies.

A document that holds what we could not honour is refused when it is written, never ignored when it is asked.
Source: AWS Identity and Access Management user guide, JSON policy elements; service authorization reference,
condition keys of App Mesh.
"""

import enum
import functools
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from gossamer.errors import InvalidSpec, Violation

VERSIONS: Final = ("2012-10-17", "2008-10-17")

#: Keys that end in the name of a tag.
TAGGED: Final = ("aws:ResourceTag", "appmesh:ResourceTag", "aws:RequestTag")
TAG_KEYS: Final = "aws:TagKeys"

COMPARISONS: Final = ("StringEquals", "StringNotEquals", "StringLike", "StringNotLike")
NULL: Final = "Null"
IF_EXISTS: Final = "IfExists"


class Effect(enum.Enum):
    """What a statement does."""

    ALLOW = "Allow"
    DENY = "Deny"


class Quantifier(enum.Enum):
    """How a condition looks at a key that holds several values."""

    ONE = ""
    ALL = "ForAllValues"
    ANY = "ForAnyValue"


@dataclass(frozen=True, slots=True)
class Patterns:
    """What a statement speaks of: everything that matches one of these, or, negated, everything else."""

    texts: tuple[str, ...]
    is_negated: bool = False
    ignores_case: bool = False

    def match(self, text: str) -> bool:
        """Whether the statement speaks of this."""
        found = any(matches(pattern, text, ignores_case=self.ignores_case) for pattern in self.texts)
        return found is not self.is_negated

    @property
    def is_everything(self) -> bool:
        """Whether nothing can fail to match."""
        return not self.is_negated and "*" in self.texts


@dataclass(frozen=True, slots=True)
class Condition:
    """One line below a `Condition`: `comparison` is one of `COMPARISONS`, or `Null`."""

    comparison: str
    key: str
    values: tuple[str, ...]
    quantifier: Quantifier = Quantifier.ONE
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
class Statement:
    """One rule."""

    effect: Effect
    actions: Patterns
    resources: Patterns
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class Policy:
    """A document that was read."""

    statements: tuple[Statement, ...]


def policy_from_json(text: str) -> Policy:
    """Read a document.

    Raises: InvalidSpec with every violation.
    """
    try:
        found = json.loads(text)
    except ValueError as error:
        raise InvalidSpec([Violation("", f"the policy is not JSON: {error}")]) from error
    reader = _Reader()
    policy = Policy(tuple(reader.document(found)))
    if reader.violations:
        raise InvalidSpec(reader.violations)
    return policy


def matches(pattern: str, text: str, *, ignores_case: bool = False) -> bool:
    """Whether a text has the form of a pattern, in which `*` is any text and `?` any one character."""
    return _expression(pattern, ignores_case=ignores_case).fullmatch(text) is not None


@functools.lru_cache(maxsize=4096)
def _expression(pattern: str, *, ignores_case: bool) -> re.Pattern[str]:
    parts = {"*": ".*", "?": "."}
    # Neighbouring stars say no more than one, and would make matching slow.
    tidy = re.sub(r"\*+", "*", pattern)
    source = "".join(parts.get(character) or re.escape(character) for character in tidy)
    return re.compile(source, re.DOTALL | (re.IGNORECASE if ignores_case else 0))


@dataclass(slots=True)
class _Reader:
    """Reads a document, and collects what is wrong with it."""

    violations: list[Violation] = field(default_factory=list)

    def document(self, found: object) -> Iterator[Statement]:
        """Every statement that could be read."""
        members = self._object(found, "", known=("Version", "Id", "Statement"))
        if members.get("Version", VERSIONS[0]) not in VERSIONS:
            self._wrong("Version", f"must be one of {', '.join(VERSIONS)}")
        listed = members.get("Statement")
        several = listed if isinstance(listed, list) else [listed]
        if not several or listed is None:
            self._wrong("Statement", "is required")
            return
        for index, one in enumerate(several):
            yield self._statement(one, f"Statement[{index}]")

    def _statement(self, found: object, path: str) -> Statement:
        known = ("Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition")
        members = self._object(found, path, known=known)
        effect = members.get("Effect")
        if effect not in ("Allow", "Deny"):
            self._wrong(f"{path}.Effect", "must be Allow or Deny")
        return Statement(
            Effect.DENY if effect == "Deny" else Effect.ALLOW,
            self._patterns(members, path, "Action"),
            self._patterns(members, path, "Resource"),
            tuple(self._conditions(members.get("Condition", {}), f"{path}.Condition")),
        )

    def _patterns(self, members: Mapping[str, object], path: str, name: str) -> Patterns:
        given = [one for one in (name, f"Not{name}") if one in members]
        if len(given) != 1:
            self._wrong(path, f"must have either {name} or Not{name}")
            return Patterns(())
        where = f"{path}.{given[0]}"
        texts = self._texts(members[given[0]], where)
        for text in texts:
            self._check_pattern(text, where, name)
        return Patterns(texts, given[0] != name, name == "Action")

    def _check_pattern(self, text: str, where: str, name: str) -> None:
        if "${" in text:
            self._wrong(where, f"{text!r} has a policy variable; variables are not supported")
        form = ("service:Action", ":") if name == "Action" else ("an ARN", "arn:")
        if text != "*" and not (form[1] in text if name == "Action" else text.startswith(form[1])):
            self._wrong(where, f"{text!r} must be * or {form[0]}, with wildcards * and ?")

    def _conditions(self, found: object, path: str) -> Iterator[Condition]:
        for operator, keys in self._object(found, path).items():
            for key, values in self._object(keys, f"{path}.{operator}").items():
                where = f"{path}.{operator}.{key}"
                read = self._condition(operator, key, self._texts(values, where), where)
                if read is not None:
                    yield read

    def _condition(self, operator: str, key: str, values: tuple[str, ...], where: str) -> Condition | None:
        head, colon, rest = operator.partition(":")
        quantifier = Quantifier(head) if colon and head in {one.value for one in Quantifier} else None
        comparison = (rest if colon else operator).removesuffix(IF_EXISTS)
        if (colon and not quantifier) or comparison not in (*COMPARISONS, NULL):
            known = f"{', '.join(COMPARISONS)} and {NULL}, with ForAllValues:, ForAnyValue: and {IF_EXISTS}"
            self._wrong(where, f"{operator} is no condition operator that we know: {known}")
            return None
        canonical = _canonical_key(key)
        if canonical is None:
            known = ", ".join((*(f"{one}/KEY" for one in TAGGED), TAG_KEYS))
            self._wrong(where, f"{key} is no condition key that we know: {known}")
            return None
        self._check_values(comparison, canonical, values, quantifier, where)
        return Condition(
            comparison, canonical, values, quantifier or Quantifier.ONE, operator.endswith(IF_EXISTS)
        )

    def _check_values(
        self, comparison: str, key: str, values: tuple[str, ...], quantifier: Quantifier | None, where: str
    ) -> None:
        if comparison == NULL and not set(values) <= {"true", "false"}:
            self._wrong(where, "must be true or false")
        if key == TAG_KEYS and comparison != NULL and quantifier is None:
            self._wrong(where, f"{TAG_KEYS} holds several values: say ForAllValues: or ForAnyValue:")
        if any("${" in value for value in values):
            self._wrong(where, "has a policy variable; variables are not supported")

    def _object(self, found: object, path: str, known: tuple[str, ...] | None = None) -> Mapping[str, object]:
        if not isinstance(found, dict):
            self._wrong(path, "must be an object")
            return {}
        for name in found.keys() - set(known if known is not None else found):
            self._wrong(f"{path}.{name}".lstrip("."), f"is unknown; there are {', '.join(known or ())}")
        return found

    def _texts(self, found: object, path: str) -> tuple[str, ...]:
        several = found if isinstance(found, list) else [found]
        texts = tuple(map(_text, several))
        if not texts or None in texts:
            self._wrong(path, "must be a text or a list of texts")
        return tuple(text for text in texts if text is not None)

    def _wrong(self, path: str, why: str) -> None:
        self.violations.append(Violation(path, why))


def _text(found: object) -> str | None:
    """A value as text; JSON's own truths may stand for theirs."""
    if isinstance(found, bool):
        return "true" if found else "false"
    return found if isinstance(found, str) else None


def _canonical_key(key: str) -> str | None:
    """A condition key in our spelling; keys are the same in any case."""
    if key.lower() == TAG_KEYS.lower():
        return TAG_KEYS
    head, slash, tag = key.partition("/")
    known = {one.lower(): one for one in TAGGED}
    return f"{known[head.lower()]}/{tag}" if slash and tag and head.lower() in known else None


def _managed(*actions: str) -> str:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
    return json.dumps({"Version": VERSIONS[0], "Statement": [statement]})


#: The documents that have names of their own. `gossamer:` are the actions on our own routes.
#: Source: App Mesh user guide, AWS managed policies for App Mesh.
MANAGED: Final[Mapping[str, str]] = {
    "AWSAppMeshFullAccess": _managed("appmesh:*", "gossamer:*"),
    "AWSAppMeshReadOnly": _managed("appmesh:Describe*", "appmesh:List*", "gossamer:Read"),
    "AWSAppMeshEnvoyAccess": _managed("appmesh:StreamAggregatedResources"),
}
