"""A binding at work: what comes from changing tracks goes out in one in-slot as a single stream without seams.

The receiver sees one SSRC whose sequence numbers, timestamps and picture counters go on without a jump, whoever is bound. A
picture changes only at a keyframe. Each stretch from one track is a `Segment`, kept for a while so that a request for a
packet from before the switch is still answered.
"""

from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from media.core import rows, vp8
from media.core.answer import Assignment, cname
from media.core.bandwidth import Downlink
from media.core.cache import Repeats, Sent
from media.core.feedback import HURRY_S
from media.core.rtcp import SenderInfo, write_sender_report
from media.core.rtp import ExtensionWriter, Packet, write_header
from media.core.sdp import CLOCK_RATES, Section
from media.core.sequence import FIRST_LAP, unwrap
from media.core.track import Track
from rvw.clock import Instant, Seconds

SEGMENTS = 6
"""Segments kept for repeats: a packet from before that many switches is not asked for any more."""


class Segment(NamedTuple):
    """A stretch of the outgoing stream and how it is made from a track's packets: what to add to each number."""

    start: int
    track: Track
    lap: int
    sequence: int
    timestamp: int
    picture: int
    tl0: int


class Forwarder:
    """One in-slot of one connection."""

    __slots__ = (
        "_assignment",
        "_current",
        "_payload_type",
        "_repeats",
        "_rtx_sequence",
        "_rtx_type",
        "_segments",
        "_send_again",
        "_sent",
        "_transmit",
        "_writer",
        "clock_rate",
        "codec",
        "downlink",
        "repeated",
        "report_to",
        "row",
        "slot",
        "source",
        "video",
    )

    def __init__(
        self,
        section: Section,
        assignment: Assignment,
        writer: ExtensionWriter,
        downlink: Downlink,
        transmit: Callable[[bytes], bytes | None],
        send_again: Callable[[bytes], None],
        report_to: Callable[["Forwarder", Instant], None],
    ) -> None:
        """Send by `transmit`, which encrypts and returns the datagram, or `None` when it could not be sent.

        `send_again` sends such a datagram as it is. `report_to` sends this forwarder's sender report; whoever has news from
        the publisher calls it.
        """
        self.report_to = report_to
        self.row = row = rows.new("sink")
        """The stream as it was sent so far, and the segment that is open: what both ways of sending go on from."""
        self.slot = section.slot
        self.video = section.slot.kind == "video"
        self.codec = section.codec
        self.clock_rate = CLOCK_RATES[section.slot.kind]
        self.downlink = downlink
        self.source: Track | None = None
        self.repeated = 0
        self._assignment = assignment
        self._payload_type = section.payload_type
        self._rtx_type = section.rtx_type
        self._writer = writer
        self._transmit = transmit
        self._send_again = send_again
        self._segments: deque[Segment] = deque(maxlen=SEGMENTS)
        self._repeats = Repeats()
        self._sent = None if assignment.rtx_ssrc else Sent(row=row)
        self._current: Segment
        """The first of the segments, while the row is `open`."""
        row.connection = rows.address(downlink.sent.row)
        row.ssrc, row.payload_type, row.video = assignment.ssrc, section.payload_type, self.video
        row.send_time_head, row.level_head = writer.heads
        # A start in the lower half keeps libsrtp's roll-over guess right (RFC 3711, section 3.3.1).
        row.highest = FIRST_LAP + (assignment.ssrc & 0x3FFF)
        self._rtx_sequence = assignment.rtx_ssrc & 0x3FFF

    @property
    def ssrc(self) -> int:
        """What the receiver knows the stream by."""
        return int(self.row.ssrc)

    @property
    def ready(self) -> bool:
        """Whether the receiver's DTLS is up: before that nothing is sent, and no keyframe asked for."""
        return bool(self.row.ready)

    @ready.setter
    def ready(self, ready: bool) -> None:
        self.row.ready = ready

    def attach(self, track: Track | None) -> None:
        """Take packets from `track` from now on; `None` for nothing. The old track's stop at once, not at a keyframe."""
        if self.source is not None:
            self.source.remove(self)
        self.downlink.pictures += self.video * ((track is not None) - (self.source is not None))
        self.source = track
        self.row.open = False
        if track is not None:
            track.add(self)

    def waiting(self) -> bool:
        """Whether a keyframe is needed before anything can be shown."""
        return self.video and self.ready and self.source is not None and not self._runs(self.source)

    def forward(self, packet: Packet, track: Track, now: Instant) -> bool:
        """Send `packet`. True when it began a segment: a sender report should follow."""
        row = self.row
        if not row.ready or (self.video and self.downlink.paused):
            # After a pause a picture begins again with a keyframe, like one from another source.
            row.open = row.open and not self.video
            return False
        begins = not row.open or self._current.track is not track or row.lap != track.lap
        if begins and not self._begin(packet, track, now):
            return False
        segment = self._current
        sequence = packet.sequence + segment.sequence
        if sequence < segment.start:
            return False
        timestamp = packet.timestamp + segment.timestamp
        payload = packet.payload
        if segment.picture or segment.tl0:
            payload = vp8.rewrite(packet, segment.picture, segment.tl0)
        if packet.audio_level < 0:
            head = self._writer.start(packet.marker | self._payload_type, sequence, timestamp, row.ssrc, now)
        else:
            head = write_header(self._payload_type, packet.marker, sequence, timestamp, row.ssrc)
            head += self._writer.write(packet, now)
        datagram = self._transmit(head + payload)
        if sequence > row.highest:
            row.highest, row.last_timestamp, row.last_time = sequence, timestamp, now
            if packet.picture_at:
                row.last_picture = packet.picture_id + segment.picture
            if packet.tl0_at:
                row.last_tl0 = packet.tl0_index + segment.tl0
        row.packets += 1
        row.octets += len(payload)
        if datagram is not None and self._sent is not None:
            self._keep(self._sent, sequence, datagram)
        return begins

    def repeat(self, wire: int, rtt_s: Seconds, now: Instant) -> bytes | None:
        """Answer a request for the packet with this 16-bit number: return a datagram to send as it is, or send it.

        What is not there counts as no repeat: the receiver may know of a hole before the publisher has filled it for us.
        """
        sequence = unwrap(self.row.highest, wire)
        if sequence > self.row.highest:
            return None
        if self._sent is not None:
            datagram = self._sent.get(sequence)
            may = datagram is not None and self._repeats.may_repeat(sequence, min(rtt_s, HURRY_S), now)
            self.repeated += may
            return datagram if may else None
        segment = next((it for it in self._segments if sequence >= it.start), None)
        packet = segment.track.cache.get(sequence - segment.sequence) if segment else None
        if segment is None or packet is None or not self._repeats.may_repeat(sequence, rtt_s, now):
            return None
        if self.downlink.may_repeat(len(packet.payload), now):
            self.repeated += 1
            self._retransmit(packet, segment, sequence, now)
        return None

    def sender_report(self) -> bytes | None:
        """Return the source's last sender report in this stream's own terms; `None` while there is none."""
        segment = self._segments[0] if self.row.open else None
        if segment is None or segment.track.report is None:
            return None
        report = segment.track.report
        info = SenderInfo(self.ssrc, report.ntp, report.timestamp + segment.timestamp & 0xFFFFFFFF)
        return write_sender_report(info, self.row.packets, self.row.octets, cname(self.slot.name).encode())

    def _keep(self, sent: Sent, sequence: int, datagram: bytes) -> None:
        """Keep sound for repeats. What comes late was lost before and must not be lost again: it goes twice."""
        sent.put(sequence, datagram)
        if sequence < self.row.highest:
            self._send_again(datagram)

    def _runs(self, track: Track) -> bool:
        if not self.row.open:
            return False
        segment = self._segments[0]
        return segment.track is track and segment.lap == track.lap

    def _begin(self, packet: Packet, track: Track, now: Instant) -> bool:
        row = self.row
        current = self._segments[0] if self._segments else None
        goes_on = row.open and current is not None and current.track is track
        if self.video and not goes_on and not packet.keyframe:
            track.keyframes.wanted = True
            return False
        elapsed = max(1, int((now - row.last_time) * self.clock_rate)) if current else 0
        timestamp = row.last_timestamp + elapsed - packet.timestamp if current else 0
        if current is not None and goes_on:
            start = packet.sequence + current.sequence
            segment = current._replace(start=start, lap=track.lap, timestamp=timestamp)
        else:
            picture = row.last_picture + 1 - packet.picture_id if current and packet.picture_at else 0
            tl0 = row.last_tl0 + 1 - packet.tl0_index if current and packet.tl0_at else 0
            start = row.highest + 1
            segment = Segment(start, track, track.lap, start - packet.sequence, timestamp, picture, tl0)
        self._segments.appendleft(segment)
        self._current = segment
        row.track, row.open, row.lap, row.start = rows.address(track.row), True, segment.lap, segment.start
        row.sequence, row.timestamp, row.picture, row.tl0 = segment[3:]
        return True

    def _retransmit(self, packet: Packet, segment: Segment, sequence: int, now: Instant) -> None:
        """Send a packet again in the retransmission stream: its old number goes before the payload (RFC 4588, 4)."""
        self._rtx_sequence += 1
        timestamp = packet.timestamp + segment.timestamp
        self._transmit(
            write_header(self._rtx_type, packet.marker, self._rtx_sequence, timestamp, self._assignment.rtx_ssrc)
            + self._writer.write(packet, now)
            + (sequence & 0xFFFF).to_bytes(2)
            + vp8.rewrite(packet, segment.picture, segment.tl0)
        )
