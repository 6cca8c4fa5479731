"""Ticket codes: a letter and three digits, from the start each day (UTC+8, the window's own day)."""

import time

from rvw.clock import SHANGHAI_S, Clock
from rvw.ids import ticket_code
from signaling.board import SharedBoard


class Tickets:
    """Codes in turn, over all processes."""

    def __init__(self, shared: SharedBoard, clock: Clock) -> None:
        self._shared = shared
        self._clock = clock

    async def next(self) -> str:
        """Return the day's next code."""
        day = time.strftime("%Y-%m-%d", time.gmtime(self._clock() + SHANGHAI_S))
        return ticket_code(await self._shared.next_ticket(day))
