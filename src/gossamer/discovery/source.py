"""Who lists endpoints."""

from typing import Protocol

from gossamer.mesh.surroundings import CloudMapService, Instance


class Source(Protocol):
    """Lists the endpoints of services."""

    async def instances(self, service: CloudMapService) -> tuple[Instance, ...]:
        """The instances that may take requests now; a service that is not there has none.

        Raises: Unavailable if that can't be told now.
        """
        ...

    def forget(self, service: CloudMapService) -> None:
        """Nobody needs this one any more."""
        ...
