"""Who is offered whom: a pure proposal over the board, to be appended or, when somebody was faster, made again.

Order of visits: the longest waiting, head starts counted. For each, the desks of its chain, nearest first; at a desk, the
officer who has been idle longest. The next desk of a chain is asked too when the nearer one's patience is over, or at
once when nobody is on duty there.
"""

from collections.abc import Iterator, Mapping
from heapq import heapify, heappop, heapreplace

from msgspec import Struct

from rvw.clock import Instant, Seconds
from rvw.domain.board import Board, Line
from rvw.domain.catalogue import Desk
from rvw.domain.lanes import Lane, Place

NEVER: Instant = float("inf")

MAX_OFFERS = 1_000
"""How many offers a plan holds: what follows is better decided when these have been made."""


class Proposal(Struct, frozen=True):
    """Offer `visit` to `officer`, who answers for `desk`."""

    visit: str
    officer: str
    desk: str


class Plan(Struct, frozen=True):
    """What to offer now, and when to look again even if nothing has happened."""

    proposals: tuple[Proposal, ...]
    wake_at: Instant


def route(board: Board, desks: Mapping[str, Desk], now: Instant, most: int = MAX_OFFERS) -> Plan:
    """Return the offers to make now, each officer and each visit at most once, and at most so many.

    Looks at the heads of the lanes that a free officer could serve, so the length of the queue costs nothing. An
    opening at a desk where nobody is free needs no wake-up: when somebody becomes free, the board changes.
    """
    search = _Search(board, desks, now)
    heads = [(*places[0], 0, places, lane) for lane, places in search.lanes()]
    heapify(heads)
    while heads and len(search.proposals) < most:
        _, visit, index, places, lane = heads[0]
        index += 1
        if not search.serve(board.lines[visit]) or index == len(places):
            heappop(heads)
        else:
            heapreplace(heads, (*places[index], index, places, lane))
    return Plan(tuple(search.proposals), now if heads else search.wake_at)


class _Search:
    """One look at the board: whom it has given away, and when another look is due."""

    def __init__(self, board: Board, desks: Mapping[str, Desk], now: Instant) -> None:
        self._board = board
        self._desks = desks
        self._now = now
        self._taken: set[str] = set()
        self._first: dict[str, int] = {}
        self.proposals: list[Proposal] = []
        self.wake_at = NEVER

    def lanes(self) -> Iterator[tuple[Lane, list[Place]]]:
        """Yield the lanes that a free officer could serve."""
        waiting = self._board.waiting
        for lane in waiting.touching(self._board.staff.free):
            yield lane, waiting.lanes[lane]

    def serve(self, one: Line) -> bool:
        """Find an officer for the visit; return whether the next in its lane could be served too."""
        refused = {r.officer: r.until for r in one.refusals if r.until > self._now}
        go_on = False
        for desk, opens_at in self._steps(one):
            if opens_at > self._now:
                if next(self._left(desk), None) is not None:
                    self.wake_at = min(self.wake_at, opens_at)
                    return go_on
                continue
            officer = self._someone(desk, refused)
            if officer is not None:
                self._taken.add(officer)
                self.proposals.append(Proposal(one.id, officer, desk))
                return True
            untils = [refused[name] for _, name in self._left(desk) if name in refused]
            if untils:
                go_on = True
                self.wake_at = min(self.wake_at, *untils)
        return go_on

    def _someone(self, desk: str, refused: Mapping[str, Instant]) -> str | None:
        return next((name for _, name in self._left(desk) if name not in refused), None)

    def _left(self, desk: str) -> Iterator[Place]:
        """Yield who is still free at the desk, longest idle first."""
        free = self._board.staff.free.get(desk, [])
        first = self._first.get(desk, 0)
        while first < len(free) and free[first][1] in self._taken:
            first += 1
        self._first[desk] = first
        for index in range(first, len(free)):
            if free[index][1] not in self._taken:
                yield free[index]

    def _steps(self, one: Line) -> Iterator[tuple[str, Instant]]:
        """Yield each desk of the chain with the instant from which it is asked."""
        opens_at, duty = one.since, self._board.staff.duty
        for name in one.desks:
            yield name, opens_at
            patience: Seconds = self._desks[name].patience_s if name in self._desks and name in duty else 0.0
            opens_at += patience
