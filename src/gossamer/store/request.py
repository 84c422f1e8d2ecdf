"""A write as it was asked for, and how a repeated one is recognised.

While a client token is remembered, another request with it is refused. The same request again changes nothing
and is answered with the resource as it stands; if that is gone, it counts as a new request, so that a script
with fixed tokens can be run again after a clean-up.
Source: App Mesh API 2019-01-25, `clientToken` and ConflictException.
"""

import enum
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection, Row

from gossamer.errors import Conflict
from gossamer.model.kind import Ref
from gossamer.model.spec import Spec
from gossamer.store import statements
from gossamer.store.store import Author


class Action(enum.Enum):
    """What a write does; the value stands in the log."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Request:
    """A creation or an update. `text` is the spec as it is stored."""

    action: Action
    ref: Ref
    spec: Spec
    text: str
    author: Author
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def token_key(self) -> dict[str, str]:
        """Where this request's client token is remembered; a request without one finds nothing there."""
        return {
            "token_account": self.author.account,
            "operation": f"{self.action.value} {self.ref.kind.value}",
            "token": self.author.token or "",
        }

    @property
    def digest(self) -> str:
        """The same for the same request, whatever the order of its tags."""
        parts = (str(self.ref), self.ref.account, self.text, sorted(self.tags.items()))
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()

    def is_repeated(self, uid: str | None, found: Row[*tuple[object, ...]]) -> bool:
        """Whether the resource that stands there, with this uid, already answered this request.

        Raises: Conflict if the client token was used for another request.
        """
        if self.author.token is None or found.token_digest is None:
            return False
        if found.token_digest != self.digest:
            raise Conflict(self.ref, "comes with a client token that was used for another request before")
        return bool(found.token_uid == uid)

    def remember(self, connection: Connection, uid: str, at_ms: int, *, replacing: bool) -> None:
        """Keep the client token with what it was answered by; `replacing` one whose resource is gone."""
        if self.author.token is None:
            return
        if replacing:
            connection.execute(statements.REMOVE_TOKEN, self.token_key)
        row = {
            "account": self.author.account,
            "operation": self.token_key["operation"],
            "token": self.author.token,
            "digest": self.digest,
            "uid": uid,
            "at": at_ms,
        }
        connection.execute(statements.ADD_TOKEN, row)
