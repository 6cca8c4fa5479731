"""Pictures held back from a receiver whose line is too narrow for them, so that sound gets through, and tried again.

What its estimate says of a line that carried nothing but sound is worth little, so pictures return on trial; and each
relapse makes the next wait longer, so that a narrow line comes to rest. No timer, no probe: reports come anyway.
"""

import math

from media.core.quality import POOR_LOSS
from media.core.rows import Row
from rvw.clock import Instant, Seconds

PAUSE_BPS = 150_000
RESUME_BPS = 250_000
"""Below the first no picture is sent, so that sound gets through; it is tried again at the second. The cap grows while
nothing is sent, so pictures held back for the first time are tried again within five seconds."""

GRACE_S: Seconds = 4.0
"""After a pause an estimate may be this old news before it is believed: the keyframe that was asked for takes a second to
come, and the receiver's estimate, made from sound alone, then climbs from far below what the line carries."""

CLIMB = 1.1
"""An estimate that grew by this is climbing, and its grace begins anew: Chromium adds 8 % a second while nothing queues."""

FIRST_PAUSE_S: Seconds = 3.0
LONGEST_PAUSE_S: Seconds = 60.0
"""How long pictures are held back at least, and at most. It doubles with each relapse: every try costs the sound of a line
that is still narrow a second or two, and a picture that comes and goes is worse than none."""

RELAPSE_S: Seconds = 30.0
"""A pause this soon after the last one is a relapse; a line that carried a picture for longer is judged afresh."""


class Pause:
    """Whether pictures are held back from one receiver, since when, and whether their return is still on trial."""

    __slots__ = ("_climbed_at", "_estimate", "_length", "_resumed_at", "_retry_at", "_row")

    def __init__(self, row: Row) -> None:
        """Hold pictures back by `paused` in `row`, a connection's."""
        self._row = row
        self._length = FIRST_PAUSE_S
        self._retry_at = self._resumed_at = self._climbed_at = -math.inf
        self._estimate = math.inf

    def __bool__(self) -> bool:
        return bool(self._row.paused)

    def begin(self, now: Instant) -> None:
        """Hold pictures back; for longer if they have only just returned."""
        relapse = now - self._resumed_at < RELAPSE_S
        self._length = min(LONGEST_PAUSE_S, 2 * self._length) if relapse else FIRST_PAUSE_S
        self._retry_at = now + self._length
        self._row.paused = True

    def may_end(self, now: Instant) -> bool:
        """Whether pictures may be tried again."""
        return now >= self._retry_at

    def end(self, now: Instant) -> None:
        """Let pictures go, on trial."""
        self._row.paused = False
        self._resumed_at = self._climbed_at = now
        self._estimate = 0.0

    def spares(self, estimate_bps: float, now: Instant) -> bool:
        """Whether a low estimate is no reason for a pause yet: pictures have just returned, and it may still climb."""
        if now - self._climbed_at >= GRACE_S:
            self._estimate = math.inf
            return False
        if estimate_bps >= CLIMB * self._estimate:
            self._estimate, self._climbed_at = estimate_bps, now
        return True

    def lost(self, fraction: float) -> None:
        """The receiver has lost that share of a stream: on a line where sound suffers already, the trial is over."""
        if fraction >= POOR_LOSS:
            self._climbed_at, self._estimate = -math.inf, math.inf
