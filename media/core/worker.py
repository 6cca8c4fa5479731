"""The whole core of a media worker: finds the connection a datagram belongs to, joins peers and binds slots.

Demultiplexes one UDP port for everybody: STUN by the local user name fragment, everything else by the remote address,
which counts only after a signed check came from it. No method raises for what comes from the network.
"""

import math

from msgspec import Struct

from media.core import ice, rows, rtcp
from media.core.agenda import Agenda
from media.core.dtls import Identity
from media.core.gate import Gate
from media.core.io import Address, Entropy, Output
from media.core.peer import Peer, Surroundings
from media.core.room import Place, Rooms, Source
from media.core.rows import Routes
from media.core.sdp import parse_offer
from media.core.statistics import WorkerStatistics
from media.core.strain import Strain
from media.core.tap import Taps
from media.core.track import Track
from media.core.twcc import Round
from rvw.clock import Instant, Seconds
from rvw.errors import InvalidInput, TooMany
from rvw.protocol.media import Bind, Bound, Join, Joined, Leave, Left, PeerConnected, PeerLost, WorkerStarted

LONGEST_NAME = 128
"""Names of peers and rooms are ids; longer ones are refused."""


class Limits(Struct, frozen=True, kw_only=True):
    """What the composition root decides."""

    codecs: tuple[str, ...]
    max_peers: int
    consent_s: Seconds
    max_video_bps: int


