"""Records of the past over HTTP: found again, and copied for the resident whose they are. Each look is noted."""

from collections.abc import Callable
from typing import Final

from msgspec import Struct

from rvw.clock import DAY_S, Clock, Instant
from rvw.domain.people import Actor, Role
from rvw.domain.policy import authorities
from rvw.errors import InvalidInput, NotAllowed
from rvw.protocol.keeping import CopyWanted, PastVisit, PastVisits, RecordsQuestion
from signaling.days import day
from signaling.dossiers.copying import Copies
from signaling.keeping.audit import Audit
from signaling.records.search import Found, Search, Wanted
from signaling.routes import Bytes, Call, Endpoint, begun, signed_in

PAGE: Final = 50
"""How many records a list has."""

IsOf = Callable[[str, str, str], bool]
"""Tells whether what is shown is the ticket of a visit with that code."""


class PastApi:
    """The handlers, and their table."""

    def __init__(self, search: Search, copies: Copies, is_of: IsOf, audit: Audit, clock: Clock) -> None:
        self._search = search
        self._copies = copies
        self._is_of = is_of
        self._audit = audit
        self._clock = clock

    def table(self) -> tuple[Endpoint, ...]:
        """Return every endpoint."""
        return (
            Endpoint(
                "GET",
                "/api/records",
                "Find visits that are over, by ticket, day, officer or matter",
                self.find,
                PastVisits,
                query=RecordsQuestion,
                signed_in=True,
            ),
            Endpoint(
                "POST",
                "/api/records/{visit}/copies",
                "Make the copy that a resident has a right to, as a ZIP",
                self.copy,
                Bytes,
                body=CopyWanted,
                signed_in=True,
            ),
        )

    async def find(self, call: Call) -> Struct:
        """Return a page of records. Raises `NotAllowed` for who has none, `InvalidInput` for no such days."""
        actor, asked = signed_in(call), call.query
        found = await self._search.find(_wanted(actor, asked), self._clock(), PAGE + 1)
        page = found[:PAGE]
        await self._audit.note(actor, "saw", asked.visit, f"list of records, {len(page)}")
        more = f"{page[-1].closed_at!r}/{page[-1].visit}" if len(found) > PAGE else ""
        return PastVisits(tuple(_told(one) for one in page), more)

    async def copy(self, call: Call) -> Struct:
        """Return the copy. Raises `NotFound`, `InvalidInput` for a ticket of another visit, `NotAllowed` without one."""
        actor, visit, asked = signed_in(call), call.path["visit"], call.body
        content = await self._copies.seen(actor, visit)
        if asked.ticket and not self._is_of(visit, content.ticket, asked.ticket):
            raise InvalidInput("this is not the ticket of this visit")
        if not asked.ticket and (actor.role is not Role.SUPERVISOR or not asked.note.strip()):
            raise NotAllowed("without the ticket a supervisor makes the copy, and writes down why")
        shown = "ticket" if asked.ticket else "no ticket"
        await self._audit.note(
            actor, "took", visit, f"copy for the resident, dossier {content.number}, {asked.identity}, {shown}"
        )
        pieces = await begun(await self._copies.make(actor, visit))
        return Bytes("application/zip", None, f"{content.ticket or visit}-{visit}.zip", pieces)


def _wanted(actor: Actor, asked: RecordsQuestion) -> Wanted:
    if actor.role not in (Role.OFFICER, Role.SUPERVISOR):
        raise NotAllowed("officers find their own records, supervisors those of their authorities")
    own = actor.role is Role.OFFICER
    return Wanted(
        authorities=() if own else tuple(sorted(authorities(actor))),
        officer=actor.id if own else asked.officer,
        visit=asked.visit.strip(),
        ticket=asked.ticket.strip().upper(),
        matter=asked.matter,
        since=day(asked.first) if asked.first else None,
        until=day(asked.last) + DAY_S if asked.last else None,
        before=_place(asked.before) if asked.before else None,
    )


def _place(text: str) -> tuple[Instant, str]:
    at, _, visit = text.partition("/")
    try:
        return float(at), visit
    except ValueError as error:
        raise InvalidInput("this is no place in the list: ask from the beginning") from error


def _told(found: Found) -> PastVisit:
    return PastVisit(**{name: getattr(found, name) for name in PastVisit.__struct_fields__})
