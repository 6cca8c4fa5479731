"""The RTCP of one connection: what its peer tells as a publisher and as a receiver, and what it is told."""

from collections.abc import Callable, Mapping

from media.core import ntp, rtcp
from media.core.bandwidth import Downlink
from media.core.forwarder import Forwarder
from media.core.quality import Verdict, judge
from media.core.rtcp import Block
from media.core.strain import Strain
from media.core.track import Track
from media.core.transport import Transport
from media.core.twcc import Arrivals
from rvw.clock import Instant, Seconds

REPORT_S: Seconds = 1.0
"""How often receiver reports and caps are sent."""

FIRST_RTT_S: Seconds = 0.1
SHORTEST_RTT_S: Seconds = 0.02
LONGEST_RTT_S: Seconds = 2.0
"""The round trip assumed before it was measured, and the least and most taken for one."""

MOST_BLOCKS = 32
"""Blocks read from one compound packet; browsers send up to a dozen."""

MOST_NACKS = 256
"""Numbers read from one NACK."""

SOUND_BPS = 64_000
"""Left for sound in what a publisher is told."""

NEVER: Instant = float("inf")


class Reporter:
    """Reads and writes the RTCP of one connection."""

    def __init__(
        self,
        transport: Transport,
        tracks: Mapping[str, Track],
        forwarders: Mapping[str, Forwarder],
        downlink: Downlink,
        ssrc: int,
        say: Callable[[Verdict, int, int], None],
        strain: Strain,
    ) -> None:
        """Speak as `ssrc`; `say` tells of a verdict that has changed, with milliseconds of round trip and percent lost."""
        self.verdict = Verdict()
        self._say = say
        self._strain = strain
        self.rtt_s = FIRST_RTT_S
        self.report_at: Instant = NEVER
        self._transport = transport
        self._tracks = tracks
        self._forwarders = {forwarder.ssrc: forwarder for forwarder in forwarders.values()}
        self._downlink = downlink
        self._ssrc = transport.row.ssrc = ssrc
        self.arrivals = Arrivals(transport.row)
        """When the publisher's packets came."""
        self._clock = ntp.PublisherClock()
        self._reports_sent: dict[int, Instant] = {}
        self._rtt_known = False

    def tell_arrivals(self) -> None:
        """Send the transport feedback for what has come since the last one."""
        for message in self.arrivals.messages(self._ssrc, self._transport.row.gathering_ssrc):
            self._transport.send_rtcp(message)

    def receive(self, packet: bytes, now: Instant) -> None:
        """Take an RTCP packet of this peer."""
        for number, block in enumerate(rtcp.split(packet)):
            if number >= MOST_BLOCKS:
                return
            if block.kind == rtcp.SENDER_REPORT:
                self._publisher_says(block, now)
            if block.kind in (rtcp.SENDER_REPORT, rtcp.RECEIVER_REPORT):
                self._measure(block, now)
            elif block.kind == rtcp.TRANSPORT_FEEDBACK and block.format == rtcp.NACK:
                self._repeat(block, now)
            elif block.kind == rtcp.PAYLOAD_FEEDBACK:
                self._receiver_says(block, now)

    def tick(self, now: Instant) -> None:
        """Send what is due."""
        if now >= self.report_at:
            self.report_at = now + REPORT_S
            self._report(now)

    def repairs(self, now: Instant) -> bool:
        """Whether what is missing may be asked for now: not while we lose it ourselves."""
        return not self._strain.at(now)

    def ask_for_lost(self, track: Track, now: Instant) -> None:
        """Ask the publisher for what is missing and has been for long enough."""
        wanted = track.losses.due(self.rtt_s, now) if self.repairs(now) else None
        if wanted:
            self._transport.send_rtcp(rtcp.write_nack(self._ssrc, track.ssrc, wanted))

    def ask_for_keyframe(self, track: Track, now: Instant) -> None:
        """Ask the publisher for a wanted keyframe, as soon as that may be."""
        if self._transport.connected and track.ssrc and track.keyframes.take(now):
            self._transport.send_rtcp(rtcp.write_pli(self._ssrc, track.ssrc))

    def send_report(self, forwarder: Forwarder, now: Instant) -> None:
        """Pass the publisher's sender report on to this peer."""
        report = forwarder.sender_report()
        if report is None:
            return
        self._reports_sent[int.from_bytes(report[10:14])] = now
        while len(self._reports_sent) > 64:
            del self._reports_sent[next(iter(self._reports_sent))]
        self._transport.send_rtcp(report)

    def _publisher_says(self, block: Block, now: Instant) -> None:
        info = rtcp.read_sender_info(block)
        track = next((it for it in self._tracks.values() if info and it.ssrc == info.ssrc), None)
        if info is None or track is None:
            return
        track.reported(info, self._clock, now)
        for sink in track.sinks:
            sink.report_to(sink, now)

    def _measure(self, block: Block, now: Instant) -> None:
        """Learn the round trip (RFC 3550, section 6.4.1): the time since the report quoted, less the time it lay there."""
        for report in rtcp.read_reports(block):
            if report.ssrc in self._forwarders:
                self.verdict.reported(report.fraction / 256)
                self._downlink.pause.lost(report.fraction / 256)
            sent = self._reports_sent.get(report.last_report)
            if sent is not None:
                measured = min(LONGEST_RTT_S, max(SHORTEST_RTT_S, now - sent - report.delay / 65536))
                self.rtt_s += (measured - self.rtt_s) / (4 if self._rtt_known else 1)
                self._rtt_known = True

    def _repeat(self, block: Block, now: Instant) -> None:
        forwarder = self._forwarders.get(rtcp.read_media_ssrc(block) or 0)
        if forwarder is None:
            return
        for number, wire in enumerate(rtcp.read_nack(block)):
            if number >= MOST_NACKS:
                return
            datagram = forwarder.repeat(wire, self.rtt_s, now)
            if datagram is not None:
                self._transport.send(datagram)

    def _receiver_says(self, block: Block, now: Instant) -> None:
        if block.format == rtcp.PLI:
            self._want_keyframe(rtcp.read_media_ssrc(block), now)
        elif block.format == rtcp.FIR:
            for ssrc in rtcp.read_fir(block):
                self._want_keyframe(ssrc, now)
        elif block.format == rtcp.REMB:
            estimate = rtcp.read_remb(block)
            if estimate is not None and self._downlink.estimate(estimate, now):
                self._tell_publishers()

    def _want_keyframe(self, ssrc: int | None, now: Instant) -> None:
        forwarder = self._forwarders.get(ssrc or 0)
        if forwarder is not None and forwarder.video and forwarder.source is not None:
            forwarder.source.want_keyframe(now)

    def _tell_publishers(self) -> None:
        """The downlink has narrowed: do not wait a second to say so."""
        for forwarder in self._forwarders.values():
            if forwarder.video and forwarder.source is not None:
                forwarder.source.publisher.send_cap()

    def _report(self, now: Instant) -> None:
        self._downlink.tick(now)
        reports = [report for track in self._tracks.values() if (report := track.reception.report(track.ssrc, now))]
        self._judge(max((report.fraction for report in reports), default=0) / 256, now)
        if not reports:
            return
        self._transport.send_rtcp(rtcp.write_receiver_report(self._ssrc, reports) + self._cap())
        for track in self._tracks.values():
            self.ask_for_lost(track, now)
            self.ask_for_keyframe(track, now)

    def _judge(self, up: float, now: Instant) -> None:
        """Say how the line is when that has changed; let pictures go on after a pause."""
        verdict, paused = self.verdict, self._downlink.paused
        loss = verdict.loss(up)
        if verdict.paused and not paused:
            for forwarder in self._forwarders.values():
                if forwarder.waiting() and forwarder.source is not None:
                    forwarder.source.want_keyframe(now)
        if verdict.take(judge(loss, self.rtt_s, paused), paused):
            self._say(verdict, round(1000 * self.rtt_s), round(100 * loss))

    def send_cap(self) -> None:
        """Tell the publisher at once how much its receivers can take."""
        self._transport.send_rtcp(rtcp.write_receiver_report(self._ssrc, ()) + self._cap())

    def _cap(self) -> bytes:
        pictures = [track for track in self._tracks.values() if track.video and track.row.highest >= 0]
        if not pictures:
            return b""
        total = SOUND_BPS + sum(track.cap_bps() for track in pictures)
        return rtcp.write_remb(self._ssrc, int(total), [track.ssrc for track in pictures])
