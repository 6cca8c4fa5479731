"""Plays a day: residents come and lose patience, officers answer, miss, talk, eat and leave, lines break, timers fire."""

from collections.abc import Callable, Iterator
from heapq import heappop, heappush
from math import cos, exp, log, pi, sqrt
from typing import Protocol

from msgspec import Struct

from rvw.clock import Instant, Seconds
from rvw.domain import commands as c
from rvw.domain import events as e
from rvw.domain.chains import Chains
from rvw.domain.decide import Around
from rvw.domain.estimate import estimate
from rvw.domain.figures import TARGET_S
from rvw.domain.people import SYSTEM, Actor, Role
from rvw.domain.routing import NEVER, route
from rvw.domain.simulation.outcome import Outcome, outcome
from rvw.domain.simulation.paper import Paper
from rvw.domain.simulation.scenario import Kind, Place, Scenario, Trouble, catalogue
from rvw.domain.terms import Terms
from rvw.domain.visit import State, Visit, due
from rvw.errors import RvwError

HOUR: Seconds = 3600.0

OUTCOMES: tuple[tuple[float, e.Outcome], ...] = (
    (0.80, "accepted"), (0.93, "guided"), (0.97, "returned"), (1.0, "unresolved"),
)  # fmt: skip

OVERTIME_S: Seconds = 1800.0
"""How long officers stay after closing time for those who still wait."""


class Dice(Protocol):
    """Where chance comes from: `random.Random(seed)` is one."""

    def random(self) -> float:
        """Return a number from 0 up to, but not, 1."""


class Coming(Struct, frozen=True):
    """A resident who will come, with everything that chance decides about the visit."""

    at: Instant
    place: str
    kind: Kind
    talk_s: Seconds
    wrapping_s: Seconds
    patience_s: Seconds
    outcome: e.Outcome


