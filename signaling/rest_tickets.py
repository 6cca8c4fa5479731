"""The endpoints of tickets: the whole one for its kiosk, and finding a visit again at another."""

from msgspec import Struct

from rvw.protocol import rest
from signaling.claims import Claims
from signaling.routes import Call, Endpoint, signed_in


class TicketApi:
    """The handlers, and their table."""

    def __init__(self, claims: Claims) -> None:
        self._claims = claims

    def table(self) -> tuple[Endpoint, ...]:
        """Return every endpoint."""
        return (
            Endpoint(
                "GET",
                "/api/visits/{visit}/ticket",
                "The ticket of a kiosk's own visit, with its digits and QR code",
                self.shown,
                rest.TicketShown,
                signed_in=True,
            ),
            Endpoint(
                "POST",
                "/api/tickets",
                "Find a visit by its ticket, and go on with it at this kiosk",
                self.found,
                rest.TicketFound,
                body=rest.TicketClaim,
                signed_in=True,
            ),
        )

    async def shown(self, call: Call) -> Struct:
        """Return the whole ticket."""
        return await self._claims.shown(signed_in(call), call.path["visit"])

    async def found(self, call: Call) -> Struct:
        """Find the visit."""
        body: rest.TicketClaim = call.body
        return await self._claims.found(signed_in(call), body.ticket)
