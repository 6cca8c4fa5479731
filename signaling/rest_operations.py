"""What supervisors ask over HTTP: figures of days, and what has happened in a visit."""

from collections.abc import Callable

import msgspec
from msgspec import Struct

from rvw.clock import DAY_S, Clock, midnight
from rvw.domain.catalogue import Catalogue
from rvw.domain.fold import evolve
from rvw.domain.handover import decode, events_of
from rvw.domain.people import Actor, Role
from rvw.domain.policy import authorities, may_see
from rvw.domain.rating import counted
from rvw.domain.report import Report, report
from rvw.domain.visit import Visit
from rvw.errors import InvalidInput, NotAllowed, NotFound
from rvw.protocol import rest
from signaling.days import day
from signaling.figures import Days, desks_of
from signaling.keeping.audit import Audit
from signaling.ledger import Ledger
from signaling.records.archive import Archive
from signaling.records.ratings import Ratings
from signaling.routes import Call, Endpoint

MAX_DAYS = 31
"""How many days may be asked for at once."""


class OperationsApi:
    """The handlers, and their table."""

    def __init__(
        self,
        days: Days,
        ledger: Ledger,
        archive: Archive,
        catalogue: Callable[[], Catalogue],
        ratings: Ratings,
        goal: float,
        audit: Audit,
        clock: Clock,
    ) -> None:
        self._audit = audit
        self._goal = goal
        self._ratings = ratings
        self._days = days
        self._ledger = ledger
        self._archive = archive
        self._catalogue = catalogue
        self._clock = clock

    def table(self) -> tuple[Endpoint, ...]:
        """Return every endpoint."""
        return (
            Endpoint(
                "GET",
                "/api/figures",
                "The figures of whole days, of all desks that a supervisor sees or of one",
                self.figures,
                Report,
                query=rest.FiguresQuestion,
                signed_in=True,
            ),
            Endpoint(
                "GET",
                "/api/visits/{visit}/events",
                "Everything that has happened in a visit",
                self.events,
                rest.Events,
                signed_in=True,
            ),
        )

    async def figures(self, call: Call) -> Struct:
        """Return the figures. Raises `InvalidInput` for no such days, `NotFound` for a desk that is not the asker's."""
        actor, asked = _supervisor(call), call.query
        now = self._clock()
        first = day(asked.first) if asked.first else midnight(now)
        last = day(asked.last) if asked.last else max(first, midnight(now))
        days = round((last - first) / DAY_S) + 1
        if not 1 <= days <= MAX_DAYS or last > now:
            raise InvalidInput(f"from 1 to {MAX_DAYS} days, none of them to come")
        desks = _wanted(self._catalogue(), desks_of(self._catalogue(), authorities(actor)), asked)
        figures = await self._days.figures(first, last)
        told = report(figures, desks, authorities(actor), self._goal, min(now, last + DAY_S), days=days)
        rated = await self._ratings.between(first, last + DAY_S, desks)
        return msgspec.structs.replace(told, ratings=counted(rated))

    async def events(self, call: Call) -> Struct:
        """Return a visit's events, from the ledger or, later, from its record. Raises `NotFound`."""
        actor, visit = _supervisor(call), call.path["visit"]
        events = tuple(await self._ledger.events(visit))
        if not events and (record := await self._archive.record(visit)) is not None:
            events = events_of(decode(record.dossier).events)
        events = tuple(one for one in events if one.stream == f"visit:{visit}")  # marks are not told in words
        folded: Visit | None = None
        for recorded in events:
            folded = evolve(folded, recorded)
        if folded is None or not may_see(actor, folded):
            raise NotFound(f"there is no visit {visit}")
        await self._audit.note(actor, "saw", visit, "events")
        return rest.Events(events)


def _supervisor(call: Call) -> Actor:
    if call.actor is None or call.actor.role is not Role.SUPERVISOR:
        raise NotAllowed("this is for supervisors")
    return call.actor


def _wanted(catalogue: Catalogue, own: frozenset[str], asked: rest.FiguresQuestion) -> frozenset[str]:
    """Return which of the own desks are asked for. Raises `NotFound`."""
    desks = frozenset(one for one in own if asked.desk in ("", one) and asked.region in ("", catalogue.desks[one].region))
    if not desks and (asked.desk or asked.region):
        raise NotFound("there is no such desk of yours")
    return desks
