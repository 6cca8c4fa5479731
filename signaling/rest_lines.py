"""The HTTP endpoints about lines: which relays a page may use, and what kiosks have found when they tested theirs."""

import msgspec
from msgspec import Struct

from rvw.clock import Clock
from rvw.domain.people import Actor, Role
from rvw.errors import NotAllowed, NotFound, NotSignedIn
from rvw.protocol import rest
from rvw.protocol.codec import encode
from signaling.board import SharedBoard
from signaling.routes import Call, Endpoint
from signaling.turn import Relays


class LineApi:
    """The handlers, and their table."""

    def __init__(self, relays: Relays, shared: SharedBoard, clock: Clock) -> None:
        self._relays = relays
        self._shared = shared
        self._clock = clock

    def table(self) -> tuple[Endpoint, ...]:
        """Return every endpoint."""
        return (
            Endpoint("GET", "/api/ice", "The relays for a media connection", self.ice, rest.IceServers, signed_in=True),
            Endpoint(
                "POST",
                "/api/line-tests",
                "Tell what a test of the kiosk's own line has found",
                self.keep,
                rest.LineTest,
                body=rest.NewLineTest,
                signed_in=True,
            ),
            Endpoint(
                "GET",
                "/api/line-tests",
                "The last test of each kiosk of one's authority, or all kept ones of a kiosk",
                self.tests,
                rest.LineTests,
                query=rest.LineTestQuery,
                signed_in=True,
            ),
        )

    async def ice(self, call: Call) -> Struct:
        """Return the relays, with fresh credentials."""
        return self._relays.servers(_signed_in(call))

    async def keep(self, call: Call) -> Struct:
        """Keep a test. Raises `NotAllowed` for who is no kiosk."""
        kiosk, found = _signed_in(call), call.body
        if kiosk.role is not Role.KIOSK:
            raise NotAllowed("only a kiosk tests its line")
        test = rest.LineTest(self._clock(), found.paths)
        await self._shared.keep_line_test(kiosk, encode(test))
        return test

    async def tests(self, call: Call) -> Struct:
        """Return tests. Raises `NotAllowed` for who is no supervisor, `NotFound` for a kiosk elsewhere."""
        lead, asked = _signed_in(call), call.query
        if lead.role is not Role.SUPERVISOR:
            raise NotAllowed(f"a {lead.role} does not see the kiosks' lines")
        names = await self._shared.line_tested(lead.authority)
        if not asked.kiosk:
            return rest.LineTests(tuple([await self._line(kiosk, name, 1) for kiosk, name in sorted(names.items())]))
        if asked.kiosk not in names:
            raise NotFound(f"no test of {asked.kiosk} is known")
        return rest.LineTests((await self._line(asked.kiosk, names[asked.kiosk]),))

    async def _line(self, kiosk: str, name: str, *most: int) -> rest.KioskLine:
        kept = await self._shared.line_tests(kiosk, *most)
        return rest.KioskLine(kiosk, name, tuple(msgspec.json.decode(one, type=rest.LineTest) for one in kept))


def _signed_in(call: Call) -> Actor:
    if call.actor is None:
        raise NotSignedIn("sign in first")
    return call.actor
