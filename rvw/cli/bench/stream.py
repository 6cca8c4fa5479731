"""What a synthetic publisher sends: sound and a picture with the sizes and the rhythm of a browser's, on a wheel of slots.

A picture has 25 frames a second of six packets, paced like Chromium's: two packets every 5 ms. With 1,100 bytes each that
is 1.3 Mbit/s; sound is a packet of 120 bytes every 20 ms.
"""

import time
from collections.abc import Callable, Sequence
from struct import Struct

from msgspec import Struct as Record

from rvw.cli.bench.path import Path

SLOTS = 40
"""Milliseconds of one frame, and slots of the wheel."""

OPUS, VP8, RTX = 111, 96, 97
MID, ABS_SEND_TIME, TRANSPORT_SEQUENCE = 4, 2, 3

PICTURE_BYTES, SOUND_BYTES = 1100, 120
FRAME_PACKETS, PER_BURST, BURST_MS = 6, 2, 5
KEYFRAME_FRAMES = 25
"""A keyframe a second: receivers that come late see a picture without asking."""

_HEAD = Struct(">BBHII")
_EXTENSIONS = Struct(">BHB")
_TIME = Struct(">Q")
_PICTURE = Struct(">BBHB")
_KEPT = 512


class Numbers(Record):
    """The transport-wide numbers of one connection."""

    next: int = 0


class Sender:
    """One outgoing stream."""

    def __init__(self, path: Path, numbers: Numbers, ssrc: int, rtx_ssrc: int = 0) -> None:
        """A picture when it has an SSRC for repeats, else sound."""
        self.path = path
        self.ssrc, self.rtx_ssrc = ssrc, rtx_ssrc
        self.packets = self.octets = 0
        self.withheld = 0
        """Packets lost on purpose."""
        self._numbers = numbers
        self._video = rtx_ssrc > 0
        self._type = VP8 if self._video else OPUS
        self._packet = bytearray((PICTURE_BYTES if self._video else SOUND_BYTES) - 16)
        # One block of two words: transport sequence, sending time, a byte of padding.
        self._packet[12:16] = b"\xbe\xde\x00\x02"
        self._packet[16] = TRANSPORT_SEQUENCE << 4 | 1
        self._packet[19] = ABS_SEND_TIME << 4 | 2
        self.timestamp = ssrc & 0xFFFF
        self._frame = self._index = self._rtx_sequence = 0
        self._kept: dict[int, bytes] = {}

    def send(self, lose: Callable[[], bool] | None = None) -> None:
        """Send the next packet; with `lose`, keep it for repeats and perhaps only pretend."""
        marker = 0
        if self._video:
            marker = self._next_of_frame()
        else:
            self.timestamp += 960
        packet = self._stamp(self._type, marker, self.packets, self.ssrc)
        self.packets += 1
        self.octets += len(packet) - 24
        if lose is None:
            self._transmit(packet)
            return
        self._kept[self.packets - 1 & 0xFFFF] = bytes(packet)
        self._kept.pop(self.packets - _KEPT & 0xFFFF, None)
        if lose():
            self.withheld += 1
        else:
            self._transmit(packet)

    def repeat(self, wire: int) -> None:
        """Answer a request in the retransmission stream (RFC 4588)."""
        kept = self._kept.get(wire)
        if kept is None or not self._video:
            return
        packet = bytearray(kept[:24] + wire.to_bytes(2) + kept[24:])
        packet[1] = packet[1] & 128 | RTX
        packet[2:4] = (self._rtx_sequence & 0xFFFF).to_bytes(2)
        packet[8:12] = self.rtx_ssrc.to_bytes(4)
        self._rtx_sequence += 1
        self._renumber(packet)
        self._transmit(packet)

    def _next_of_frame(self) -> int:
        if not self._index:
            self.timestamp += 3600
            self._frame += 1
        key = self._frame % KEYFRAME_FRAMES == 1
        # RFC 7741, section 4.2: extended, start of the first partition, a 15-bit picture id; then the frame's first byte.
        start = 0x90 if not self._index else 0x80
        _PICTURE.pack_into(self._packet, 24, start, 0x80, 0x8000 | self._frame & 0x7FFF, 0 if key else 1)
        self._index = (self._index + 1) % FRAME_PACKETS
        return 0 if self._index else 128

    def _stamp(self, payload_type: int, marker: int, sequence: int, ssrc: int) -> bytearray:
        packet = self._packet
        _HEAD.pack_into(packet, 0, 0x90, marker | payload_type, sequence & 0xFFFF, self.timestamp & 0xFFFFFFFF, ssrc)
        _TIME.pack_into(packet, len(packet) - 8, time.time_ns())
        self._renumber(packet)
        return packet

    def _renumber(self, packet: bytearray) -> None:
        number = self._numbers.next & 0xFFFF
        self._numbers.next += 1
        packet[17], packet[18] = number >> 8, number & 255
        sent = (time.monotonic_ns() >> 12) * 4096 * 262144 // 1_000_000_000
        packet[20:23] = (sent & 0xFFFFFF).to_bytes(3)

    def _transmit(self, packet: bytes | bytearray) -> None:
        datagram = self.path.srtp.protect(bytes(packet))
        if datagram is not None:
            try:
                self.path.socket.send(datagram)
            except (BlockingIOError, ConnectionRefusedError):
                return


def wheel(pairs: Sequence[tuple[Sender, Sender]]) -> list[list[Sender]]:
    """Lay out when each stream sends within a frame; publishers are spread evenly, sound and picture apart."""
    slots: list[list[Sender]] = [[] for _ in range(SLOTS)]
    for number, (sound, picture) in enumerate(pairs):
        # The golden ratio spreads any number of publishers without bursts that only a benchmark has.
        phase = int(number * 0.6180339887 % 1 * SLOTS)
        for packet in range(FRAME_PACKETS):
            slots[(phase + packet // PER_BURST * BURST_MS) % SLOTS].append(picture)
        for at in (3, 23):
            slots[(phase + at) % SLOTS].append(sound)
    return slots
