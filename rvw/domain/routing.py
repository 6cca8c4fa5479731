"""Who is offered whom: a pure proposal over the board, to be appended or, when somebody was faster, made again.

Order of visits: priority, then the longest waiting. For each, the desks of its chain, nearest first; at a desk, the
officer who has been idle longest. The next desk of a chain is asked too when the nearer one's patience is over, or at
once when nobody is on duty there.
"""

from collections.abc import Callable, Iterator, Mapping

from msgspec import Struct

from rvw.clock import Instant, Seconds
from rvw.domain.board import Board, Line, queue
from rvw.domain.catalogue import Desk
from rvw.domain.shift import Shift, is_free, on_duty
from rvw.domain.visit import State

NEVER: Instant = float("inf")


class Proposal(Struct, frozen=True):
    """Offer `visit` to `officer`, who answers for `desk`."""

    visit: str
    officer: str
    desk: str


class Plan(Struct, frozen=True):
    """What to offer now, and when to look again even if nothing has happened."""

    proposals: tuple[Proposal, ...]
    wake_at: Instant


def route(board: Board, desks: Mapping[str, Desk], now: Instant) -> Plan:
    """Return the offers to make now, each officer and each visit at most once."""
    free = _by_desk(board, is_free)
    duty = _by_desk(board, on_duty)
    taken: set[str] = set()
    proposals = []
    wake_at = NEVER
    for one in queue(board.lines):
        if one.state is not State.WAITING or one.interrupted:
            continue
        refused = {r.officer: r.until for r in one.refusals if r.until > now}
        for desk, opens_at in _steps(one, desks, duty):
            if opens_at > now:
                wake_at = min(wake_at, opens_at)
                break
            officer = next((s for s in free.get(desk, ()) if s.actor not in taken and s.actor not in refused), None)
            if officer is not None:
                taken.add(officer.actor)
                proposals.append(Proposal(one.id, officer.actor, desk))
                break
        wake_at = min(wake_at, *refused.values(), NEVER)
    return Plan(tuple(proposals), wake_at)


def _by_desk(board: Board, wanted: Callable[[Shift], bool]) -> dict[str, list[Shift]]:
    found: dict[str, list[Shift]] = {}
    for shift in sorted(board.shifts.values(), key=lambda s: (s.idle_since, s.actor)):
        if shift.desks and wanted(shift):
            for desk in shift.desks:
                found.setdefault(desk, []).append(shift)
    return found


def _steps(one: Line, desks: Mapping[str, Desk], duty: Mapping[str, list[Shift]]) -> Iterator[tuple[str, Instant]]:
    """Yield each desk of the chain with the instant from which it is asked."""
    opens_at = one.since
    for name in one.desks:
        yield name, opens_at
        patience: Seconds = desks[name].patience_s if name in desks and duty.get(name) else 0.0
        opens_at += patience


class Estimate(Struct, frozen=True, forbid_unknown_fields=True):
    """The place in the queue (1 is next) and an interval of the wait, in seconds."""

    place: int
    low_s: Seconds
    high_s: Seconds
    on_duty: int
    """Officers on duty at the desks that may answer; none means that no wait can be promised."""


def estimate(board: Board, visit: str, desks: Mapping[str, Desk], minutes: Mapping[str, int]) -> Estimate | None:
    """Return the estimate for a waiting visit; `None` for one that does not wait.

    `minutes` gives a matter's typical length. The interval is half to one and a half of what those ahead and those in
    a talk take, shared by the officers on duty; the queue's own history refines it later.
    """
    waiting = queue(board.lines)
    own = next((one for one in waiting if one.id == visit), None)
    if own is None:
        return None
    chain = set(own.desks)
    ahead = [one for one in waiting[: waiting.index(own)] if chain.intersection(one.desks)]
    officers = [s for s in board.shifts.values() if chain.intersection(s.desks) and on_duty(s)]
    idle = sum(1 for s in officers if is_free(s))
    work = sum(minutes.get(one.matter, 12) for one in ahead[idle:]) * 60.0
    rounds = work / max(1, len(officers)) if len(ahead) >= idle else 0.0
    if idle <= len(ahead):
        rounds += 60.0 * minutes.get(own.matter, 12) / max(1, len(officers)) / 2
    low = rounds / 2 if rounds else 0.0
    return Estimate(len(ahead) + 1, low, max(60.0, rounds * 1.5), len(officers))
