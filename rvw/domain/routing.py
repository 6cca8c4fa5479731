"""Who is offered whom: a pure proposal over the board, to be appended or, when somebody was faster, made again.

Order of visits: the longest waiting, head starts counted. For each, the desks that are asked (`chains` says when the next
one is), nearest first, as long as they are open; at a desk the officer who knows the matter best, among those the one who
has been idle longest. The language of the visit is respected as long as anybody on duty speaks it.
"""

from collections.abc import Iterator, Mapping
from heapq import heapify, heappop, heapreplace

from msgspec import Struct

from rvw.clock import Instant
from rvw.domain.board import Board, Line
from rvw.domain.catalogue import Catalogue
from rvw.domain.events import OfferReason
from rvw.domain.lanes import Lane, Place
from rvw.domain.people import BEST_GRADE
from rvw.domain.standing import Standing

NEVER: Instant = float("inf")

MAX_OFFERS = 1_000
"""How many offers a plan holds: what follows is better decided when these have been made."""


class Proposal(Struct, frozen=True):
    """Offer `visit` to `officer`, who answers for `desk`."""

    visit: str
    officer: str
    desk: str
    reason: OfferReason = "longest_idle"
    """Why to this officer of the desk."""


class Plan(Struct, frozen=True):
    """What to offer now, and when to look again even if nothing has happened."""

    proposals: tuple[Proposal, ...]
    wake_at: Instant


def route(board: Board, catalogue: Catalogue, now: Instant, most: int = MAX_OFFERS) -> Plan:
    """Return the offers to make now, each officer and each visit at most once, and at most so many.

    Looks at the heads of the lanes that a free officer could serve, so the length of the queue costs nothing. A visit
    whose desks have nobody free needs no wake-up: when somebody becomes free, the board changes.
    """
    search = _Search(board, catalogue, now)
    heads = [(*places[0], 0, places, lane) for lane, places in search.lanes()]
    heapify(heads)
    while heads and len(search.proposals) < most:
        _, visit, index, places, lane = heads[0]
        index += 1
        if not search.serve(board.lines[visit], lane) or index == len(places):
            heappop(heads)
        else:
            heapreplace(heads, (*places[index], index, places, lane))
    return Plan(tuple(search.proposals), now if heads else search.wake_at)


class _Search:
    """One look at the board: whom it has given away, and when another look is due."""

    def __init__(self, board: Board, catalogue: Catalogue, now: Instant) -> None:
        self._board = board
        self._now = now
        self._standing = Standing(board, catalogue, now)
        self._taken: set[str] = set()
        self._first: dict[str, int] = {}
        self.proposals: list[Proposal] = []
        self.wake_at = NEVER

    def lanes(self) -> Iterator[tuple[Lane, list[Place]]]:
        """Yield the lanes that a free officer could serve."""
        waiting = self._board.waiting
        for lane in waiting.touching(self._board.staff.free):
            yield lane, waiting.lanes[lane]

    def serve(self, one: Line, lane: Lane) -> bool:
        """Find an officer for the visit; return whether the next in its lane could be served too."""
        refused = {r.officer: r.until for r in one.refusals if r.until > self._now}
        language, go_on = self._standing.spoken(lane), False
        for desk in lane.open_to:
            if self._standing.shut(desk) is not None:
                if desk in self._board.staff.free:
                    self.wake_at = min(self.wake_at, self._standing.next_minute)
                continue
            found = self._best(desk, lane.matter, language, refused)
            if isinstance(found, Proposal):
                self._taken.add(found.officer)
                self.proposals.append(Proposal(one.id, found.officer, desk, found.reason))
                return True
            if found:
                go_on = True
                self.wake_at = min(self.wake_at, *found)
        return go_on

    def _best(self, desk: str, matter: str, language: str, refused: Mapping[str, Instant]) -> Proposal | list[Instant]:
        """Return the best officer who is free, or until when those who could are not asked for this visit."""
        best, best_grade, able, untils = "", 0, 0, list[Instant]()
        idlest = ""
        for _, name in self._left(desk):
            grade = self._standing.grade(name, matter, language)
            if grade is None:
                continue
            if name in refused:
                untils.append(refused[name])
                continue
            able += 1
            idlest = idlest or name
            if not best or grade < best_grade:
                best, best_grade = name, grade
            if best_grade == BEST_GRADE and able > 1:
                break
        if not best:
            return untils
        reason: OfferReason = "only_one" if able == 1 else "longest_idle" if best == idlest else "best_grade"
        return Proposal("", best, desk, reason)

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
