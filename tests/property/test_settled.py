"""Two ways of forwarding, one behaviour: whatever is sent, lost, doubled or bound anew, both make the same of it."""

from typing import Any, Literal

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from media.core import rtcp
from media.core.feedback import MOST_REQUESTS
from media.core.io import Address
from media.core.worker import Worker
from rvw.clock import Instant
from rvw.protocol import spool
from rvw.protocol.media import Bind, Tap
from rvw.protocol.spool import Entry
from tests.unit.media.browser import OPUS, RTX, START, Browser, bound, make_worker, packet, picture
from tests.unit.media.kernel import Kernel

KIOSK, OFFICER, EXPERT = range(3)
VOICE, FACE = 3, 10
Step = tuple[Any, ...]
KEY = 43 * "A" + "="
SHORT = {"VP8": b"\xb0\xe0\x45\x07\x20", "VP9": b"\xe8\x45\x00\x07"}
"""Descriptors whose picture id has 7 bits."""


class Told:
    """A worker by the way of objects, told with each datagram how many before it found no room."""

    def __init__(self, worker: Worker) -> None:
        self.worker = worker
        self.dropped = 0

    def receive(self, datagram: bytes, address: Address, now: Instant) -> None:
        """Tell, and hand over."""
        if self.dropped:
            self.worker.strain.note(self.dropped, now)
        self.worker.receive(datagram, address, now)


class World:
    """Three people at a worker, by one of the two ways. Each step is the same in both worlds."""

    def __init__(self, way: Literal["objects", "compiled"], monkeypatch: pytest.MonkeyPatch, codec: str = "VP8") -> None:
        self.codec = codec
        self.now: Instant = START
        self.monkeypatch = monkeypatch
        self.worker = make_worker(codecs=(codec,))
        names = ("kiosk", "officer", "expert")
        self.people = [Browser(self.worker, name, 10 * (1 + at), None, codec) for at, name in enumerate(names)]
        for person in self.people:
            person.connect(self.now)
        self.kernel = Kernel(self.worker, monkeypatch) if way == "compiled" else None
        self.version = 0
        self.sent = 0
        self.sequences = {(who, kind): 65_500 + who for who in range(3) for kind in ("sound", "picture", "rtx")}
        self.door: Kernel | Told = self.kernel or Told(self.worker)
        for person in self.people:
            person.worker = self.door  # type: ignore[assignment]

    def play(self, step: Step) -> None:
        """Do one step."""
        getattr(self, step[0])(*step[1:])

    def settle(self) -> None:
        """Let the worker take what waits, and everybody what was sent."""
        if self.kernel is not None:
            self.kernel.pass_on(self.now, self.monkeypatch)
        else:
            self.worker.tick(self.now)
        datagrams = (self.kernel or self.worker.output).take_datagrams()
        for person in self.people:
            person.take(datagrams)

    def wait(self, milliseconds: int) -> None:
        self.settle()
        self.now = round(self.now + milliseconds / 1000, 3)
        self.settle()

    def overflow(self) -> None:
        """The kernel has no room for what comes, for a moment."""
        self.settle()
        self.door.dropped += 1

    def bind(self, kiosk_sees: int, officer_sees: int, recorded: bool = True) -> None:
        self.settle()
        self.version += 1
        bindings = [bound(self.people[kiosk_sees].name, "camera", "kiosk", "face1")] if kiosk_sees != KIOSK else []
        bindings += [bound(self.people[kiosk_sees].name, "mic", "kiosk", "voice1")] if kiosk_sees != KIOSK else []
        bindings += [bound(self.people[officer_sees].name, "camera", "officer", "face1")] if officer_sees != OFFICER else []
        bindings += [bound(self.people[kiosk_sees].name, "camera", "expert", "face2")] if kiosk_sees != EXPERT else []
        taps = tuple(Tap(name, out) for name in ("kiosk", "officer") for out in ("mic", "camera")) if recorded else ()
        whole = Bind("r", self.version, tuple(bindings), taps if bindings else (), KEY if taps and bindings else "")
        self.worker.bind(whole, self.now)

    def reel(self) -> list[Entry]:
        """What was tapped since the recording began, but for the last beat."""
        reel = self.worker.taps.reels.get("r")
        return list(spool.entries(reel.take(self.now)))[:-1] if reel else []

    def speak(self, who: int, skip: int, level: bool) -> None:
        sequence = self.number(who, "sound", skip)
        extensions = [(2, self.stamp()), (3, (self.sent & 0xFFFF).to_bytes(2))] + ([(1, b"\x05")] if level else [])
        self.send(
            who, packet(self.people[who].first_ssrc, sequence, 960 * sequence, b"sound" * 20, OPUS, 0, tuple(extensions))
        )

    def film(self, who: int, skip: int, key: bool, turned: bool, size: int, plain: bool) -> None:
        sequence = self.number(who, "picture", skip)
        extensions = [(2, self.stamp()), (3, (self.sent & 0xFFFF).to_bytes(2))] + ([(13, b"\x01")] if turned else [])
        payload = picture(sequence, key, size, self.codec)
        if plain and self.codec in SHORT:
            payload = SHORT[self.codec] + payload[4:]
        stamp = int((self.now - START) * 90_000)
        self.send(who, packet(self.people[who].first_ssrc + 10, sequence, stamp, payload, 96, 1, tuple(extensions)))

    def again(self, who: int, back: int) -> None:
        """An old packet in the retransmission stream, missing or not."""
        sequence = self.number(who, "rtx", 0)
        old = self.sequences[who, "picture"] - back
        payload = (old & 0xFFFF).to_bytes(2) + picture(old, size=100, codec=self.codec)
        self.send(who, packet(self.people[who].first_ssrc + 11, sequence, int((self.now - START) * 90_000), payload, RTX))

    def late(self, who: int, back: int) -> None:
        """A packet that was overtaken, or one that is there already."""
        old = self.sequences[who, "picture"] - back
        data = packet(
            self.people[who].first_ssrc + 10, old, int((self.now - START) * 90_000), picture(old, codec=self.codec)
        )
        self.send(who, data)

    def forge(self, who: int) -> None:
        """The next packet, but nobody has signed it."""
        person = self.people[who]
        sequence = self.sequences[who, "sound"] + 1
        data = packet(person.first_ssrc, sequence, 960 * sequence, b"sound" * 20, OPUS)
        person.worker.receive(data + bytes(16), person.address, self.now)

    def complain(self, who: int, section: int, back: int) -> None:
        """Ask for what was lost, and for a keyframe."""
        person = self.people[who]
        self.settle()
        received = person.of(section)
        if received:
            wire = int.from_bytes(received[-1][2:4]) - back & 0xFFFF
            person.send_rtcp(rtcp.write_nack(1, person.ssrc(section), [wire]), self.now)
            person.send_rtcp(rtcp.write_pli(1, person.ssrc(FACE)), self.now)

    def narrow(self, who: int, bps: int) -> None:
        person = self.people[who]
        person.send_rtcp(rtcp.write_remb(1, bps, [person.ssrc(FACE)]), self.now)

    def number(self, who: int, kind: str, skip: int) -> int:
        self.sequences[who, kind] += 1 + skip
        return self.sequences[who, kind]

    def stamp(self) -> bytes:
        return (int(self.now * 262144) & 0xFFFFFF).to_bytes(3)

    def send(self, who: int, data: bytes) -> None:
        self.sent += 1
        self.people[who].send(data, self.now)


