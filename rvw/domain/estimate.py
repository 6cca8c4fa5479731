"""How long a resident will wait: a place and an honest interval, never a promise to the second."""

from collections.abc import Mapping

from msgspec import Struct

from rvw.clock import Seconds
from rvw.domain.board import Board, in_queue, lane, place


class Estimate(Struct, frozen=True, forbid_unknown_fields=True):
    """The place in the queue (1 is next) and an interval of the wait, in seconds."""

    place: int
    low_s: Seconds
    high_s: Seconds
    on_duty: int
    """Officers on duty at the desks that may answer; none means that no wait can be promised."""


def estimate(board: Board, visit: str, minutes: Mapping[str, int]) -> Estimate | None:
    """Return the estimate for a waiting visit; `None` for one that does not wait."""
    own = board.lines.get(visit)
    if own is None or not in_queue(own):
        return None
    ahead = board.queued.ahead(lane(own), place(own), board.queued.touching(own.desks))
    officers = {actor for desk in own.desks for actor in board.staff.duty.get(desk, ())}
    idle = {actor for desk in own.desks for _, actor in board.staff.free.get(desk, ())}
    each = 60.0 * minutes.get(own.matter, 12) / max(1, len(officers))
    rounds = max(0, ahead - len(idle)) * each + (each / 2 if ahead >= len(idle) else 0.0)
    return Estimate(ahead + 1, rounds / 2, max(60.0, rounds * 1.5), len(officers))
