"""The film of a visit: all parties in one picture, each at its time, and sound and picture in step, whatever happened."""

import os
import statistics
from base64 import b64encode
from contextlib import closing
from io import BytesIO
from pathlib import Path

import av
import msgspec
import pytest

from rvw.errors import NotWhole, TooLarge
from rvw.protocol.playback import Tile
from rvw.protocol.spool import Entry
from signaling.recordings.compose import LONGEST_S, compose
from signaling.recordings.plan import Made, Reel, Script, Task, Words
from signaling.recordings.remux import remux
from signaling.recordings.scenes import HEIGHT, WIDTH
from signaling.recordings.veil import Veil, Veiled
from tests.fakes.audience import beeps, flashes
from tests.fakes.studio import KEY, START, Publisher, segment, talk

APART_S = 0.08
WORDS = Words("示例事项 · A017", {"kiosk-1": "一号终端", "officer-1": "甲示例"}, "没有画面", "这一段没有录制")


def recorded(folder: Path, frames: list[list[Entry]]) -> Script:
    """Return what a film is made by of what the collector makes of these segments."""
    segment(folder, "1-1", frames[0][0].arrival, frames)
    files, summary = remux(Task("visit", str(folder), b64encode(KEY).decode()))
    spans = tuple((begin - summary.since, end - summary.since) for begin, end in summary.spans)
    heads = [file.finished() for file in files]
    reels = tuple(Reel(head.actor, head.out, lent(file.veiled.veil())) for head, file in zip(heads, files, strict=True))
    for file in files:
        file.veiled.close()
    seconds = max(head.seconds for head in heads)
    return Script(folder=str(folder), since=summary.since, spans=spans, seconds=seconds, reels=reels, words=WORDS)


def lent(veil: Veil) -> Veil:
    """Return a file as a process has it that inherits it: with a descriptor of its own."""
    return msgspec.structs.replace(veil, descriptor=os.dup(veil.descriptor))


def filmed(script: Script) -> tuple[Made, BytesIO]:
    """Return the film."""
    with closing(Veiled.fresh(Path(script.folder))) as into:
        made = compose(script, into, lambda _word: None)
        return made, BytesIO(b"".join(into.chunks()))


def part(tile: Tile) -> tuple[slice, slice]:
    """Return the lines and columns of a tile."""
    return slice(tile.y, tile.y + tile.height), slice(tile.x, tile.x + tile.width)


def offsets(film: BytesIO, tile: Tile) -> list[float]:
    """Return by how much each beep comes after the flash in a tile."""
    heard = beeps(film)
    return [min((beep - flash for beep in heard), key=abs) for flash in flashes(film, part(tile)) if flash > 0.5]


def test_late_coming_hold_rejoin_size_and_loss_leave_all_in_step(tmp_path: Path) -> None:
    """The officer comes after a second; a tenth is lost; after a hold the kiosk has rejoined, and is held upright.

    Each beep is heard with its flash, in the tile of either; in the hold nobody is seen.
    """
    kiosk, officer = Publisher("kiosk-1", 1), Publisher("officer-1", 11)
    again = Publisher("kiosk-1", 21, (120, 160), skew=1234.5)
    first = [*talk([kiosk], 0, 1), *talk([kiosk, officer], 1, 5)]
    lost = [[entry for entry in frame if entry.track != kiosk.mic or entry.sequence % 10] for frame in first]
    made, film = filmed(recorded(tmp_path, [*lost, *talk([again, officer], 8, 12)]))

    assert made.seconds == pytest.approx(12.0, abs=0.1)
    before, after = [
        {tile.actor: tile for tile in made.tiles if low <= tile.begin < high} for low, high in ((0, 5), (8, 12))
    ]
    assert set(before) == set(after) == {"kiosk-1", "officer-1"}
    assert before["officer-1"].begin == pytest.approx(1.0, abs=0.1)
    assert all(tile.end == pytest.approx(5.0, abs=0.2) for tile in before.values())
    assert after["kiosk-1"].height > after["kiosk-1"].width
    for tile, seconds in ((before["officer-1"], {1, 2, 3, 4, 8, 9, 10, 11}), (after["kiosk-1"], {8, 9, 10, 11})):
        assert {round(flash) for flash in flashes(film, part(tile))} >= seconds
        found = offsets(film, tile)
        assert abs(statistics.median(found)) <= APART_S, found
        assert max(map(abs, found)) <= 2 * APART_S, found
    assert not [beep for beep in beeps(film) if 5.2 < beep < 7.8]


