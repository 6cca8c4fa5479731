"""Three ways on for a resident whom nobody can answer now: an appointment, a call-back, a message to the desk.

The promise is written first (a task of the desk), then the visit ends as promised: a crash in between leaves both, and
nobody is lost. When an officer has accepted meanwhile, the promise is called off and the talk goes on.
"""

from collections.abc import Callable
from typing import assert_never

from rvw.clock import Clock, Instant, wall
from rvw.domain.catalogue import Catalogue, Desk
from rvw.domain.catalogue.openings import next_opening, slots
from rvw.domain.commands import Defer, Prioritise
from rvw.domain.people import SYSTEM, Actor, Role
from rvw.domain.task import PROMISES, Kind, Owed, Task, TaskState
from rvw.domain.visit import State, Visit
from rvw.errors import InvalidInput, NotFound, NotPossible
from rvw.protocol import rest
from rvw.settings import Tasks as Limits
from signaling.ledger import Ledger
from signaling.office import Office
from signaling.tickets import Tickets
from signaling.worklist import Worklist

DAYS_AHEAD = 6
"""Appointments are made for today and the days that follow: a ticket is good for `tickets.KEPT_DAYS`."""

CIVIL_HOURS = range(8, 18)
"""A desk that is open day and night asks nobody to come in the night."""

MAX_SLOTS = 60
"""How many times a page is offered."""

WAITING = frozenset({State.WAITING, State.OFFERED})

FOLLOWED = frozenset({"unanswered", "lost", "promised"})
"""A visit that ended so may be followed by a promise; one of each kind."""


