"""When to wake whom: one time for each key, the earliest first."""

from collections.abc import Hashable, Iterator
from heapq import heappop, heappush
from typing import Generic, TypeVar

from rvw.clock import Instant

Key = TypeVar("Key", bound=Hashable)


class Agenda(Generic[Key]):
    """At most one time per key. A time that was replaced stays in the heap and is skipped when it comes up."""

    def __init__(self) -> None:
        self._heap: list[tuple[Instant, int, Key]] = []
        self._times: dict[Key, Instant] = {}
        self._serial = 0

    def __len__(self) -> int:
        return len(self._times)

    def set(self, key: Key, at: Instant) -> None:
        """Wake `key` at `at`, and not at the time set before."""
        if self._times.get(key) == at:
            return
        self._times[key] = at
        self._serial += 1
        heappush(self._heap, (at, self._serial, key))

    def drop(self, key: Key) -> None:
        """Do not wake `key`."""
        self._times.pop(key, None)

    def next(self) -> Instant | None:
        """Return the earliest time, or `None` when nobody waits."""
        heap = self._heap
        while heap and self._times.get(heap[0][2]) != heap[0][0]:
            heappop(heap)
        return heap[0][0] if heap else None

    def due(self, now: Instant) -> Iterator[Key]:
        """Yield each key whose time has come, without its time: the caller sets the next one."""
        while (at := self.next()) is not None and at <= now:
            key = heappop(self._heap)[2]
            del self._times[key]
            yield key
