"""How many connectivity checks are looked at from addresses that have proven nothing: each costs as much as ten packets.

Each host has a bucket of its own, so that one cannot use up what others need; all together have one, so that a thousand
made-up hosts cannot either. Addresses that have proven themselves do not come here: an attack on joining never touches a
talk that runs.
"""

from rvw.clock import Instant

HOST_PER_S, HOST_BURST = 100.0, 500.0
"""A hall of fifty behind one address, all connecting at once, sends fewer: a browser makes up to ten checks a second."""

ALL_PER_S, ALL_BURST = 3_000.0, 6_000.0
"""A tenth of a core, and a whole district that comes back after a broken line."""

MOST_HOSTS = 4_096
"""Buckets kept; the one longest not asked is given up for a new one."""


class Bucket:
    """Refills at a steady rate up to its burst."""

    __slots__ = ("_at", "_burst", "_left", "_per_s")

    def __init__(self, per_s: float, burst: float, now: Instant) -> None:
        self._per_s, self._burst = per_s, burst
        self._left, self._at = burst, now

    def take(self, now: Instant) -> bool:
        """Take one, if there is one."""
        self._left = min(self._burst, self._left + self._per_s * max(0.0, now - self._at))
        self._at = max(self._at, now)
        if self._left < 1:
            return False
        self._left -= 1
        return True


class Gate:
    """Who may have a check looked at."""

    def __init__(self, now: Instant) -> None:
        self._all = Bucket(ALL_PER_S, ALL_BURST, now)
        self._hosts: dict[str, Bucket] = {}

    def __len__(self) -> int:
        return len(self._hosts)

    def admits(self, host: str, now: Instant) -> bool:
        """Whether one more check from `host` is looked at. Counts it."""
        bucket = self._hosts.pop(host, None) or Bucket(HOST_PER_S, HOST_BURST, now)
        while len(self._hosts) >= MOST_HOSTS:
            del self._hosts[next(iter(self._hosts))]
        self._hosts[host] = bucket
        return bucket.take(now) and self._all.take(now)
