"""RTP packets (RFC 3550, section 5.1) and their header extensions (RFC 8285), read and written as bytes.

`parse` reads only what forwarding needs, once per packet; writing is one `struct.pack` and one join per receiver.
Extension ids differ from offer to offer, so extensions are known here by what they mean, never by their id.
"""

from collections.abc import Mapping
from enum import IntEnum
from struct import Struct
from typing import TypeAlias

from rvw.clock import Instant

MAX_PACKET = 1600
"""Longer datagrams are no RTP of ours: Chromium sends at most 1,200 bytes of payload."""

_HEADER = Struct(">BBHII")
_EXTENSION = Struct(">HH")
_START = Struct(">BBHIIHHI")
_U16 = Struct(">H")
_ONE_BYTE = 0xBEDE
_TWO_BYTE = 0x1000


class Extension(IntEnum):
    """The header extensions that this server understands."""

    MID = 1
    TRANSPORT_SEQUENCE = 2
    ABS_SEND_TIME = 3
    AUDIO_LEVEL = 4


URIS: Mapping[str, Extension] = {
    "urn:ietf:params:rtp-hdrext:sdes:mid": Extension.MID,
    "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01": Extension.TRANSPORT_SEQUENCE,
    "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time": Extension.ABS_SEND_TIME,
    "urn:ietf:params:rtp-hdrext:ssrc-audio-level": Extension.AUDIO_LEVEL,
}

Meanings: TypeAlias = list[int]
"""What each extension id means in one connection: 256 entries, `Extension` or 0."""


def meanings(ids: Mapping[Extension, int]) -> Meanings:
    """Return the reverse of an offer's extension map."""
    table = [0] * 256
    for extension, number in ids.items():
        table[number] = int(extension)
    return table


class Packet:
    """One RTP packet as a publisher sent it. Made once, shared by every receiver and the cache; `sequence` is unwrapped.

    Absent extensions are -1 (`mid`: empty). `keyframe` and the `picture_*`, `tl0_*` are for its codec to fill in.
    """

    __slots__ = (
        "audio_level",
        "keyframe",
        "marker",
        "mid",
        "payload",
        "payload_type",
        "picture_at",
        "picture_id",
        "picture_wide",
        "send_time",
        "sequence",
        "ssrc",
        "timestamp",
        "tl0_at",
        "tl0_index",
        "transport_sequence",
    )

    def __init__(self, payload_type: int, marker: int, sequence: int, timestamp: int, ssrc: int) -> None:
        self.payload_type = payload_type
        self.marker = marker
        self.sequence = sequence
        self.timestamp = timestamp
        self.ssrc = ssrc
        self.payload = b""
        self.mid = b""
        self.transport_sequence = -1
        self.send_time = -1
        self.audio_level = -1
        self.keyframe = False
        self.picture_at = 0
        self.picture_wide = False
        self.picture_id = 0
        self.tl0_at = 0
        self.tl0_index = 0

    def restore(self) -> bool:
        """Turn a retransmission into the packet that it repeats, but for its SSRC (RFC 4588, section 4).

        False when it repeats nothing: senders also use the retransmission stream for padding.
        """
        if len(self.payload) <= 2:
            return False
        self.sequence = _U16.unpack_from(self.payload)[0]
        self.payload = self.payload[2:]
        return True


def parse(data: bytes, known: Meanings) -> Packet | None:
    """Return the packet, or `None` for bytes that are no RTP. Padding and contributing sources are left out."""
    size = len(data)
    if size < 12 or size > MAX_PACKET:
        return None
    first, second, sequence, timestamp, ssrc = _HEADER.unpack_from(data)
    position = 12 + 4 * (first & 15)
    packet = Packet(second & 127, second & 128, sequence, timestamp, ssrc)
    if first & 0x10:
        if position + 4 > size:
            return None
        profile, words = _EXTENSION.unpack_from(data, position)
        end = position + 4 + 4 * words
        if end > size:
            return None
        if profile == _ONE_BYTE:
            _read_short(packet, data, position + 4, end, known)
        elif profile & 0xFFF0 == _TWO_BYTE:
            _read_long(packet, data, position + 4, end, known)
        position = end
    if first & 0x20:
        padding = data[-1]
        if not padding or position + padding > size:
            return None
        packet.payload = data[position : size - padding]
    else:
        packet.payload = data[position:]
    return packet if position <= size and first >> 6 == 2 else None


