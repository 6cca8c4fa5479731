"""One connection: where datagrams become packets of tracks, and tracks of others become datagrams.

A peer that joins again gets a new `Peer`; what outlives it, the bindings, is in `media.core.room`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from media.core import rows, rtp
from media.core.answer import Assignment, Endpoint, write_answer
from media.core.bandwidth import Downlink
from media.core.dtls import Identity
from media.core.forwarder import Forwarder
from media.core.io import Entropy, Output
from media.core.quality import Verdict
from media.core.reporter import REPORT_S, Reporter
from media.core.rtp import Packet
from media.core.sdp import Offer, Section
from media.core.statistics import ForwarderStatistics, PeerStatistics, TrackStatistics
from media.core.strain import Strain
from media.core.track import Track
from media.core.transport import Transport
from media.core.twcc import Round
from rvw.clock import Instant, Seconds
from rvw.protocol.media import Quality

MOST_STREAMS = 64
"""SSRCs of one connection: each costs memory in libsrtp, and a browser has eight."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What every connection of a worker shares."""

    identity: Identity
    candidates: tuple[tuple[str, int], ...]
    consent_s: Seconds
    max_video_bps: int
    entropy: Entropy
    output: Output
    round: Round
    strain: Strain


class Peer:
    """A connection from the answer to its end. `wake` sets when `tick` is to be called."""

    def __init__(
        self, name: str, offer: Offer, surroundings: Surroundings, wake: Callable[[Peer, Instant], None], now: Instant
    ) -> None:
        self.name = name
        self.transport = Transport(
            surroundings.identity, offer.fingerprints, surroundings.output, surroundings.entropy, now
        )
        self.tracks: dict[str, Track] = {}
        self.forwarders: dict[str, Forwarder] = {}
        self._surroundings = surroundings
        self._wake = wake
        self._known = rtp.meanings(offer.extension_ids)
        self._meanings = rows.ffi.new("uint8_t[]", self._known)
        self.transport.row.known = rows.address(self._meanings)
        self._streams: dict[int, Track | None] = {}
        self._downlink = Downlink(surroundings.max_video_bps, self.transport.sent, now)
        assignments, ssrc = self._assign(offer)
        writer = rtp.ExtensionWriter(offer.extension_ids)
        for section in offer.sections:
            if section.slot.direction == "in":
                self._add_forwarder(section, assignments[section.slot.name], writer)
        self.reporter = Reporter(
            self.transport, self.tracks, self.forwarders, self._downlink, ssrc, self._say, surroundings.strain
        )
        for section in offer.sections:
            if section.slot.direction == "out":
                self._add_track(section)
        self.answer = self._write_answer(offer, assignments)
        self._plan()

    def handshake(self, datagram: bytes, now: Instant) -> bool:
        """Take a DTLS datagram. True when the connection has just come up: slots bound to it begin."""
        connected = self.transport.handshake(datagram, now)
        if connected:
            self.reporter.report_at = now + REPORT_S
            for forwarder in self.forwarders.values():
                forwarder.ready = True
                if forwarder.source is not None and forwarder.video:
                    forwarder.source.want_keyframe(now)
        self._plan()
        return connected

    def media(self, datagram: bytes, now: Instant) -> None:
        """Take an SRTP datagram: decrypt it and pass it on to every receiver. The hot path of the whole server."""
        ssrc = int.from_bytes(datagram[8:12])
        if ssrc not in self._streams and len(self._streams) >= MOST_STREAMS:
            return
        transport = self.transport
        plain = transport.unprotect(datagram)
        if plain is None:
            transport.row.refused += 1
            return
        transport.row.heard = now
        packet = rtp.parse(plain, self._known)
        if packet is None:
            return
        if packet.transport_sequence >= 0 and self.reporter.arrivals.record(packet.transport_sequence, now):
            transport.row.gathering_ssrc = ssrc
            self._surroundings.round.add(transport.row, now)
        track = self._streams.get(ssrc) or self._recognise(packet)
        if track is None or (packet.payload_type != track.payload_type and not track.restores(packet)):
            return
        if track.receive(packet, now):
            for sink in track.sinks:
                if sink.forward(packet, track, now):
                    sink.report_to(sink, now)
            if now >= track.row.ask_at or track.row.wanted:
                self._ask(track, now)

    def control(self, datagram: bytes, now: Instant) -> None:
        """Take an SRTCP datagram."""
        plain = self.transport.unprotect_rtcp(datagram, now)
        if plain is not None:
            self.reporter.receive(plain, now)

    def bind(self, into: str, track: Track | None, now: Instant) -> None:
        """Fill the in-slot `into` from `track`, or empty it: also of a picture in a codec that was not answered here."""
        forwarder = self.forwarders[into]
        if track is not None and track.section.codec is not forwarder.codec:
            track = None
        if forwarder.source is track:
            return
        forwarder.attach(track)
        if forwarder.waiting() and track is not None:
            track.want_keyframe(now)

    def tick(self, now: Instant) -> None:
        """Do what is due."""
        self.transport.tick(now)
        self.reporter.tick(now)
        self._plan()

    def close(self) -> None:
        """End the connection: say goodbye, leave nothing behind in other connections."""
        for forwarder in self.forwarders.values():
            forwarder.attach(None)
        for track in self.tracks.values():
            for sink in tuple(track.sinks):
                sink.attach(None)
            track.end()
        self.transport.close()

    def lost(self, now: Instant) -> Literal["consent", "closed"] | None:
        """Return why the connection is over, or `None` while it is not."""
        return self.transport.lost(self._surroundings.consent_s, now)

    def statistics(self) -> PeerStatistics:
        """Return how the connection is doing."""
        tracks = tuple(
            TrackStatistics(name, it.row.received, it.row.bytes, it.reception.lost(), len(it.sinks))
            for name, it in self.tracks.items()
        )
        forwarders = tuple(
            ForwarderStatistics(name, it.source is not None, it.row.packets, it.row.octets, it.repeated)
            for name, it in self.forwarders.items()
        )
        return PeerStatistics(
            self.name,
            self.transport.connected,
            self.reporter.rtt_s,
            self.transport.sent.bps,
            self._downlink.cap_bps,
            self.transport.row.refused,
            tracks,
            forwarders,
        )

    def _say(self, verdict: Verdict, rtt_ms: int, lost_percent: int) -> None:
        quality = Quality(self.name, verdict.word, rtt_ms, min(100, lost_percent), verdict.paused)
        self._surroundings.output.notices.append(quality)

    def _ask(self, track: Track, now: Instant) -> None:
        self.reporter.ask_for_lost(track, now)
        if track.keyframes.wanted:
            self.reporter.ask_for_keyframe(track, now)

    def _recognise(self, packet: Packet) -> Track | None:
        """Find the track of an SSRC that the offer did not name, by its mid (RFC 8843, section 9.2), and remember it."""
        track = next((it for it in self.tracks.values() if it.section.mid.encode() == packet.mid), None)
        if track is not None and packet.payload_type == track.rtx_type:
            track.rtx_ssrc = packet.ssrc
        elif track is not None and packet.payload_type == track.payload_type:
            track.ssrc = packet.ssrc
        self._streams[packet.ssrc] = track
        return track

    def _plan(self) -> None:
        transport, reporter = self.transport, self.reporter
        silent = transport.silent_at(self._surroundings.consent_s)
        self._wake(self, min(silent, transport.repeat_at, reporter.report_at))

    def _assign(self, offer: Offer) -> tuple[dict[str, Assignment], int]:
        """Return an SSRC for each in-slot, one more for its repeats, and one for ourselves: none used by the offer."""
        used = {ssrc for section in offer.sections for ssrc in (section.ssrc, section.rtx_ssrc)} | {0}

        def fresh() -> int:
            ssrc = 0
            while ssrc in used:
                ssrc = int.from_bytes(self._surroundings.entropy(4))
            used.add(ssrc)
            return ssrc

        slots = [section for section in offer.sections if section.slot.direction == "in"]
        return {it.slot.name: Assignment(fresh(), fresh() if it.rtx_type else 0) for it in slots}, fresh()

    def _add_forwarder(self, section: Section, assignment: Assignment, writer: rtp.ExtensionWriter) -> None:
        self.forwarders[section.slot.name] = Forwarder(
            section, assignment, writer, self._downlink, self.transport.send_rtp, self.transport.send, self._send_report
        )

    def _add_track(self, section: Section) -> None:
        track = Track(section, self._surroundings.max_video_bps, self.reporter)
        self.tracks[section.slot.name] = track
        track.row.next, self.transport.row.tracks = self.transport.row.tracks, rows.address(track.row)
        for ssrc in (section.ssrc, section.rtx_ssrc):
            if ssrc:
                self._streams[ssrc] = track

    def _send_report(self, forwarder: Forwarder, now: Instant) -> None:
        self.reporter.send_report(forwarder, now)

    def _write_answer(self, offer: Offer, assignments: dict[str, Assignment]) -> str:
        endpoint = Endpoint(
            session=int.from_bytes(self._surroundings.entropy(7)),
            ufrag=self.transport.ufrag,
            password=self.transport.password,
            fingerprint=self._surroundings.identity.fingerprint,
            candidates=self._surroundings.candidates,
        )
        return write_answer(offer, endpoint, assignments, self._surroundings.max_video_bps)
