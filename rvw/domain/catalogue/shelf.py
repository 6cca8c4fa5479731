"""Phrases of one kind, and where each belongs: what a search looks through."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from itertools import accumulate


class Shelf:
    """Phrases in one text, one a line: finding is a scan at the speed of memory, without a structure to keep."""

    def __init__(self, phrases: Iterable[tuple[str, int]]) -> None:
        """Take the phrases, each with the number of its owner. A phrase has no line break."""
        self.texts: list[str] = []
        self.owners: list[int] = []
        for phrase, owner in phrases:
            self.texts.append(phrase)
            self.owners.append(owner)
        self._all = "\n" + "\n".join(self.texts) + "\n"
        self._begins = list(accumulate((len(text) + 1 for text in self.texts), initial=1))
        self._order = sorted(range(len(self.texts)), key=self.texts.__getitem__)
        self._sorted = [self.texts[number] for number in self._order]

    def within(self, typed: str) -> Iterator[tuple[int, int]]:
        """Yield number and offset for each place where `typed` is in a phrase."""
        at = self._all.find(typed)
        while at >= 0:
            number = bisect_right(self._begins, at) - 1
            yield number, at - self._begins[number]
            at = self._all.find(typed, at + 1)

    def beginning(self, typed: str) -> list[int]:
        """Return the numbers of the phrases that begin with `typed`."""
        first = bisect_left(self._sorted, typed)
        last = bisect_left(self._sorted, typed + "\uffff")
        return self._order[first:last]
