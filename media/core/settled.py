"""The usual case, compiled: the next packet of a flow that runs, from the receive buffer to the buffers for sending.

`walk` takes datagrams as `recvmmsg` left them and stops at the first that is not ordinary: anything but the next RTP packet
of a known stream (under strain: the next that is left of it) whose receivers all go on as before. What is ordinary is
decided before anything is decrypted or changed, so the datagram then goes, untouched, through `Worker.receive`, which knows
every case. Both work on the same rows.
"""

from typing import Any

from media.core.feedback import KEYFRAME_INTERVAL_S, LARGEST_JUMP
from media.core.feeding import owe
from media.core.machine import (
    ARRIVAL,
    BYTE,
    CONNECTION,
    ENTRY,
    INT,
    KEPT,
    LONG,
    MESSAGE,
    REEL,
    SINK,
    STRAIN,
    TRACK,
    TURN,
    at,
    call,
    compiled,
    find,
    read16,
    read32,
)
from media.core.reading import describe, read_extensions
from media.core.rows import (
    CONTROL_BYTES,
    LARGEST_PAYLOAD,
    LONGEST_DATAGRAM,
    MOST_PENDING,
    OUTGOING_AT_ONCE,
    RXQ_OVFL,
    STAMP_BYTES,
)
from media.core.sending import forward
from media.core.sequence import FIRST_LAP
from media.core.strain import LASTS_S
from media.core.tap import PACKET
from media.core.track import CLOCK_STOPPED_S
from media.core.twcc import TICK_HZ

_SMALLEST, _LARGEST = 28, 1600
_OLDEST_S = 1.0
_ENTRY_BYTES = ENTRY.itemsize


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
        strained = _strained(turn, number)
        message.control_length = CONTROL_BYTES
        message.name_length = turn.name_length
        data = at(turn.data + number * LONGEST_DATAGRAM, LONGEST_DATAGRAM, BYTE)
        length = message.length
        if length < _SMALLEST or length > _LARGEST or data[0] & 0xEF != 0x80 or 192 <= data[1] <= 223:
            return number
        connection_address = find(turn, message.name)
        if not connection_address:
            return number
        connection = at(connection_address, 1, CONNECTION)[0]
        track_address = _track(connection, data, turn.arrival, strained)
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
        turn.received += 1
        number += 1
    return number


@compiled
def _arrival(turn: Any, number: int, now: float, shift: float) -> float:
    stamp = at(turn.incoming_control + number * CONTROL_BYTES + 16, 2, LONG)
    arrival = stamp[0] + stamp[1] * 1e-9 + shift
    # A stamp from before the machine's clock was set says nothing.
    return arrival if now - _OLDEST_S < arrival <= now else now


@compiled
def _strained(turn: Any, number: int) -> bool:
    """See `Strain`: behind the stamp stands how many found no room, once there was one."""
    strain = at(turn.strain, 1, STRAIN)[0]
    control = at(turn.incoming_control + number * CONTROL_BYTES + STAMP_BYTES, 5, INT)
    if control[3] == RXQ_OVFL:
        control[3] = 0  # the room is used again, for datagrams that say nothing
        if control[4] != strain.dropped:
            strain.dropped = control[4]
            strain.until = turn.arrival + LASTS_S
    return bool(turn.arrival < strain.until)


@compiled
def _track(connection: Any, data: Any, now: float, strained: bool) -> int:
    """Return the track whose next packet this is, or 0."""
    ssrc = read32(data, 8)
    address = connection.tracks
    while address:
        track = at(address, 1, TRACK)[0]
        if track.ssrc == ssrc:
            ahead = _ahead(track, data)
            is_next = (
                track.highest >= 0
                and (ahead == 1 or (strained and 0 < ahead < LARGEST_JUMP))
                and track.payload_type == data[1] & 127
                and track.kept != 0
                and (strained or now < track.ask_at)
                and not (_wants_keyframe(track, ahead) and now - track.keyframe_asked >= KEYFRAME_INTERVAL_S)
                and now - track.last_arrival <= CLOCK_STOPPED_S
            )
            return int(address) if is_next else 0
        address = track.next
    return 0


@compiled
def _ahead(track: Any, data: Any) -> Any:
    """Return how far a packet's number is beyond the highest."""
    return read16(data, 2) - track.highest & 0xFFFF


@compiled
def _wants_keyframe(track: Any, ahead: int) -> bool:
    """Whether a keyframe is wanted once this packet is here: a hole in a picture that is not asked for needs one."""
    return bool(track.wanted != 0 or (ahead > 1 and track.video != 0))


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
    number, send_time, level, payload_at = read_extensions(connection, data, length)
    if payload_at > length:
        return
    if number >= 0:
        _note_arrival(turn, connection, connection_address, number, now, track.ssrc)
    ahead = _ahead(track, data)
    sequence = track.highest + ahead
    place = sequence & track.kept_mask
    kept = at(track.kept, track.kept_mask + 1, KEPT)[place]
    kept.sequence, kept.timestamp, kept.marker = sequence, read32(data, 4), data[1] & 128
    kept.audio_level = level
    kept.length = 0
    size = length - payload_at
    if track.payloads:
        kept.length = size
        call(turn.copy, track.payloads + place * LARGEST_PAYLOAD, address + payload_at, size)
    kept.picture_at = kept.picture_wide = kept.tl0_at = 0
    key = describe(kept, track.codec, data, payload_at, length)
    if _wants_keyframe(track, ahead):
        track.wanted = not key
    _count(track, kept.timestamp, sequence, send_time, size, now)
    if track.reel:
        _tap(turn, track, kept, address + payload_at, size, now)
    sink_address = track.sinks
    while sink_address:
        sink = at(sink_address, 1, SINK)[0]
        forward(turn, sink, kept, data, address, payload_at, size, now)
        sink_address = sink.next


@compiled
def _tap(turn: Any, track: Any, kept: Any, address: int, size: int, now: float) -> None:
    """Copy the packet for the recording. See `Reel.put`."""
    reel = at(track.reel, 1, REEL)[0]
    room = _ENTRY_BYTES + (size + 7 & -8)
    if reel.used + room > reel.size:
        reel.lost += 1
        return
    entry = at(reel.data + reel.used, 1, ENTRY)[0]
    entry.arrival, entry.sequence, entry.timestamp, entry.lap = now, kept.sequence, kept.timestamp, track.lap
    entry.track, entry.length, entry.unused = track.recorded_as, size, 0
    entry.kind, entry.marker = PACKET, kept.marker
    call(turn.copy, reel.data + reel.used + _ENTRY_BYTES, address, size)
    reel.used += room


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
            owe(turn, connection, address, now)
