"""How busy a worker is: what it says of itself each second, and whether it takes new rooms.

Knows two counters and how they have grown; reads the clocks it is given.
"""

import time
from collections.abc import Callable

from rvw.clock import Clock
from rvw.protocol.media import Alive

SHORTEST_S = 0.2
"""Shares of shorter times are too rough: the last one is told again."""


class Load:
    """One worker's. `draining` is for whoever runs it to set."""

    def __init__(
        self,
        count: Callable[[], tuple[int, int, int]],
        clock: Clock = time.monotonic,
        used: Clock = time.process_time,
    ) -> None:
        """`count` returns peers, rooms, and the datagrams that have come in; `used` the seconds of processor time."""
        self.draining = False
        self._count = count
        self._clock = clock
        self._used = used
        self._last = (clock(), used(), count()[2])
        self._share, self._packets_per_s = 0.0, 0

    def now(self) -> Alive:
        """Return the load, as grown since it was last asked for."""
        peers, rooms, received = self._count()
        at, used = self._clock(), self._used()
        then, used_then, received_then = self._last
        if at - then >= SHORTEST_S:
            self._share = round((used - used_then) / (at - then), 3)
            self._packets_per_s = round((received - received_then) / (at - then))
            self._last = (at, used, received)
        return Alive(peers, rooms, self._share, self._packets_per_s, self.draining)
