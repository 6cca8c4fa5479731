"""Scenes between browsers on paper: what one sends in a slot appears, without seams, in another's."""

from itertools import pairwise

import pytest

from media.core import rtcp
from media.core.ntp import from_ntp, to_ntp
from media.core.rtcp import Block, SenderInfo
from media.core.rtp import meanings, parse
from media.core.worker import Worker
from rvw.clock import Instant
from tests.unit.media.browser import (
    OPUS,
    RTX,
    START,
    Browser,
    bind,
    bound,
    deliver,
    make_worker,
    packet,
    picture,
    run,
)

VOICE, FACE, FACE2 = 3, 10, 11
MIC, CAMERA = 0, 1


class Scene:
    """Kiosk, officer and expert, connected; time moves by hand."""

    def __init__(self) -> None:
        self.now: Instant = START
        self.worker: Worker = make_worker()
        self.kiosk = Browser(self.worker, "kiosk", 10)
        self.officer = Browser(self.worker, "officer", 20)
        self.expert = Browser(self.worker, "expert", 30)
        for browser in (self.kiosk, self.officer, self.expert):
            browser.connect(self.now)

    def film(self, who: Browser, sequence: int, number: int, key: bool = False, wait: float = 0.033) -> None:
        """Send one picture of one packet; its clock runs as time does."""
        self.now += wait
        timestamp = int((self.now - START) * 90_000) + who.first_ssrc * 1000
        who.send(packet(who.first_ssrc + 10, sequence, timestamp, picture(number, key)), self.now)
        self.deliver()

    def speak(self, who: Browser, sequence: int, timestamp: int, wait: float = 0.02, sent: Instant = 0.0) -> None:
        """Send 20 ms of sound."""
        self.now += wait
        stamp = int((sent or self.now) * 262144) & 0xFFFFFF
        data = packet(
            who.first_ssrc, sequence, timestamp, b"sound", OPUS, extensions=((2, stamp.to_bytes(3)), (1, b"\x05"))
        )
        who.send(data, self.now)
        self.deliver()

    def deliver(self) -> None:
        deliver(self.worker, self.kiosk, self.officer, self.expert)

    def run(self, seconds: float) -> None:
        """Let timers go by."""
        self.now += seconds
        run(self.worker, self.now, self.kiosk, self.officer, self.expert)

    def bind(self, version: int, source: str) -> None:
        bind(
            self.worker,
            version,
            bound(source, "camera", "kiosk", "face1"),
            bound(source, "mic", "kiosk", "voice1"),
            now=self.now,
        )
        self.deliver()


def numbers(packets: list[bytes]) -> list[int]:
    return [int.from_bytes(data[2:4]) for data in packets]


def timestamps(packets: list[bytes]) -> list[int]:
    return [int.from_bytes(data[4:8]) for data in packets]


def pictures(packets: list[bytes]) -> list[int]:
    read = [parse(data, meanings({})) for data in packets]
    return [int.from_bytes(it.payload[2:4]) & 0x7FFF for it in read if it is not None]


def steps(values: list[int], bits: int) -> list[int]:
    return [(later - earlier) & (1 << bits) - 1 for earlier, later in pairwise(values)]


@pytest.mark.parametrize("start", [32_764, 65_532])
def test_a_stream_goes_through_across_the_wrap(start: int) -> None:
    """Every packet, in order, with the receiver's SSRC and one step from each to the next."""
    scene = Scene()
    scene.bind(1, "officer")
    for number in range(10):
        scene.film(scene.officer, start + number, number, key=number == 0)
    received = scene.kiosk.of(FACE)
    assert len(received) == 10
    assert set(steps(numbers(received), 16)) == {1}
    assert pictures(received) == list(range(10))


def test_a_picture_begins_with_a_keyframe_that_was_asked_for() -> None:
    """Binding asks the publisher, and what comes before the keyframe is not passed on."""
    scene = Scene()
    scene.bind(1, "officer")
    (request,) = scene.officer.blocks(rtcp.PAYLOAD_FEEDBACK, rtcp.PLI)
    assert rtcp.read_media_ssrc(request) == scene.officer.first_ssrc + 10
    scene.film(scene.officer, 1, 1)
    assert scene.kiosk.of(FACE) == []
    scene.film(scene.officer, 2, 2, key=True)
    scene.film(scene.officer, 3, 3)
    assert pictures(scene.kiosk.of(FACE)) == [2, 3]
    for step in range(20):
        scene.film(scene.officer, 4 + step, 4 + step)
    assert len(scene.officer.blocks(rtcp.PAYLOAD_FEEDBACK, rtcp.PLI)) == 1


