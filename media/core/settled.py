"""The usual case, compiled: the next packet of a flow that runs, from the receive buffer to the buffers for sending.

`walk` takes datagrams as `recvmmsg` left them and stops at the first that is not ordinary: anything but the next RTP packet
of a known stream whose receivers all go on as before. What is ordinary is decided before anything is decrypted or changed,
so the datagram then goes, untouched, through `Worker.receive`, which knows every case. Both work on the same rows.

This is Python that numba compiles. Nothing here raises, allocates, or looks at anything but rows and buffers, whose sizes
are checked before they are written. `NUMBA_DISABLE_JIT=1` runs it as it is, slowly, for a debugger.
"""

from typing import Any, Final

import numpy
from llvmlite import ir
from numba import carray, njit, types
from numba.core.dispatcher import Dispatcher
from numba.extending import intrinsic, overload

from media.core.rows import LARGEST_PAYLOAD, LARGEST_SOUND, MOST_PENDING, NAME_BYTES, ffi
from media.core.rows import spread as spread_in_python
from media.core.sequence import FIRST_LAP
from media.core.track import CLOCK_STOPPED_S
from media.core.twcc import TICK_HZ

LONGEST_DATAGRAM: Final = 2048
"""Room for one datagram received; longer ones are cut, fail authentication and are dropped."""

CONTROL_BYTES: Final = 64
OUTGOING_AT_ONCE: Final = 1024
"""Datagrams laid out before they must be sent."""

OUTGOING_BYTES: Final = 1728
"""Room for one datagram sent: the largest packet, a longer extension block, and what encryption adds."""

MOST_SEGMENTS: Final = 16
"""Datagrams of one message: more would only make one receiver's burst longer."""

_SMALLEST, _LARGEST = 28, 1600
_VP8, _VP9 = 8, 9
_OLDEST_S = 1.0


def _dtype(struct: str) -> Any:
    fields = [(name, field) for name, field in ffi.typeof(f"struct {struct}").fields if field.type.kind == "primitive"]
    return numpy.dtype(
        {
            "names": [name for name, _ in fields],
            "formats": [_FORMATS[field.type.cname] for _, field in fields],
            "offsets": [field.offset for _, field in fields],
            "itemsize": ffi.sizeof(f"struct {struct}"),
        },
        align=True,
    )


_FORMATS = {
    "int64_t": "i8", "int32_t": "i4", "uint32_t": "u4", "int16_t": "i2", "uint16_t": "u2", "uint8_t": "u1", "double": "f8",
}  # fmt: skip

CONNECTION, ARRIVAL, TRACK, KEPT = _dtype("connection"), _dtype("arrival"), _dtype("track"), _dtype("kept")
SINK, SENT, TURN = _dtype("sink"), _dtype("sent"), _dtype("turn")
ROUTES, ROUTE = _dtype("routes"), _dtype("route")
MESSAGE, PART, OUTGOING = _dtype("message"), _dtype("part"), _dtype("outgoing")
BYTE, SHORT, INT, LONG = (numpy.dtype(it) for it in ("u1", "u2", "i4", "i8"))

_SENT_BYTES: Final = SENT.itemsize
_PART_BYTES: Final = PART.itemsize

compiled = njit(nogil=True, error_model="numpy", boundscheck=False, cache=True)
spread = compiled(spread_in_python)


def at(address: int, count: int, dtype: Any) -> Any:
    """Return the `count` rows at an address."""
    buffer = ffi.buffer(ffi.cast("char *", address), count * dtype.itemsize)
    return numpy.frombuffer(buffer, dtype).view(numpy.recarray)


def call(function: int, first: int, second: int, third: int) -> int:
    """Call a C function that takes three words and returns an `int`."""
    return int(ffi.cast("int (*)(intptr_t, intptr_t, intptr_t)", function)(first, second, third))