@pytest.mark.parametrize("codec", ["VP9", "H264", "AV1"])
def test_pictures_of_every_codec_come_into_the_film(tmp_path: Path, codec: str) -> None:
    """The deployment uses VP9, H.264 or AV1; some pictures are lost: what is there is in step, and nothing is damaged."""
    kiosk = Publisher("kiosk-1", 1, (320, 240), codec=codec)
    frames = talk([kiosk], 0, 6)
    lost = [
        [entry for entry in frame if entry.track != kiosk.camera or not 2.5 < entry.arrival - START < 2.6]
        for frame in frames
    ]
    script = recorded(tmp_path, lost)
    made, film = filmed(script)
    assert made.damaged == 0
    assert {tile.actor for tile in made.tiles} == {"kiosk-1"}
    found = offsets(film, made.tiles[0])
    assert len(found) >= 3
    assert abs(statistics.median(found)) <= APART_S, found


def test_a_picture_that_stands_is_taken_away(tmp_path: Path) -> None:
    """The camera is switched off for five seconds: the face is not shown frozen, and comes back; the voice goes on."""
    person, other = Publisher("kiosk-1", 1), Publisher("officer-1", 11)
    frames = talk([person, other], 0, 10)
    dark = [
        [entry for entry in frame if entry.track != person.camera or not 2 <= entry.arrival - frames[1][0].arrival < 7]
        for frame in frames
    ]
    made, film = filmed(recorded(tmp_path, dark))
    tiles = [(tile.begin, tile.end) for tile in made.tiles if tile.actor == "kiosk-1"]
    assert len(tiles) == 2
    assert tiles[0][1] == pytest.approx(2 + 2.5, abs=0.2)
    assert 7 <= tiles[1][0] <= 9.2, "at the next keyframe"
    assert {round(beep) for beep in beeps(film)} >= {3, 4, 5, 6}


def test_a_film_plays_from_its_first_byte_and_is_the_same_each_time(tmp_path: Path) -> None:
    """H.264 and AAC, the index in front; made again of the same files it has the same bytes."""
    script = recorded(tmp_path, talk([Publisher("kiosk-1", 1)], 0, 2))
    twice = tuple(msgspec.structs.replace(reel, file=lent(reel.file)) for reel in script.reels)
    (made, film), (_, again) = filmed(msgspec.structs.replace(script, reels=twice)), filmed(script)
    data = film.getvalue()
    assert data == again.getvalue()
    assert len(data) == made.bytes
    assert data.index(b"moov") < data.index(b"mdat")
    with av.open(film, "r") as container:
        video, audio = container.streams.video[0], container.streams.audio[0]
        assert (video.codec_context.name, video.width, video.height) == ("h264", WIDTH, HEIGHT)
        assert (audio.codec_context.name, audio.codec_context.sample_rate) == ("aac", 48_000)
        assert container.duration is not None
        assert container.duration / 1e6 == pytest.approx(script.seconds, abs=0.1)
    assert b"kiosk" not in data, "who it is stands in the picture, not in the file"


def test_what_cannot_be_made_is_said(tmp_path: Path) -> None:
    """A file that is none, and a recording that is too long."""
    with closing(Veiled.fresh(tmp_path)) as noise:
        noise.write(os.urandom(100_000))
        reel = Reel("kiosk-1", "camera", lent(noise.veil()))
    script = Script(folder=str(tmp_path), since=0.0, spans=(), seconds=1.0, reels=(), words=WORDS)
    with pytest.raises(NotWhole):
        filmed(msgspec.structs.replace(script, reels=(reel,)))
    with pytest.raises(TooLarge):
        filmed(msgspec.structs.replace(script, seconds=LONGEST_S + 1))
