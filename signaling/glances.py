"""Relays a small still picture of somebody every few seconds to those in the visit whose line does not carry moving ones.

Nobody else is sent one, and nothing is kept: what the record needs of a face is in the recording.
"""

import structlog

from rvw.clock import Instant
from rvw.domain.companion import audience
from rvw.domain.people import Actor
from rvw.domain.visit import State, Visit
from rvw.errors import NotAllowed, RvwError
from rvw.protocol.client import Glance
from rvw.protocol.server import Glanced
from signaling.gestures import Gestures
from signaling.ledger import Ledger
from signaling.limits import Buckets
from signaling.qualities import Qualities

log = structlog.get_logger()

PER_S, AT_ONCE = 0.5, 2
"""Glances of one page: pages send one in three seconds. More are dropped."""


class Glances:
    """Speaks through `Gestures`, which hears."""

    def __init__(self, gestures: Gestures, ledger: Ledger, qualities: Qualities) -> None:
        self._gestures = gestures
        self._ledger = ledger
        self._qualities = qualities
        self._allowed = Buckets(AT_ONCE, PER_S)

    async def relay(self, actor: Actor, glance: Glance, now: Instant) -> None:
        """Hand the glance on to those it helps, if the actor is seen in the visit; otherwise drop it. Never raises."""
        if not self._allowed.take(actor.id, now):
            return
        try:
            visit = await self._ledger.visit(glance.visit, remembered=True)
            _check(actor, visit)
            blind = tuple(one for one in audience(visit) if one != actor.id and self._qualities.paused(one))
            if blind:
                await self._gestures.hand(blind, Glanced(visit.id, actor.id, glance.picture))
        except RvwError as error:
            log.debug("a glance is dropped", reason=str(error))


def _check(actor: Actor, visit: Visit) -> None:
    """Raise `NotAllowed` for somebody whom the others of the visit do not see now."""
    part = next((one for one in visit.participants if one.actor == actor.id), None)
    if visit.state is not State.LIVE or part is None or part.mode != "join":
        raise NotAllowed("only who is seen in a live visit may show a glance")
