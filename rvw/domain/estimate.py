"""How long a resident will wait: a place and an honest interval, never a promise to the second.

The wait is that of a line before busy counters: whoever stands k-th waits for k officers to become free, which takes
k times what a visit takes, shared by the officers, give or take the square root of k. What a visit takes is what visits
have taken at the desk lately (`Pace`), and before there were any, what the catalogue says. How often the interval is
right is measured by `rvw simulate`.
"""

from collections.abc import Mapping
from math import sqrt

from msgspec import Struct, field

from rvw.clock import Instant, Seconds
from rvw.domain import events as e
from rvw.domain.board import Board, Line, in_queue, place

MEMORY = 40
"""So many visits of a desk weigh in its pace."""

MAX_OPEN = 200_000
"""How many talks are kept in mind at once; beyond, the earliest does not count."""

AT_ONCE_S: Seconds = 60.0
"""What is said when somebody is free: an offer may be missed once before it is accepted."""

NARROW, WIDE = 1.3, 1.8
"""Deviations below and above the mean: measured, so that four of five waits fall inside (`rvw simulate`)."""

USUAL_MINUTES = 12


class Estimate(Struct, frozen=True, forbid_unknown_fields=True):
    """The place in the queue (1 is next) and an interval of the wait, in seconds."""

    place: int
    low_s: Seconds
    high_s: Seconds
    on_duty: int
    """Officers on duty at the desks that may answer; none means that no wait can be promised."""


class Pace(Struct):
    """What visits have taken lately, by desk, from accepting to closing. `add` every event of the log."""

    mean_s: dict[str, Seconds] = field(default_factory=dict)
    count: dict[str, int] = field(default_factory=dict)
    talks: dict[str, tuple[str, Instant]] = field(default_factory=dict)
    offered: dict[str, str] = field(default_factory=dict)

    def add(self, recorded: e.Recorded) -> None:
        """Learn from one more event."""
        stream, event = recorded.stream, recorded.event
        match event:
            case e.Offered():
                self.offered[stream] = event.desk
                if len(self.offered) > MAX_OPEN:
                    del self.offered[next(iter(self.offered))]
            case e.Accepted():
                self.talks[stream] = (self.offered.pop(stream, ""), recorded.at)
                if len(self.talks) > MAX_OPEN:
                    del self.talks[next(iter(self.talks))]
            case e.TurnedDown() | e.Requeued() | e.Transferred():
                self.offered.pop(stream, None)
                self.talks.pop(stream, None)
            case e.Closed():
                self.offered.pop(stream, None)
                desk, since = self.talks.pop(stream, ("", 0.0))
                if desk:
                    self._learn(desk, recorded.at - since)

    def _learn(self, desk: str, took: Seconds) -> None:
        count = self.count[desk] = min(MEMORY, self.count.get(desk, 0) + 1)
        mean = self.mean_s.get(desk, 0.0)
        self.mean_s[desk] = mean + (took - mean) / count


def estimate(
    board: Board,
    visit: str,
    minutes: Mapping[str, int],
    pace: Pace,
    now: Instant,
) -> Estimate | None:
    """Return the estimate for a waiting visit; `None` for one that does not wait.

    The place is that among those who stand at the same nearest desk.
    """
    own = board.lines.get(visit)
    if own is None or not in_queue(own):
        return None
    nearest = own.desks[0]
    same = [other for other in board.queued.by_desk.get(nearest, {}) if other.desks[0] == nearest]
    ahead = board.queued.ahead(place(own), same)
    officers = {actor for desk in own.desks for actor in board.staff.duty.get(desk, ())}
    low, high = _interval(board, own, ahead, minutes, pace)
    rescue = _rescue(board, own, ahead, now)
    if rescue is not None:
        low, high = min(low, rescue), min(high, rescue + AT_ONCE_S)
    return Estimate(ahead + 1, low, max(AT_ONCE_S, high), len(officers))


def _interval(board: Board, own: Line, ahead: int, minutes: Mapping[str, int], pace: Pace) -> tuple[Seconds, Seconds]:
    """Return the interval at the nearest desk that has somebody on duty."""
    staff = board.staff
    desk = next((one for one in own.desks if staff.duty.get(one)), own.desks[0])
    turns = ahead - len(staff.free.get(desk, ())) + 1
    if turns <= 0 and staff.duty.get(desk):
        return 0.0, AT_ONCE_S
    each = pace.mean_s.get(desk) or 60.0 * minutes.get(own.matter, USUAL_MINUTES)
    turns = max(1, turns)
    mean = (turns - 0.5) * each / max(1, len(staff.duty.get(desk, ())))
    deviation = mean / sqrt(turns)
    return max(0.0, mean - NARROW * deviation), mean + WIDE * deviation + AT_ONCE_S / 2


def _rescue(board: Board, own: Line, ahead: int, now: Instant) -> Seconds | None:
    """Return in how long the first desk of the chain that has somebody free for this visit is asked."""
    asked_in: Seconds = 0.0
    for index, name in enumerate(own.desks):
        if index >= own.asked and board.staff.duty.get(own.desks[index - 1]):
            first = index == own.asked and own.next_at is not None
            asked_in += max(0.0, (own.next_at or now) - now) if first else _wait(own, index)
        if len(board.staff.free.get(name, ())) > ahead:
            return asked_in
    return None


def _wait(own: Line, index: int) -> Seconds:
    return own.waits_s[index] if index < len(own.waits_s) else 0.0