def _read_short(packet: Packet, data: bytes, position: int, end: int, known: Meanings) -> None:
    """Read one-byte extensions (RFC 8285, section 4.2). The two of every packet are read here: a call costs more."""
    while position < end:
        byte = data[position]
        position += 1
        if not byte:
            continue
        length = (byte & 15) + 1
        if byte >> 4 == 15 or position + length > end:
            return
        meaning = known[byte >> 4]
        if meaning == 2 and length == 2:
            packet.transport_sequence = data[position] << 8 | data[position + 1]
        elif meaning == 3 and length == 3:
            packet.send_time = data[position] << 16 | data[position + 1] << 8 | data[position + 2]
        elif meaning:
            _read_extension(packet, data, position, length, meaning)
        position += length


def _read_long(packet: Packet, data: bytes, position: int, end: int, known: Meanings) -> None:
    """Read two-byte extensions (RFC 8285, section 4.3)."""
    while position + 1 < end:
        if not data[position]:
            position += 1
            continue
        length = data[position + 1]
        if position + 2 + length > end:
            return
        _read_extension(packet, data, position + 2, length, known[data[position]])
        position += 2 + length


def _read_extension(packet: Packet, data: bytes, at: int, length: int, meaning: int) -> None:
    if meaning == 2 and length == 2:
        packet.transport_sequence = data[at] << 8 | data[at + 1]
    elif meaning == 3 and length == 3:
        packet.send_time = data[at] << 16 | data[at + 1] << 8 | data[at + 2]
    elif meaning == 4 and length == 1:
        packet.audio_level = data[at]
    elif meaning == 1:
        packet.mid = data[at : at + length]


def write_header(payload_type: int, marker: int, sequence: int, timestamp: int, ssrc: int) -> bytes:
    """Return the 12 bytes of a header with the extension bit set; numbers are cut to their width on the wire."""
    return _HEADER.pack(0x90, marker | payload_type, sequence & 0xFFFF, timestamp & 0xFFFFFFFF, ssrc)


class ExtensionWriter:
    """Writes the extension block that one receiver's in-slot gets, with the ids of its offer. An id of 0 leaves it out."""

    __slots__ = ("_level", "_send_time", "heads")

    def __init__(self, ids: Mapping[Extension, int]) -> None:
        def head(extension: Extension, length: int) -> int:
            number = ids.get(extension, 0)
            return number << 4 | length - 1 if number else 0

        self._send_time = head(Extension.ABS_SEND_TIME, 3)
        self._level = head(Extension.AUDIO_LEVEL, 1)
        self.heads = (self._send_time, self._level)
        """The first byte of the sending time and of the level; 0 for one that is left out."""

    def start(self, kind: int, sequence: int, timestamp: int, ssrc: int, now: Instant) -> bytes:
        """Return what `write_header` and `write` do together, for a packet without level."""
        stamp = self._send_time << 24 | int(now * 262144) & 0xFFFFFF if self._send_time else 0
        return _START.pack(0x90, kind, sequence & 0xFFFF, timestamp & 0xFFFFFFFF, ssrc, _ONE_BYTE, 1, stamp)

    def write(self, packet: Packet, now: Instant) -> bytes:
        """Return the block with its header (RFC 8285, section 4.2), stamped with `now` as the sending time."""
        head, value = (self._level, packet.audio_level) if packet.audio_level >= 0 else (0, 0)
        stamp = self._send_time << 24 | int(now * 262144) & 0xFFFFFF if self._send_time else 0
        if head:
            return b"\xbe\xde\x00\x02%c%c\x00\x00%b" % (head, value, stamp.to_bytes(4))
        return b"\xbe\xde\x00\x01" + stamp.to_bytes(4)
