"""What one peer sends in one out-slot, as it arrives: unwrapped, without duplicates, kept for a while.

A track knows nothing of receivers but the list of those who get it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from media.core import ntp, rows
from media.core.cache import Cache
from media.core.feedback import LARGEST_JUMP, KeyframeRequests, Losses, Reception
from media.core.rtcp import SenderInfo
from media.core.rtp import Packet
from media.core.sdp import CLOCK_RATES, Section
from media.core.sequence import elapsed_send_time, signed_difference
from media.core.tap import Reel
from rvw.clock import Instant, Seconds

if TYPE_CHECKING:
    from media.core.forwarder import Forwarder

KEPT = {"audio": 128, "video": 1024}
"""Packets kept for repeats: 2.5 s of sound; 3 s of picture at 3 Mbit/s."""

CLOCK_STOPPED_S: Seconds = 0.4
"""An RTP clock this far behind the time that passed has stood still, as it does while a microphone is replaced by
nothing (`replaceTrack(null)`): receivers would hear everything after it too early, against the picture."""


class Publisher(Protocol):
    """The connection that a track comes from."""

    def ask_for_keyframe(self, track: Track, now: Instant) -> None:
        """Send the request, if it may be sent now."""

    def repairs(self, now: Instant) -> bool:
        """Whether what is missing may be asked for now."""

    def send_cap(self) -> None:
        """Tell the publisher how much its receivers can take."""


class Track:
    """One out-slot of one connection."""

    __slots__ = (
        "_ceiling",
        "_describe",
        "cache",
        "clock_rate",
        "keyframes",
        "losses",
        "payload_type",
        "publisher",
        "reception",
        "reel",
        "report",
        "row",
        "rtx_ssrc",
        "rtx_type",
        "section",
        "sinks",
        "video",
    )

    def __init__(self, section: Section, ceiling_bps: int, publisher: Publisher) -> None:
        self.row = row = rows.new("track")
        """Its `bytes`, `lap`, `last_*` and `ssrc` are this object's own; the rest belongs to its parts."""
        self.section = section
        self.publisher = publisher
        self._ceiling = ceiling_bps
        self._describe = section.codec.describe
        self.video = section.slot.kind == "video"
        self.clock_rate = CLOCK_RATES[section.slot.kind]
        self.payload_type = section.payload_type
        self.rtx_type = section.rtx_type
        self.rtx_ssrc = section.rtx_ssrc
        self.cache = Cache(KEPT[section.slot.kind], row, self.video)
        self.reception = Reception(self.clock_rate, row)
        self.losses = Losses(row, hurried=not self.video)
        self.keyframes = KeyframeRequests(row)
        self.sinks: list[Forwarder] = []
        self.reel: Reel | None = None
        """Where packets are copied for the recording."""
        self.report: SenderInfo | None = None
        """The last sender report, with its time on our clock; `None` before the first one of this lap."""
        row.ssrc, row.payload_type, row.video = section.ssrc, section.payload_type, self.video
        row.codec, row.last_send_time = section.codec.number, -1

    @property
    def ssrc(self) -> int:
        """What the publisher calls the stream; 0 until it is known."""
        return int(self.row.ssrc)

    @ssrc.setter
    def ssrc(self, ssrc: int) -> None:
        self.row.ssrc = ssrc

    @property
    def lap(self) -> int:
        """Grows when the RTP clock has stood still: receivers' timestamps are then laid anew."""
        return int(self.row.lap)

    def add(self, sink: Forwarder) -> None:
        """Send to that in-slot, too."""
        self.sinks.append(sink)
        self._rewire()

    def remove(self, sink: Forwarder) -> None:
        """Send there no more."""
        if sink in self.sinks:
            self.sinks.remove(sink)
            self._rewire()

    def receive(self, packet: Packet, now: Instant) -> bool:
        """Take a packet of this track, or one restored from a repeat. False when it was there before, or is too old."""
        reception, row = self.reception, self.row
        sequence = reception.unwrap(packet.sequence)
        ahead = sequence - row.highest
        if row.highest >= 0 and not -LARGEST_JUMP < ahead < LARGEST_JUMP:
            sequence = self._restart(packet.sequence)
            ahead = 1
        packet.sequence = sequence
        self._describe(packet)
        if not self.cache.put(packet):
            return False
        if packet.keyframe:
            self.keyframes.wanted = False
        if ahead != 1 or now - row.last_arrival > CLOCK_STOPPED_S:
            self._judge(packet, ahead, now)
        if ahead > 0:
            row.last_arrival, row.last_timestamp, row.last_send_time = now, packet.timestamp, packet.send_time
        row.bytes += len(packet.payload)
        reception.arrived(sequence, packet.timestamp, now)
        if self.reel is not None:
            self.reel.put(packet, row.recorded_as, row.lap, now)
        return True

    def end(self) -> None:
        """Keep nothing, and copy nothing any more."""
        self.cache.clear()
        self.reel, self.row.reel = None, 0

    def restores(self, packet: Packet) -> bool:
        """Whether `packet` was one of the retransmission stream; it is now what it repeats."""
        return packet.payload_type == self.rtx_type and packet.restore()

    def want_keyframe(self, now: Instant) -> None:
        """Ask the publisher for a keyframe: now, or with the first packet that comes when it may be asked again."""
        self.keyframes.wanted = True
        self.publisher.ask_for_keyframe(self, now)

    def cap_bps(self) -> float:
        """Return what the slowest receiver of this track can take."""
        return min((sink.downlink.share_bps() for sink in self.sinks), default=self._ceiling)

    def reported(self, info: SenderInfo, clock: ntp.PublisherClock, now: Instant) -> None:
        """Take the publisher's sender report for this track."""
        self.reception.reported(info, now)
        at = clock.translate(info.ntp, now)
        self.report = SenderInfo(info.ssrc, ntp.to_ntp(at), info.timestamp)
        if self.reel is not None:
            self.reel.report(self.row.recorded_as, at, info.timestamp, self.lap, now)

    def record(self, peer: str, reel: Reel | None, now: Instant) -> None:
        """Copy what comes from now on into `reel`, beginning with a keyframe; or no more."""
        if reel is self.reel:
            return
        self.reel = reel
        self.row.reel = rows.address(reel.row) if reel is not None else 0  # an empty one counts
        if reel is None:
            return
        self.row.recorded_as = reel.add(peer, self.section.slot.name, self.section.codec.name, self.clock_rate, now)
        if self.report is not None:
            reel.report(self.row.recorded_as, ntp.from_ntp(self.report.ntp), self.report.timestamp, self.lap, now)
        if self.video:
            self.want_keyframe(now)

    def _rewire(self) -> None:
        """Let the rows name each other as `sinks` does."""
        following = 0
        for sink in reversed(self.sinks):
            sink.row.next = following
            following = rows.address(sink.row)
        self.row.sinks = following

    def _restart(self, wire: int) -> int:
        self.cache.clear()
        self.losses.clear()
        return self.reception.restart(wire)

    def _judge(self, packet: Packet, ahead: int, now: Instant) -> None:
        """Note what a packet means that did not come right after the one before: the first, a late one, one after a gap."""
        if ahead <= 0:
            self.losses.found(packet.sequence)
        elif self.row.highest >= 0:
            if ahead > 1 and not self._fills(packet.sequence - ahead + 1, packet.sequence, now):
                self.keyframes.wanted = self.video and not packet.keyframe
            if now - self.row.last_arrival > CLOCK_STOPPED_S:
                self._compare_clocks(packet, now)

    def _fills(self, first: int, end: int, now: Instant) -> bool:
        """Note a hole. False when it is not to be filled."""
        return self.publisher.repairs(now) and self.losses.gap(first, end, now)

    def _compare_clocks(self, packet: Packet, now: Instant) -> None:
        """Tell a clock that stood still from a network that did: by the time of sending, where the publisher says it."""
        row = self.row
        passed = now - row.last_arrival
        if packet.send_time >= 0 and row.last_send_time >= 0:
            passed = elapsed_send_time(packet.send_time, row.last_send_time, passed)
        counted = signed_difference(packet.timestamp, row.last_timestamp) / self.clock_rate
        if abs(passed - counted) > CLOCK_STOPPED_S:
            row.lap += 1
            self.report = None
