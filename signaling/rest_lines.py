"""The HTTP endpoints about lines: which relays a page may use."""

from msgspec import Struct

from rvw.errors import NotSignedIn
from rvw.protocol import rest
from signaling.routes import Call, Endpoint
from signaling.turn import Relays


class LineApi:
    """The handlers, and their table."""

    def __init__(self, relays: Relays) -> None:
        self._relays = relays

    def table(self) -> tuple[Endpoint, ...]:
        """Return every endpoint."""
        ice = Endpoint("GET", "/api/ice", "The relays for a media connection", self.ice, rest.IceServers, signed_in=True)
        return (ice,)

    async def ice(self, call: Call) -> Struct:
        """Return the relays, with fresh credentials."""
        if call.actor is None:
            raise NotSignedIn("sign in first")
        return self._relays.servers(call.actor)
