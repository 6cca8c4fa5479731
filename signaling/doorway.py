"""The doorway: sockets that have not said who they are. Bounded for each address, for all, and against guessing.

Somebody who opens sockets and says nothing holds memory without being anybody, so limits of accounts cannot stop it. A
hall's pages share one address, and come back all at once after a power cut: the bound is for a large hall, not for a page.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from rvw.clock import Clock
from rvw.errors import NotSignedIn, TooMany
from signaling.limits import Buckets

WRONG_AT_ONCE = 100
WRONG_PER_S = 1.0
"""Tokens that are not ours, from one address: each costs a check of a signature. A hall whose kiosks were all revoked at
once says so many; none says them again and again."""


class Doorway:
    """Who stands in it now, by address."""

    def __init__(self, most: int, most_per_address: int, clock: Clock) -> None:
        """`most` are all sockets of the process, those that have come in too."""
        self._most = most
        self._most_per_address = most_per_address
        self._clock = clock
        self._here: Counter[str] = Counter()
        self._wrong = Buckets(WRONG_AT_ONCE, WRONG_PER_S)

    @contextmanager
    def enter(self, address: str, inside: int) -> Iterator[None]:
        """Stand in the doorway for as long as the block lasts, with so many `inside` already. Raises `TooMany`."""
        if inside + self._here.total() >= self._most:
            raise TooMany("this server has as many connections as it may")
        if self._here[address] >= self._most_per_address:
            raise TooMany("too many from this address have not said who they are")
        if not self._wrong.take(address, self._clock()):
            raise TooMany("too many from this address were nobody: wait a moment")
        self._wrong.give_back(address)  # only asked: a whole hall may stand here at once, and be known
        self._here[address] += 1
        try:
            yield
        except NotSignedIn:
            self._wrong.take(address, self._clock())
            raise
        finally:
            self._here[address] -= 1
            if not self._here[address]:
                del self._here[address]

    def waiting(self) -> int:
        """Return how many stand there now."""
        return self._here.total()
