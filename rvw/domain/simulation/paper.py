"""The write path on paper: policy, decide, evolve, append, as `signaling.office` does it, with nothing to wait for."""

from collections.abc import Callable, Sequence

from rvw.clock import Instant
from rvw.domain import commands as c
from rvw.domain import events as e
from rvw.domain import policy
from rvw.domain import shift as shifts
from rvw.domain import visit as visits
from rvw.domain.board import Board, line
from rvw.domain.decide import Around, Ticket, VisitCommand, decide, misses_offer, open_visit
from rvw.domain.estimate import Pace
from rvw.domain.figures import Figures
from rvw.domain.fold import evolve
from rvw.domain.people import Actor
from rvw.domain.shift import Shift
from rvw.domain.visit import State, Visit


class Paper:
    """Open visits, shifts, the board, and the figures of everything that has happened."""

    def __init__(self, around: Around, happened: Callable[[e.Recorded, Visit | None], None]) -> None:
        """`happened` is told of every event, and of the visit after it."""
        self.board = Board()
        self.figures = Figures()
        self.pace = Pace()
        self.visits: dict[str, Visit] = {}
        self.events = 0
        self._around = around
        self._happened = happened

    def shift(self, actor: str) -> Shift:
        """Return the actor's shift."""
        return self.board.shifts.get(actor) or Shift(actor=actor)

    def set_presence(self, actor: Actor, presence: e.Presence, now: Instant) -> None:
        """Say whether somebody is available."""
        shift = self.shift(actor.id)
        self._append_shift(shift, shifts.set_presence(shift, actor, c.SetPresence(presence)), actor.id, now)

    def open(self, visit: str, actor: Actor, command: c.Open, now: Instant) -> None:
        """Take a ticket."""
        policy.check(actor, command, None)
        self._append(None, visit, open_visit(command, actor, Ticket("A001"), self._around, now), actor, now)

    def perform(self, actor: Actor, command: VisitCommand, visit: str, now: Instant) -> None:
        """Carry out a command. Raises what `policy.check` and `decide` raise."""
        before = self.visits[visit]
        policy.check(actor, command, before)
        events = decide(before, command, actor, self._around, now)
        if events:
            self._append(before, visit, events, actor, now)

    def _append(
        self, before: Visit | None, visit_id: str, events: Sequence[e.VisitEvent], actor: Actor, now: Instant
    ) -> None:
        stream, after, told = f"visit:{visit_id}", before, list[tuple[e.Recorded, Visit]]()
        for event in events:
            recorded = e.Recorded(stream, (after.version if after else 0) + 1, now, actor.id, "", event)
            after = evolve(after, recorded)
            told.append((recorded, after))
        assert after is not None  # noqa: S101 - there was at least one event
        was, is_ = visits.engaged(before), visits.engaged(after)
        missed = misses_offer(tuple(events))
        changes = [(self.shift(name), shifts.engage(self.shift(name), visit_id)) for name in sorted(is_ - was)]
        freed: list[tuple[Shift, tuple[e.ShiftEvent, ...]]] = [
            (self.shift(name), self._release(name, visit_id, missed and name != after.kiosk)) for name in sorted(was - is_)
        ]
        if after.state is State.CLOSED:
            self.visits.pop(visit_id, None)
        else:
            self.visits[visit_id] = after
        self.board.put(stream, line(after))
        for recorded, then in told:
            self._tell(recorded, then)
        for shift, change in (*changes, *freed):
            self._append_shift(shift, change, actor.id, now)

    def _release(self, name: str, visit: str, missed: bool) -> tuple[e.Released, ...]:
        return shifts.release(self.shift(name), visit, missed=missed, most=self._around.terms.missed_offers)

    def _append_shift(self, shift: Shift, events: Sequence[e.ShiftEvent], by: str, now: Instant) -> None:
        for event in events:
            recorded = e.Recorded(f"shift:{shift.actor}", shift.version + 1, now, by, "", event)
            shift = shifts.evolve(shift, recorded)
            self.board.put(recorded.stream, shift)
            self._tell(recorded, None)

    def _tell(self, recorded: e.Recorded, visit: Visit | None) -> None:
        self.events += 1
        self.figures.add(recorded)
        self.pace.add(recorded)
        self._happened(recorded, visit)
