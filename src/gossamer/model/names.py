"""How resources, services, hosts and accounts may be called.

Source: App Mesh API 2019-01-25, `ResourceName`, `ServiceName`, `Hostname`, `AccountId`; the user guide's
alphabet.
"""

import re
from typing import Annotated, Final

from gossamer.model.rule import Characters, Matching

_ALPHABET: Final = "^[A-Za-z0-9_-]+$"

ResourceName = Annotated[
    str,
    Characters(1, 255),
    Matching(_ALPHABET, "may hold letters, digits, hyphens and underscores only"),
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


def is_resource_name(text: str) -> bool:
    """Whether a resource could have this name: one in a path has not been looked at by any shape."""
    return re.fullmatch(_ALPHABET, text) is not None


#: What `is_account` asks for, in words.
AN_ACCOUNT: Final = "an AWS account, 12 digits"


def is_account(text: str) -> bool:
    """Whether it is the number of an AWS account: it stands in every ARN."""
    return re.fullmatch("[0-9]{12}", text) is not None
