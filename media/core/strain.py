"""Whether this worker itself loses what comes in: more than it can take, so that the kernel had no room for the rest.

What is missing then is not asked for: repeats would come on top of what is too much already, each costs more than a packet
that just flows, and a worker that was stopped for a third of a second would never catch up again. Pictures go on with a
keyframe, sound goes on.
"""

from media.core import rows
from rvw.clock import Instant, Seconds

LASTS_S: Seconds = 0.5
"""How long after the last datagram that found no room."""


class Strain:
    """Of one worker, in a row that both ways of forwarding read."""

    __slots__ = ("row",)

    def __init__(self) -> None:
        self.row = rows.new("strain")

    @property
    def dropped(self) -> int:
        """Datagrams that came and found no room."""
        return int(self.row.dropped)

    def note(self, dropped: int, now: Instant) -> None:
        """Take the kernel's count of those that found no room, as it stood when the datagram of `now` came."""
        if dropped != self.row.dropped:
            self.row.dropped = dropped
            self.row.until = now + LASTS_S

    def at(self, now: Instant) -> bool:
        """Whether it is strained."""
        return bool(now < self.row.until)
