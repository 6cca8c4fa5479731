"""The client's sending and counting, compiled: thirty thousand packets a second each way, and time left.

Works on rows in memory as `media.core.settled` does, with its tools. Packets are made, encrypted and sent one by one, as
browsers on many machines do; what comes is read by batches, late, because the kernel stamps it. It is counted by its clear
headers, and only one packet in `SAMPLE` is decrypted to learn when it was sent.
"""

import ctypes
from typing import Any, Final

import numpy
from llvmlite import ir
from numba import types
from numba.core.dispatcher import Dispatcher
from numba.extending import intrinsic, overload

from media.core.machine import BYTE, LONG, MESSAGE, at, call, compiled, write16, write32
from media.core.rows import CONTROL_BYTES, LONGEST_DATAGRAM, ffi
from rvw.cli.bench import stream

SAMPLE: Final = 8
"""One packet in so many is decrypted for its delay."""

POLL_TICKS: Final = 16
"""Each connection is read every 16 ms."""

READ_AT_ONCE: Final = 64
STREAMS_EACH: Final = 16
"""Streams that one connection receives: two from each of seven others."""

MOST_DELAYS: Final = 1 << 20
"""Samples kept; later ones replace the oldest."""

MOST_HANDED_OVER: Final = 256
"""Datagrams kept until Python looks, within a millisecond; more are dropped, as a network might."""

KEPT: Final = 512
"""Packets of a picture that can be repeated."""

CHANCES: Final = 1 << 31
_HEAD: Final = 24
_TAG: Final = 16
_DONTWAIT: Final = 0x40
NAME_LENGTH: Final = 16


def _words(*names: str) -> Any:
    return numpy.dtype([(name, "i8") for name in names])


PATH = _words("socket", "inbound", "outbound", "number", "packets", "countdown")
SENDER = _words("path", "ssrc", "rtx_ssrc", "packets", "octets", "repeats", "withheld", "stamps")
STREAM = _words("ssrc", "first", "highest", "count")
HANDED_OVER = _words("path", "length")
RUN = _words(
    "protect", "unprotect", "write", "recvmmsg", "clock_gettime",
    "paths", "path_count", "senders", "streams", "slots", "order",
    "messages", "control", "data", "scratch", "length", "now",
    "delays", "delay_count", "handed_over", "handed_over_data", "handed_over_count",
    "lose", "chance",
)  # fmt: skip

_PATH_BYTES: Final = PATH.itemsize
_SENDER_BYTES: Final = SENDER.itemsize
_STREAM_BYTES: Final = STREAM.itemsize
_SLOTS: Final = stream.SLOTS
_FRAME_PACKETS: Final = stream.FRAME_PACKETS
_KEYFRAME_FRAMES: Final = stream.KEYFRAME_FRAMES
_OPUS: Final = stream.OPUS
_VP8: Final = stream.VP8
_RTX: Final = stream.RTX
_TRANSPORT_HEAD: Final = stream.TRANSPORT_SEQUENCE << 4 | 1
_SEND_TIME_HEAD: Final = stream.ABS_SEND_TIME << 4 | 2
_PICTURE_TICKS: Final = stream.PICTURE_TICKS
_SOUND_TICKS: Final = stream.SOUND_TICKS
_PICTURE_PLAIN: Final = stream.PICTURE_BYTES - _TAG
_SOUND_PLAIN: Final = stream.SOUND_BYTES - _TAG


def receive(function: int, socket: int, messages: int, count: int, flags: int) -> int:
    """Call `recvmmsg` without a time limit."""
    kind = "int (*)(int, void *, unsigned int, int, void *)"
    return int(ffi.cast(kind, function)(socket, ffi.cast("void *", messages), count, flags, ffi.NULL))


