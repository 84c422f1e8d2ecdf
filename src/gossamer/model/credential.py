"""What is kept of a certificate that Gossamer issues itself, or was given. No shape of the API."""

import datetime
import enum
from collections.abc import Iterable
from dataclasses import dataclass, field


class CredentialKind(enum.Enum):
    """What a certificate is for: to issue others, or to be shown."""

    AUTHORITY = "authority"
    CERTIFICATE = "certificate"


@dataclass(frozen=True, slots=True)
class Credential:
    """One certificate under its ARN. An ARN keeps its name while generations follow each other.

    `certificate` and `chain`, which leads from it towards its root, are PEM. `issuer` is the ARN of the
    authority that issued it here, with the generation of that; empty if it came from elsewhere. An authority
    issues from `issues_from` on; `retires_at` is when one that has a successor goes. A root that is only
    trusted has no key.
    """

    arn: str
    generation: int
    kind: CredentialKind
    certificate: str
    chain: str
    sealed_key: str = field(repr=False)
    created_at: datetime.datetime
    issuer: str = ""
    issuer_generation: int = 0
    issues_from: datetime.datetime | None = None
    retires_at: datetime.datetime | None = None
    overlap: datetime.timedelta = datetime.timedelta()


@dataclass(frozen=True, slots=True)
class Amendment:
    """What is to be written, and what is to go, at once."""

    put: tuple[Credential, ...] = ()
    remove: tuple[Credential, ...] = ()

    def applied(self, credentials: Iterable[Credential]) -> tuple[Credential, ...]:
        """All credentials as they are afterwards, by ARN and generation."""
        found = {(one.arn, one.generation): one for one in (*credentials, *self.put)}
        for one in self.remove:
            found.pop((one.arn, one.generation), None)
        return tuple(found[key] for key in sorted(found))

    def __bool__(self) -> bool:
        """Whether there is anything to do."""
        return bool(self.put or self.remove)
