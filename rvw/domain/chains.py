"""When the next desk of a chain is asked: its seconds are over, or none of those asked can serve at all.

A desk is passed over, with the reason, while it is closed or nobody there can take the visit. Each step becomes an event of
the visit, so that routing, the resident, and an auditor go by the same one.
"""

from collections.abc import Iterable

from msgspec import Struct

from rvw.clock import Instant, Seconds
from rvw.domain.board import Board
from rvw.domain.catalogue import Catalogue
from rvw.domain.events import Passed
from rvw.domain.lanes import Lane
from rvw.domain.standing import Standing

MAX_STEPS = 1_000
"""How many steps are taken at a look: the others at the next."""

AGAIN_S: Seconds = 5.0
"""Everybody is looked at so often: desks open, and visits come back into the queue after their time."""


class Asking(Struct, frozen=True):
    """Ask `desk` for the visit too, because those before it were passed."""

    visit: str
    desk: str
    passed: tuple[Passed, ...]


class Chains:
    """Looks at whose time is over since the last look, and at everybody when somebody has come or gone."""

    def __init__(self) -> None:
        self._looked_at: tuple[int, int, Instant] = (-1, -1, 0.0)
        self._last: Instant = -1.0

    def due(self, board: Board, catalogue: Catalogue, now: Instant) -> tuple[Asking, ...]:
        """Return the steps to take now, each visit at most once."""
        standing, found = Standing(board, catalogue, now), dict[str, Asking]()
        looked_at = (board.staff.changes, board.waiting.made, now // AGAIN_S)
        everybody = looked_at != self._looked_at
        for visit in board.turns_between(-1.0 if everybody else self._last, now):
            self._ask(board.lane_of(visit), [visit], standing, found)
        if everybody:
            for lane, places in board.waiting.lanes.items():
                if lane.asked < len(lane.desks) and not _served(lane, standing):
                    self._ask(lane, (visit for _, visit in places), standing, found)
        if len(found) <= MAX_STEPS:
            self._looked_at, self._last = looked_at, now
        return tuple(found.values())[:MAX_STEPS]

    def _ask(self, lane: Lane, visits: Iterable[str], standing: Standing, found: dict[str, Asking]) -> None:
        step = _next(lane, standing)
        if step is not None:
            for visit in visits:
                found.setdefault(visit, Asking(visit, *step))


def _served(lane: Lane, standing: Standing) -> bool:
    """Tell whether any desk that is asked can serve the lane, now or when somebody is free."""
    return any(standing.why_not(desk, lane) == "busy" for desk in lane.open_to)


def _next(lane: Lane, standing: Standing) -> tuple[str, tuple[Passed, ...]] | None:
    """Return the next desk that can serve the lane, with why those since the last one asked do not; or nothing."""
    last = lane.desks[lane.asked - 1]
    passed = [Passed(last, standing.why_not(last, lane))]
    for desk in lane.desks[lane.asked :]:
        why = standing.why_not(desk, lane)
        if why == "busy":
            return desk, tuple(passed)
        passed.append(Passed(desk, why))
    return None
