"""The endpoints of one-time guest links: the officer asks for one, the guest comes with it."""

from msgspec import Struct

from rvw.protocol import rest
from signaling.guests import Guests
from signaling.routes import Call, Endpoint, signed_in


class GuestApi:
    """The handlers, and their table."""

    def __init__(self, guests: Guests) -> None:
        self._guests = guests

    def table(self) -> tuple[Endpoint, ...]:
        """Return every endpoint."""
        return (
            Endpoint(
                "POST",
                "/api/visits/{visit}/guests",
                "A one-time link into the officer's own talk, for a guest without an account",
                self.invite,
                rest.GuestLink,
                body=rest.GuestWanted,
                signed_in=True,
            ),
            Endpoint(
                "POST",
                "/api/guests",
                "Come by a one-time link: a session for that visit",
                self.come,
                rest.Session,
                body=rest.GuestComes,
            ),
        )

    async def invite(self, call: Call) -> Struct:
        """Make a link."""
        body: rest.GuestWanted = call.body
        return await self._guests.invite(signed_in(call), call.path["visit"], body)

    async def come(self, call: Call) -> Struct:
        """Let a guest in."""
        body: rest.GuestComes = call.body
        return await self._guests.come(body, call.address)
