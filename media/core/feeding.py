"""Transport feedback by compiled code: whose turn it is, and its message. See `twcc.Round` and `Arrivals.messages`."""

from typing import Any

from numba import int64

from media.core import twcc
from media.core.machine import ARRIVAL, BYTE, CONNECTION, LONG, ROUND, at, call, compiled, write16, write32
from media.core.rows import MOST_PENDING, OUTGOING_AT_ONCE, OUTGOING_BYTES
from media.core.rtcp import TRANSPORT_CC, TRANSPORT_FEEDBACK
from media.core.sending import append
from media.core.twcc import INTERVAL_S, MOST_TIMES_BYTES, MOST_TOLD

_gather = compiled(twcc.gather)
_encode = compiled(twcc.encode)

_HEAD_BYTES = 20


@compiled
def owe(turn: Any, connection: Any, address: int, now: float) -> None:
    """See `Round.add`."""
    row = at(turn.round, 1, ROUND)[0]
    connection.feedback_at, connection.following = now + INTERVAL_S, 0
    if row.first:
        at(row.last, 1, CONNECTION)[0].following = address
    else:
        row.first = address
    row.last = address


@compiled
def feed(turn: Any, now: float) -> bool:
    """Lay out the messages that are due. False when there is no room for all: send, and come back."""
    row = at(turn.round, 1, ROUND)[0]
    while row.first:
        address = row.first
        connection = at(address, 1, CONNECTION)[0]
        if connection.feedback_at > now:
            return True
        if turn.outgoing_count + MOST_PENDING > OUTGOING_AT_ONCE:
            return False
        row.first = connection.following
        _tell(turn, connection, address)
    return True


@compiled
def _tell(turn: Any, connection: Any, address: int) -> None:
    count = int64(connection.pending)
    arrivals = at(connection.arrivals, MOST_PENDING, ARRIVAL)
    symbols, times = at(turn.symbols, MOST_TOLD, LONG), at(turn.times, MOST_TIMES_BYTES, BYTE)
    _sort(arrivals, count)
    taken = int64(0)
    while taken < count:
        base, reference = arrivals[taken].sequence, arrivals[taken].tick >> 8
        taken, told, size = _gather(arrivals, taken, count, symbols, times)
        out_address = turn.sending + turn.outgoing_count * OUTGOING_BYTES
        out = at(out_address, OUTGOING_BYTES, BYTE)
        end = _encode(symbols, told, out, _HEAD_BYTES)
        call(turn.copy, out_address + end, turn.times, size)
        length = _write_head(out, connection, base, told, reference, end + size)
        connection.feedback_count = connection.feedback_count + 1 & 255
        turn.length = length
        protect, context = turn.protect_rtcp, connection.outbound
        if connection.reachable and context and call(protect, context, out_address, turn.length_address) == 0:
            connection.sent_bytes += turn.length
            append(turn, address, out_address, turn.length)
    connection.pending = 0


@compiled
def _sort(arrivals: Any, count: int) -> None:
    """By number, those of one number as they came. Few packets overtake each other, so most stay where they are."""
    for place in range(1, count):
        sequence, tick = arrivals[place].sequence, arrivals[place].tick
        hole = place
        while hole > 0 and arrivals[hole - 1].sequence > sequence:
            arrivals[hole].sequence, arrivals[hole].tick = arrivals[hole - 1].sequence, arrivals[hole - 1].tick
            hole -= 1
        arrivals[hole].sequence, arrivals[hole].tick = sequence, tick


@compiled
def _write_head(out: Any, connection: Any, base: int, told: int, reference: int, end: int) -> int:
    """Write what stands before the chunks, and the padding behind the times; return the whole length. See `rtcp.pack`."""
    padding = -end & 3
    for place in range(end, end + padding):
        out[place] = padding if place == end + padding - 1 else 0
    out[0] = (0xA0 if padding else 0x80) | TRANSPORT_CC
    out[1] = TRANSPORT_FEEDBACK
    write16(out, 2, (end + padding) // 4 - 1)
    write32(out, 4, connection.ssrc)
    write32(out, 8, connection.gathering_ssrc)
    write16(out, 12, base)
    write16(out, 14, told)
    write32(out, 16, (reference & 0xFFFFFF) << 8 | connection.feedback_count)
    return end + padding
