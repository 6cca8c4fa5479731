"""The keys under which media workers write: one a visit, derived, never stored, and never on a worker's disk."""

from base64 import b64encode

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from rvw.protocol.spool import KEY_BYTES


class SpoolKeys:
    """Derives keys from the secret of the deployment."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    def of(self, visit: str) -> bytes:
        """Return the key of a visit's segments."""
        return HKDF(SHA256(), KEY_BYTES, None, f"rvw spool {visit}".encode()).derive(self._secret)

    def text(self, visit: str) -> str:
        """Return it as a media worker is told it."""
        return b64encode(self.of(visit)).decode()
