"""ARNs of the form that ACM and ACM PCA give, so that specs can name what is ours.

Source: AWS service authorization reference, ACM and Private CA.
"""

import uuid
from dataclasses import dataclass
from typing import Final

from gossamer.model.kind import partition_of

#: How many parts an ARN has. Source: AWS general reference, ARNs.
PARTS: Final = 6


def account_of(arn: str) -> str:
    """The account that an ARN belongs to; empty for what is none."""
    parts = arn.split(":", 5)
    return parts[4] if len(parts) == PARTS else ""


@dataclass(frozen=True, slots=True)
class Namer:
    """Names what belongs to one account in one region."""

    account: str
    region: str

    def authority(self) -> str:
        """A new authority's ARN."""
        return f"{self._start('acm-pca')}:certificate-authority/{uuid.uuid4()}"

    def certificate(self) -> str:
        """A new certificate's ARN."""
        return f"{self._start('acm')}:certificate/{uuid.uuid4()}"

    def _start(self, service: str) -> str:
        return f"arn:{partition_of(self.region)}:{service}:{self.region}:{self.account}"
