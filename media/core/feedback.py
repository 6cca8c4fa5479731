"""What a publisher is told about one of its streams: what is missing, how well it arrives, that a keyframe is needed."""

from media.core import ntp
from media.core.rtcp import Report, SenderInfo
from media.core.sequence import FIRST_LAP, unwrap
from rvw.clock import Instant, Seconds

REORDERING_S: Seconds = 0.01
"""A missing packet may just be late: it is asked for after this."""

MOST_MISSING = 256
"""Missing packets of one stream remembered; a larger hole is not worth filling."""

MOST_REQUESTS = 8
"""How often one packet is asked for."""

LIFE_S: Seconds = 1.0
"""A packet later than this is of no use to anybody."""

KEYFRAME_INTERVAL_S: Seconds = 0.5
"""Keyframes are large: a publisher is not asked for two within this time."""

LARGEST_JUMP = 3000
"""A publisher's numbers that move further than this have begun again."""


class Losses:
    """The packets of one stream that have not arrived, and when each was last asked for."""

    __slots__ = ("missing",)

    def __init__(self) -> None:
        self.missing: dict[int, tuple[int, Instant, Instant]] = {}

    def gap(self, first: int, end: int, now: Instant) -> bool:
        """Note that `first` up to, but without, `end` are missing. False when the hole is too large to be filled."""
        if end - first + len(self.missing) > MOST_MISSING:
            self.missing.clear()
            return False
        for sequence in range(first, end):
            self.missing[sequence] = (0, now, now + REORDERING_S)
        return True

    def found(self, sequence: int) -> None:
        """The packet has come after all."""
        self.missing.pop(sequence, None)

    def clear(self) -> None:
        """Nothing is missing any more: the stream began again."""
        self.missing.clear()

    def due(self, rtt_s: Seconds, now: Instant) -> list[int]:
        """Return the numbers to ask for now, ascending; each is asked for again after a round trip and a bit."""
        wanted = []
        for sequence, (times, since, at) in list(self.missing.items()):
            if now - since > LIFE_S or times >= MOST_REQUESTS:
                del self.missing[sequence]
            elif at <= now:
                self.missing[sequence] = (times + 1, since, now + 1.25 * rtt_s + REORDERING_S)
                wanted.append(sequence)
        return sorted(wanted)


class KeyframeRequests:
    """Whether a keyframe is wanted, and when it may be asked for. A request that comes too soon is deferred, not lost."""

    __slots__ = ("_last", "wanted")

    def __init__(self) -> None:
        self.wanted = False
        self._last: Instant = -1e9

    def take(self, now: Instant) -> bool:
        """Whether to ask the publisher now; counts as asked. Wanted until a keyframe comes, so it is asked for again."""
        if not self.wanted or now - self._last < KEYFRAME_INTERVAL_S:
            return False
        self._last = now
        return True


class Reception:
    """Sequence numbers, loss and jitter of one stream (RFC 3550, appendix A.3 and A.8)."""

    __slots__ = (
        "_clock_rate",
        "_expected_before",
        "_first",
        "_jitter",
        "_received_before",
        "_sender",
        "_sender_arrival",
        "_transit",
        "highest",
        "received",
    )

    def __init__(self, clock_rate: int) -> None:
        self._clock_rate = clock_rate
        self._first = self.highest = -1
        self.received = 0
        self._expected_before = self._received_before = 0
        self._transit: float | None = None
        self._jitter = 0.0
        self._sender: SenderInfo | None = None
        self._sender_arrival: Instant = 0.0

    def unwrap(self, wire: int) -> int:
        """Return the unwrapped form of a 16-bit number of this stream."""
        return unwrap(self.highest, wire) if self.highest >= 0 else wire + FIRST_LAP

    def restart(self, wire: int) -> int:
        """The publisher began with other numbers: go on far above the old ones. Returns the number for `wire`."""
        sequence = (self.highest + 2 * FIRST_LAP & ~0xFFFF) + wire
        self._first, self.highest = sequence, sequence - 1
        self.received = self._expected_before = self._received_before = 0
        return sequence

    def arrived(self, sequence: int, timestamp: int, now: Instant) -> None:
        """Count a packet that was not there before."""
        self.received += 1
        if self._first < 0:
            self._first = sequence
        if sequence > self.highest:
            self.highest = sequence
            transit = now * self._clock_rate - timestamp
            if self._transit is not None:
                change = abs(transit - self._transit)
                # A jump of more than a second is a clock that was set or a stamp that wrapped, no jitter.
                if change < self._clock_rate:
                    self._jitter += (change - self._jitter) / 16
            self._transit = transit

    def reported(self, info: SenderInfo, now: Instant) -> None:
        """Remember the publisher's sender report: ours quotes it, so that the publisher learns the round trip."""
        self._sender, self._sender_arrival = info, now

    def lost(self) -> int:
        """Return how many packets have not arrived; negative when more came than expected."""
        return self.highest - self._first + 1 - self.received if self._first >= 0 else 0

    def report(self, ssrc: int, now: Instant) -> Report | None:
        """Return the report since the last one; `None` before the first packet."""
        if self._first < 0:
            return None
        expected = self.highest - self._first + 1
        expected_since = expected - self._expected_before
        lost_since = expected_since - (self.received - self._received_before)
        self._expected_before, self._received_before = expected, self.received
        fraction = min(255, 256 * lost_since // expected_since) if expected_since > 0 and lost_since > 0 else 0
        last = delay = 0
        if self._sender is not None:
            last = ntp.middle(self._sender.ntp)
            delay = min(0xFFFFFFFF, max(0, int((now - self._sender_arrival) * 65536)))
        highest = self.highest - FIRST_LAP & 0xFFFFFFFF
        return Report(ssrc, fraction, expected - self.received, highest, int(self._jitter), last, delay)
