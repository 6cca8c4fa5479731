"""Caps, and the budget for repeats."""

import pytest

from media.core.bandwidth import LOWEST_BPS, Downlink, Rate


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
    link.sent.row.sent_bytes += 400_000 // 8
    link.tick(now + 1.0)
    assert link.estimate(60_000, now + 1.0), "the line has not recovered"
    assert link.paused