def test_a_keyframe_that_does_not_come_is_asked_for_again() -> None:
    """But not with every packet."""
    scene = Scene()
    scene.bind(1, "officer")
    for step in range(46):
        scene.film(scene.officer, step, step)
    assert len(scene.officer.blocks(rtcp.PAYLOAD_FEEDBACK, rtcp.PLI)) == 3


def test_packets_that_overtook_each_other_keep_their_places() -> None:
    """The receiver sorts them; duplicates go through once."""
    scene = Scene()
    scene.bind(1, "officer")
    for sequence in (65_533, 65_535, 65_534, 65_535, 65_537, 65_536):
        scene.film(scene.officer, sequence, sequence, key=sequence == 65_533)
    first, *_ = order = numbers(scene.kiosk.of(FACE))
    assert [number - first & 0xFFFF for number in order] == [0, 2, 1, 4, 3]


def test_a_switch_leaves_no_seam() -> None:
    """Another camera, other numbers, another clock: the receiver sees the next number, the next picture, time gone by."""
    scene = Scene()
    scene.bind(1, "officer")
    for step in range(5):
        scene.film(scene.officer, 60_000 + step, 500 + step, key=step == 0)
    scene.bind(2, "expert")
    scene.film(scene.officer, 60_005, 505)
    scene.film(scene.expert, 17, 9)
    scene.film(scene.expert, 18, 10, key=True, wait=1.0)
    scene.film(scene.expert, 19, 11)
    received = scene.kiosk.of(FACE)
    assert steps(numbers(received), 16) == [1] * 6
    assert pictures(received) == [500, 501, 502, 503, 504, 505, 506]
    assert steps(timestamps(received), 32)[4] == pytest.approx(90_000 * 1.066, abs=5)
    assert steps(timestamps(received), 32)[5] == pytest.approx(90_000 * 0.033, abs=2)


def test_requests_are_answered_across_a_switch() -> None:
    """A packet from before it, and one from after, come back in the repeat stream as they were, but for their number."""
    scene = Scene()
    scene.bind(1, "officer")
    for step in range(5):
        scene.film(scene.officer, 65_530 + step, 500 + step, key=step == 0)
    scene.bind(2, "expert")
    for step in range(5):
        scene.film(scene.expert, 17 + step, 9 + step, key=step == 0)
    sent = scene.kiosk.of(FACE)
    for lost in (sent[2], sent[7]):
        nack(scene, FACE, numbers([lost]))
    repeats = scene.kiosk.of(FACE, rtx=True)
    assert [data[1] & 127 for data in repeats] == [RTX, RTX]
    for repeat, lost in zip(repeats, (sent[2], sent[7]), strict=True):
        assert repeat[20:22] == lost[2:4]
        assert repeat[22:] == lost[20:]
        assert repeat[4:8] == lost[4:8]


def nack(scene: Scene, section: int, wires: list[int]) -> None:
    scene.kiosk.send_rtcp(rtcp.write_nack(1, scene.kiosk.ssrc(section), wires), scene.now)
    scene.deliver()


def test_a_packet_is_not_repeated_within_a_round_trip() -> None:
    """Nor is one that was never sent."""
    scene = Scene()
    scene.bind(1, "officer")
    scene.film(scene.officer, 1, 1, key=True)
    scene.run(3.0)
    wires = numbers(scene.kiosk.of(FACE))
    nack(scene, FACE, wires)
    nack(scene, FACE, wires)
    nack(scene, FACE, [wires[0] + 5])
    nack(scene, FACE, [wires[0] - 5])
    assert len(scene.kiosk.of(FACE, rtx=True)) == 1


def test_lost_sound_is_repeated_byte_for_byte() -> None:
    """Under the same number, hence never with other content: the receiver's libsrtp knows it as one it had."""
    scene = Scene()
    scene.bind(1, "officer")
    for step in range(3):
        scene.speak(scene.officer, step, 960 * step)
    scene.run(3.0)
    scene.kiosk.send_rtcp(rtcp.write_nack(1, scene.kiosk.ssrc(VOICE), numbers(scene.kiosk.of(VOICE))[1:2]), scene.now)
    (again,) = [data for data, address in scene.worker.output.datagrams if address == scene.kiosk.address]
    scene.deliver()
    assert scene.kiosk.rtp[-1] == b""
    assert numbers([again]) == numbers(scene.kiosk.of(VOICE))[1:2]


