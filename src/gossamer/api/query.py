"""The query of a request: members, each once, in UTF-8.

Source: App Mesh API 2019-01-25, members in the `querystring`; WHATWG URL,
`application/x-www-form-urlencoded`.
"""

from collections import Counter
from typing import Final
from urllib.parse import parse_qsl

from gossamer.errors import InvalidSpec, Violation

#: A signed URL has eight of its own.
MOST_MEMBERS: Final = 64

#: What a signature in the query adds.
SIGNING: Final = "X-Amz-"


def members_of(query: bytes) -> dict[str, str]:
    """The members in a query, each once.

    Raises: InvalidSpec.
    """
    if not query:
        return {}
    text = query.decode("ascii", "replace")
    try:
        found = parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_MEMBERS, errors="strict")
    except UnicodeDecodeError:
        raise InvalidSpec([Violation("", "the query is not in UTF-8")]) from None
    except ValueError:
        why = f"the query has too many members, at most {MOST_MEMBERS} are taken"
        raise InvalidSpec([Violation("", why)]) from None
    if twice := sorted(name for name, count in Counter(name for name, _ in found).items() if count > 1):
        raise InvalidSpec([Violation(name, "stands more than once in the query") for name in twice])
    if "%00" in text:
        raise InvalidSpec([Violation("", "the query holds the character NUL, which no member may")])
    return dict(found)


def known_members(query: bytes, known: tuple[str, ...]) -> dict[str, str]:
    """The members of a query of ours, without what a signature adds.

    Raises: InvalidSpec for one that nobody knows, with what there is instead.
    """
    members = {name: text for name, text in members_of(query).items() if not name.startswith(SIGNING)}
    there = f"there are {', '.join(known)}" if known else "there are none"
    if unknown := [name for name in members if name not in known]:
        raise InvalidSpec([Violation(name, f"is not known here; {there}") for name in unknown])
    return members
