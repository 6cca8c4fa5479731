"""Relays pointers: strokes under way and the laser, to those who take part, in whichever process they are.

Best effort: a gesture that is lost is followed by the next, and a stroke that is over is an event. Nothing is kept.
"""

from asyncio import sleep

import structlog
from msgspec import Struct

from rvw.clock import Instant, Seconds
from rvw.domain.companion import audience
from rvw.domain.people import Actor
from rvw.domain.policy import check_marking
from rvw.errors import RvwError, Unavailable
from rvw.protocol.client import Gesture
from rvw.protocol.codec import Codec, encode
from rvw.protocol.server import Gestured
from signaling.board import SharedBoard
from signaling.hub import Hub
from signaling.ledger import Ledger
from signaling.limits import Buckets

log = structlog.get_logger()

RETRY_S: Seconds = 0.5

PER_S, AT_ONCE = 25, 50
"""Gestures of one page: pages send twenty a second while a pointer moves. More are dropped."""


class Passed(Struct, frozen=True, forbid_unknown_fields=True):
    """A gesture on its way between processes."""

    to: tuple[str, ...]
    said: Gestured


PASSED: Codec[Passed] = Codec(Passed)


class Gestures:
    """One owned task that hears; `relay` speaks."""

    def __init__(self, hub: Hub, shared: SharedBoard, ledger: Ledger) -> None:
        self._hub = hub
        self._shared = shared
        self._ledger = ledger
        self._allowed = Buckets(AT_ONCE, PER_S)

    async def relay(self, actor: Actor, gesture: Gesture, now: Instant) -> None:
        """Hand the gesture on, if the actor may draw; otherwise drop it. Never raises."""
        if not self._allowed.take(actor.id, now):
            return
        try:
            visit = await self._ledger.visit(gesture.visit, remembered=True)
            check_marking(actor, visit)
            said = Gestured(
                gesture.visit, actor.id, actor.name, gesture.surface, gesture.tool, gesture.colour, gesture.points
            )
            others = tuple(one for one in audience(visit) if one != actor.id)
            await self._shared.point(encode(Passed(others, said)))
        except RvwError as error:
            log.debug("a gesture is dropped", reason=str(error))

    async def run(self) -> None:
        """Pass gestures on until cancelled."""
        while True:
            try:
                async for data in self._shared.pointed():
                    passed = PASSED.decode(data)
                    self._hub.tell(passed.to, passed.said)
            except Unavailable as error:
                log.debug("gestures wait", reason=str(error))
            await sleep(RETRY_S)