def test_a_publisher_is_asked_for_what_is_missing() -> None:
    """Its repeat fills the hole, once; padding in the repeat stream goes nowhere."""
    scene = Scene()
    scene.bind(1, "officer")
    scene.film(scene.officer, 1, 1, key=True)
    scene.film(scene.officer, 3, 3)
    scene.film(scene.officer, 4, 4)
    asked = scene.officer.blocks(rtcp.TRANSPORT_FEEDBACK, rtcp.NACK)
    assert [list(rtcp.read_nack(block)) for block in asked] == [[2]]
    rtx = scene.officer.first_ssrc + 11
    for sequence, payload in enumerate((b"\x00\x02" + picture(2), b"\x00\x02" + picture(2), b"", b"\x00\x03")):
        scene.officer.send(packet(rtx, sequence, 90_000, payload, RTX), scene.now)
    scene.deliver()
    assert pictures(scene.kiosk.of(FACE)) == [1, 3, 4, 2]


def test_a_clock_that_stood_still_does_not_move_sound_against_picture() -> None:
    """The microphone was replaced by nothing for 5 s: its timestamps went on where they stopped, ours by 5 s."""
    scene = Scene()
    scene.bind(1, "officer")
    for step in range(3):
        scene.speak(scene.officer, step, 960 * step)
    scene.speak(scene.officer, 3, 960 * 3, wait=5.0)
    scene.speak(scene.officer, 4, 960 * 4)
    assert steps(timestamps(scene.kiosk.of(VOICE)), 32) == [960, 960, pytest.approx(48_000 * 5, abs=5), 960]
    assert set(steps(numbers(scene.kiosk.of(VOICE)), 16)) == {1}


def test_a_network_that_stood_still_is_no_such_clock() -> None:
    """What was sent steadily keeps its timestamps, although it arrives late."""
    scene = Scene()
    scene.bind(1, "officer")
    for step in range(3):
        scene.speak(scene.officer, step, 960 * step)
    sent = scene.now + 0.02
    scene.speak(scene.officer, 3, 960 * 3, wait=2.0, sent=sent)
    assert steps(timestamps(scene.kiosk.of(VOICE)), 32) == [960, 960, 960]


def test_sender_reports_are_translated() -> None:
    """Sound and picture of one publisher lie on our clock with the same distance as on the publisher's."""
    scene = Scene()
    scene.bind(1, "officer")
    scene.speak(scene.officer, 1, 5000)
    scene.film(scene.officer, 1, 1, key=True)
    for ssrc, moment, stamp in ((0, 100.0, 5000), (10, 100.4, 7000)):
        report = rtcp.write_sender_report(SenderInfo(scene.officer.first_ssrc + ssrc, to_ntp(moment), stamp), 1, 1, b"them")
        scene.officer.send_rtcp(report, scene.now)
    scene.deliver()
    told = {it.ssrc: it for block in scene.kiosk.blocks(rtcp.SENDER_REPORT) if (it := rtcp.read_sender_info(block))}
    sound, image = told[scene.kiosk.ssrc(VOICE)], told[scene.kiosk.ssrc(FACE)]
    assert from_ntp(image.ntp) - from_ntp(sound.ntp) == pytest.approx(0.4, abs=0.002)
    assert from_ntp(sound.ntp) == pytest.approx(scene.now, abs=0.01)
    assert sound.timestamp == 5000
    assert image.timestamp == 7000


def test_a_late_receiver_gets_the_last_report_at_once() -> None:
    """With the first packet: the next one may be seconds away."""
    scene = Scene()
    scene.speak(scene.officer, 1, 5000)
    scene.officer.send_rtcp(
        rtcp.write_sender_report(SenderInfo(scene.officer.first_ssrc, to_ntp(100.0), 5000), 1, 1, b"them"), scene.now
    )
    scene.bind(1, "officer")
    scene.speak(scene.officer, 2, 5960)
    assert [block.kind for block in scene.kiosk.rtcp] == [rtcp.SENDER_REPORT, rtcp.SOURCE_DESCRIPTION]


