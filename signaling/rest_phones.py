"""The endpoints of telephones that send pictures: a link is asked for, the telephone comes, and sees what to send."""

from msgspec import Struct

from rvw.protocol.papers import PhoneComes, PhoneLink, PhoneSession, PhoneWanted, SendView
from signaling.phones import Phones
from signaling.routes import Call, Endpoint, signed_in


class PhoneApi:
    """The handlers, and their table."""

    def __init__(self, phones: Phones) -> None:
        self._phones = phones

    def table(self) -> tuple[Endpoint, ...]:
        """Return every endpoint."""
        return (
            Endpoint(
                "POST",
                "/api/visits/{visit}/phones",
                "A one-time link, to send pictures from a telephone",
                self.invite,
                PhoneLink,
                body=PhoneWanted,
                signed_in=True,
            ),
            Endpoint(
                "POST",
                "/api/phones",
                "Come by a one-time link: a session that may send pictures to that visit",
                self.come,
                PhoneSession,
                body=PhoneComes,
            ),
            Endpoint(
                "GET",
                "/api/visits/{visit}/send",
                "What a telephone may send, and what it has sent",
                self.view,
                SendView,
                signed_in=True,
            ),
        )

    async def invite(self, call: Call) -> Struct:
        """Make a link."""
        return await self._phones.invite(signed_in(call), call.path["visit"], call.body)

    async def come(self, call: Call) -> Struct:
        """Let a telephone in."""
        return await self._phones.come(call.body, call.address)

    async def view(self, call: Call) -> Struct:
        """Show a telephone what it may send."""
        return await self._phones.view(signed_in(call), call.path["visit"])
