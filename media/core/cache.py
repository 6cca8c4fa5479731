"""What is kept for repeating it, and how often it may be repeated.

A publisher's packets are kept once, whoever receives them; a receiver's request is mapped back to the publisher's number.
Answering every request on a narrow downlink makes a storm that freezes the picture, hence `Repeats` and its three limits.
"""

from media.core.rtp import Packet
from rvw.clock import Instant, Seconds

MOST_REPEATS = 4
"""How often one packet is sent again to one receiver."""


class Cache:
    """The last packets of a stream by unwrapped sequence number; also tells duplicates. `size` is a power of two."""

    __slots__ = ("_mask", "_ring")

    def __init__(self, size: int) -> None:
        self._ring: list[Packet | None] = [None] * size
        self._mask = size - 1

    def put(self, packet: Packet) -> bool:
        """Keep `packet`, over the one `size` before it. False when it, or a later one in its place, is there already."""
        at = packet.sequence & self._mask
        there = self._ring[at]
        if there is not None and there.sequence >= packet.sequence:
            return False
        self._ring[at] = packet
        return True

    def get(self, sequence: int) -> Packet | None:
        """Return the packet with that number while it is kept."""
        there = self._ring[sequence & self._mask]
        return there if there is not None and there.sequence == sequence else None

    def clear(self) -> None:
        """Forget everything: the stream began again with other numbers."""
        self._ring = [None] * (self._mask + 1)


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

    __slots__ = ("_mask", "_ring")

    def __init__(self, size: int = 128) -> None:
        self._ring: list[tuple[int, bytes]] = [(-1, b"")] * size
        self._mask = size - 1

    def put(self, sequence: int, datagram: bytes) -> None:
        """Keep what was sent under this unwrapped number."""
        self._ring[sequence & self._mask] = (sequence, datagram)

    def get(self, sequence: int) -> bytes | None:
        """Return what was sent under this number while it is kept."""
        known, datagram = self._ring[sequence & self._mask]
        return datagram if known == sequence else None