def test_publishers_get_reports_and_transport_feedback() -> None:
    """Reports once a second; when each packet arrived after 60 ms."""
    scene = Scene()
    data = packet(scene.officer.first_ssrc, 1, 1, b"sound", OPUS, extensions=((3, b"\x00\x07"),))
    scene.officer.send(data, scene.now)
    scene.run(0.07)
    assert len(scene.officer.blocks(rtcp.TRANSPORT_FEEDBACK, rtcp.TRANSPORT_CC)) == 1
    scene.run(1.0)
    (report,) = [it for block in scene.officer.blocks(rtcp.RECEIVER_REPORT) for it in rtcp.read_reports(block)]
    assert (report.ssrc, report.lost) == (scene.officer.first_ssrc, 0)


def test_the_slowest_receiver_caps_the_publisher() -> None:
    """Once its estimate falls below what it is being sent, the publisher hears of it at once."""
    scene = Scene()
    scene.bind(1, "officer")
    for step in range(40):
        scene.officer.send(packet(scene.officer.first_ssrc + 10, step, step, picture(step, step == 0, 1100)), scene.now)
    scene.run(1.01)
    scene.kiosk.send_rtcp(rtcp.write_remb(1, 200_000, [scene.kiosk.ssrc(FACE)]), scene.now)
    scene.deliver()
    told = [it for block in scene.officer.rtcp if (it := remb(block)) is not None]
    assert told[-1] == pytest.approx(264_000, rel=1e-3)
    assert told[0] > 2_000_000


def remb(block: Block) -> int | None:
    return rtcp.read_remb(block) if (block.kind, block.format) == (rtcp.PAYLOAD_FEEDBACK, rtcp.REMB) else None


def test_receivers_have_their_own_extension_ids() -> None:
    """The level of the sound arrives under the id that this receiver offered; the publisher's mid does not."""
    scene = Scene()
    other = {"urn:ietf:params:rtp-hdrext:ssrc-audio-level": 9, "urn:ietf:params:rtp-hdrext:sdes:mid": 1}
    host = Browser(scene.worker, "host", 40, other)
    host.connect(scene.now)
    bind(scene.worker, 1, bound("officer", "mic", "host", "voice1"))
    data = packet(scene.officer.first_ssrc, 1, 1, b"sound", OPUS, extensions=((4, b"0"), (1, b"\x05")))
    scene.officer.send(data, scene.now)
    deliver(scene.worker, host)
    (received,) = host.of(VOICE)
    assert received[12:] == b"\xbe\xde\x00\x02\x90\x05\x00\x00" + bytes(4) + b"sound"


def test_a_stream_that_the_offer_did_not_name_is_known_by_its_mid() -> None:
    """Its first packet says which slot it is for."""
    scene = Scene()
    scene.bind(1, "officer")
    scene.officer.send(packet(424_242, 1, 1, b"sound", OPUS, extensions=((4, b"0"),)), scene.now)
    scene.officer.send(packet(424_242, 2, 2, b"sound", OPUS), scene.now)
    scene.officer.send(packet(424_243, 2, 2, b"sound", OPUS, extensions=((4, b"99"),)), scene.now)
    scene.deliver()
    assert len(scene.kiosk.of(VOICE)) == 2


def test_unbinding_stops_at_once_and_rebinding_has_no_hole() -> None:
    """What was sent meanwhile is not missed."""
    scene = Scene()
    scene.bind(1, "officer")
    scene.film(scene.officer, 1, 1, key=True)
    bind(scene.worker, 2)
    for step in range(50):
        scene.film(scene.officer, 2 + step, 2 + step)
    assert len(scene.kiosk.of(FACE)) == 1
    scene.bind(3, "officer")
    scene.film(scene.officer, 52, 52)
    scene.film(scene.officer, 53, 53, key=True)
    assert steps(numbers(scene.kiosk.of(FACE)), 16) == [1]
    assert pictures(scene.kiosk.of(FACE)) == [1, 2]


def test_a_publisher_that_begins_again_with_other_numbers_goes_on() -> None:
    """Far ahead or far behind: the receiver sees no hole larger than can be skipped."""
    scene = Scene()
    scene.bind(1, "officer")
    scene.film(scene.officer, 40_000, 1, key=True)
    scene.film(scene.officer, 5, 2, key=True)
    scene.film(scene.officer, 6, 3)
    assert len(scene.kiosk.of(FACE)) == 3
