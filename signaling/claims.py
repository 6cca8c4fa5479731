"""A visit found again by its ticket, at any kiosk: the same place in the queue, the same talk, or what has become of it."""

from rvw.domain.commands import MoveKiosk
from rvw.domain.people import SYSTEM, Actor, Role
from rvw.domain.visit import State, Visit
from rvw.errors import NotAllowed, NotFound
from rvw.protocol import rest
from signaling.ledger import Ledger
from signaling.office import Office
from signaling.promises import promised
from signaling.tickets import Tickets, drawn
from signaling.worklist import Worklist

ENGAGED = frozenset({State.WAITING, State.OFFERED, State.LIVE, State.HELD})
"""In these the resident is in the visit; later there is nothing to go on with."""


class Claims:
    """Shows tickets to the kiosks whose they are, and takes them at others."""

    def __init__(self, tickets: Tickets, office: Office, ledger: Ledger, worklist: Worklist) -> None:
        self._tickets = tickets
        self._office = office
        self._ledger = ledger
        self._worklist = worklist

    async def shown(self, actor: Actor, visit_id: str) -> rest.TicketShown:
        """Return the whole ticket. Raises `NotFound` for anybody but the visit's kiosk."""
        visit = await self._ledger.visit(visit_id)
        if actor.role is not Role.KIOSK or visit.kiosk != actor.id:
            raise NotFound("there is no such visit")
        return rest.TicketShown(visit.ticket, self._tickets.pin(visit_id), drawn(self._tickets.qr(visit_id)))

    async def found(self, actor: Actor, shown: str) -> rest.TicketFound:
        """Bring the visit to the actor's kiosk if it still goes on, and return what has become of it.

        Raises `NotAllowed` for anybody but a kiosk, what `Tickets.check` raises, and `OfficerBusy` when the kiosk has
        another visit.
        """
        if actor.role is not Role.KIOSK:
            raise NotAllowed("tickets are shown at kiosks")
        visit_id = await self._tickets.check(shown, actor.id)
        visit = await self._visit(visit_id)
        if visit is not None and visit.state in ENGAGED:
            await self._office.perform(SYSTEM, MoveKiosk(actor.id, actor.name, actor.hall), visit_id)
            visit = await self._ledger.visit(visit_id)
        found = await self._worklist.of_visit(visit_id)
        matter = visit.matter if visit else next((one.subject for one in found), "")
        region, receipt = (visit.region, visit.receipt) if visit else ("", "")
        state, closed, ended = (visit.state, visit.close_reason, visit.end_reason) if visit else (State.CLOSED, "", "")
        return rest.TicketFound(visit_id, state, matter, region, closed, ended, receipt, promised(found))

    async def _visit(self, visit_id: str) -> Visit | None:
        """Return the visit, or `None` for one that has been handed over long ago."""
        try:
            return await self._ledger.visit(visit_id)
        except NotFound:
            return None
