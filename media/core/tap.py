"""Which packets of which track go to the recording of which room.

A room that is recorded has a reel: a block of memory into which both ways of forwarding copy the decrypted payload of every
packet that is new, with its arrival; sender reports go there too. Whoever writes to the disk takes the reel's content away
from time to time. A reel that is full counts what it did not take: a disk that is slow must never make media wait.
"""

from collections.abc import Iterator
from typing import Final, get_args

from media.core import rows
from media.core.room import Source as OutSlot
from media.core.rows import Ground
from media.core.rtp import Packet
from rvw.clock import Instant
from rvw.protocol.media import Bind
from rvw.protocol.spool import ENTRY, REPORT, Entry, Kind, Source, beat_entry, reel_entry, source_entry

REEL_BYTES: Final = 4 * 1024 * 1024
"""Four seconds of three pictures at 2.5 Mbit/s. Untouched pages of it take no memory."""

MOST_TRACKS: Final = 60_000
"""Connections times slots of one reel; its numbers have 16 bits."""

PACKET: Final = int(Kind.PACKET)
"""For the compiled walk, which knows no enumerations."""

CODECS: Final = frozenset(get_args(Source.__annotations__["codec"]))


class Reel:
    """What was tapped of one room and not taken away yet."""

    def __init__(self, room: str, now: Instant, size: int = REEL_BYTES) -> None:
        self.room = room
        self._begun = now
        self.row = rows.new("reel")
        self._ground = Ground("uint8_t", size)
        self.row.data, self.row.size = rows.address(self._ground.rows), size
        self._tracks: list[bytes] = []

    @property
    def lost(self) -> int:
        """Packets for which there was no room."""
        return int(self.row.lost)

    def opening(self) -> bytes:
        """Return what every segment begins with: which reel this is, and what each track number stands for."""
        return reel_entry(self._begun).pack() + b"".join(self._tracks)

    def add(self, peer: str, out: str, codec: str, clock_rate: int, now: Instant) -> int:
        """Return a number for a further track; also that into the reel."""
        name = codec.partition("/")[0].upper()
        assert name in CODECS  # noqa: S101 - one of `media.core.codecs`
        assert len(self._tracks) < MOST_TRACKS  # noqa: S101 - a peer that joins so often has been refused before
        number = len(self._tracks) + 1
        entry = source_entry(number, Source(peer, out, name, clock_rate), now).pack()  # type: ignore[arg-type]
        self._tracks.append(entry)
        self._append(entry)
        return number

    def put(self, packet: Packet, track: int, lap: int, now: Instant) -> None:
        """Copy a packet, late ones too. See `settled._tap`."""
        entry = Entry(now, packet.sequence, packet.timestamp, lap, track, PACKET, packet.marker, packet.payload)
        self._append(entry.pack())

    def report(self, track: int, at: Instant, timestamp: int, lap: int, now: Instant) -> None:
        """Note that the publisher's RTP clock was at `timestamp` when ours was at `at`."""
        self._append(Entry(now, 0, timestamp, lap, track, Kind.REPORT, 0, REPORT.pack(at)).pack())

    def take(self, now: Instant) -> bytes:
        """Return what is there, closed by a beat, and be empty."""
        taken = bytes(rows.ffi.buffer(self._ground.rows, self.row.used))
        self.row.used = 0
        return taken + beat_entry(self.lost, now).pack()

    def _append(self, entry: bytes) -> None:
        row = self.row
        if row.used + len(entry) > row.size:
            row.lost += 1
            return
        rows.ffi.memmove(self._ground.rows + row.used, entry, len(entry))
        row.used += len(entry)


class Taps:
    """Every reel of a worker, and which out-slots go there. A slot that two rooms want goes to the one told last."""

    def __init__(self) -> None:
        self.reels: dict[str, Reel] = {}
        self._wanted: dict[OutSlot, str] = {}

    def bind(self, bind: Bind, now: Instant) -> set[OutSlot]:
        """Make the taps those of the room; return the out-slots whose reel may be another now."""
        wanted = {OutSlot(tap.peer, tap.out) for tap in bind.taps}
        before = {slot for slot, room in self._wanted.items() if room == bind.room}
        for slot in before - wanted:
            del self._wanted[slot]
        self._wanted.update(dict.fromkeys(wanted, bind.room))
        if not wanted:
            self.reels.pop(bind.room, None)
        elif bind.room not in self.reels:
            self.reels[bind.room] = Reel(bind.room, now)
        return before | wanted

    def reel(self, slot: OutSlot) -> Reel | None:
        """Return where what is sent in that slot goes."""
        return self.reels.get(self._wanted.get(slot, ""))

    def of(self, peer: str) -> Iterator[OutSlot]:
        """Yield the slots of a peer that are tapped."""
        for slot in self._wanted:
            if slot.peer == peer:
                yield slot


assert ENTRY.size == rows.ffi.sizeof("struct entry")  # noqa: S101 - one format, written in two places