class Promises:
    """Makes promises for the kiosk's own visit, and sees that an appointment is kept."""

    def __init__(
        self,
        office: Office,
        ledger: Ledger,
        worklist: Worklist,
        tickets: Tickets,
        catalogue: Callable[[], Catalogue],
        limits: Limits,
        clock: Clock,
    ) -> None:
        self._office = office
        self._ledger = ledger
        self._worklist = worklist
        self._tickets = tickets
        self._catalogue = catalogue
        self._limits = limits
        self._clock = clock

    async def ways(self, actor: Actor, visit_id: str) -> rest.Ways:
        """Return what can be promised to the visit of a kiosk. Raises `NotFound` for anybody else's."""
        visit = await self._own(actor, visit_id)
        desk, now = self._desk(visit), self._clock()
        times = [one for one in self._times(desk, now) if one >= now]
        taken = await self._worklist.booked(desk.id, now, now + (DAYS_AHEAD + 1) * 86_400.0) if times else {}
        free = [one for one in times if taken.get(one, 0) < self._limits.slot_places]
        begin = next_opening(desk, self._catalogue().days, now) or now
        return rest.Ways(
            desk.id,
            begin > now,
            begin,
            tuple(free[:MAX_SLOTS]),
            begin + self._limits.call_back_s,
            begin + self._limits.message_s,
        )

    async def make(self, actor: Actor, visit_id: str, wish: rest.PromiseWish) -> rest.Promise:
        """Make the promise and end the waiting.

        Raises `NotFound` for another kiosk's visit, `NotPossible` for one that is neither waiting nor ended unanswered,
        that has such a promise already, or whose time has been taken; `InvalidInput` when what is needed is missing.
        """
        visit = await self._own(actor, visit_id)
        if visit.state not in WAITING and not (visit.state is State.CLOSED and visit.close_reason in FOLLOWED):
            raise NotPossible("only a visit that waits, or was not answered, is promised something")
        task = await self._kept(visit, actor, wish)
        try:
            if visit.state is not State.CLOSED:
                await self._office.perform(SYSTEM, Defer(), visit_id)
        except NotPossible:  # an officer was faster: face to face is better than any promise
            await self._worklist.close(task.id, "cancelled", SYSTEM, "answered meanwhile")
            raise
        return told(task)

    async def come(self, actor: Actor, task_id: str, come: rest.AppointmentKept) -> rest.Promise:
        """Let a resident with an appointment, who has a new visit at this kiosk, go before others.

        Raises `NotFound` for a ticket that is not the appointment's, `NotPossible` when it is not the time.
        """
        ticket = await self._tickets.check(come.ticket, actor.id)
        task = next((one for one in await self._worklist.of_visit(ticket) if one.id == task_id), None)
        if task is None or task.kind is not Kind.APPOINTMENT:
            raise NotFound("there is no such appointment")
        visit = await self._own(actor, come.visit)
        now = self._clock()
        if task.state is TaskState.DONE or not task.due_at - self._limits.early_s <= now <= task.deadline:
            raise NotPossible("the appointment is at another time")
        done = await self._worklist.close(task_id, "kept", actor)
        await self._office.perform(SYSTEM, Prioritise("appointment"), visit.id)
        return told(done)

    async def call_off(self, shown: str, task_id: str, asker: str) -> rest.Promise:
        """End a promise that the resident does not need any more, by the ticket from anywhere; others get its time.

        Raises what `Tickets.check` raises, `NotFound` for another ticket's, `NotPossible` for one that is over.
        """
        visit = await self._tickets.check(shown, asker)
        task = next((one for one in await self._worklist.of_visit(visit) if one.id == task_id), None)
        if task is None or task.kind not in PROMISES:
            raise NotFound("there is no such promise")
        return told(await self._worklist.close(task_id, "cancelled", note="called off by ticket"))

    async def _own(self, actor: Actor, visit_id: str) -> Visit:
        visit = await self._ledger.visit(visit_id)
        if actor.role is not Role.KIOSK or visit.kiosk != actor.id:
            raise NotFound("there is no such visit")
        return visit

    def _desk(self, visit: Visit) -> Desk:
        """Return the desk that owes the visit an answer: the nearest."""
        desk = self._catalogue().desks.get(visit.desks[0])
        if desk is None:
            raise NotFound("the desk of this visit is not there any more")
        return desk

    def _times(self, desk: Desk, now: Instant) -> list[Instant]:
        found = slots(desk, self._catalogue().days, now, DAYS_AHEAD, self._limits.slot_s)
        return [one.since for one in found if desk.hours or _wall_hour(one.since) in CIVIL_HOURS]

    async def _kept(self, visit: Visit, actor: Actor, wish: rest.PromiseWish) -> Task:
        """Make the task. A wish that is repeated, because its answer was lost, finds the one that is there."""
        there = [one for one in await self._worklist.of_visit(visit.id) if one.kind == wish.kind]
        if open_ones := [one for one in there if one.state is not TaskState.DONE]:
            return open_ones[0]
        desk, now = self._desk(visit), self._clock()
        begin = next_opening(desk, self._catalogue().days, now) or now
        match wish.kind:
            case "call_back":
                if not wish.number:
                    raise InvalidInput("a call-back needs a telephone number")
                made = await self._worklist.add(
                    self._owed(visit, desk, wish, begin + self._limits.call_back_s), actor, wish.number
                )
            case "message":
                if not wish.text.strip():
                    raise InvalidInput("an empty message says nothing")
                made = await self._worklist.add(self._owed(visit, desk, wish, begin + self._limits.message_s), actor)
            case "appointment":
                if wish.at not in self._times(desk, now) or wish.at < now:
                    raise InvalidInput("the desk is not open then")
                owed = self._owed(visit, desk, wish, wish.at + self._limits.late_s)
                made = await self._worklist.book(owed, actor, self._limits.slot_places, wish.number)
            case _:
                assert_never(wish.kind)
        if made is None:
            raise NotPossible("somebody else has just taken this time: choose another")
        return made

    def _owed(self, visit: Visit, desk: Desk, wish: rest.PromiseWish, deadline: Instant) -> Owed:
        return Owed(
            kind=Kind(wish.kind),
            authority=desk.authority,
            desk=desk.id,
            subject=visit.matter,
            visit=visit.id,
            ticket=visit.ticket,
            language=visit.language,
            name=wish.name.strip(),
            text=wish.text.strip(),
            due_at=wish.at if wish.kind == "appointment" else 0.0,
            deadline=deadline,
        )


def told(task: Task) -> rest.Promise:
    """Return a promise as the resident may read it."""
    return rest.Promise(
        task.id, task.kind, task.state, task.due_at, task.deadline, task.outcome, task.answer, task.contact, task.tries
    )


def promised(found: tuple[Task, ...]) -> tuple[rest.Promise, ...]:
    """Return the promises among tasks."""
    return tuple(told(one) for one in found if one.kind in PROMISES)


def _wall_hour(at: Instant) -> int:
    return wall(at).hour
