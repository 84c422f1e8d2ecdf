"""Who may come in, as a running server knows it: what stands in the store, a moment later."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import structlog

from gossamer.errors import Unavailable
from gossamer.store.directory import Directory, SqlAccess
from gossamer.store.vault import Vault

log = structlog.get_logger(__name__)

#: How often the store is asked whether anything changed; other processes change it too.
LOOK_S: Final = 0.5

#: After so many looks whoever is in is judged anew: keys and tokens expire.
REVIEW_LOOKS: Final = 60


class Access:
    """Everybody who may come in. `is_exposed` never lets in those without credentials."""

    def __init__(self, access: SqlAccess, vault: Vault, *, is_exposed: bool) -> None:
        self._access = access
        self._vault = vault
        self._is_exposed = is_exposed
        self._directory = Directory()
        self._had_keys = False

    def directory(self) -> Directory:
        """Everybody, as they stand."""
        return self._directory

    def is_open(self) -> bool:
        """Whether everybody may do everything: there never were keys, and only this machine reaches us.

        A server that somebody shut does not open by itself: who deletes the last key may be about to make
        another.
        """
        return not self._is_exposed and not self._had_keys

    async def load(self) -> bool:
        """Look at the store; returns whether anything changed.

        Raises: Unavailable.
        """
        found = await self._access.directory(self._vault, self._directory)
        if found is self._directory:
            return False
        self._directory = found
        self._had_keys = self._had_keys or found.has_keys
        for key, why in found.unusable.items():
            log.error("key_not_usable", key=key, why=why)
        return True

    async def follow(self, review: Callable[[], Awaitable[None]]) -> None:
        """Look again and again, for ever; `review` whoever is in after a change, and as time passes."""
        looks = 0
        while True:
            await asyncio.sleep(LOOK_S)
            looks += 1
            try:
                if await self.load():
                    log.info("access_changed", keys=len(self._directory.keys))
                    looks = REVIEW_LOOKS
                if looks >= REVIEW_LOOKS:
                    looks = 0
                    await review()
            except Unavailable as error:
                log.warning("access_not_read", why=str(error))
