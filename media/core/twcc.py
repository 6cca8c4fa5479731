"""Transport-wide congestion control feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01).

Tells a publisher when each of its packets arrived. Its browser estimates the uplink from that: without it the bitrate
crawls up by 8 % a second.
"""

from struct import Struct
from typing import Any, NamedTuple

from media.core import rows, rtcp
from media.core.rows import MOST_PENDING, Row
from media.core.sequence import FIRST_LAP, unwrap
from rvw.clock import Instant, Seconds

INTERVAL_S: Seconds = 0.06
"""How long arrivals are gathered: the 50 to 100 ms that browsers expect."""

PATIENCE_S: Seconds = 0.01
"""A message that is due waits so long for a packet to ride on: then nobody is woken for it."""

LARGEST_GAP = 1000
"""A jump in the numbers over this begins a message of its own."""

MOST_TOLD = 1024
MOST_TIMES_BYTES = 512
"""Packets and bytes of times in one message, which then fits a datagram of 1,200 bytes."""

TICK_HZ = 4000
"""Arrival times are told in units of 250 µs."""

_FIXED = Struct(">IIHHI")


class Arrival(NamedTuple):
    """When the packet with an unwrapped number came, in ticks."""

    sequence: int
    tick: int


class Arrivals:
    """The packets of one connection that arrived since the last message."""

    __slots__ = ("_pending", "_row")

    def __init__(self, row: Row = None) -> None:
        """Keep them with `row`, the connection's."""
        self._row = row or rows.new("connection")
        self._row.highest_arrival = -1
        self._pending = rows.new("arrival", MOST_PENDING)
        self._row.arrivals = rows.address(self._pending)

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
        pending = (self._pending[number] for number in range(self._row.pending))
        arrivals = sorted((Arrival(it.sequence, it.tick) for it in pending), key=lambda it: it.sequence)
        self._row.pending = 0
        messages = []
        taken = 0
        symbols, times, chunks = bytearray(MOST_TOLD), bytearray(MOST_TIMES_BYTES), bytearray(2 * MOST_TOLD)
        while taken < len(arrivals):
            base, reference = arrivals[taken].sequence & 0xFFFF, arrivals[taken].tick >> 8 & 0xFFFFFF
            taken, told, size = gather(arrivals, taken, len(arrivals), symbols, times)
            fixed = _FIXED.pack(sender, media, base, told, reference << 8 | self._row.feedback_count)
            body = fixed + chunks[: encode(symbols, told, chunks, 0)] + times[:size]
            messages.append(rtcp.pack(rtcp.TRANSPORT_FEEDBACK, rtcp.TRANSPORT_CC, body))
            self._row.feedback_count = self._row.feedback_count + 1 & 0xFF
        return messages


class Round:
    """The connections that are owed a message, in the order of time: each gets it `INTERVAL_S` after a first arrival."""

    def __init__(self) -> None:
        self._row = rows.new("round")
        self.address = rows.address(self._row)

    def add(self, connection: Row, now: Instant) -> None:
        """Arrivals of a connection that was owed nothing are pending since `now`."""
        address = rows.address(connection)
        connection.feedback_at, connection.following = now + INTERVAL_S, 0
        if self._row.first:
            rows.connection(self._row.last).following = address
        else:
            self._row.first = address
        self._row.last = address

    def next(self) -> Instant | None:
        """Return when to wake for the first of them."""
        return rows.connection(self._row.first).feedback_at + PATIENCE_S if self._row.first else None

    def take(self, now: Instant) -> int:
        """Return the address of the first one's row if it is due, and have it no more; else 0."""
        address = int(self._row.first)
        if not address or rows.connection(address).feedback_at > now:
            return 0
        self._row.first = rows.connection(address).following
        return address

    def drop(self, connection: Row) -> None:
        """That connection has ended."""
        gone, before, address = rows.address(connection), 0, self._row.first
        while address and address != gone:
            before, address = address, rows.connection(address).following
        if not address:
            return
        if before:
            rows.connection(before).following = connection.following
        else:
            self._row.first = connection.following
        if self._row.last == gone:
            self._row.last = before


# What follows is compiled, too (`media.core.feeding`): it knows numbers and what can be indexed, and calls nothing.


def gather(arrivals: Any, begin: int, end: int, symbols: Any, times: Any) -> tuple[int, int, int]:
    """Tell as many of the `arrivals` as fit one message: `symbols` (0 not come, 1 and 2 with a time of so many bytes) and
    the `times` between them.

    They are sorted by number; of several with the same number the first counts. Returns where the next message begins,
    how many symbols there are, and how many bytes of times.
    """
    expected, time = arrivals[begin].sequence, arrivals[begin].tick >> 8 << 8
    told = size = 0
    number = begin
    while number < end:
        sequence, tick = arrivals[number].sequence, arrivals[number].tick
        passed = tick - time
        if sequence >= expected:
            if sequence - expected > LARGEST_GAP or passed < -0x8000 or passed > 0x7FFF:
                break
            if told + sequence - expected >= MOST_TOLD or size + 2 > MOST_TIMES_BYTES:
                break
            while expected < sequence:
                symbols[told] = 0
                told, expected = told + 1, expected + 1
            if 0 <= passed <= 0xFF:
                symbols[told], times[size] = 1, passed
                size += 1
            else:
                symbols[told], times[size], times[size + 1] = 2, passed >> 8 & 0xFF, passed & 0xFF
                size += 2
            told, expected, time = told + 1, sequence + 1, tick
        number += 1
    return number, told, size


def encode(symbols: Any, count: int, out: Any, position: int) -> int:
    """Write the status chunks (section 3.1.3 and 3.1.4) and return where they end: runs where they are long, vectors of 14
    or 7 else."""
    at = 0
    while at < count:
        symbol = symbols[at]
        end = at + 1
        while end < count and symbols[end] == symbol and end - at < 0x1FFF:
            end += 1
        if end - at >= 14 or end == count:
            chunk = symbol << 13 | end - at
        else:
            end = min(at + 14, count)
            chunk = 0x8000
            for place in range(at, end):
                if symbols[place] == 2:
                    chunk = 0xC000
            if chunk == 0xC000:
                end = min(at + 7, count)
            for place in range(at, end):
                chunk |= symbols[place] << (12 - 2 * (place - at) if chunk >= 0xC000 else 13 - (place - at))
        out[position], out[position + 1] = chunk >> 8, chunk & 0xFF
        position += 2
        at = end
    return position
