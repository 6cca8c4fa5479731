"""Routing as simply as it can be said: looks at everybody each time. What the fast one must agree with."""

from collections.abc import Callable, Iterator, Mapping

from rvw.clock import Instant, Seconds
from rvw.domain.board import Board, Line, queue
from rvw.domain.catalogue import Desk
from rvw.domain.routing import Proposal
from rvw.domain.shift import Shift, is_free, on_duty
from rvw.domain.visit import State


def simple_route(board: Board, desks: Mapping[str, Desk], now: Instant) -> tuple[Proposal, ...]:
    """Return the offers to make now, each officer and each visit at most once."""
    free = _by_desk(board, is_free)
    duty = _by_desk(board, on_duty)
    taken: set[str] = set()
    proposals = []
    for one in queue(board.lines):
        if one.state is not State.WAITING or one.interrupted:
            continue
        refused = {r.officer for r in one.refusals if r.until > now}
        for desk, opens_at in steps(one, desks, duty):
            if opens_at > now:
                break
            officer = next((s for s in free.get(desk, ()) if s.actor not in taken and s.actor not in refused), None)
            if officer is not None:
                taken.add(officer.actor)
                proposals.append(Proposal(one.id, officer.actor, desk))
                break
    return tuple(proposals)


def _by_desk(board: Board, wanted: Callable[[Shift], bool]) -> dict[str, list[Shift]]:
    found: dict[str, list[Shift]] = {}
    for shift in sorted(board.shifts.values(), key=lambda s: (s.idle_since, s.actor)):
        if wanted(shift):
            for desk in shift.desks:
                found.setdefault(desk, []).append(shift)
    return found


def steps(one: Line, desks: Mapping[str, Desk], duty: Mapping[str, object]) -> Iterator[tuple[str, Instant]]:
    """Yield each desk of the chain with the instant from which it is asked."""
    opens_at = one.since
    for name in one.desks:
        yield name, opens_at
        patience: Seconds = desks[name].patience_s if name in desks and duty.get(name) else 0.0
        opens_at += patience
