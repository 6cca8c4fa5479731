"""A visit that goes on with a case: what a number is about, and what came before, for the officer who has it now."""

from rvw.clock import Clock
from rvw.domain.handover import Dossier, decode
from rvw.domain.people import Actor, Role
from rvw.domain.visit import takes_part
from rvw.errors import NotAllowed, NotFound, TooMany
from rvw.protocol.endings import CaseFound, EarlierVisit, EarlierVisits
from signaling.ledger import Ledger
from signaling.limits import Buckets
from signaling.records.archive import Archive, Record

TRIES_PER_MINUTE = 10
"""How many numbers one kiosk may try: enough to mistype, too few to look for others'."""


class Cases:
    """Finds the records of a case number."""

    def __init__(self, archive: Archive, ledger: Ledger, clock: Clock) -> None:
        self._archive = archive
        self._ledger = ledger
        self._clock = clock
        self._per_kiosk = Buckets(burst=TRIES_PER_MINUTE, per_s=TRIES_PER_MINUTE / 60)

    async def found(self, actor: Actor, case: str) -> CaseFound:
        """Return what the case is about. Raises `NotAllowed` for anybody but a kiosk, `NotFound`, `TooMany`."""
        if actor.role is not Role.KIOSK:
            raise NotAllowed("case numbers are typed at kiosks")
        if not self._per_kiosk.take(actor.id, self._clock()):
            raise TooMany("too many wrong numbers: wait a minute")
        records = await self._archive.of_case(case)
        if not records:
            raise NotFound("there is no such case")
        self._per_kiosk.give_back(actor.id)
        return CaseFound(case, records[0].matter, records[0].region)

    async def earlier(self, actor: Actor, visit_id: str) -> EarlierVisits:
        """Return what came before in the visit's case. Raises `NotFound` for who does not take part as an officer."""
        visit = await self._ledger.visit(visit_id)
        if actor.role is not Role.OFFICER or not (takes_part(visit, actor.id) or visit.officer == actor.id):
            raise NotFound("there is no such visit")
        if not visit.case:
            return EarlierVisits(())
        records = await self._archive.of_case(visit.case)
        return EarlierVisits(tuple(_told(record, visit.case) for record in records if record.visit != visit_id))


def _told(record: Record, receipt: str) -> EarlierVisit:
    if not record.dossier:  # removed by law: that there was something is known, and no more
        nothing = {"desk": "", "officer": "", "outcome": "", "note": "", "next_step": ""}
        return EarlierVisit(
            visit=record.visit, closed_at=record.closed_at, matter=record.matter, receipt=receipt, files=(), **nothing
        )
    content = decode(record.dossier)
    return EarlierVisit(
        visit=record.visit,
        closed_at=record.closed_at,
        matter=content.matter,
        desk=content.desk,
        officer=_name(content),
        outcome=content.outcome,
        note=content.note,
        next_step=content.next_step,
        receipt=receipt,
        files=tuple(file.name for file in content.files if file.removed is None),
    )


def _name(content: Dossier) -> str:
    return next((party.name for party in content.parties if party.actor == content.officer), content.officer)
