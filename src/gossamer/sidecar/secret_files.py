"""The files beside the bootstrap that Envoy reads secrets from, kept as new as what the operator gave.

Source: Envoy, SDS from a file: a file that is moved into place is read again.
"""

import asyncio
import json
import os
from pathlib import Path
from typing import Final

from gossamer.sidecar import credential, journal
from gossamer.sidecar.credential import Credentials, Proof
from gossamer.sidecar.json_value import Json
from gossamer.sidecar.variable import Misconfigured

#: How often a token's file is looked at; Kubernetes renews one long before it ends.
LOOK_INTERVAL_S: Final = 1.0


class SecretFiles:
    """The secrets of one proxy in its directory; Envoy's user owns them."""

    def __init__(self, found: Credentials, directory: Path, uid: int | None) -> None:
        self._found = found
        self._directory = directory
        self._uid = uid
        self._token = ""

    def write(self) -> None:
        """Write them all.

        Raises: Misconfigured where a token cannot be read.
        """
        if self._found.cert_file:
            self._put(credential.CERTIFICATE_SECRET, credential.certificate_secret(self._found))
        if self._found.proof is Proof.TOKEN:
            try:
                self._renew(self._read())
            except OSError as error:
                path = self._found.token_file
                raise Misconfigured(f"GOSSAMER_XDS_TOKEN_FILE is {path}: {error.strerror}.") from error

    async def follow(self) -> None:
        """Write a token anew whenever its file says another, for ever."""
        while self._found.proof is Proof.TOKEN and self._found.token_file:
            await asyncio.sleep(LOOK_INTERVAL_S)
            try:
                said = self._read()
            except OSError as error:
                journal.warning("token_not_read", why=str(error))
                continue
            if said and said != self._token:
                self._renew(said)
                journal.info("token_renewed")

    def _read(self) -> str:
        """The token as it stands."""
        return self._found.token or Path(self._found.token_file).read_text().strip()

    def _renew(self, token: str) -> None:
        self._token = token
        self._put(credential.TOKEN_SECRET, credential.token_secret(token))

    def _put(self, name: str, content: Json) -> None:
        """Write a file and move it into place, so that Envoy never reads half of it."""
        path = credential.secret_file(name, self._directory)
        fresh = path.with_suffix(".new")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(content, file)
        if self._uid is not None:
            os.chown(fresh, self._uid, -1)
        fresh.rename(path)
