"""What a publisher is told about one of its streams."""

import pytest

from media.core.feedback import KEYFRAME_INTERVAL_S, MOST_MISSING, MOST_REQUESTS, KeyframeRequests, Losses, Reception
from media.core.rtcp import SenderInfo
from media.core.sequence import FIRST_LAP


def test_a_missing_packet_is_asked_for_after_a_moment_and_again_after_a_round_trip() -> None:
    """It may just be late; and the answer takes its time."""
    losses = Losses()
    assert losses.gap(10, 13, 1.0)
    assert losses.due(0.1, 1.005) == []
    losses.found(11)
    assert losses.due(0.1, 1.02) == [10, 12]
    assert losses.due(0.1, 1.1) == []
    assert losses.due(0.1, 1.17) == [10, 12]


def test_nothing_is_asked_for_ever() -> None:
    """After eight times, or a second, the packet is given up."""
    losses = Losses()
    losses.gap(10, 11, 1.0)
    asked = sum(len(losses.due(0.0, 1.02 + 0.02 * step)) for step in range(30))
    assert asked == MOST_REQUESTS
    assert not losses.missing
    losses.gap(10, 11, 2.0)
    assert losses.due(0.1, 3.5) == []
    assert not losses.missing


def test_a_large_hole_is_not_filled() -> None:
    """A keyframe is better than three hundred packets."""
    losses = Losses()
    assert not losses.gap(1, MOST_MISSING + 2, 1.0)
    assert not losses.missing


def test_a_keyframe_request_that_comes_too_soon_is_deferred() -> None:
    """Not lost, and not sent twice within the interval."""
    requests = KeyframeRequests()
    requests.wanted = True
    assert requests.take(1.0)
    assert not requests.take(1.0 + KEYFRAME_INTERVAL_S / 2)
    assert requests.take(1.0 + KEYFRAME_INTERVAL_S)
    requests.wanted = False
    assert not requests.take(9.0)


def test_a_report_counts_losses_across_the_wrap() -> None:
    """Ten packets around 65,536, two of them missing; then ten more, none missing."""
    reception = Reception(90_000)
    for wire in (65_531, 65_532, 65_534, 65_535, 0, 1, 3, 4):
        reception.arrived(reception.unwrap(wire), 0, 1.0)
    report = reception.report(7, 1.0)
    assert report is not None
    assert (report.lost, report.fraction, report.highest) == (2, 256 * 2 // 10, FIRST_LAP + 4)
    for wire in range(5, 15):
        reception.arrived(reception.unwrap(wire), 0, 1.0)
    report = reception.report(7, 1.0)
    assert report is not None
    assert (report.lost, report.fraction) == (2, 0)


def test_a_report_quotes_the_last_sender_report() -> None:
    """So the publisher learns its round trip: which one, and how long ago."""
    reception = Reception(90_000)
    assert reception.report(7, 1.0) is None
    reception.arrived(reception.unwrap(1), 0, 1.0)
    reception.reported(SenderInfo(7, 0x11112222_33334444, 0), 1.0)
    report = reception.report(7, 1.5)
    assert report is not None
    assert (report.last_report, report.delay) == (0x22223333, 32_768)


def test_jitter_is_the_smoothed_change_of_the_way_taken() -> None:
    """Steady arrival has none; every other packet 10 ms late comes near to 10 ms (RFC 3550, appendix A.8)."""
    reception = Reception(90_000)
    for number in range(200):
        reception.arrived(reception.unwrap(number), number * 1800, 1.0 + number * 0.02 + 0.01 * (number & 1))
    report = reception.report(7, 9.0)
    assert report is not None
    assert report.jitter == pytest.approx(900, rel=0.05)


def test_numbers_that_began_again_are_above_the_old_ones() -> None:
    """A publisher that starts over does not look like a flood of old packets."""
    reception = Reception(90_000)
    reception.arrived(reception.unwrap(50_000), 0, 1.0)
    sequence = reception.restart(7)
    assert sequence > FIRST_LAP + 50_000
    assert sequence & 0xFFFF == 7
    reception.arrived(sequence, 0, 2.0)
    assert reception.lost() == 0