@intrinsic
def _pointer(_: Any, address: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.inttoptr(arguments[0], ir.IntType(8).as_pointer())

    return types.voidptr(types.int64), generate


@overload(at, strict=False)
def _at(address: Any, count: Any, dtype: Any) -> Any:
    return lambda address, count, dtype: carray(_pointer(address), count, dtype)


@intrinsic
def _call(_: Any, function: Any, first: Any, second: Any, third: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        word = ir.IntType(64)
        kind = ir.FunctionType(ir.IntType(32), [word] * 3)
        return builder.call(builder.inttoptr(arguments[0], kind.as_pointer()), arguments[1:])

    return types.int32(types.int64, types.int64, types.int64, types.int64), generate


@overload(call, strict=False)
def _call_overload(function: Any, first: Any, second: Any, third: Any) -> Any:
    return lambda function, first, second, third: _call(function, first, second, third)


@compiled
def _read16(data: Any, position: int) -> Any:
    # Of an unsigned and a signed number of 64 bits numba would make a float.
    return numpy.int64(data[position]) << 8 | numpy.int64(data[position + 1])


@compiled
def _read32(data: Any, position: int) -> int:
    return _read16(data, position) << 16 | _read16(data, position + 2)


@compiled
def _write16(data: Any, position: int, value: int) -> None:
    data[position] = value >> 8 & 255
    data[position + 1] = value & 255


@compiled
def _write32(data: Any, position: int, value: int) -> None:
    _write16(data, position, value >> 16)
    _write16(data, position + 2, value)


@compiled
def walk(turn_address: int, number: int, count: int, now: float, shift: float) -> int:
    """Take the datagrams from `number` to `count`. Return the first that is not ordinary, or `count`.

    `turn.full` says that it is not taken because there is no room for what it would become: send, and come back.
    `now` and `shift` lay the kernel's stamps on the core's clock; `turn.arrival` is that of the datagram returned.
    """
    turn = at(turn_address, 1, TURN)[0]
    messages = at(turn.incoming, count, MESSAGE)
    turn.full = 0
    while number < count:
        message = messages[number]
        turn.arrival = _arrival(turn, number, now, shift)
        message.control_length = CONTROL_BYTES
        message.name_length = turn.name_length
        data = at(turn.data + number * LONGEST_DATAGRAM, LONGEST_DATAGRAM, BYTE)
        length = message.length
        if length < _SMALLEST or length > _LARGEST or data[0] & 0xEF != 0x80 or 192 <= data[1] <= 223:
            return number
        connection_address = _connection(turn, message.name)
        if not connection_address:
            return number
        connection = at(connection_address, 1, CONNECTION)[0]
        track_address = _track(connection, data, turn.arrival)
        if not track_address or not connection.inbound:
            return number
        track = at(track_address, 1, TRACK)[0]
        sinks = _settled_sinks(track, track_address)
        if sinks < 0 or sinks > OUTGOING_AT_ONCE:
            return number
        if turn.outgoing_count + sinks > OUTGOING_AT_ONCE:
            turn.full = 1
            return number
        _take(turn, connection_address, track, data, turn.data + number * LONGEST_DATAGRAM, length)
        number += 1
    return number


@compiled
def _arrival(turn: Any, number: int, now: float, shift: float) -> float:
    stamp = at(turn.incoming_control + number * CONTROL_BYTES + 16, 2, LONG)
    arrival = stamp[0] + stamp[1] * 1e-9 + shift
    # A stamp from before the machine's clock was set says nothing.
    return arrival if now - _OLDEST_S < arrival <= now else now


@compiled
def _connection(turn: Any, name_address: int) -> int:
    """Return the connection that a remote name belongs to, or 0."""
    name = at(name_address, NAME_BYTES // 8, LONG)
    head = at(turn.routes, 1, ROUTES)[0]
    routes = at(head.table, head.size, ROUTE)
    place = spread(name[0], name[1], name[2], name[3]) & head.size - 1
    while routes[place].connection:
        route = routes[place]
        if route.a == name[0] and route.b == name[1] and route.c == name[2] and route.d == name[3]:
            return int(route.connection)
        place = place + 1 & head.size - 1
    return 0


@compiled
def _track(connection: Any, data: Any, now: float) -> int:
    """Return the track whose next packet this is, or 0."""
    ssrc = _read32(data, 8)
    address = connection.tracks
    while address:
        track = at(address, 1, TRACK)[0]
        if track.ssrc == ssrc:
            is_next = (
                track.highest >= 0
                and (track.highest + 1 & 0xFFFF) == _read16(data, 2)
                and track.payload_type == data[1] & 127
                and track.kept != 0
                and track.missing == 0
                and track.wanted == 0
                and now - track.last_arrival <= CLOCK_STOPPED_S
            )
            return int(address) if is_next else 0
        address = track.next
    return 0


@compiled
def _settled_sinks(track: Any, track_address: int) -> int:
    """Return how many sinks the track has if each goes on as before, or gets nothing for now; else -1."""
    count = 0
    address = track.sinks
    while address:
        sink = at(address, 1, SINK)[0]
        paused = sink.video != 0 and at(sink.connection, 1, CONNECTION)[0].paused != 0
        if sink.ready != 0 and not paused and (sink.open == 0 or sink.track != track_address or sink.lap != track.lap):
            return -1
        count += 1
        address = sink.next
    return count


@compiled
def _take(turn: Any, connection_address: int, track: Any, data: Any, address: int, length: int) -> None:
    """Decrypt a packet, count it, keep it, and lay it out for every sink. See `Peer.media` and `Track.receive`."""
    connection = at(connection_address, 1, CONNECTION)[0]
    now = turn.arrival
    turn.length = length
    if call(turn.unprotect, connection.inbound, address, turn.length_address) != 0:
        connection.refused += 1
        return
    connection.heard = now
    length = turn.length
    number, send_time, level, orientation, payload_at = _extensions(connection, data, length)
    if payload_at > length:
        return
    if number >= 0:
        _note_arrival(turn, connection, connection_address, number, now, track.ssrc)
    sequence = track.highest + 1
    place = sequence & track.kept_mask
    kept = at(track.kept, track.kept_mask + 1, KEPT)[place]
    kept.sequence, kept.timestamp, kept.marker = sequence, _read32(data, 4), data[1] & 128
    kept.audio_level, kept.orientation = level, orientation
    kept.length = 0
    size = length - payload_at
    if track.payloads:
        kept.length = size
        call(turn.copy, track.payloads + place * LARGEST_PAYLOAD, address + payload_at, size)
    kept.picture_at = kept.picture_wide = kept.tl0_at = 0
    if track.counters == _VP8:
        _describe(kept, data, payload_at, length)
    elif track.counters == _VP9:
        _describe_vp9(kept, data, payload_at, length)
    _count(track, kept.timestamp, sequence, send_time, size, now)
    sink_address = track.sinks
    while sink_address:
        sink = at(sink_address, 1, SINK)[0]
        _forward(turn, sink, kept, data, address, payload_at, size, now)
        sink_address = sink.next


@compiled
def _count(track: Any, timestamp: int, sequence: int, send_time: int, size: int, now: float) -> None:
    """See `Reception.arrived`."""
    track.last_arrival, track.last_timestamp, track.last_send_time = now, timestamp, send_time
    track.bytes += size
    track.received += 1
    track.highest = sequence
    transit = now * track.clock_rate - timestamp
    if track.has_transit:
        change = abs(transit - track.transit)
        if change < track.clock_rate:
            track.jitter += (change - track.jitter) / 16
    track.transit = transit
    track.has_transit = 1


@compiled
def _extensions(connection: Any, data: Any, size: int) -> tuple[int, int, int, int, int]:
    """Return transport number, sending time, level, orientation (each -1 without), and where the payload begins.

    See `rtp.parse`. A block that is longer than the packet begins the payload beyond its end.
    """
    number, send_time, level, orientation = -1, -1, -1, -1
    if not data[0] & 0x10:
        return number, send_time, level, orientation, 12
    end = 16 + 4 * _read16(data, 14) if size >= 16 else size + 1
    if end > size or _read16(data, 12) != 0xBEDE:
        return number, send_time, level, orientation, end
    known = at(connection.known, 256, BYTE)
    position = 16
    while position < end:
        head = data[position]
        position += 1
        if not head:
            continue
        length = (head & 15) + 1
        if head >> 4 == 15 or position + length > end:
            break
        meaning = known[head >> 4]
        if meaning == 2 and length == 2:
            number = _read16(data, position)
        elif meaning == 3 and length == 3:
            send_time = _read32(data, position - 1) & 0xFFFFFF
        elif meaning == 4 and length == 1:
            level = data[position]
        elif meaning == 5 and length == 1:
            orientation = data[position]
        position += length
    return number, send_time, level, orientation, end


@compiled
def _note_arrival(turn: Any, connection: Any, address: int, wire: int, now: float, ssrc: int) -> None:
    """See `Arrivals.record`; the first one since the last message wakes the connection."""
    highest = connection.highest_arrival
    sequence = highest + ((wire - highest + 0x8000) & 0xFFFF) - 0x8000 if highest >= 0 else wire + FIRST_LAP
    if sequence > highest:
        connection.highest_arrival = sequence
    if connection.pending < MOST_PENDING:
        arrival = at(connection.arrivals, MOST_PENDING, ARRIVAL)[connection.pending]
        arrival.sequence, arrival.tick = sequence, int(now * TICK_HZ)
        connection.pending += 1
        if connection.pending == 1:
            connection.gathering_ssrc = ssrc
            at(turn.woken, turn.woken_count + 1, LONG)[turn.woken_count] = address
            turn.woken_count += 1


@compiled
def _describe(kept: Any, data: Any, start: int, end: int) -> None:
    """Find the counters in a VP8 descriptor. See `vp8.describe`; whether it is a keyframe does not matter here."""
    if end - start < 2 or not data[start] & 0x80:
        return
    flags = data[start + 1]
    position = start + 2
    if flags & 0x80 and position + 1 < end:
        kept.picture_at = position - start
        kept.picture_wide = data[position] >> 7
        if kept.picture_wide:
            kept.picture_id = _read16(data, position) & 0x7FFF
            position += 2
        else:
            kept.picture_id = data[position]
            position += 1
    if flags & 0x40 and position < end:
        kept.tl0_at = position - start
        kept.tl0_index = data[position]


@compiled
def _describe_vp9(kept: Any, data: Any, start: int, end: int) -> None:
    """Find the counters in a VP9 descriptor. See `vp9.describe`."""
    if end - start < 2:
        return
    flags = data[start]
    position = start + 1
    if flags & 0x80 and position + 1 < end:
        kept.picture_at = position - start
        kept.picture_wide = data[position] >> 7
        if kept.picture_wide:
            kept.picture_id = _read16(data, position) & 0x7FFF
            position += 2
        else:
            kept.picture_id = data[position]
            position += 1
    if flags & 0x30 == 0x20 and position + 1 < end:
        kept.tl0_at = position + 1 - start
        kept.tl0_index = data[position + 1]


@compiled
def _forward(turn: Any, sink: Any, kept: Any, data: Any, address: int, payload_at: int, size: int, now: float) -> None:
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
        _append(turn, sink.connection, out_address, turn.length)
        if sink.sent != 0 and turn.length <= LARGEST_SOUND:
            sent_address = sink.sent + (sequence & sink.sent_mask) * _SENT_BYTES
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
    _write16(out, 2, sequence)
    _write32(out, 4, timestamp)
    _write32(out, 8, sink.ssrc)
    _write16(out, 12, 0xBEDE)
    stamp = sink.send_time_head << 24 | int(now * 262144) & 0xFFFFFF if sink.send_time_head else 0
    byte, value = 0, 0
    if kept.audio_level >= 0:
        byte, value = sink.level_head, kept.audio_level
    elif kept.orientation >= 0:
        byte, value = sink.orientation_head, kept.orientation
    if not byte:
        _write16(out, 14, 1)
        _write32(out, 16, stamp)
        return 20
    _write16(out, 14, 2)
    _write32(out, 16, byte << 24 | value << 16)
    _write32(out, 20, stamp)
    return 24


@compiled
def _rewrite(out: Any, head: int, sink: Any, kept: Any) -> None:
    """Move the counters of pictures on. See `vp8.rewrite`."""
    if sink.picture and kept.picture_at:
        moved = kept.picture_id + sink.picture
        if kept.picture_wide:
            _write16(out, head + kept.picture_at, 0x8000 | moved & 0x7FFF)
        else:
            out[head + kept.picture_at] = moved & 0x7F
    if sink.tl0 and kept.tl0_at:
        out[head + kept.tl0_at] = kept.tl0_index + sink.tl0 & 0xFF


@compiled
def _append(turn: Any, connection_address: int, address: int, length: int) -> None:
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
    connection = _connection(turn, name_address)
    if connection:
        there = at(connection, NAME_BYTES // 8, LONG)
        if there[0] == name[0] and there[1] == name[1] and there[2] == name[2] and there[3] == name[3]:
            _append(turn, connection, address, length)
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
            message.name, message.parts = first.name, turn.parts + used * _PART_BYTES
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
    turn.outgoing_count = turn.addressed_count = 0
    turn.batch += 1


def prepare() -> None:
    """Compile what is called from Python, or load what was compiled: the first packet must not wait for it."""
    word, real = types.int64, types.float64
    if isinstance(walk, Dispatcher):
        walk.compile((word, word, word, real, real))
        add.compile((word, word, word))
        lay_out.compile((word,))
        begin.compile((word,))
