"""A long talk on a bad line, faster than real time: more packets than sixteen bits count, 2 % of them lost both ways."""

import random
import sys

from media.core import rtcp
from rvw.clock import Instant
from tests.unit.media.browser import START, VP8, Browser, bind, bound, deliver, make_worker, packet, picture, run

PACKETS = 70_000
PER_SECOND = 200
LOSS = 0.02
FRAME_S = 1 / PER_SECOND
ROUND_TRIP_S = 0.05


class Talk:
    """A kiosk whose picture an officer sees; both lose packets, ask for them, and repeat what they are asked for."""

    def __init__(self) -> None:
        self.worker = make_worker()
        self.kiosk, self.officer = Browser(self.worker, "kiosk", 10), Browser(self.worker, "officer", 20)
        for browser in (self.kiosk, self.officer):
            browser.connect()
        bind(self.worker, 1, bound("kiosk", "camera", "officer", "face1"))
        deliver(self.worker, self.kiosk, self.officer)
        self.chance = random.Random(2)
        self.sent: dict[int, bytes] = {}
        self.missing: dict[int, Instant] = {}
        self.highest = -1
        self.first = -1
        self.repeated = 0
        self.longest_gap_s = 0.0
        self._whole_at: Instant = START

    def send(self, number: int, now: Instant) -> None:
        """Send a packet of the picture, or lose it."""
        data = packet(self.kiosk.first_ssrc + 10, number, number // 4 * 3600, picture(number // 4, number % 400 == 0, 40))
        self.sent[number & 0xFFFF] = data
        self.sent.pop(number - 2000 & 0xFFFF, None)
        if self.chance.random() >= LOSS:
            self.kiosk.send(data, now)

    def answer(self, now: Instant) -> None:
        """Let the kiosk repeat what the worker asks for."""
        for block in self.kiosk.rtcp:
            if block.kind == rtcp.TRANSPORT_FEEDBACK and block.format == rtcp.NACK:
                for wire in rtcp.read_nack(block):
                    if self.chance.random() >= LOSS and wire in self.sent:
                        self.kiosk.send(self._as_repeat(wire), now)
        self.kiosk.rtcp.clear()

    def look(self, now: Instant) -> None:
        """Let the officer count, lose, and ask."""
        plain, repeats = self.officer.ssrc(10).to_bytes(4), self.officer.ssrc(10, rtx=True).to_bytes(4)
        for data in self.officer.rtp:
            wire = int.from_bytes(data[2:4])
            if data[8:12] == repeats:
                wire = int.from_bytes(data[20:22])
                self.repeated += 1
            if data[8:12] in (plain, repeats) and self.chance.random() >= LOSS:
                self._came(wire, now)
        self.officer.rtp.clear()
        self.officer.rtcp.clear()
        due = [number for number, at in self.missing.items() if at <= now][:60]
        if due:
            for number in due:
                self.missing[number] = now + 1.5 * ROUND_TRIP_S
            self.officer.send_rtcp(rtcp.write_nack(1, self.officer.ssrc(10), sorted(due)), now)
        if not self.missing:
            self.longest_gap_s = max(self.longest_gap_s, now - self._whole_at)
            self._whole_at = now

    def _came(self, wire: int, now: Instant) -> None:
        if self.highest < 0:
            self.highest = self.first = wire + 65_536
            return
        number = self.highest + ((wire - self.highest + 0x8000) & 0xFFFF) - 0x8000
        for hole in range(self.highest + 1, number):
            self.missing[hole] = now
        self.highest = max(self.highest, number)
        self.missing.pop(number, None)

    def _as_repeat(self, wire: int) -> bytes:
        data = self.sent[wire]
        self.kiosk.transport_sequence += 1
        number = self.kiosk.transport_sequence & 0xFFFF
        head = bytes((0x80, VP8 + 1)) + number.to_bytes(2) + data[4:8]
        return head + (self.kiosk.first_ssrc + 11).to_bytes(4) + wire.to_bytes(2) + data[12:]


def test_more_packets_than_sixteen_bits_count_with_loss_both_ways() -> None:
    """Nothing stays missing for a second, the numbers go on across the wrap, and memory stays what it was."""
    talk = Talk()
    early = 0
    for number in range(PACKETS):
        now = START + number * FRAME_S
        talk.send(number, now)
        run(talk.worker, now, talk.kiosk, talk.officer)
        deliver(talk.worker, talk.kiosk, talk.officer)
        talk.answer(now)
        deliver(talk.worker, talk.kiosk, talk.officer)
        talk.look(now)
        if number == PACKETS // 4:
            early = sys.getallocatedblocks()
    assert talk.highest - talk.first > PACKETS - 20
    assert talk.longest_gap_s < 1.0
    assert talk.repeated > LOSS * PACKETS / 2
    assert sys.getallocatedblocks() - early < 2_000
