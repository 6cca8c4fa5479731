"""Turns: who works on the same thing in this process does so one after the other, in the order of coming.

Three people who draw in one visit would each decide on the same state, and two of them would be refused by the append and
have to look again. Other processes are not waited for: the append's version check is what holds between them.
"""

from asyncio import Lock
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Turns:
    """Locks by name, for as long as somebody holds one or waits for it."""

    def __init__(self) -> None:
        self._waiting: dict[str, tuple[Lock, int]] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    @asynccontextmanager
    async def of(self, name: str) -> AsyncIterator[None]:
        """Hold the turn of `name`."""
        lock, count = self._waiting.get(name, (Lock(), 0))
        self._waiting[name] = (lock, count + 1)
        try:
            async with lock:
                yield
        finally:
            lock, count = self._waiting.pop(name)
            if count > 1:
                self._waiting[name] = (lock, count - 1)
