"""Why a caller is not let in: one table of every refusal, its name, its status and its sentence.

Source: AWS general reference, common errors; sentences as AWS services say them.
"""

import enum
from typing import Final

from gossamer.errors import MeshError


class Refusal(enum.Enum):
    """One reason; the value is the error's name, its HTTP status, and its sentence."""

    MISSING = ("MissingAuthenticationTokenException", 403, "Missing Authentication Token")
    INCOMPLETE = ("IncompleteSignatureException", 400, "{}")
    UNKNOWN_KEY = (
        "UnrecognizedClientException",
        403,
        "The security token included in the request is invalid.",
    )
    EXPIRED_KEY = ("ExpiredTokenException", 403, "The security token included in the request is expired")
    WRONG_SIGNATURE = (
        "InvalidSignatureException",
        403,
        (
            "The request signature we calculated does not match the signature you provided. Check your AWS"
            " Secret Access Key and signing method. Consult the service documentation for details."
        ),
    )
    TOO_LATE = (
        "InvalidSignatureException",
        403,
        "Signature expired: {} is now earlier than {} ({} - 5 min.)",
    )
    TOO_EARLY = (
        "InvalidSignatureException",
        403,
        "Signature not yet current: {} is still later than {} ({} + 5 min.)",
    )
    WRONG_REGION = (
        "InvalidSignatureException",
        403,
        "Credential should be scoped to a valid Region, not '{}'. This server is in '{}'.",
    )
    WRONG_SERVICE = (
        "InvalidSignatureException",
        403,
        "Credential should be scoped to correct service: '{}'.",
    )
    WRONG_DAY = (
        "InvalidSignatureException",
        403,
        (
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP:"
            " '{}' != '{}', from '{}'."
        ),
    )
    HOST_NOT_SIGNED = (
        "InvalidSignatureException",
        403,
        "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.",
    )
    WRONG_BODY = (
        "InvalidSignatureException",
        403,
        "x-amz-content-sha256 must be the SHA-256 of the body, or, over TLS only, UNSIGNED-PAYLOAD.",
    )
    REPEATED = (
        "InvalidSignatureException",
        403,
        "This signature was used before: a repeated request must be signed again.",
    )
    NOT_SIGNED_IN = ("UnauthorizedException", 401, "Nobody is signed in.")
    SESSION_OVER = ("UnauthorizedException", 401, "The session is over: sign in again.")
    FOREIGN_PAGE = (
        "AccessDeniedException",
        403,
        "A call that changes something by a session's cookie needs the header {}: 1 and this Origin.",
    )
    FOREIGN_SITE = (
        "AccessDeniedException",
        403,
        "A page of {} may not call this server, which asks nobody for credentials.",
    )
    DENIED = (
        "AccessDeniedException",
        403,
        "User: {} is not authorized to perform: {} on resource: {}{}",
    )

    @property
    def fault(self) -> str:
        """The error's name on the wire."""
        return self.value[0]

    @property
    def status(self) -> int:
        """Its HTTP status."""
        return self.value[1]


#: What is added to the sentence when a statement forbids, rather than that none allows.
EXPLICITLY: Final = " with an explicit deny"


class Refused(MeshError):
    """The caller is not let in."""

    def __init__(self, refusal: Refusal, *facts: str) -> None:
        self.refusal = refusal
        self.facts = facts
        super().__init__(refusal, *facts)

    def __str__(self) -> str:
        """The sentence."""
        return str(self.refusal.value[2]).format(*self.facts)
