"""Names that nobody had before: version 4 of RFC 9562, from a generator of this process's own.

The system's own source lets every other thread go first at each question; a uid only has to be new, and is no
secret.
"""

import random
import secrets
import uuid


class Uids:
    """Makes them; any thread may ask."""

    def __init__(self) -> None:
        self._random = random.Random(secrets.randbits(256))  # noqa: S311 - a uid is no secret

    def new(self) -> str:
        """Another one."""
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))
