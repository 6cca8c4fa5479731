"""What a publisher is told about one of its streams: what is missing, how well it arrives, that a keyframe is needed."""

import math

from media.core import ntp, rows
from media.core.rows import Row
from media.core.rtcp import Report, SenderInfo
from media.core.sequence import FIRST_LAP, unwrap
from rvw.clock import Instant, Seconds

REORDERING_S: Seconds = 0.01
"""A missing packet of a picture may just be late: it is asked for after this. One of sound is asked for at once: the next
one comes 20 ms later, and a listener's browser waits for a repeat only as long as that costs less than making sound up."""

HURRY_S: Seconds = 0.015
"""A packet of sound is asked for again after this, that is with each packet that follows, and repeated as often. Where one
packet in twenty is lost, one request or repeat in ten is, too; when a round trip has shown that, it is too late. A
publisher repeats nothing twice within a round trip, and both are small."""

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

    __slots__ = ("_hurried", "_patience_s", "_row", "missing")

    def __init__(self, row: Row = None, *, hurried: bool = False) -> None:
        """Keep `ask_at`, when `due` has something to do, in `row`, the track's; `hurried` for sound."""
        self._row = row or rows.new("track")
        self._row.ask_at = math.inf
        self._hurried = hurried
        self._patience_s = 0.0 if hurried else REORDERING_S
        self.missing: dict[int, tuple[int, Instant, Instant]] = {}

    def gap(self, first: int, end: int, now: Instant) -> bool:
        """Note that `first` up to, but without, `end` are missing. False when the hole is too large to be filled."""
        if end - first + len(self.missing) > MOST_MISSING:
            self.clear()
            return False
        for sequence in range(first, end):
            self.missing[sequence] = (0, now, now + self._patience_s)
        self._row.ask_at = min(self._row.ask_at, now + self._patience_s)
        return True

    def found(self, sequence: int) -> None:
        """The packet has come after all."""
        self.missing.pop(sequence, None)

    def clear(self) -> None:
        """Nothing is missing any more: the stream began again."""
        self.missing.clear()
        self._row.ask_at = math.inf

    def due(self, rtt_s: Seconds, now: Instant) -> list[int]:
        """Return the numbers to ask for now, ascending; each is asked for again after a round trip or in a hurry."""
        again_s = HURRY_S if self._hurried else 1.25 * rtt_s + REORDERING_S
        wanted = []
        for sequence, (times, since, at) in list(self.missing.items()):
            if now - since > LIFE_S or times >= MOST_REQUESTS:
                del self.missing[sequence]
            elif at <= now:
                self.missing[sequence] = (times + 1, since, now + again_s)
                wanted.append(sequence)
        self._row.ask_at = min((at for _, _, at in self.missing.values()), default=math.inf)
        return sorted(wanted)


class KeyframeRequests:
    """Whether a keyframe is wanted, and when it may be asked for. A request that comes too soon is deferred, not lost."""

    __slots__ = ("_row",)

    def __init__(self, row: Row = None) -> None:
        """Keep `wanted`, and when it was last asked for, in `row`, the track's."""
        self._row = row or rows.new("track")
        self._row.keyframe_asked = -1e9

    @property
    def wanted(self) -> bool:
        """Whether a receiver waits for one."""
        return bool(self._row.wanted)

    @wanted.setter
    def wanted(self, wanted: bool) -> None:
        self._row.wanted = wanted

    def take(self, now: Instant) -> bool:
        """Whether to ask the publisher now; counts as asked. Wanted until a keyframe comes, so it is asked for again."""
        if not self.wanted or now - self._row.keyframe_asked < KEYFRAME_INTERVAL_S:
            return False
        self._row.keyframe_asked = now
        return True


class Reception:
    """Sequence numbers, loss and jitter of one stream (RFC 3550, appendix A.3 and A.8), counted in its track's row."""

    __slots__ = ("_expected_before", "_received_before", "_sender", "_sender_arrival", "row")

    def __init__(self, clock_rate: int, row: Row = None) -> None:
        self.row = row or rows.new("track")
        self.row.clock_rate = clock_rate
        self.row.first = self.row.highest = -1
        self._expected_before = self._received_before = 0
        self._sender: SenderInfo | None = None
        self._sender_arrival: Instant = 0.0

    def unwrap(self, wire: int) -> int:
        """Return the unwrapped form of a 16-bit number of this stream."""
        row = self.row
        return unwrap(int(row.highest), wire) if row.highest >= 0 else wire + FIRST_LAP

    def restart(self, wire: int) -> int:
        """The publisher began with other numbers: go on far above the old ones. Returns the number for `wire`."""
        row = self.row
        sequence = (row.highest + 2 * FIRST_LAP & ~0xFFFF) + wire
        row.first, row.highest = sequence, sequence - 1
        row.received = self._expected_before = self._received_before = 0
        return int(sequence)

    def arrived(self, sequence: int, timestamp: int, now: Instant) -> None:
        """Count a packet that was not there before."""
        row = self.row
        row.received += 1
        if row.first < 0:
            row.first = sequence
        if sequence > row.highest:
            row.highest = sequence
            transit = now * row.clock_rate - timestamp
            if row.has_transit:
                change = abs(transit - row.transit)
                # A jump of more than a second is a clock that was set or a stamp that wrapped, no jitter.
                if change < row.clock_rate:
                    row.jitter += (change - row.jitter) / 16
            row.transit, row.has_transit = transit, True

    def reported(self, info: SenderInfo, now: Instant) -> None:
        """Remember the publisher's sender report: ours quotes it, so that the publisher learns the round trip."""
        self._sender, self._sender_arrival = info, now

    def lost(self) -> int:
        """Return how many packets have not arrived; negative when more came than expected."""
        row = self.row
        return int(row.highest - row.first + 1 - row.received) if row.first >= 0 else 0

    def report(self, ssrc: int, now: Instant) -> Report | None:
        """Return the report since the last one; `None` before the first packet."""
        row = self.row
        if row.first < 0:
            return None
        expected = row.highest - row.first + 1
        expected_since = expected - self._expected_before
        lost_since = expected_since - (row.received - self._received_before)
        self._expected_before, self._received_before = expected, row.received
        fraction = min(255, 256 * lost_since // expected_since) if expected_since > 0 and lost_since > 0 else 0
        last = delay = 0
        if self._sender is not None:
            last = ntp.middle(self._sender.ntp)
            delay = min(0xFFFFFFFF, max(0, int((now - self._sender_arrival) * 65536)))
        highest = row.highest - FIRST_LAP & 0xFFFFFFFF
        return Report(ssrc, fraction, expected - row.received, highest, int(row.jitter), last, delay)