@intrinsic
def _receive(_: Any, function: Any, socket: Any, messages: Any, count: Any, flags: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        word = ir.IntType(64)
        kind = ir.FunctionType(ir.IntType(32), [word] * 5)
        target = builder.inttoptr(arguments[0], kind.as_pointer())
        return builder.call(target, [*arguments[1:], ir.Constant(word, 0)])

    return types.int32(*[types.int64] * 5), generate


@overload(receive, strict=False)
def _receive_overload(function: Any, socket: Any, messages: Any, count: Any, flags: Any) -> Any:
    return lambda function, socket, messages, count, flags: _receive(function, socket, messages, count, flags)


@compiled
def turn(run_address: int, tick: int, sending: int) -> None:
    """Do what is due in this millisecond: send (if `sending`) what is on the wheel, read some of the connections."""
    run = at(run_address, 1, RUN)[0]
    slot = tick % _SLOTS
    bounds = at(run.slots, _SLOTS + 1, LONG)
    order = at(run.order, bounds[_SLOTS], LONG)
    if sending:
        for place in range(bounds[slot], bounds[slot + 1]):
            _send(run, order[place])
    for number in range(tick % POLL_TICKS, run.path_count, POLL_TICKS):
        _take(run, number)


@compiled
def repeat(run_address: int, number: int, wire: int) -> None:
    """Send the packet with that 16-bit number of sender `number` again, in its retransmission stream (RFC 4588)."""
    run = at(run_address, 1, RUN)[0]
    sender = at(run.senders + number * _SENDER_BYTES, 1, SENDER)[0]
    sequence = sender.packets - ((sender.packets - wire) & 0xFFFF)
    if sender.rtx_ssrc == 0 or sequence < 0 or sequence == sender.packets or sender.packets - sequence > KEPT:
        return
    path = at(run.paths + sender.path * _PATH_BYTES, 1, PATH)[0]
    stamp = at(sender.stamps, KEPT, LONG)[sequence & KEPT - 1]
    size = _write(run.scratch, sender, path, sequence, stamp, 2)
    packet = at(run.scratch, LONGEST_DATAGRAM, BYTE)
    packet[1] = packet[1] & 128 | _RTX
    write16(packet, 2, sender.repeats)
    write32(packet, 8, sender.rtx_ssrc)
    write16(packet, _HEAD, sequence)
    sender.repeats += 1
    _transmit(run, path, size)


@compiled
def _now(run: Any) -> int:
    """Return the wall clock in nanoseconds: the kernel's stamps are on it."""
    call(run.clock_gettime, 0, run.now, 0)
    time = at(run.now, 2, LONG)
    return int(time[0] * 1_000_000_000 + time[1])


@compiled
def _send(run: Any, number: int) -> None:
    sender = at(run.senders + number * _SENDER_BYTES, 1, SENDER)[0]
    path = at(run.paths + sender.path * _PATH_BYTES, 1, PATH)[0]
    sequence, stamp = sender.packets, _now(run)
    size = _write(run.scratch, sender, path, sequence, stamp, 0)
    sender.packets += 1
    sender.octets += size - _HEAD
    if sender.stamps:
        at(sender.stamps, KEPT, LONG)[sequence & KEPT - 1] = stamp
        run.chance = (run.chance * 1_103_515_245 + 12_345) & CHANCES - 1
        if run.chance < run.lose:
            sender.withheld += 1
            return
    _transmit(run, path, size)


@compiled
def _write(address: int, sender: Any, path: Any, sequence: int, stamp: int, gap: int) -> int:
    """Write a packet of a stream; all of it follows from its number. Return its length. A repeat has a `gap` of 2."""
    packet = at(address, LONGEST_DATAGRAM, BYTE)
    frame = sequence // _FRAME_PACKETS + 1
    index = sequence % _FRAME_PACKETS
    size = gap + (_PICTURE_PLAIN if sender.rtx_ssrc else _SOUND_PLAIN)
    packet[0] = 0x90
    if sender.rtx_ssrc:
        packet[1] = _VP8 | (128 if index == _FRAME_PACKETS - 1 else 0)
        write32(packet, 4, sender.ssrc + _PICTURE_TICKS * frame)
        # RFC 7741, section 4.2: extended, start of the first partition, a 15-bit picture id; then the frame's first byte.
        packet[_HEAD + gap] = 0x80 if index else 0x90
        packet[_HEAD + gap + 1] = 0x80
        write16(packet, _HEAD + gap + 2, 0x8000 | frame & 0x7FFF)
        packet[_HEAD + gap + 4] = 0 if frame % _KEYFRAME_FRAMES == 1 else 1
    else:
        packet[1] = _OPUS
        write32(packet, 4, sender.ssrc + _SOUND_TICKS * (sequence + 1))
    write16(packet, 2, sequence)
    write32(packet, 8, sender.ssrc)
    # One block of two words: transport sequence, sending time in 1/2^18 s, a byte of padding.
    write32(packet, 12, 0xBEDE0002)
    packet[16] = _TRANSPORT_HEAD
    write16(packet, 17, path.number)
    path.number += 1
    packet[19] = _SEND_TIME_HEAD
    sent = stamp % 64_000_000_000 * 262_144 // 1_000_000_000
    packet[20] = sent >> 16 & 255
    write16(packet, 21, sent)
    packet[23] = 0
    write32(packet, size - 8, stamp >> 32)
    write32(packet, size - 4, stamp)
    return size


@compiled
def _transmit(run: Any, path: Any, size: int) -> None:
    at(run.length, 1, LONG)[0] = size
    if call(run.protect, path.outbound, run.scratch, run.length) == 0:
        call(run.write, path.socket, run.scratch, at(run.length, 1, LONG)[0])


@compiled
def _take(run: Any, number: int) -> None:
    """Read what has come on a connection."""
    path = at(run.paths + number * _PATH_BYTES, 1, PATH)[0]
    messages = at(run.messages, READ_AT_ONCE, MESSAGE)
    count = READ_AT_ONCE
    while count == READ_AT_ONCE:
        count = receive(run.recvmmsg, path.socket, run.messages, READ_AT_ONCE, _DONTWAIT)
        for place in range(count):
            message = messages[place]
            length, address = message.length, run.data + place * LONGEST_DATAGRAM
            message.control_length, message.name_length = CONTROL_BYTES, NAME_LENGTH
            data = at(address, LONGEST_DATAGRAM, BYTE)
            kind = data[1] & 127
            if length > _HEAD and data[0] >> 6 == 2 and kind in (_OPUS, _VP8):
                _count(run, path, number, data)
                path.countdown -= 1
                if path.countdown <= 0:
                    path.countdown = SAMPLE
                    _sample(run, path, place, address, length)
            elif data[0] < 4 or (run.lose and 192 <= data[1] <= 223):
                _hand_over(run, number, data, length)


@compiled
def _count(run: Any, path: Any, number: int, data: Any) -> None:
    wire = numpy.int64(data[2]) << 8 | numpy.int64(data[3])
    ssrc = numpy.int64(data[8]) << 24 | numpy.int64(data[9]) << 16 | numpy.int64(data[10]) << 8 | numpy.int64(data[11])
    path.packets += 1
    streams = at(run.streams + number * STREAMS_EACH * _STREAM_BYTES, STREAMS_EACH, STREAM)
    for place in range(STREAMS_EACH):
        found = streams[place]
        if found.ssrc == 0:
            found.ssrc, found.first, found.highest = ssrc, wire, wire
        if found.ssrc == ssrc:
            sequence = found.highest + ((wire - found.highest + 0x8000) & 0xFFFF) - 0x8000
            found.highest = max(found.highest, sequence)
            found.count += 1
            return


@compiled
def _sample(run: Any, path: Any, place: int, address: int, length: int) -> None:
    """Learn how long a packet took, from before its sending to the kernel's stamp."""
    at(run.length, 1, LONG)[0] = length
    if call(run.unprotect, path.inbound, address, run.length) != 0:
        return
    end = at(run.length, 1, LONG)[0]
    data = at(address, LONGEST_DATAGRAM, BYTE)
    sent = numpy.int64(0)
    for position in range(end - 8, end):
        sent = sent << 8 | numpy.int64(data[position])
    stamp = at(run.control + place * CONTROL_BYTES + 16, 2, LONG)
    at(run.delays, MOST_DELAYS, LONG)[run.delay_count & MOST_DELAYS - 1] = stamp[0] * 1_000_000_000 + stamp[1] - sent
    run.delay_count += 1


@compiled
def _hand_over(run: Any, number: int, data: Any, length: int) -> None:
    if run.handed_over_count == MOST_HANDED_OVER:
        return
    place = run.handed_over_count
    entry = at(run.handed_over, MOST_HANDED_OVER, HANDED_OVER)[place]
    entry.path, entry.length = number, length
    copy = at(run.handed_over_data + place * LONGEST_DATAGRAM, LONGEST_DATAGRAM, BYTE)
    for position in range(length):
        copy[position] = data[position]
    run.handed_over_count += 1


def prepare() -> None:
    """Compile what is called from Python, or load what was compiled."""
    word = types.int64
    if isinstance(turn, Dispatcher):
        turn.compile((word, word, word))
        repeat.compile((word, word, word))


def addresses() -> dict[str, int]:
    """Return where the C library's functions lie."""
    library = ctypes.CDLL(None)
    names = ("write", "recvmmsg", "clock_gettime")
    return {name: int(ctypes.cast(getattr(library, name), ctypes.c_void_p).value or 0) for name in names}
