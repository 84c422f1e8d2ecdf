"""Secrets at rest: sealed with a key that is kept apart from the database.

SigV4 needs the secret itself on both sides, so a hash would not do. A copied database gives no secret away as
long as the key, from a file or the environment, is not copied with it.
Source: NIST SP 800-38D (AES-GCM), RFC 5869 (HKDF), by `cryptography`.
"""

import base64
import binascii
import contextlib
import os
import secrets
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from gossamer.errors import Unavailable

KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_FINGERPRINT: Final = 16


class Vault:
    """Seals and opens short texts, each bound to what it belongs to; derives keys for other purposes."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._cipher = AESGCM(self.derived("secrets at rest"))

    def sealed(self, text: str, owner: str) -> str:
        """A text that only this vault opens, and only for the same owner."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = self._cipher.encrypt(nonce, text.encode(), owner.encode())
        return base64.b64encode(nonce + sealed).decode()

    def opened(self, sealed: str, owner: str) -> str:
        """What was sealed.

        Raises: Unavailable if another key sealed it, or for another owner.
        """
        raw = base64.b64decode(sealed)
        try:
            return self._cipher.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], owner.encode()).decode()
        except InvalidTag as error:
            raise Unavailable(
                f"the secret of {owner} was sealed with another key than the one given: "
                "GOSSAMER_SECRETS_KEY or --secrets-key-file must be those that it was created with"
            ) from error

    def fingerprint(self) -> str:
        """What tells this vault's key from others, and nothing else of it."""
        return self.derived("fingerprint").hex()[:_FINGERPRINT]

    def derived(self, purpose: str) -> bytes:
        """A key for one purpose; none tells anything about another."""
        return HKDF(SHA256(), KEY_BYTES, salt=None, info=f"gossamer {purpose}".encode()).derive(self._key)


def vault_from_text(text: str) -> Vault:
    """The vault of a key as it stands in the environment or a file: 32 bytes, in base64 or hexadecimal.

    Raises: ValueError.
    """
    tidy = text.strip()
    with contextlib.suppress(ValueError):
        if len(raw := bytes.fromhex(tidy)) == KEY_BYTES:
            return Vault(raw)
    with contextlib.suppress(binascii.Error):
        if len(raw := base64.b64decode(tidy, validate=True)) == KEY_BYTES:
            return Vault(raw)
    raise ValueError(f"the key of secrets must be {KEY_BYTES} random bytes, in base64 or hexadecimal")


def vault_from_file(path: Path) -> Vault:
    """The vault of a key file; one that is missing is made, readable for its owner only.

    Raises: ValueError, OSError.
    """
    if not path.exists():
        _make(path)
    return vault_from_text(path.read_text())


def _make(path: Path) -> None:
    """Make a key file, whole or not at all; of two programs that do it at once, one wins."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode() + "\n")
        file.flush()
        os.fsync(file.fileno())
    with contextlib.suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()


def token_key(vault: Vault, secret: bytes) -> bytes:
    """What signs streams' tokens: of no use with another key of secrets, or for another database."""
    return vault.derived(f"stream tokens of {secret.hex()}")


def session_key(vault: Vault, secret: bytes) -> bytes:
    """What signs the sessions of people in a browser, in the same way."""
    return vault.derived(f"console sessions of {secret.hex()}")
