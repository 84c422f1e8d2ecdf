"""How resources, services and hosts may be called.

Source: App Mesh API 2019-01-25, `ResourceName`, `ServiceName`, `Hostname`; the user guide's alphabet.
"""

from collections.abc import Iterator
from typing import Annotated, Final

from pydantic import ConfigDict, TypeAdapter, ValidationError

from gossamer.errors import Violation
from gossamer.model.kind import Kind
from gossamer.model.rule import Characters, Matching
from gossamer.model.spec import violations

ResourceName = Annotated[
    str,
    Characters(1, 255),
    Matching("^[A-Za-z0-9_-]+$", "may hold letters, digits, hyphens and underscores only"),
]

# A slash would end the name's segment in paths and ARNs. Envoy reads a star as a wildcard domain, which App
# Mesh does not have.
ServiceName = Annotated[
    str,
    Characters(1, 255),
    Matching(r"^[^/*\s\x00-\x1f\x7f-\x9f]+$", "may hold no slash, star, whitespace or control character"),
]

Hostname = Annotated[
    str,
    Characters(1, 255),
    Matching(r"^[^/\s\x00-\x1f\x7f-\x9f]+$", "may hold no slash, whitespace or control character"),
]

_STRICT: Final = ConfigDict(strict=True, hide_input_in_errors=True)
_RESOURCE: Final = TypeAdapter[str](ResourceName, config=_STRICT)
_SERVICE: Final = TypeAdapter[str](ServiceName, config=_STRICT)


def name_violations(member: str, kind: Kind, name: str) -> Iterator[Violation]:
    """What is wrong with a resource's name; `member` is what the caller calls it: `meshName`."""
    try:
        (_SERVICE if kind is Kind.VIRTUAL_SERVICE else _RESOURCE).validate_python(name)
    except ValidationError as error:
        yield from (Violation(member, found.why) for found in violations(error))