who = st.integers(0, 2)
skip = st.sampled_from([0, 0, 0, 0, 0, 0, 0, 1, 3, 300, 5000])
steps = st.one_of(
    st.tuples(st.just("speak"), who, skip, st.booleans()),
    st.tuples(st.just("film"), who, skip, st.booleans(), st.booleans(), st.sampled_from([20, 900, 1100]), st.booleans()),
    st.tuples(st.just("wait"), st.sampled_from([0, 1, 5, 20, 20, 70, 450, 1500])),
    st.tuples(st.just("bind"), who, who, st.sampled_from([True, True, False])),
    st.tuples(st.just("again"), who, st.integers(0, 4)),
    st.tuples(st.just("late"), who, st.integers(0, 3)),
    st.tuples(st.just("forge"), who),
    st.just(("overflow",)),
    st.tuples(st.just("complain"), who, st.sampled_from([VOICE, FACE]), st.integers(0, 3)),
    st.tuples(st.just("narrow"), who, st.sampled_from([60_000, 5_000_000])),
)
settled_talk: list[Step] = [
    ("film", 1, 0, True, False, 900, False),
    *(("film", 1, 0, False, False, 900, False) for _ in range(3)),
    *(("speak", 1, 0, True) for _ in range(3)),
]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    codec=st.sampled_from(["VP8", "VP8", "VP9", "H264", "AV1"]),
    first=st.lists(steps, min_size=5, max_size=60),
    second=st.lists(steps, max_size=30),
)
def test_both_ways_make_the_same_of_everything(
    codec: str, first: list[Step], second: list[Step], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every datagram to everybody, decrypted, in order, and every figure that the worker keeps."""
    objects, compiled = (World(way, monkeypatch, codec) for way in ("objects", "compiled"))
    for step in [("bind", 1, 0), *settled_talk, *first, *settled_talk, *second, ("wait", 70), ("wait", 1100)]:
        objects.play(step)
        compiled.play(step)
    for left, right in zip(objects.people, compiled.people, strict=True):
        assert left.rtp == right.rtp
        assert left.rtcp == right.rtcp
    for world in (objects, compiled):
        for peer in world.worker._peers.values():
            assert all(bool(track.row.reel) is (track.reel is not None) for track in peer.tracks.values())
    for kept, copied in zip(objects.reel(), compiled.reel(), strict=True):
        assert kept.arrival == pytest.approx(copied.arrival, abs=1e-6)
        assert kept == copied._replace(arrival=kept.arrival)
    ours, theirs = (world.worker.statistics() for world in (objects, compiled))
    assert ours.received == theirs.received
    for one, other in zip(ours.peers, theirs.peers, strict=True):
        # Handshakes differ by some bytes: ECDSA's signatures have no fixed length.
        assert one == msgspec.structs.replace(other, sent_bps=one.sent_bps)
        assert one.sent_bps == pytest.approx(other.sent_bps, rel=0.02, abs=500)


@pytest.mark.parametrize("codec", ["VP8", "VP9", "H264", "AV1"])
def test_a_settled_talk_is_not_handed_over(codec: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the comparison above compares is really two ways."""
    world = World("compiled", monkeypatch, codec)
    world.play(("bind", 1, 0))
    for step in [*settled_talk, ("wait", 5)]:
        world.play(step)
    assert world.kernel is not None
    before, tapped = world.kernel.handed_over, len(world.reel())
    for _ in range(100):
        world.play(("film", 1, 0, False, False, 1100, False))
        world.play(("speak", 1, 0, False))
        world.play(("wait", 20))
    assert world.kernel.handed_over == before
    assert len(world.people[KIOSK].of(FACE)) == 104
    assert tapped >= len(settled_talk)
    recorded = world.reel()
    assert len(recorded) == 200
    assert {entry.payload for entry in recorded if entry.marker == 0} == {b"sound" * 20}


def test_a_hole_is_asked_for_by_the_core_and_the_rest_goes_on_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many holes at once, as after an overload, must not send every packet the slower way."""
    world = World("compiled", monkeypatch)
    for step in [("bind", 1, 0), *settled_talk, ("wait", 5)]:
        world.play(step)
    assert world.kernel is not None
    before = world.kernel.handed_over
    world.play(("film", 1, 3, False, False, 1100, False))
    for _ in range(100):
        world.play(("film", 1, 0, False, False, 1100, False))
        world.play(("wait", 5))
    assert len(world.people[KIOSK].of(FACE)) == 105
    # The packet that shows the hole; and one for each time it is asked for, until that is given up after a second.
    assert 2 <= world.kernel.handed_over - before <= 1 + MOST_REQUESTS


def test_under_strain_nothing_is_repaired_and_everything_goes_on_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Holes everywhere that we made ourselves: one keyframe is asked for, and no other packet takes the slower way."""
    world = World("compiled", monkeypatch)
    for step in [
        ("bind", 1, 0),
        *settled_talk,
        ("wait", 450),
        ("speak", 1, 0, True),
        ("film", 1, 0, False, False, 900, False),
    ]:
        world.play(step)
    assert world.kernel is not None
    asked = len(world.people[OFFICER].rtcp)
    for step in [("overflow",), ("film", 1, 7, False, False, 1100, False), ("speak", 1, 2, True), ("wait", 5)]:
        world.play(step)
    before = world.kernel.handed_over
    for _ in range(60):
        for step in [("film", 1, 1, False, False, 1100, False), ("speak", 1, 1, True), ("wait", 5)]:
            world.play(step)
    # The packet with which a keyframe was asked for, half a second after the last.
    assert world.kernel.handed_over == before + 1
    told = [(block.kind, block.format) for block in world.people[OFFICER].rtcp[asked:]]
    assert told.count((206, 1)) == 1
    assert (205, 1) not in told
    assert len(world.people[KIOSK].of(FACE)) == 66
    track = world.worker._peers["officer"].tracks["camera"]
    assert track.keyframes.wanted
    world.play(("film", 1, 3, True, False, 1100, False))
    world.play(("wait", 5))
    assert not track.keyframes.wanted
    assert not track.losses.missing
    for step in [("wait", 450), ("wait", 450), ("film", 1, 1, False, False, 1100, False), ("wait", 20)]:
        world.play(step)
    assert track.losses.missing
