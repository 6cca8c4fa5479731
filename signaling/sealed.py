"""Encryption at rest for what must not lie in a database readable: telephone numbers. AES-256-GCM (NIST SP 800-38D)."""

import secrets
from collections.abc import Callable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from rvw.errors import InvalidSettings, NotFound

_NONCE_BYTES = 12


class Sealed:
    """Seals short texts, each for one place: what was sealed for one task cannot be opened as another's."""

    def __init__(self, secret: str, randomness: Callable[[int], bytes] = secrets.token_bytes) -> None:
        """Derive the key from `security.contact_secret`. Raises `InvalidSettings` if it is empty."""
        if not secret:
            raise InvalidSettings("security.contact_secret is empty: telephone numbers could not be kept")
        key = HKDF(SHA256(), 32, salt=None, info=b"rvw contacts 1").derive(secret.encode())
        self._cipher = AESGCM(key)
        self._randomness = randomness

    def seal(self, text: str, place: str) -> bytes:
        """Return what may be kept of the text."""
        nonce = self._randomness(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, text.encode(), place.encode())

    def open(self, sealed: bytes, place: str) -> str:
        """Return the text. Raises `NotFound` when it was sealed with another secret, or for another place."""
        try:
            return self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], place.encode()).decode()
        except (InvalidTag, ValueError) as error:
            raise NotFound("this number cannot be read any more: security.contact_secret has changed") from error
