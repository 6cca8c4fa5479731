"""A packet laid out for its receivers by compiled code, and what is laid out made into messages for `sendmmsg`.

The same as `Forwarder.forward`, for a sink that goes on as before. Datagrams to one connection hang behind each other, so
that those of one size share a message, which the kernel cuts (UDP_SEGMENT).
"""

from typing import Any, Final

from media.core.machine import (
    BYTE,
    CONNECTION,
    INT,
    LONG,
    MESSAGE,
    OUTGOING,
    PART,
    PART_BYTES,
    SENT,
    SENT_BYTES,
    SHORT,
    TURN,
    at,
    call,
    compiled,
    find,
    write16,
    write32,
)
from media.core.rows import CONTROL_BYTES, LARGEST_SOUND, NAME_BYTES, OUTGOING_AT_ONCE, OUTGOING_BYTES

MOST_SEGMENTS: Final = 16
"""Datagrams of one message: more would only make one receiver's burst longer."""


@compiled
def forward(turn: Any, sink: Any, kept: Any, data: Any, address: int, payload_at: int, size: int, now: float) -> None:
    """Lay the packet out as this sink's receiver gets it. See `Forwarder.forward`."""
    connection = at(sink.connection, 1, CONNECTION)[0]
    if sink.ready == 0 or (sink.video != 0 and connection.paused != 0):
        if sink.video:
            sink.open = 0
        return
    sequence = kept.sequence + sink.sequence
    if sequence < sink.start:
        return
    timestamp = kept.timestamp + sink.timestamp
    out_address = turn.sending + turn.outgoing_count * OUTGOING_BYTES
    out = at(out_address, OUTGOING_BYTES, BYTE)
    head = _write_head(out, sink, kept, sequence, timestamp, now)
    call(turn.copy, out_address + head, address + payload_at, size)
    _rewrite(out, head, sink, kept)
    turn.length = head + size
    if call(turn.protect, connection.outbound, out_address, turn.length_address) == 0 and connection.reachable:
        connection.sent_bytes += turn.length
        append(turn, sink.connection, out_address, turn.length)
        if sink.sent != 0 and turn.length <= LARGEST_SOUND:
            sent_address = sink.sent + (sequence & sink.sent_mask) * SENT_BYTES
            sent = at(sent_address, 1, SENT)[0]
            sent.sequence, sent.length = sequence, turn.length
            call(turn.copy, sent_address, out_address, turn.length)
    if sequence > sink.highest:
        sink.highest, sink.last_timestamp, sink.last_time = sequence, timestamp, now
        if kept.picture_at:
            sink.last_picture = kept.picture_id + sink.picture
        if kept.tl0_at:
            sink.last_tl0 = kept.tl0_index + sink.tl0
    sink.packets += 1
    sink.octets += size


@compiled
def _write_head(out: Any, sink: Any, kept: Any, sequence: int, timestamp: int, now: float) -> int:
    """Write header and extension block; return their length. See `rtp.ExtensionWriter`."""
    out[0], out[1] = 0x90, kept.marker | sink.payload_type
    write16(out, 2, sequence)
    write32(out, 4, timestamp)
    write32(out, 8, sink.ssrc)
    write16(out, 12, 0xBEDE)
    stamp = sink.send_time_head << 24 | int(now * 262144) & 0xFFFFFF if sink.send_time_head else 0
    if kept.audio_level < 0 or not sink.level_head:
        write16(out, 14, 1)
        write32(out, 16, stamp)
        return 20
    write16(out, 14, 2)
    write32(out, 16, sink.level_head << 24 | kept.audio_level << 16)
    write32(out, 20, stamp)
    return 24


@compiled
def _rewrite(out: Any, head: int, sink: Any, kept: Any) -> None:
    """Move the counters of pictures on. See `vp8.rewrite`."""
    if sink.picture and kept.picture_at:
        moved = kept.picture_id + sink.picture
        if kept.picture_wide:
            write16(out, head + kept.picture_at, 0x8000 | moved & 0x7FFF)
        else:
            out[head + kept.picture_at] = moved & 0x7F
    if sink.tl0 and kept.tl0_at:
        out[head + kept.tl0_at] = kept.tl0_index + sink.tl0 & 0xFF


