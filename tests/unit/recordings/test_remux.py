"""Segments into files that play: sound and picture stay in step over late starts, holds and losses, in any player."""

from base64 import b64encode
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path

import numpy
import pytest

from rvw.protocol.spool import Entry, Kind
from signaling.recordings.opus import SILENCE, SILENCE_S, lasts
from signaling.recordings.plan import Head, Task
from signaling.recordings.remux import remux
from tests.fakes.audience import RATE, beeps, flashes, played
from tests.fakes.studio import KEY, Publisher, segment, talk

STEP_S = 0.04
"""A picture: what is told by looking is right to so much."""


def made(folder: Path, frames: list[list[Entry]]) -> dict[tuple[str, str], tuple[Head, BytesIO]]:
    """Return what segments with these frames become, by party and slot."""
    segment(folder, "1-1", frames[0][0].arrival, frames)
    files, _ = remux(Task("visit", str(folder), b64encode(KEY).decode()))
    found = {}
    for file in files:
        head = file.finished()
        found[head.actor, head.out] = (head, BytesIO(b"".join(file.veiled.chunks())))
        file.veiled.close()
    return found


def without(frames: list[list[Entry]], lost: Iterable[int], track: int) -> list[list[Entry]]:
    """Return the frames without every packet of the track whose number modulo ten is one of `lost`."""
    gone = set(lost)
    return [
        [e for e in frame if not (e.kind == Kind.PACKET and e.track == track and e.sequence % 10 in gone)]
        for frame in frames
    ]


@pytest.mark.parametrize("lost", [(), (3,), (3, 7)], ids=["nothing lost", "a tenth lost", "a fifth lost"])
def test_a_hold_and_losses_leave_sound_and_picture_in_step(tmp_path: Path, lost: tuple[int, ...]) -> None:
    """Four seconds, a hold of five, four more, with packets of the voice lost: each beep is heard with its flash."""
    person = Publisher("kiosk-1", 1)
    files = made(tmp_path, without([*talk([person], 0, 4), *talk([person], 9, 13)], lost, person.mic))
    seen, heard = flashes(files["kiosk-1", "camera"][1]), beeps(files["kiosk-1", "mic"][1])
    for second in (1, 2, 3, 10, 11, 12):
        assert min(abs(second - flash) for flash in seen) <= STEP_S, (second, seen)
        assert min(abs(second - beep) for beep in heard) <= STEP_S, (second, heard)


def test_who_comes_later_is_heard_later(tmp_path: Path) -> None:
    """A party that comes after three seconds: the voice's file begins with silence, the picture's says when it begins."""
    first, second = Publisher("kiosk-1", 1), Publisher("host-1", 11)
    files = made(tmp_path, [*talk([first], 0, 3), *talk([first, second], 3, 6)])
    (mic, voice), (camera, _) = files["host-1", "mic"], files["host-1", "camera"]
    sound = played(voice)
    first_beep = numpy.flatnonzero(sound > 0.05 * sound.max())[0] / RATE
    assert first_beep == pytest.approx(3.0, abs=STEP_S)
    assert (mic.begin, camera.begin) == pytest.approx((3.0, 3.0), abs=STEP_S)


@pytest.mark.parametrize(
    ("packet", "seconds"),
    [
        (SILENCE, SILENCE_S),
        (b"\xfc\x00", 0.02),
        (b"\xf9\x00", 0.04),
        (b"\x18\x00", 0.06),
        (b"\x60\x00", 0.01),
        (b"\x80\x00", 0.0025),
        (b"\xfb\x03\x00", 0.06),
        (b"\xfb", 0.0),
        (b"", 0.0),
    ],
)
def test_a_packet_says_how_long_it_lasts(packet: bytes, seconds: float) -> None:
    """The first octet tells mode, frame and how many frames; a broken one lasts for nothing."""
    assert lasts(packet) == pytest.approx(seconds)