class Worker:
    """Peers, rooms and the clockwork. What is to be sent and told collects in `output`."""

    def __init__(self, limits: Limits, candidates: tuple[tuple[str, int], ...], entropy: Entropy, now: Instant) -> None:
        self.output = Output()
        self.epoch = ice.token(entropy(9))
        self._limits = limits
        self.round = Round()
        self.strain = Strain()
        self._surroundings = Surroundings(
            identity=Identity(now, entropy),
            candidates=candidates,
            consent_s=limits.consent_s,
            max_video_bps=limits.max_video_bps,
            entropy=entropy,
            output=self.output,
            round=self.round,
            strain=self.strain,
        )
        self._rooms = Rooms(limits.max_peers)
        self.taps = Taps()
        self._peers: dict[str, Peer] = {}
        self._by_ufrag: dict[str, Peer] = {}
        self._by_row: dict[int, Peer] = {}
        self.routes: Routes[Peer] = Routes()
        self._agenda: Agenda[Peer] = Agenda()
        self._gate = Gate(now)
        self.received = self._unknown = self._turned_away = 0
        """Datagrams that came in, whichever way they went."""

    def join(self, join: Join, now: Instant) -> Joined:
        """Connect a peer, afresh if it was connected. Raises `InvalidOffer`, `InvalidInput` or `TooMany`."""
        _check_name(join.peer)
        if join.peer not in self._peers and len(self._peers) >= self._limits.max_peers:
            raise TooMany(f"this worker has {self._limits.max_peers} peers already")
        offer = parse_offer(join.offer, self._limits.codecs)
        self._drop(join.peer)
        peer = Peer(join.peer, offer, self._surroundings, self._agenda.set, now)
        self._peers[peer.name] = peer
        self._by_row[rows.address(peer.transport.row)] = peer
        self._by_ufrag[peer.transport.ufrag] = peer
        for place, _ in tuple(self._rooms.touching(peer.name)):
            self._wire(place, now)
        for slot in self.taps.of(peer.name):
            self._record(slot, now)
        return Joined(peer.name, peer.answer, self.epoch)

    def bind(self, bind: Bind, now: Instant) -> Bound:
        """Make `bind` the truth of its room. Raises `InvalidInput` or `TooMany`; then nothing has changed."""
        _check_name(bind.room)
        for binding in bind.bindings:
            _check_name(binding.source)
            _check_name(binding.target)
        version, changed = self._rooms.bind(bind)
        for place in sorted(changed):
            self._wire(place, now)
        if version == bind.version:
            for slot in sorted(self.taps.bind(bind, now)):
                self._record(slot, now)
        return Bound(bind.room, version, self.epoch)

    def leave(self, leave: Leave) -> Left:
        """Drop a peer's connection, if it has one."""
        self._drop(leave.peer)
        return Left(leave.peer)

    def receive(self, datagram: bytes, address: Address, now: Instant) -> None:
        """Take a datagram from the network (RFC 7983, section 7). Never raises."""
        self.received += 1
        first = datagram[0] if len(datagram) > 1 else 255
        peer = self.routes.get(address)
        if first < 4:
            self._check(datagram, address, now)
        elif peer is None:
            self._unknown += 1
        elif 128 <= first <= 191:
            if 192 <= datagram[1] <= 223:  # RTCP, by the second byte (RFC 5761, section 4)
                if datagram[1] != rtcp.TRANSPORT_FEEDBACK or not self.strain.at(now):  # receivers ask again later
                    peer.control(datagram, now)
            else:
                peer.media(datagram, now)
        elif 20 <= first <= 63:
            self._handshake(peer, datagram, now)

    def tick(self, now: Instant) -> None:
        """Do what is due by `now`."""
        while row := self.round.take(now):
            self._by_row[row].reporter.tell_arrivals()
        for peer in self._agenda.due(now):
            peer.tick(now)
            self._bury(peer, now)

    def wake_at(self) -> Instant:
        """Return when `tick` is next needed; infinity while there is nobody."""
        return min(self.due_at(), self.round.next() or math.inf)

    def due_at(self) -> Instant:
        """Return when `tick` is next needed by whoever sends transport feedback without it."""
        return self._agenda.next() or math.inf

    def close(self) -> None:
        """Say goodbye to everybody."""
        for name in tuple(self._peers):
            self._drop(name)

    def started(self) -> WorkerStarted:
        """Return the first line for a new reader of notifications."""
        return WorkerStarted(self.epoch, tuple(name for name, peer in self._peers.items() if peer.transport.connected))

    def count(self) -> tuple[int, int, int]:
        """Return how many peers and rooms there are, and how many datagrams have come in."""
        return len(self._peers), len(self._rooms), self.received

    def statistics(self) -> WorkerStatistics:
        """Return how everybody is doing."""
        peers = tuple(peer.statistics() for peer in self._peers.values())
        return WorkerStatistics(
            self.epoch, peers, len(self._rooms), self.received, self._unknown, self._turned_away, self.strain.dropped
        )

    def _check(self, datagram: bytes, address: Address, now: Instant) -> None:
        if self.routes.get(address) is None and not self._gate.admits(address[0], now):
            self._turned_away += 1
            return
        check = ice.read(datagram)
        peer = self._by_ufrag.get(check.ufrag) if check else None
        if check is None or peer is None:
            self._unknown += 1
        elif peer.transport.check(check, address, now):
            self.routes.set(address, peer, peer.transport.row)

    def _handshake(self, peer: Peer, datagram: bytes, now: Instant) -> None:
        if peer.handshake(datagram, now):
            self.output.notices.append(PeerConnected(peer.name))
        self._bury(peer, now)

    def _bury(self, peer: Peer, now: Instant) -> None:
        reason = peer.lost(now)
        if reason is not None and self._peers.get(peer.name) is peer:
            self._drop(peer.name)
            self._rooms.end_alone(peer.name)
            self.output.notices.append(PeerLost(peer.name, reason))

    def _drop(self, name: str) -> None:
        peer = self._peers.pop(name, None)
        if peer is None:
            return
        peer.close()
        self.output.held.append(peer)
        self.round.drop(peer.transport.row)
        del self._by_row[rows.address(peer.transport.row)]
        del self._by_ufrag[peer.transport.ufrag]
        self._agenda.drop(peer)
        for address in peer.transport.addresses:
            self.routes.drop(address, peer)

    def _wire(self, place: Place, now: Instant) -> None:
        """Make the connection of an in-slot agree with the rooms."""
        target = self._peers.get(place.peer)
        if target is None:
            return
        source = self._rooms.source(place)
        publisher = self._peers.get(source.peer) if source else None
        track: Track | None = publisher.tracks[source.slot] if publisher and source else None
        target.bind(place.slot, track, now)

    def _record(self, slot: Source, now: Instant) -> None:
        """Make the track of an out-slot agree with the taps."""
        peer = self._peers.get(slot.peer)
        if peer is not None:
            peer.tracks[slot.slot].record(slot.peer, self.taps.reel(slot), now)


def _check_name(name: str) -> None:
    if not 0 < len(name) <= LONGEST_NAME:
        raise InvalidInput(f"the name of a peer or room has 1 to {LONGEST_NAME} characters")
