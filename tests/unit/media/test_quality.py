"""Three words for a line, and pictures that step back so that sound gets through."""

import pytest

from media.core import rtcp
from media.core.quality import BETTER_AFTER, Verdict, Word, judge
from rvw.protocol.media import Quality
from tests.unit.media.browser import START, Browser, bind, bound, deliver, make_worker, packet, picture, run


@pytest.mark.parametrize(
    ("loss", "rtt_s", "paused", "word"),
    [
        (0.0, 0.05, False, "good"),
        (0.03, 0.05, False, "fair"),
        (0.0, 0.3, False, "fair"),
        (0.1, 0.05, False, "poor"),
        (0.0, 0.8, False, "poor"),
        (0.0, 0.05, True, "poor"),
    ],
)
def test_a_second_is_judged_by_its_worst_figure(loss: float, rtt_s: float, paused: bool, word: Word) -> None:
    """Loss, round trip, or a picture that had to be held back."""
    assert judge(loss, rtt_s, paused) == word


def test_worse_is_said_at_once_and_better_after_a_while() -> None:
    """So that the word does not flicker."""
    verdict = Verdict()
    assert verdict.take("poor", False)
    said = [verdict.take("good", False) for _ in range(BETTER_AFTER)]
    assert said == [False] * (BETTER_AFTER - 1) + [True]
    assert verdict.word == "good"


def test_the_worse_direction_counts() -> None:
    """What the peer lost, until it has been said; else what we lost."""
    verdict = Verdict()
    verdict.reported(0.2)
    assert (verdict.loss(0.1), verdict.loss(0.1)) == (0.2, 0.1)


def test_below_150_kbit_pictures_pause_and_sound_goes_on() -> None:
    """The officer is told; when the line has recovered, the picture comes again by itself, from a keyframe."""
    worker = make_worker()
    kiosk, officer = Browser(worker, "kiosk", 10), Browser(worker, "officer", 20)
    for browser in (kiosk, officer):
        browser.connect()
    bind(worker, 1, bound("kiosk", "camera", "officer", "face1"), bound("kiosk", "mic", "officer", "voice1"))
    deliver(worker, kiosk, officer)
    worker.output.take_notices()
    now, sequence = START, 0

    def second(estimate_bps: int, key: bool = False) -> tuple[int, int]:
        nonlocal now, sequence
        before = len(officer.of(10)), len(officer.of(3))
        for _ in range(50):
            now += 0.02
            kiosk.send(packet(kiosk.first_ssrc + 10, sequence, sequence * 1800, picture(sequence, key, 1000)), now)
            kiosk.send(packet(kiosk.first_ssrc, sequence, sequence * 960, bytes(80), 111), now)
            sequence, key = sequence + 1, False
            run(worker, now, kiosk, officer)
            deliver(worker, kiosk, officer)
        if estimate_bps:
            officer.send_rtcp(rtcp.write_receiver_report(1, ()) + rtcp.write_remb(1, estimate_bps, [officer.ssrc(10)]), now)
        return len(officer.of(10)) - before[0], len(officer.of(3)) - before[1]

    assert second(0, key=True) == (50, 50)
    assert second(120_000) == (50, 50)
    assert second(0) == (0, 50)
    assert [it for it in worker.output.take_notices() if isinstance(it, Quality)] == [
        Quality("officer", "poor", 100, 0, True)
    ]
    asked = len(kiosk.blocks(rtcp.PAYLOAD_FEEDBACK, rtcp.PLI))
    for _ in range(6):
        second(2_000_000)
    assert len(kiosk.blocks(rtcp.PAYLOAD_FEEDBACK, rtcp.PLI)) > asked
    pictures, sound = second(0, key=True)
    assert (pictures, sound) == (50, 50)
    told = [it for it in worker.output.take_notices() if isinstance(it, Quality)]
    assert (told[0].paused, told[-1].word) == (False, "good")
