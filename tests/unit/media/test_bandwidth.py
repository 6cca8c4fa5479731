"""Caps, and the budget for repeats."""

from itertools import pairwise

import pytest

from media.core.bandwidth import LOWEST_BPS, Downlink, Rate

SOUND_BPS = 48_000


def downlink(sent_bps: int = 0) -> Downlink:
    """Return a downlink that has carried `sent_bps` for a second, at 1.0."""
    link = Downlink(2_500_000, Rate(0.0), 0.0)
    link.sent.row.sent_bytes += sent_bps // 8
    link.tick(1.0)
    return link


def test_an_estimate_above_what_is_sent_is_no_congestion() -> None:
    """Browsers begin low and creep up; believing that would cap a fast line."""
    link = downlink(300_000)
    assert not link.estimate(320_000, 1.0)
    assert link.cap_bps == 2_500_000


def test_an_estimate_below_what_is_sent_caps_at_once() -> None:
    """And not below what a picture needs."""
    link = downlink(1_500_000)
    assert link.estimate(600_000, 1.0)
    assert link.cap_bps == 600_000
    assert link.estimate(30_000, 1.1)
    assert link.cap_bps == LOWEST_BPS


def test_a_cap_is_lifted_step_by_step() -> None:
    """With each estimate that shows no congestion, and when the receiver is silent."""
    link = downlink(1_500_000)
    link.estimate(600_000, 1.0)
    link.tick(2.0)
    assert not link.estimate(700_000, 2.0)
    assert link.cap_bps == pytest.approx(750_000)
    for second in range(3, 30):
        link.tick(float(second))
    assert link.cap_bps == 2_500_000


def test_pictures_share_a_downlink() -> None:
    """Two faces get half each."""
    link = downlink()
    assert link.share_bps() == 2_500_000
    link.pictures = 2
    assert link.share_bps() == 1_250_000


def test_repeats_take_a_fifth() -> None:
    """In any ten seconds, whatever is asked for."""
    link = downlink()
    sent = sum(1000 for step in range(10_000) if link.may_repeat(1000, 1.0 + step / 1000))
    assert sent == pytest.approx(0.2 * 2_500_000 / 8 * 10, rel=0.1)


def test_pictures_held_back_are_tried_again_whatever_the_receiver_estimates_from_sound() -> None:
    """A congested line pauses them; estimates that do not climb, because only sound is sent, do not keep them away."""
    link = downlink(1_500_000)
    link.estimate(60_000, 1.0)
    assert link.paused
    now = 1.0
    while link.paused:
        now += 1.0
        link.sent.row.sent_bytes += 80_000 // 8
        link.tick(now)
        link.estimate(60_000, now)
        assert now < 7.0
    for _ in range(6):
        now += 1.0
        link.sent.row.sent_bytes += 400_000 // 8
        link.tick(now)
        link.estimate(60_000, now)
    assert link.paused, "the line has not recovered"


class Line:
    """A line of so many bits per second, with a receiver at its end that estimates as Chromium does, and a publisher.

    The estimate falls to 85 % of what arrives when more is sent than the line carries, and else grows by 8 % a second, but
    not beyond 1.5 times what arrives.
    """

    def __init__(self, bps: int) -> None:
        self.bps = bps
        self.link = Downlink(2_500_000, Rate(0.0), 0.0)
        self.now = 0.0
        self.changes: list[tuple[float, bool]] = []
        self._estimate = 300_000.0

    def run(self, seconds: float) -> None:
        """Let sound go by all the time and a picture as large as it may be, and judge five times a second."""
        for _ in range(round(5 * seconds)):
            before = self.link.paused
            sent = SOUND_BPS + (0 if before else self.link.cap_bps)
            arrives = min(sent, self.bps)
            self.link.sent.row.sent_bytes += int(sent / 8 / 5)
            if sent > self.bps:
                self._estimate = min(self._estimate, 0.85 * arrives)
                self.link.pause.lost(1 - arrives / sent)
            else:
                self._estimate = min(self._estimate * 1.08**0.2, max(self._estimate, 1.5 * arrives + 10_000))
            self.now = round(self.now + 0.2, 1)
            self.link.estimate(int(self._estimate), self.now)
            if round(5 * self.now) % 5 == 0:
                self.link.tick(self.now)
            if self.link.paused != before:
                self.changes.append((self.now, self.link.paused))

    def run_until_paused(self) -> None:
        """Let it go on until pictures are taken away, which must not take ten seconds."""
        start = self.now
        while not self.link.paused:
            self.run(0.2)
            assert self.now < start + 10

    def pauses(self) -> list[float]:
        """Return when pictures were taken away."""
        return [at for at, paused in self.changes if paused]


def test_a_narrow_line_comes_to_rest_after_a_few_tries() -> None:
    """120 kbit/s carry no picture: five tries in the first two minutes, then one a minute, each of two seconds at most."""
    line = Line(120_000)
    line.run(120)
    assert len(line.pauses()) <= 6
    line.run(180)
    assert len(line.pauses()) <= 9
    returned = [at for at, paused in line.changes if not paused]
    assert all(end - start <= 2.0 for start, end in zip(returned, line.pauses()[1:], strict=False))
    assert all(after - before >= 60 for before, after in pairwise(line.pauses()[-3:]))


@pytest.mark.parametrize("bps", [400_000, 5_000_000])
def test_a_line_that_recovers_has_its_pictures_within_eight_seconds(bps: int) -> None:
    """And keeps them, although the estimate, made from sound alone, says for seconds that there is no room."""
    line = Line(120_000)
    line.run_until_paused()
    line.bps, paused_at = bps, line.now
    line.run(60)
    assert [paused for _, paused in line.changes] == [True, False]
    assert line.changes[1][0] - paused_at <= 8.0
    assert line.link.cap_bps > 250_000


def test_a_line_that_was_well_for_a_while_is_judged_afresh() -> None:
    """After several relapses and a good time the first pause is as short as any first one."""
    line = Line(120_000)
    line.run(60)
    line.bps = 5_000_000
    line.run(120)
    assert not line.link.paused
    line.bps = 120_000
    line.changes.clear()
    line.run_until_paused()
    line.bps = 5_000_000
    line.run(8)
    assert not line.link.paused


def test_grace_ends_where_sound_suffers() -> None:
    """A receiver on trial that loses a tenth is not spared for the estimate's sake."""
    link = downlink(1_500_000)
    link.estimate(60_000, 1.0)
    for second in range(2, 8):
        link.tick(float(second))
        link.estimate(60_000, float(second))
    assert not link.paused
    link.sent.row.sent_bytes += 400_000 // 8
    link.tick(8.0)
    link.estimate(60_000, 8.0)
    assert not link.paused, "spared"
    link.pause.lost(0.1)
    link.estimate(60_000, 8.2)
    assert link.paused
