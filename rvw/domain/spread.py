"""How lengths of time are spread: counts in bins of bounded number, so that two spreads of two machines can be added.

Up to ten minutes a bin is one second wide, then ten seconds; what is longer than a day counts as a day. A percentile is
therefore exact to the bin, which is finer than anything that is promised to anybody.
"""

from msgspec import Struct, field

from rvw.clock import Seconds

FINE_S = 600
"""Up to here a bin is one second wide."""

COARSE_S = 10
"""The width of a bin beyond."""

LONGEST_S = 86_400
"""What is longer counts as this long: there are at most 600 + 8,580 bins."""


class Spread(Struct):
    """Lengths of time, counted."""

    bins: dict[int, int] = field(default_factory=dict)
    """How many by the bin's lower edge, in seconds."""
    count: int = 0
    sum_s: Seconds = 0.0

    def add(self, length: Seconds) -> None:
        """Count one length; a negative one, of clocks that disagree, counts as nothing waited."""
        whole = min(LONGEST_S, max(0, int(length)))
        edge = whole if whole < FINE_S else whole - whole % COARSE_S
        self.bins[edge] = self.bins.get(edge, 0) + 1
        self.count += 1
        self.sum_s += length

    def merge(self, other: "Spread") -> None:
        """Count everything that `other` has counted."""
        for edge, count in other.bins.items():
            self.bins[edge] = self.bins.get(edge, 0) + count
        self.count += other.count
        self.sum_s += other.sum_s

    def percentile(self, share: float) -> Seconds | None:
        """Return the middle of the bin below or in which `share` of all lengths are (nearest rank); `None` of nothing."""
        if not self.count:
            return None
        rank = max(1, -int(-share * self.count // 1))
        for edge in sorted(self.bins):
            rank -= self.bins[edge]
            if rank <= 0:
                return edge + (0.5 if edge < FINE_S else COARSE_S / 2)
        raise AssertionError("the bins hold what has been counted")

    def mean(self) -> Seconds | None:
        """Return the mean; `None` of nothing."""
        return self.sum_s / self.count if self.count else None
