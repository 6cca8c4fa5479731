"""What the core says of itself: frozen, made when asked for, never kept up to date by the hot path beyond its counters.

Counts are since the object began; `bps` are bits per second over the last second; `cap_bps` is what a publisher of this
receiver is told at most.
"""

from msgspec import Struct


class TrackStatistics(Struct, frozen=True):
    """A slot that a peer sends in."""

    slot: str
    packets: int
    bytes: int
    lost: int
    sinks: int


class ForwarderStatistics(Struct, frozen=True):
    """A slot that a peer receives in."""

    slot: str
    bound: bool
    packets: int
    bytes: int
    repeated: int


class PeerStatistics(Struct, frozen=True):
    """A connection."""

    peer: str
    connected: bool
    rtt_s: float
    sent_bps: float
    cap_bps: float
    refused: int
    """Packets that were forged, repeated or no media of this connection."""
    tracks: tuple[TrackStatistics, ...]
    forwarders: tuple[ForwarderStatistics, ...]


class WorkerStatistics(Struct, frozen=True):
    """The whole worker."""

    epoch: str
    peers: tuple[PeerStatistics, ...]
    rooms: int
    received: int
    """Datagrams that came in."""
    unknown: int
    """Datagrams that belong to nobody."""
    turned_away: int
    """Connectivity checks that were not looked at: too many from addresses that have proven nothing."""
    overflowed: int
    """Datagrams that came and found no room: more than this worker can take, or it was stopped."""
