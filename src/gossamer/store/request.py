"""A write as it was asked for, and how a repeated one is recognised.

While a client token is remembered, another request with it is refused. The same request again changes nothing
and is answered with the resource as it stands; if that is gone, it counts as a new request, so that a script
with fixed tokens can be run again after a clean-up. The log itself remembers tokens: each entry carries the
one that it was written with.
Source: App Mesh API 2019-01-25, `clientToken` and ConflictException.
"""

import datetime
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Row

from gossamer.errors import Conflict
from gossamer.model.kind import Ref
from gossamer.model.spec import Spec
from gossamer.store.log import Action
from gossamer.store.store import Author

#: How long a client token is remembered.
TOKEN_LIFE_MS: Final = int(datetime.timedelta(hours=24).total_seconds() * 1000)


@dataclass(frozen=True, slots=True)
class Request:
    """A creation or an update. `spec_text` and `tags_text` are what is stored.

    `said` is what the client said, where the spec is only what became of it: an earlier version of the API,
    whose words are merged with what stands there.
    """

    action: Action
    ref: Ref
    spec: Spec
    spec_text: str
    tags_text: str
    author: Author
    said: str | None = None

    def token_key(self, now_ms: int) -> dict[str, object]:
        """Where this request's client token would be remembered; without one, nothing is found there."""
        return {
            "token": self.author.token or "",
            "principal": self.author.principal,
            "action": self.action.value,
            "token_since": now_ms - TOKEN_LIFE_MS,
        }

    def digest(self) -> str | None:
        """The same for the same request, and none for one without a token."""
        if self.author.token is None:
            return None
        ref = self.ref
        # No part can hold a zero byte but the last two, which are JSON and can't either.
        said = self.spec_text if self.said is None else self.said
        parts = (ref.account, ref.mesh, ref.parent or "", ref.name, self.tags_text, said)
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()

    def is_repeated(self, uid: str | None, found: Row[*tuple[object, ...]]) -> bool:
        """Whether the resource that stands there, with this uid, already answered this request.

        Raises: Conflict if the client token was used for another request.
        """
        if self.author.token is None or found.token_digest is None:
            return False
        if found.token_digest != self.digest():
            raise Conflict(self.ref, "comes with a client token that was used for another request before")
        return bool(found.token_uid == uid)


def tags_as_text(tags: Mapping[str, str]) -> str:
    """Tags as they are stored: the same text for the same tags."""
    return json.dumps(dict(tags), sort_keys=True) if tags else "{}"
