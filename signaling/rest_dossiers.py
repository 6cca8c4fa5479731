"""What anybody may fetch to check a dossier: the public keys."""

from msgspec import Struct

from rvw.domain.seal import PublicKeys
from signaling.dossiers.keys import SealKeys
from signaling.routes import Call, Endpoint


class DossierApi:
    """The handlers, and their table."""

    def __init__(self, keys: SealKeys) -> None:
        self._keys = keys

    def table(self) -> tuple[Endpoint, ...]:
        """Return every endpoint."""
        return (
            Endpoint(
                "GET", "/.well-known/rvw-seal-keys.json", "The keys that seals are checked with", self.keys, PublicKeys
            ),
        )

    async def keys(self, _call: Call) -> Struct:
        """Return the public keys, the one in use first."""
        return self._keys.public()
