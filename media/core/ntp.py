"""NTP timestamps (RFC 5905, section 6) and the clock of a publisher, laid on ours.

Sender reports tie a stream's RTP timestamps to the publisher's wall clock. A receiver sees slots whose source changes, so
reports are translated to the worker's clock: sound and picture of one publisher get the same offset (lip sync), and
nothing jumps when another publisher takes the slot.
"""

from rvw.clock import Instant, Seconds

UNIX_EPOCH = 2_208_988_800
"""Seconds from the NTP epoch (1900) to the Unix epoch."""

LARGEST_STEP_S: Seconds = 0.001
"""How far one report moves the offset: slower than anybody hears, faster than a quartz drifts."""

LARGEST_ERROR_S: Seconds = 5.0
"""Beyond this the publisher has set its clock, and the offset is taken afresh."""


def to_ntp(now: Instant) -> int:
    """Return the 64-bit NTP timestamp of a Unix time."""
    return int((now + UNIX_EPOCH) * 4_294_967_296)


def from_ntp(stamp: int) -> Instant:
    """Return the Unix time of a 64-bit NTP timestamp."""
    return stamp / 4_294_967_296 - UNIX_EPOCH


def middle(stamp: int) -> int:
    """Return the middle 32 bits: seconds in 16.16, as receiver reports quote it (RFC 3550, section 6.4.1)."""
    return stamp >> 16 & 0xFFFFFFFF


class PublisherClock:
    """One publisher's wall clock, learned from its sender reports."""

    __slots__ = ("_offset",)

    def __init__(self) -> None:
        self._offset: Seconds | None = None

    def translate(self, stamp: int, arrival: Instant) -> Instant:
        """Return the time on our clock at which the publisher's was at `stamp`; `arrival` is when we were told."""
        theirs = from_ntp(stamp)
        measured = arrival - theirs
        if self._offset is None or abs(measured - self._offset) > LARGEST_ERROR_S:
            self._offset = measured
        else:
            error = measured - self._offset
            self._offset += max(-LARGEST_STEP_S, min(LARGEST_STEP_S, error))
        return theirs + self._offset
