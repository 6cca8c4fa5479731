"""What one peer sends in one out-slot, as it arrives: unwrapped, without duplicates, kept for a while.

A track knows nothing of receivers but the list of those who get it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from media.core import ntp, vp8
from media.core.cache import Cache
from media.core.feedback import LARGEST_JUMP, KeyframeRequests, Losses, Reception
from media.core.rtcp import SenderInfo
from media.core.rtp import Packet
from media.core.sdp import CLOCK_RATES, Section
from media.core.sequence import elapsed_send_time, signed_difference
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

    def send_cap(self) -> None:
        """Tell the publisher how much its receivers can take."""


class Track:
    """One out-slot of one connection."""

    __slots__ = (
        "_ceiling",
        "_last_arrival",
        "_last_send_time",
        "_last_timestamp",
        "bytes",
        "cache",
        "clock_rate",
        "keyframes",
        "lap",
        "losses",
        "payload_type",
        "publisher",
        "reception",
        "report",
        "rtx_ssrc",
        "rtx_type",
        "section",
        "sinks",
        "ssrc",
        "video",
    )

    def __init__(self, section: Section, ceiling_bps: int, publisher: Publisher) -> None:
        self.section = section
        self.publisher = publisher
        self._ceiling = ceiling_bps
        self.video = section.slot.kind == "video"
        self.clock_rate = CLOCK_RATES[section.slot.kind]
        self.payload_type = section.payload_type
        self.rtx_type = section.rtx_type
        self.ssrc = section.ssrc
        self.rtx_ssrc = section.rtx_ssrc
        self.cache = Cache(KEPT[section.slot.kind])
        self.reception = Reception(self.clock_rate)
        self.losses = Losses()
        self.keyframes = KeyframeRequests()
        self.sinks: list[Forwarder] = []
        self.lap = 0
        """Grows when the RTP clock has stood still: receivers' timestamps are then laid anew."""
        self.report: SenderInfo | None = None
        """The last sender report, with its time on our clock; `None` before the first one of this lap."""
        self.bytes = 0
        self._last_arrival: Instant = 0.0
        self._last_timestamp = 0
        self._last_send_time = -1

    def receive(self, packet: Packet, now: Instant) -> bool:
        """Take a packet of this track, or one restored from a repeat. False when it was there before, or is too old."""
        reception = self.reception
        sequence = reception.unwrap(packet.sequence)
        ahead = sequence - reception.highest
        if reception.highest >= 0 and not -LARGEST_JUMP < ahead < LARGEST_JUMP:
            sequence = self._restart(packet.sequence)
            ahead = 1
        packet.sequence = sequence
        if not self.cache.put(packet):
            return False
        if self.video:
            vp8.describe(packet)
            if packet.keyframe:
                self.keyframes.wanted = False
        if ahead != 1 or now - self._last_arrival > CLOCK_STOPPED_S:
            self._judge(packet, ahead, now)
        if ahead > 0:
            self._last_arrival = now
            self._last_timestamp = packet.timestamp
            self._last_send_time = packet.send_time
        self.bytes += len(packet.payload)
        reception.arrived(sequence, packet.timestamp, now)
        return True

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
        self.report = SenderInfo(info.ssrc, ntp.to_ntp(clock.translate(info.ntp, now)), info.timestamp)

    def _restart(self, wire: int) -> int:
        self.cache.clear()
        self.losses.clear()
        return self.reception.restart(wire)

    def _judge(self, packet: Packet, ahead: int, now: Instant) -> None:
        """Note what a packet means that did not come right after the one before: the first, a late one, one after a gap."""
        if ahead <= 0:
            self.losses.found(packet.sequence)
        elif self.reception.highest >= 0:
            if ahead > 1 and not self.losses.gap(packet.sequence - ahead + 1, packet.sequence, now):
                self.keyframes.wanted = self.video
            if now - self._last_arrival > CLOCK_STOPPED_S:
                self._compare_clocks(packet, now)

    def _compare_clocks(self, packet: Packet, now: Instant) -> None:
        """Tell a clock that stood still from a network that did: by the time of sending, where the publisher says it."""
        passed = now - self._last_arrival
        if packet.send_time >= 0 and self._last_send_time >= 0:
            passed = elapsed_send_time(packet.send_time, self._last_send_time, passed)
        counted = signed_difference(packet.timestamp, self._last_timestamp) / self.clock_rate
        if abs(passed - counted) > CLOCK_STOPPED_S:
            self.lap += 1
            self.report = None
