"""The last entries of the log, kept by the one reader of it: what a page that comes back has missed.

When a process dies, all its pages come to the others at once, and each has missed hundreds of entries of others. Read from
Redis for each page they kept a process of 300 pages busy for minutes (`rvw bench chaos`); from here a page costs a
millisecond.
"""

from collections import deque
from collections.abc import Iterable

from signaling.ledger import MAX_REPLAY, Entry, is_seq

Missed = list[tuple[str, Entry]]


class Tail:
    """At most `most` entries, in their order."""

    def __init__(self, most: int = MAX_REPLAY) -> None:
        self._entries: deque[tuple[str, Entry]] = deque(maxlen=most)

    def become(self, entries: Iterable[tuple[str, Entry]]) -> None:
        """Forget everything and keep these."""
        self._entries.clear()
        self._entries.extend(entries)

    def add(self, seq: str, entry: Entry) -> None:
        """Keep one more; the oldest goes when there are too many."""
        self._entries.append((seq, entry))

    def after(self, seq: str) -> Missed | None:
        """Return what has come after `seq`: nothing when it is newer than anything here; `None` when it is too old."""
        if not is_seq(seq):
            return None
        found: Missed = []
        for one in reversed(self._entries):
            if one[0] == seq or (not found and _moment(seq) > _moment(one[0])):
                return found[::-1]
            found.append(one)
        return None


def _moment(seq: str) -> tuple[int, int]:
    first, _, second = seq.partition("-")
    return int(first), int(second)