class Day:
    """One simulated day; `run` once."""

    def __init__(self, scenario: Scenario, dice: Dice, seed: int) -> None:
        self._scenario = scenario
        self._dice = dice
        self._seed = seed
        self._catalogue = catalogue(scenario)
        self._minutes = {code: one.minutes for code, one in self._catalogue.matters.items()}
        self._paper = Paper(Around(terms=Terms(), catalogue=self._catalogue), self._happened)
        self._chains = Chains()
        self._now: Instant = 0.0
        self._agenda: list[tuple[Instant, int, Callable[[], None]]] = []
        self._serial = 0
        self._changed = False
        self._wakes_at: Instant = 0.0
        """The wake-up on the agenda: one is enough."""
        self._coming: dict[str, Coming] = {}
        self._told: dict[str, tuple[Seconds, Seconds]] = {}
        self._inside = [0, 0]
        self._inside_waited = [0, 0]
        self._officers: dict[str, Actor] = {}
        self._away: dict[str, set[str]] = {}
        self._kiosks: dict[str, list[str]] = {}
        self._dark: dict[str, int] = {}

    def run(self) -> Outcome:
        """Play from before opening until nobody is left, and return what it came to."""
        self._people()
        for coming in self._arrivals():
            self._at(coming.at, lambda coming=coming: self._come(coming))  # type: ignore[misc]  # bound now, not later
        for number, trouble in enumerate(self._scenario.troubles):
            self._trouble(f"trouble-{number}", trouble)
        while self._agenda:
            self._now, _, act = heappop(self._agenda)
            act()
            if self._changed:
                self._match()
        shares = (_share(self._inside), _share(self._inside_waited))
        at = {officer.id: officer.desks[0] for officer in self._officers.values()}
        return outcome(self._scenario, self._seed, self._paper.figures, at, shares, self._paper.events)

    def _at(self, when: Instant, act: Callable[[], None]) -> None:
        self._serial += 1
        heappush(self._agenda, (when, self._serial, act))

    def _after(self, seconds: Seconds, act: Callable[[], None]) -> None:
        self._at(self._now + seconds, act)

    def _match(self) -> None:
        self._changed = False
        for step in self._chains.due(self._paper.board, self._catalogue, self._now):
            self._perform(SYSTEM, c.Ask(step.desk, step.passed), step.visit)
        plan = route(self._paper.board, self._catalogue, self._now)
        for one in plan.proposals:
            self._perform(SYSTEM, c.Offer(one.officer, one.desk, one.reason), one.visit)
        wake_at = min(plan.wake_at, self._paper.board.next_turn(self._now) or NEVER)
        if self._now < wake_at < NEVER and (wake_at < self._wakes_at or self._wakes_at <= self._now):
            self._wakes_at = wake_at
            self._at(wake_at, self._look)
        if plan.proposals and plan.wake_at <= self._now:
            self._match()
        self._changed = False

    def _look(self) -> None:
        self._changed = True

    def _perform(self, actor: Actor, command: c.Command, visit: str) -> None:
        if visit in self._paper.visits:
            try:
                self._paper.perform(actor, command, visit, self._now)  # type: ignore[arg-type]  # none opens a visit here
            except RvwError:
                return

    # What chance decides.

    def _exponential(self, mean: Seconds) -> Seconds:
        return -mean * log(1.0 - self._dice.random())

    def _lognormal(self, mean: Seconds, sigma: float) -> Seconds:
        normal = sqrt(-2.0 * log(1.0 - self._dice.random())) * cos(2.0 * pi * self._dice.random())
        return mean * exp(sigma * normal - sigma * sigma / 2.0)

    def _kind(self) -> Kind:
        at = self._dice.random() * sum(one.weight for one in self._scenario.matters)
        for one in self._scenario.matters:
            at -= one.weight
            if at < 0:
                return one
        return self._scenario.matters[-1]

    def _arrivals(self) -> Iterator[Coming]:
        """Yield a Poisson stream a place, its rate changing by the hour."""
        told = self._scenario
        hours = [
            (hour, max(0.0, min(hour + 1, told.closes) - max(hour, told.opens)) * weight)
            for hour, weight in enumerate(told.arrivals)
        ]
        whole = sum(weight for _, weight in hours) or 1.0
        for one in told.places:
            for hour, weight in hours:
                first, last = max(hour, told.opens) * HOUR, min(hour + 1, told.closes) * HOUR
                expected = one.visits * weight / whole
                at = first
                while expected > 0 and (at := at + self._exponential((last - first) / expected)) < last:
                    yield self._resident(one, at)

    def _resident(self, at_place: Place, at: Instant) -> Coming:
        told, kind, drawn = self._scenario, self._kind(), self._dice.random()
        return Coming(
            at=at,
            place=at_place.id,
            kind=kind,
            talk_s=self._lognormal(kind.minutes * 60.0, told.spread),
            wrapping_s=self._lognormal(told.wrapping_s, told.spread),
            patience_s=self._exponential(told.resident_patience_s),
            outcome=next(name for limit, name in OUTCOMES if drawn < limit),
        )

    # Officers.

    def _people(self) -> None:
        told = self._scenario
        for one in told.places:
            for number in range(one.officers):
                officer = Actor(f"o:{one.id}:{number}", Role.OFFICER, one.name, one.id, desks=(one.id,))
                self._officers[officer.id] = officer
                self._away[officer.id] = {"night"}
                self._for_a_while(officer, "night", told.closes * HOUR + OVERTIME_S, None)
                self._at(told.opens * HOUR - 60.0, lambda o=officer: self._return(o, "night"))  # type: ignore[misc]  # bound now
                room = max(0.0, (told.lunch_until - told.lunch_from) * HOUR - told.lunch_s)
                lunch = told.lunch_from * HOUR + self._dice.random() * room
                if told.lunch_s:
                    self._for_a_while(officer, "lunch", lunch, lunch + told.lunch_s)

    def _for_a_while(self, officer: Actor, why: str, since: Instant, until: Instant | None) -> None:
        self._at(since, lambda: self._go(officer, why))
        if until is not None:
            self._at(until, lambda: self._return(officer, why))

    def _go(self, officer: Actor, why: str, presence: e.Presence = "on_break") -> None:
        self._away[officer.id].add(why)
        self._paper.set_presence(officer, presence, self._now)

    def _return(self, officer: Actor, why: str) -> None:
        self._away[officer.id].discard(why)
        if not self._away[officer.id]:
            self._paper.set_presence(officer, "ready", self._now)

    def _own_counter(self, officer: Actor) -> None:
        if not self._away[officer.id] and self._dice.random() < self._scenario.own_counter:
            self._go(officer, "counter", "serving_here")
            took = self._lognormal(self._scenario.own_counter_s, self._scenario.spread)
            self._after(took, lambda: self._return(officer, "counter"))

    # Residents.

    def _come(self, coming: Coming) -> None:
        if self._dark.get(coming.place):
            return
        free = self._kiosks.setdefault(coming.place, [])
        name = free.pop() if free else f"k:{coming.place}:{self._serial}"
        kiosk = Actor(name, Role.KIOSK, coming.place, coming.place, hall=coming.place)
        self._paper.set_presence(kiosk, "ready", self._now)
        visit = f"v{len(self._coming):07d}"
        self._coming[visit] = coming
        self._paper.open(visit, kiosk, c.Open(coming.kind.code, coming.place), self._now)
        said = estimate(self._paper.board, visit, self._minutes, self._paper.pace, self._now)
        if said is not None and said.on_duty:
            self._told[visit] = (said.low_s, said.high_s)
        self._after(coming.patience_s, lambda: self._lose_patience(kiosk, visit))

    def _lose_patience(self, kiosk: Actor, visit: str) -> None:
        now = self._paper.visits.get(visit)
        if now is not None and now.answered_at is None:
            self._perform(kiosk, c.Leave(), visit)

    # What follows from events.

    def _happened(self, recorded: e.Recorded, visit: Visit | None) -> None:
        self._changed = True
        event = recorded.event
        if visit is None:
            if isinstance(event, e.Released) and recorded.stream[6:] in self._officers:
                officer = self._officers[recorded.stream[6:]]
                self._after(0.0, lambda: self._own_counter(officer))
            return
        self._watch(visit)
        match event:
            case e.Offered():
                self._offered(visit, event)
            case e.Accepted():
                self._accepted(visit, recorded.at)
            case e.Ended():
                self._kiosks[visit.hall].append(visit.kiosk)
                wrapping_s, outcome = self._coming[visit.id].wrapping_s, self._coming[visit.id].outcome
                officer = self._officers[visit.officer]
                self._after(wrapping_s, lambda: self._perform(officer, c.Close(outcome), visit.id))
            case e.Closed(reason):
                if reason in ("left", "lost", "unanswered"):
                    self._kiosks[visit.hall].append(visit.kiosk)

    def _watch(self, visit: Visit) -> None:
        at = due(visit)
        if at is not None:
            self._at(at, lambda: self._expire(visit.id))

    def _expire(self, visit_id: str) -> None:
        visit = self._paper.visits.get(visit_id)
        at = due(visit) if visit is not None else None
        if at is not None and at <= self._now:
            self._perform(SYSTEM, c.Expire(), visit_id)

    def _offered(self, visit: Visit, event: e.Offered) -> None:
        officer = self._officers[event.officer]
        if self._dice.random() < self._scenario.missed:
            self._at(event.deadline + self._scenario.back_after_s, lambda: self._return(officer, "missed"))
        else:
            took = 2.0 * self._scenario.reaction_s * self._dice.random()
            self._after(took, lambda: self._perform(officer, c.Accept(), visit.id))

    def _accepted(self, visit: Visit, at: Instant) -> None:
        if visit.answered_at == at and visit.id in self._told:
            low, high = self._told.pop(visit.id)
            waited = at - visit.opened_at
            for tally in (self._inside, *([self._inside_waited] if waited > TARGET_S else [])):
                tally[0] += low <= waited <= high
                tally[1] += 1
        officer = self._officers[visit.officer]
        self._after(self._coming[visit.id].talk_s, lambda: self._end(officer, visit.id, at))

    def _end(self, officer: Actor, visit_id: str, live_at: Instant) -> None:
        visit = self._paper.visits.get(visit_id)
        if visit is not None and visit.live_at == live_at and visit.state is State.LIVE:
            self._perform(officer, c.End(), visit_id)

    # What goes wrong.

    def _trouble(self, why: str, trouble: Trouble) -> None:
        for one in self._scenario.places:
            if not {"*", one.id, one.group} & set(trouble.places):
                continue
            if trouble.kiosks:
                self._at(trouble.since * HOUR, lambda p=one.id: self._darken(p, 1, trouble))  # type: ignore[misc]  # bound now
                self._at(trouble.until * HOUR, lambda p=one.id: self._darken(p, -1, trouble))  # type: ignore[misc]  # the same
            if trouble.officers:
                for number in range(round(one.officers * trouble.share)):
                    officer = self._officers[f"o:{one.id}:{number}"]
                    self._for_a_while(officer, why, trouble.since * HOUR, trouble.until * HOUR)
                    if trouble.lines_drop:
                        self._at(trouble.since * HOUR, lambda o=officer: self._drop(o.id))  # type: ignore[misc]  # the same

    def _darken(self, at_place: str, change: int, trouble: Trouble) -> None:
        self._dark[at_place] = self._dark.get(at_place, 0) + change
        if change > 0 and trouble.lines_drop:
            for one in [one for one in self._paper.board.lines.values() if one.hall == at_place]:
                self._perform(SYSTEM, c.Lose(one.kiosk), one.id)

    def _drop(self, officer: str) -> None:
        visit = self._paper.shift(officer).visit
        if visit:
            self._perform(SYSTEM, c.Lose(officer), visit)


def _share(tally: list[int]) -> float | None:
    return tally[0] / tally[1] if tally[1] else None
