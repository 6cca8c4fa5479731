"""How much goes down to one receiver, and what its publishers are told.

Browsers estimate their downlink and say so (REMB). The estimate starts low and creeps up even on a fast line, so it is
believed only while it shows congestion, that is while it is below what is really being sent. A publisher is told the
sum over its pictures of what the slowest of their receivers can take; that caps what TWCC lets it send.
"""

from media.core import rows
from media.core.pause import PAUSE_BPS, RESUME_BPS, Pause
from media.core.rows import Row
from rvw.clock import Instant, Seconds

LOWEST_BPS = 100_000
"""Nobody is asked to send less: below that a picture is not worth having, and sound needs a third of it."""

GROWTH_PER_S = 1.25
"""How fast a cap is lifted once its reason is gone."""

CONGESTED_BELOW = 0.95
"""An estimate below this share of what was sent means congestion."""

REPEATS_SHARE = 0.2
"""Repeated packets take at most this share of the downlink: on a narrow line they would displace the picture."""

SILENCE_S: Seconds = 3.0
"""An estimate older than this says nothing about now."""


class Rate:
    """Bits per second over the last whole second or so."""

    __slots__ = ("_since", "bps", "row")

    def __init__(self, now: Instant, row: Row = None) -> None:
        """Count in the `sent_bytes` of `row`, a connection's: whoever sends adds to it."""
        self.row = row or rows.new("connection")
        self._since = now
        self.bps = 0.0

    def roll(self, now: Instant) -> None:
        """Close the current window; called about once a second."""
        elapsed = now - self._since
        if elapsed > 0:
            self.bps = 8 * self.row.sent_bytes / elapsed
            self.row.sent_bytes, self._since = 0, now


class Downlink:
    """The cap on what one receiver is sent, and the budget for repeats within it."""

    __slots__ = ("_ceiling", "_changed", "_credit", "_refilled", "cap_bps", "pause", "pictures", "sent")

    def __init__(self, ceiling_bps: int, sent: Rate, now: Instant) -> None:
        """Nobody needs more than `ceiling_bps` a picture; `sent` counts what really goes down."""
        self._ceiling = float(ceiling_bps)
        self.cap_bps = self._ceiling
        self.pictures = 0
        """How many pictures share it."""
        self.sent = sent
        self.pause = Pause(sent.row)
        self._changed = now
        self._refilled = now
        self._credit = 0.0

    @property
    def paused(self) -> bool:
        """Whether pictures are held back."""
        return bool(self.pause)

    def share_bps(self) -> float:
        """Return what one of the pictures may take."""
        return self.cap_bps / max(1, self.pictures)

    def estimate(self, remb_bps: int, now: Instant) -> bool:
        """Take the receiver's estimate. True when the cap fell: its publishers should know at once."""
        before = self.cap_bps
        # Estimated from sound alone it says nothing about what a picture would find, and it does not climb: believed, it
        # would hold pictures back for ever.
        if not self.paused and remb_bps < CONGESTED_BELOW * self.sent.bps and remb_bps < self._ceiling:
            least = PAUSE_BPS if self.pause.spares(remb_bps, now) else LOWEST_BPS
            self.cap_bps = max(float(least), min(self.cap_bps, remb_bps))
            self._changed = now
            if self.cap_bps < PAUSE_BPS:
                self.pause.begin(now)
        else:
            self._grow(now)
        return self.cap_bps < 0.97 * before

    def tick(self, now: Instant) -> None:
        """Roll the rate; lift the cap when the receiver has been silent."""
        self.sent.roll(now)
        if now - self._changed > SILENCE_S:
            self._grow(now)

    def _grow(self, now: Instant) -> None:
        # What is held back is let go at the least that is worth a try, however long that took; a deployment that allows
        # less must still come back.
        most = min(RESUME_BPS, self._ceiling) if self.paused else self._ceiling
        self.cap_bps = min(most, self.cap_bps * GROWTH_PER_S ** min(SILENCE_S, now - self._changed))
        self._changed = now
        if self.paused and self.cap_bps >= most and self.pause.may_end(now):
            self.pause.end(now)

    def may_repeat(self, size: int, now: Instant) -> bool:
        """Whether a repeat of `size` bytes fits the budget; takes it from there if so."""
        budget = REPEATS_SHARE * self.cap_bps / 8
        # Half a second of budget may be spent in one burst: losses come in bursts.
        self._credit = min(budget / 2, self._credit + budget * (now - self._refilled))
        self._refilled = now
        if self._credit < size:
            return False
        self._credit -= size
        return True