@compiled
def append(turn: Any, connection_address: int, address: int, length: int) -> None:
    """Hang a datagram behind those that go to the same connection this turn."""
    number = turn.outgoing_count
    turn.outgoing_count += 1
    entries = at(turn.outgoing, OUTGOING_AT_ONCE, OUTGOING)
    entry = entries[number]
    entry.name, entry.data, entry.length, entry.next = connection_address, address, length, -1
    connection = at(connection_address, 1, CONNECTION)[0]
    if connection.batch == turn.batch:
        entries[connection.last].next = number
    else:
        connection.batch = turn.batch
        at(turn.addressed, OUTGOING_AT_ONCE, LONG)[turn.addressed_count] = number
        turn.addressed_count += 1
    connection.last = number


@compiled
def add(turn_address: int, name_address: int, length: int) -> None:
    """Take the datagram of that length in the next room for sending; it goes to the name at that address.

    It keeps its place among those to the same name if that is where a connection's datagrams go.
    """
    turn = at(turn_address, 1, TURN)[0]
    number = turn.outgoing_count
    address = turn.sending + number * OUTGOING_BYTES
    name = at(name_address, NAME_BYTES // 8, LONG)
    connection = find(turn, name_address)
    if connection:
        there = at(connection, NAME_BYTES // 8, LONG)
        if there[0] == name[0] and there[1] == name[1] and there[2] == name[2] and there[3] == name[3]:
            append(turn, connection, address, length)
            return
    turn.outgoing_count += 1
    entry = at(turn.outgoing, OUTGOING_AT_ONCE, OUTGOING)[number]
    entry.name, entry.data, entry.length, entry.next = name_address, address, length, -1
    at(turn.addressed, OUTGOING_AT_ONCE, LONG)[turn.addressed_count] = number
    turn.addressed_count += 1


@compiled
def lay_out(turn_address: int) -> int:
    """Make messages of the datagrams; return how many. One message carries several that the kernel can cut apart.

    Those have one size, but for the last, which may be shorter. How many each carries stands in `turn.carried`.
    """
    turn = at(turn_address, 1, TURN)[0]
    entries = at(turn.outgoing, OUTGOING_AT_ONCE, OUTGOING)
    parts = at(turn.parts, OUTGOING_AT_ONCE, PART)
    messages = at(turn.messages, OUTGOING_AT_ONCE, MESSAGE)
    carried = at(turn.carried, OUTGOING_AT_ONCE, INT)
    chains = at(turn.addressed, OUTGOING_AT_ONCE, LONG)
    made, used = 0, 0
    for chain in range(turn.addressed_count):
        number = chains[chain]
        while number >= 0:
            first = entries[number]
            message = messages[made]
            message.name, message.parts = first.name, turn.parts + used * PART_BYTES
            message.name_length, message.control_length = turn.name_length, 0
            begin, last = used, first.length
            while True:
                entry = entries[number]
                parts[used].base, parts[used].length = entry.data, entry.length
                used += 1
                last = entry.length
                number = entry.next
                if number < 0 or last < first.length or used - begin == MOST_SEGMENTS or turn.segments == 0:
                    break
                if entries[number].length > first.length:
                    break
            message.part_count = carried[made] = used - begin
            if used - begin > 1:
                message.control_length = 24
                at(turn.control + made * CONTROL_BYTES + 16, 1, SHORT)[0] = first.length
            made += 1
    return made


@compiled
def begin(turn_address: int) -> None:
    """Forget what was laid out: it is sent, or given up."""
    turn = at(turn_address, 1, TURN)[0]
    turn.outgoing_count = turn.addressed_count = turn.made = turn.done = 0
    turn.batch += 1
