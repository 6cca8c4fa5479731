"""The figures of today, kept up to date entry by entry and told to supervisors; those of other days, read when asked for.

Both are the one fold of `rvw.domain.figures`. At the start, and after entries were missed, today is read from the ledger,
so that every process has the same numbers. What a supervisor is told follows from `rvw.domain.policy`.
"""

from asyncio import Lock, sleep
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Iterable

import msgspec
import structlog

from rvw.clock import DAY_S, Clock, Instant, Seconds, midnight
from rvw.domain.catalogue import Catalogue
from rvw.domain.events import Recorded
from rvw.domain.figures import Figures
from rvw.domain.handover import decode, events_of
from rvw.domain.people import Role
from rvw.domain.policy import authorities
from rvw.domain.report import Report, report
from rvw.errors import Unavailable
from rvw.ids import made_at
from rvw.protocol.server import Counted
from signaling.hub import Hub, Listener
from signaling.ledger import Entry, Ledger
from signaling.records.archive import Archive

log = structlog.get_logger()

PUSH_S: Seconds = 1.0
"""A page is told at most so often."""

MARGIN_S: Seconds = 60.0
"""A visit's id is made a moment before the visit is opened."""

LONGEST_VISIT_S: Seconds = DAY_S
"""A visit opened on a day is closed within this after its end: waiting, talk and wrapping together may last 6.2 hours."""

KEPT_DAYS = 40
"""How many days that are over are kept in memory: groups of desk and matter, not visits."""


class Today:
    """The live fold. One owned task."""

    def __init__(self, ledger: Ledger, hub: Hub, catalogue: Callable[[], Catalogue], goal: float, clock: Clock) -> None:
        """`goal`: the share of residents who are to be answered in time."""
        self._goal = goal
        self._ledger = ledger
        self._hub = hub
        self._catalogue = catalogue
        self._clock = clock
        self._early: list[Recorded] = []
        self._complete = False
        self._told: dict[str, tuple[Listener, Report]] = {}
        self.figures = Figures(midnight(clock()))

    def watch(self, entry: Entry) -> None:
        """Count an entry of the log; while the ledger is read, keep it for afterwards."""
        if self._complete:
            self._turn(entry.recorded.at)
            self.figures.add(entry.recorded)
        else:
            self._early.append(entry.recorded)

    def read_again(self) -> None:
        """Begin anew: entries were missed."""
        self._complete, self._early = False, []

    async def run(self) -> None:
        """Count and tell until cancelled."""
        while True:
            if not self._complete:
                try:
                    await self._read()
                except Unavailable as error:
                    log.warning("figures wait", reason=str(error))
            if self._complete:
                self._turn(self._clock())
                self._tell()
            await sleep(PUSH_S)

    async def _read(self) -> None:
        early = self._early = []
        figures, seen = Figures(midnight(self._clock())), dict[str, int]()
        async for events in streams_of(self._ledger, figures.since, self._clock() + DAY_S):
            for recorded in events:
                figures.add(recorded)
                seen[recorded.stream] = recorded.version
        if early is not self._early:
            return  # entries were missed once more: what was read is not whole
        # From here on nothing is awaited: each entry is counted once, by what was read or by what has come since.
        for recorded in early:
            if recorded.version > seen.get(recorded.stream, 0):
                figures.add(recorded)
        self.figures, self._early, self._complete = figures, [], True

    def _turn(self, now: Instant) -> None:
        if now >= self.figures.since + DAY_S:
            self.figures = self.figures.following(midnight(now))

    def _tell(self) -> None:
        """Send every supervisor the report, if it is another than the last one sent."""
        supervisors = [one for one in self._hub.listeners() if one.actor.role is Role.SUPERVISOR]
        now, made, told = self._clock(), dict[frozenset[str], Report](), self._told
        self._told = {}
        for listener in supervisors:
            theirs = authorities(listener.actor)
            if theirs not in made:
                made[theirs] = report(self.figures, desks_of(self._catalogue(), theirs), theirs, self._goal, now)
            before = told.get(listener.actor.id)
            if before is None or before[0] is not listener or not _alike(before[1], made[theirs]):
                listener.send(Counted(made[theirs]))
                before = (listener, made[theirs])
            self._told[listener.actor.id] = before


def _alike(one: Report, other: Report) -> bool:
    return msgspec.structs.replace(one, until=0.0) == msgspec.structs.replace(other, until=0.0)


def desks_of(catalogue: Catalogue, theirs: frozenset[str]) -> frozenset[str]:
    """Return the desks of the authorities."""
    return frozenset(desk.id for desk in catalogue.desks.values() if desk.authority in theirs)


async def streams_of(ledger: Ledger, since: Instant, until: Instant) -> AsyncIterator[list[Recorded]]:
    """Yield the streams of all visits opened in `[since, until)`, a few about it too, and of all shifts, up to then."""
    visits = [one for one in await ledger.names("visit") if since - MARGIN_S <= made_at(one) < until + MARGIN_S]
    async for events in ledger.many([f"visit:{one}" for one in visits]):
        yield events
    async for events in ledger.many([f"shift:{one}" for one in await ledger.names("shift")]):
        yield [one for one in events if one.at < until]


class Days:
    """The figures of whole days, those that are over from the archive and what the ledger still has."""

    def __init__(self, ledger: Ledger, archive: Archive, today: Today, clock: Clock) -> None:
        self._ledger = ledger
        self._archive = archive
        self._today = today
        self._clock = clock
        self._over: OrderedDict[Instant, Figures] = OrderedDict()
        self._turn = Lock()

    async def figures(self, first: Instant, last: Instant) -> Figures:
        """Return the figures of the days that begin at `first` to `last`. Raises `Unavailable`."""
        whole = Figures(first)
        day = first
        async with self._turn:  # a day is read by one at a time: the second finds it there
            while day <= last:
                whole.merge(await self._day(day))
                day += DAY_S
        return whole

    async def _day(self, since: Instant) -> Figures:
        if since >= self._today.figures.since:
            return self._today.figures
        if since in self._over:
            self._over.move_to_end(since)
            return self._over[since]
        figures = await self._read(since)
        if self._clock() > since + DAY_S + LONGEST_VISIT_S:
            self._over[since] = figures
            if len(self._over) > KEPT_DAYS:
                self._over.popitem(last=False)
        return figures

    async def _read(self, since: Instant) -> Figures:
        """Fold a day that is over: a visit belongs to the day on which it was opened."""
        until, figures, seen = since + DAY_S, Figures(since), set[str]()
        async for events in streams_of(self._ledger, since, until):
            if events and (events[0].stream.startswith("shift:") or events[0].at < until):
                seen.add(events[0].stream)
                _add(figures, events)
        async for dossier in self._archive.dossiers(since, until + LONGEST_VISIT_S):
            kept = events_of(decode(dossier).events)
            if kept[0].stream not in seen and kept[0].at < until:
                _add(figures, kept)
        return figures


def _add(figures: Figures, events: Iterable[Recorded]) -> None:
    for recorded in events:
        figures.add(recorded)
