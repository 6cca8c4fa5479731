"""Relays what is under way to those who take part, in whichever process they are: strokes, the laser, a line being written.

Best effort: a gesture that is lost is followed by the next, and a stroke or line that is over is an event. Nothing is kept.
"""

from asyncio import sleep

import structlog
from msgspec import Struct

from rvw.clock import Instant, Seconds
from rvw.domain.commands import Say
from rvw.domain.companion import audience
from rvw.domain.people import Actor
from rvw.domain.policy import check, check_marking
from rvw.domain.visit import Visit
from rvw.errors import RvwError, Unavailable
from rvw.protocol.client import Gesture, Typing
from rvw.protocol.codec import Codec, encode
from rvw.protocol.server import Gestured, Glanced, Typed
from signaling.board import SharedBoard
from signaling.hub import Hub
from signaling.ledger import Ledger
from signaling.limits import Buckets

log = structlog.get_logger()

RETRY_S: Seconds = 0.5

PER_S, AT_ONCE = 25, 50
"""Gestures of one page: pages send twenty a second while a pointer moves, five while somebody writes. More are dropped."""


class Passed(Struct, frozen=True, forbid_unknown_fields=True):
    """A gesture on its way between processes."""

    to: tuple[str, ...]
    said: Gestured | Typed | Glanced


PASSED: Codec[Passed] = Codec(Passed)


class Gestures:
    """One owned task that hears; `relay` speaks."""

    def __init__(self, hub: Hub, shared: SharedBoard, ledger: Ledger) -> None:
        self._hub = hub
        self._shared = shared
        self._ledger = ledger
        self._allowed = Buckets(AT_ONCE, PER_S)

    async def relay(self, actor: Actor, gesture: Gesture | Typing, now: Instant) -> None:
        """Hand the gesture on, if the actor may draw, or write; otherwise drop it. Never raises."""
        if not self._allowed.take(actor.id, now):
            return
        try:
            visit = await self._ledger.visit(gesture.visit, remembered=True)
            said = _said(actor, visit, gesture)
            others = tuple(one for one in audience(visit) if one != actor.id)
            await self.hand(others, said)
        except RvwError as error:
            log.debug("a gesture is dropped", reason=str(error))

    async def hand(self, to: tuple[str, ...], said: Gestured | Typed | Glanced) -> None:
        """Say something to these actors, in whichever process they are. Raises `Unavailable`."""
        await self._shared.point(encode(Passed(to, said)))

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


def _said(actor: Actor, visit: Visit, gesture: Gesture | Typing) -> Gestured | Typed:
    """Return what others are told. Raises the errors of `policy` when the actor may not."""
    if isinstance(gesture, Typing):
        check(actor, Say(gesture.text), visit)
        return Typed(visit.id, actor.id, actor.name, actor.role, gesture.text)
    check_marking(actor, visit)
    return Gestured(visit.id, actor.id, actor.name, gesture.surface, gesture.tool, gesture.colour, gesture.points)
