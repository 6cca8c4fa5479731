"""A limit on how often: token buckets, one for each key, with time as an argument.

Each bucket holds up to `burst` tokens and gains `per_s` a second. The number of buckets is bounded: beyond `capacity`
the one used longest ago is forgotten, and whoever it was for begins with a full one.
"""

from collections import OrderedDict
from typing import NamedTuple

from rvw.clock import Instant


class _Bucket(NamedTuple):
    tokens: float
    at: Instant


class Statistics(NamedTuple):
    """How a limit has been used."""

    keys: int
    taken: int
    denied: int


class Buckets:
    """Token buckets by key."""

    def __init__(self, burst: float, per_s: float, capacity: int = 10_000) -> None:
        self._burst = burst
        self._per_s = per_s
        self._capacity = capacity
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()
        self._taken = 0
        self._denied = 0

    def take(self, key: str, now: Instant) -> bool:
        """Take one token from the bucket of `key`; tell whether there was one."""
        bucket = self._buckets.pop(key, _Bucket(self._burst, now))
        tokens = min(self._burst, bucket.tokens + max(0.0, now - bucket.at) * self._per_s)
        allowed = tokens >= 1.0
        self._buckets[key] = _Bucket(tokens - 1.0 if allowed else tokens, max(now, bucket.at))
        if len(self._buckets) > self._capacity:
            self._buckets.popitem(last=False)
        self._taken += allowed
        self._denied += not allowed
        return allowed

    def give_back(self, key: str) -> None:
        """Put the token back, because what was limited has turned out to be no cost."""
        if (bucket := self._buckets.get(key)) is not None:
            self._buckets[key] = _Bucket(min(self._burst, bucket.tokens + 1.0), bucket.at)

    def statistics(self) -> Statistics:
        """Return the figures since the beginning."""
        return Statistics(len(self._buckets), self._taken, self._denied)
