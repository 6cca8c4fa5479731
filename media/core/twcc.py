"""Transport-wide congestion control feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01).

Tells a publisher when each of its packets arrived. Its browser estimates the uplink from that: without it the bitrate
crawls up by 8 % a second.
"""

from struct import Struct

from media.core import rows, rtcp
from media.core.rows import MOST_PENDING, Row
from media.core.sequence import FIRST_LAP, unwrap
from rvw.clock import Instant, Seconds

INTERVAL_S: Seconds = 0.06
"""How long arrivals are gathered: the 50 to 100 ms that browsers expect."""

LARGEST_GAP = 1000
"""A jump in the numbers over this begins a message of its own."""

TICK_HZ = 4000
"""Arrival times are told in units of 250 µs."""

_FIXED = Struct(">IIHHI")
_SMALL, _LARGE = 1, 2


class Arrivals:
    """The packets of one connection that arrived since the last message."""

    __slots__ = ("_count", "_pending", "_row")

    def __init__(self, row: Row = None) -> None:
        """Keep them with `row`, the connection's."""
        self._row = row or rows.new("connection")
        self._row.highest_arrival = -1
        self._pending = rows.new("arrival", MOST_PENDING)
        self._row.arrivals = rows.address(self._pending)
        self._count = 0

    def record(self, wire: int, now: Instant) -> bool:
        """Note the arrival of the packet with this 16-bit number. True for the first one since the last message."""
        row = self._row
        highest = row.highest_arrival
        sequence = unwrap(highest, wire) if highest >= 0 else wire + FIRST_LAP
        if sequence > highest:
            row.highest_arrival = sequence
        if row.pending < MOST_PENDING:
            arrival = self._pending[row.pending]
            arrival.sequence, arrival.tick = sequence, int(now * TICK_HZ)
            row.pending += 1
        return bool(row.pending == 1)

    def messages(self, sender: int, media: int) -> list[bytes]:
        """Return the feedback for what was recorded, mostly one message, and begin again."""
        pending = [self._pending[number] for number in range(self._row.pending)]
        arrivals = sorted({it.sequence: it.tick for it in reversed(pending)}.items())
        self._row.pending = 0
        messages = []
        while arrivals:
            message, taken = _write(arrivals, self._count, sender, media)
            messages.append(message)
            arrivals = arrivals[taken:]
            self._count = self._count + 1 & 0xFF
        return messages


def _write(arrivals: list[tuple[int, int]], count: int, sender: int, media: int) -> tuple[bytes, int]:
    base, first = arrivals[0]
    reference = first >> 8
    symbols: list[int] = []
    deltas = bytearray()
    expected, time = base, reference << 8
    taken = 0
    for sequence, tick in arrivals:
        delta = tick - time
        if sequence - expected > LARGEST_GAP or not -0x8000 <= delta <= 0x7FFF:
            break
        symbols.extend([0] * (sequence - expected))
        small = 0 <= delta <= 0xFF
        symbols.append(_SMALL if small else _LARGE)
        deltas += delta.to_bytes(1) if small else delta.to_bytes(2, signed=True)
        expected, time = sequence + 1, tick
        taken += 1
    fixed = _FIXED.pack(sender, media, base & 0xFFFF, len(symbols), (reference & 0xFFFFFF) << 8 | count)
    return rtcp.pack(rtcp.TRANSPORT_FEEDBACK, rtcp.TRANSPORT_CC, fixed + _chunks(symbols) + deltas), taken


def _chunks(symbols: list[int]) -> bytes:
    """Return the status chunks (section 3.1.3 and 3.1.4): runs where they are long, vectors of 14 or 7 else."""
    chunks = bytearray()
    position, size = 0, len(symbols)
    while position < size:
        symbol = symbols[position]
        end = position + 1
        while end < size and symbols[end] == symbol and end - position < 0x1FFF:
            end += 1
        if end - position >= 14 or end == size:
            chunk = symbol << 13 | end - position
        elif _LARGE in symbols[position : position + 14]:
            end = min(position + 7, size)
            chunk = 0xC000 | sum(bit << 12 - 2 * at for at, bit in enumerate(symbols[position:end]))
        else:
            end = min(position + 14, size)
            chunk = 0x8000 | sum(bit << 13 - at for at, bit in enumerate(symbols[position:end]))
        chunks += chunk.to_bytes(2)
        position = end
    return bytes(chunks)
