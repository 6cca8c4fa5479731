"""How well a line carries, in three words: from what both ends report each second, never from a guess.

The words are for people: *good* needs no thought, *fair* is noticed, *poor* needs somebody to do something. A worse word
is said at once; a better one only after `BETTER_AFTER` good seconds, so that it does not flicker.
"""

from typing import Literal, TypeAlias

from rvw.clock import Seconds

Word: TypeAlias = Literal["good", "fair", "poor"]

FAIR_LOSS, POOR_LOSS = 0.03, 0.10
"""Lost packets are repeated: 3 % is hardly seen, 10 % is."""

FAIR_RTT_S, POOR_RTT_S = 0.3, 0.8
"""Talkers begin to interrupt each other at the first (ITU-T G.114 wants 0.15 s one way), and cannot talk at the second."""

BETTER_AFTER = 3

_ORDER: tuple[Word, ...] = ("good", "fair", "poor")


def judge(loss: float, rtt_s: Seconds, paused: bool) -> Word:
    """Return the word for one second."""
    if paused or loss >= POOR_LOSS or rtt_s >= POOR_RTT_S:
        return "poor"
    return "fair" if loss >= FAIR_LOSS or rtt_s >= FAIR_RTT_S else "good"


class Verdict:
    """The word that holds for one connection."""

    __slots__ = ("_better", "_worst_down", "paused", "word")

    def __init__(self) -> None:
        self.word: Word = "good"
        self.paused = False
        self._better = 0
        self._worst_down = 0.0

    def reported(self, fraction: float) -> None:
        """The peer has said which share of a stream it lost."""
        self._worst_down = max(self._worst_down, fraction)

    def loss(self, up: float) -> float:
        """Return the worse of `up` and what the peer has reported since the last call."""
        worst, self._worst_down = max(up, self._worst_down), 0.0
        return worst

    def take(self, word: Word, paused: bool) -> bool:
        """Take the word of this second. True when what holds has changed."""
        self._better = self._better + 1 if _ORDER.index(word) < _ORDER.index(self.word) else 0
        worse = _ORDER.index(word) > _ORDER.index(self.word)
        changed = paused != self.paused or worse or self._better >= BETTER_AFTER
        self.paused = paused
        if worse or self._better >= BETTER_AFTER:
            self.word, self._better = word, 0
        return changed
