"""Where the certificates behind ARNs come from: one protocol, two implementations, `local` and `acm`."""

from typing import Protocol

from gossamer.mesh.surroundings import Certificate


class Source(Protocol):
    """Knows certificates and trust by ARN."""

    async def certificate(self, arn: str) -> Certificate | None:
        """A certificate with its key; None if there is none with this ARN.

        Raises: Unavailable if that can't be told now.
        """
        ...

    async def trust(self, arn: str) -> str | None:
        """What to trust, in PEM, of an authority's ARN, or of a certificate's; None if there is none.

        Raises: Unavailable if that can't be told now.
        """
        ...
