"""What is kept for repeating it, and how often it may be repeated.

A publisher's packets are kept once, whoever receives them; a receiver's request is mapped back to the publisher's number.
Answering every request on a narrow downlink makes a storm that freezes the picture, hence `Repeats` and its three limits.
"""

from media.core import rows
from media.core.rows import LARGEST_PAYLOAD, LARGEST_SOUND, Ground, Row
from media.core.rtp import Packet
from rvw.clock import Instant, Seconds

MOST_REPEATS = 4
"""How often one packet is sent again to one receiver."""


class Cache:
    """The last packets of a stream by unwrapped sequence number; also tells duplicates. `size` is a power of two."""

    __slots__ = ("_ground", "_mask", "_payloads", "_row", "_with_payloads")

    def __init__(self, size: int, row: Row = None, with_payloads: bool = True) -> None:
        """Lie with `row`, the track's. Sound is repeated from elsewhere: of it only numbers are kept, without payloads."""
        self._mask = size - 1
        self._row = row or rows.new("track")
        self._row.kept_mask = self._mask
        self._with_payloads = with_payloads
        self._ground: Ground | None = None
        self._payloads: Ground | None = None

    def put(self, packet: Packet) -> bool:
        """Keep `packet`, over the one `size` before it. False when it, or a later one in its place, is there already."""
        at = packet.sequence & self._mask
        entry = (self._ground or self._lay_out()).rows[at]
        if entry.sequence >= packet.sequence:
            return False
        entry.sequence, entry.timestamp, entry.marker = packet.sequence, packet.timestamp, packet.marker
        entry.audio_level = packet.audio_level
        entry.picture_at, entry.picture_wide, entry.picture_id = packet.picture_at, packet.picture_wide, packet.picture_id
        entry.tl0_at, entry.tl0_index = packet.tl0_at, packet.tl0_index
        entry.length = 0
        if self._payloads is not None:
            entry.length = len(packet.payload)
            rows.ffi.memmove(self._payloads.rows + at * LARGEST_PAYLOAD, packet.payload, entry.length)
        return True

    def get(self, sequence: int) -> Packet | None:
        """Return the packet with that number while it is kept: what is needed for sending it again."""
        at = sequence & self._mask
        if self._ground is None or self._ground.rows[at].sequence != sequence:
            return None
        entry = self._ground.rows[at]
        packet = Packet(0, entry.marker, sequence, entry.timestamp, self._row.ssrc)
        packet.audio_level = entry.audio_level
        packet.picture_at, packet.picture_wide, packet.picture_id = entry.picture_at, entry.picture_wide, entry.picture_id
        packet.tl0_at, packet.tl0_index = entry.tl0_at, entry.tl0_index
        if self._payloads is not None:
            packet.payload = bytes(rows.ffi.buffer(self._payloads.rows + at * LARGEST_PAYLOAD, entry.length))
        return packet

    def clear(self) -> None:
        """Forget everything: the stream began again with other numbers, or has ended."""
        self._ground = self._payloads = None
        self._row.kept = self._row.payloads = 0

    def _lay_out(self) -> Ground:
        self._ground = Ground("struct kept", self._mask + 1)
        self._row.kept = rows.address(self._ground.rows)
        if self._with_payloads:
            self._payloads = Ground("uint8_t", (self._mask + 1) * LARGEST_PAYLOAD)
            self._row.payloads = rows.address(self._payloads.rows)
        return self._ground


class Repeats:
    """Which packets one receiver got again, and when: never twice within a round trip, never more than four times."""

    __slots__ = ("_entries", "_mask")

    def __init__(self, size: int = 512) -> None:
        self._entries: list[tuple[int, int, Instant]] = [(-1, 0, 0.0)] * size
        self._mask = size - 1

    def may_repeat(self, sequence: int, rtt_s: Seconds, now: Instant) -> bool:
        """Whether the packet may be sent again now; counts it as sent if so."""
        at = sequence & self._mask
        known, times, last = self._entries[at]
        if known != sequence:
            times = 0
        elif times >= MOST_REPEATS or now - last < rtt_s:
            return False
        self._entries[at] = (sequence, times + 1, now)
        return True


class Sent:
    """The last encrypted packets of a stream without a retransmission stream of its own (audio).

    A packet under the same number must be byte for byte the same: another content under one AES-GCM nonce would give
    the key stream away (RFC 7714, section 8.4). So the encrypted form is kept, not the plain one.
    """

    __slots__ = ("_ground", "_mask", "_row")

    def __init__(self, size: int = 128, row: Row = None) -> None:
        """Lie with `row`, the sink's."""
        self._mask = size - 1
        self._row = row or rows.new("sink")
        self._row.sent_mask = self._mask
        self._ground: Ground | None = None

    def put(self, sequence: int, datagram: bytes) -> None:
        """Keep what was sent under this unwrapped number; nothing if it is longer than `LARGEST_SOUND`."""
        if self._ground is None:
            self._ground = Ground("struct sent", self._mask + 1)
            self._row.sent = rows.address(self._ground.rows)
        if len(datagram) <= LARGEST_SOUND:
            entry = self._ground.rows[sequence & self._mask]
            entry.sequence, entry.length = sequence, len(datagram)
            rows.ffi.memmove(entry.datagram, datagram, len(datagram))

    def get(self, sequence: int) -> bytes | None:
        """Return what was sent under this number while it is kept."""
        entry = self._ground.rows[sequence & self._mask] if self._ground is not None else None
        return bytes(rows.ffi.buffer(entry.datagram, entry.length)) if entry and entry.sequence == sequence else None
