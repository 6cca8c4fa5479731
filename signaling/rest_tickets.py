"""The endpoints of tickets: showing one, finding a visit again by one, and what is promised with one."""

from msgspec import Struct

from rvw.protocol import rest
from signaling.claims import Claims
from signaling.promises import Promises
from signaling.routes import Call, Endpoint, signed_in


class TicketApi:
    """The handlers, and their table."""

    def __init__(self, claims: Claims, promises: Promises) -> None:
        self._claims = claims
        self._promises = promises

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
            Endpoint(
                "GET",
                "/api/visits/{visit}/ways",
                "What can be promised to a kiosk's own visit that waits: times, and until when",
                self.ways,
                rest.Ways,
                signed_in=True,
            ),
            Endpoint(
                "POST",
                "/api/visits/{visit}/promises",
                "Ask for an appointment or a call-back, or leave a message, and wait no longer",
                self.promise,
                rest.Promise,
                body=rest.PromiseWish,
                signed_in=True,
            ),
            Endpoint(
                "POST",
                "/api/appointments/{task}",
                "Come to an appointment: the new visit at this kiosk goes before others",
                self.come,
                rest.Promise,
                body=rest.AppointmentKept,
                signed_in=True,
            ),
            Endpoint(
                "POST",
                "/api/promises/{task}/call-off",
                "Say by the ticket that a promise is not needed any more",
                self.call_off,
                rest.Promise,
                body=rest.PromiseCalledOff,
            ),
        )

    async def shown(self, call: Call) -> Struct:
        """Return the whole ticket."""
        return await self._claims.shown(signed_in(call), call.path["visit"])

    async def found(self, call: Call) -> Struct:
        """Find the visit."""
        body: rest.TicketClaim = call.body
        return await self._claims.found(signed_in(call), body.ticket)

    async def ways(self, call: Call) -> Struct:
        """Return the ways on."""
        return await self._promises.ways(signed_in(call), call.path["visit"])

    async def promise(self, call: Call) -> Struct:
        """Make a promise."""
        body: rest.PromiseWish = call.body
        return await self._promises.make(signed_in(call), call.path["visit"], body)

    async def come(self, call: Call) -> Struct:
        """Keep an appointment."""
        body: rest.AppointmentKept = call.body
        return await self._promises.come(signed_in(call), call.path["task"], body)

    async def call_off(self, call: Call) -> Struct:
        """End a promise."""
        body: rest.PromiseCalledOff = call.body
        return await self._promises.call_off(body.ticket, call.path["task"], call.address)
