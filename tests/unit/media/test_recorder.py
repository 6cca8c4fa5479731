"""What is tapped reaches the disk in time, a disk that refuses or is slow is told of, and media never waits for it."""

import asyncio
import os
import threading
from base64 import b64encode
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from media import recorder as recorders
from media.core.tap import Reel
from media.recorder import MOST_WAITING, Recorder
from media.spooling import Spool
from rvw.errors import InvalidInput, NotFound
from rvw.protocol.media import Bind, Binding, Recorded, RecordingFailed, Tap
from rvw.protocol.spool import Entry, Kind, entries, frames
from tests.fakes.clock import ManualClock
from tests.fakes.disks import disk, run

KEY = bytes(range(32))
BOUND = (Binding("kiosk", "mic", "officer", "voice1"),)
ON = Bind("visit", 1, BOUND, (Tap("kiosk", "mic"),), b64encode(KEY).decode())
OFF = Bind("visit", 2, ())


class Desk:
    """A recorder at work, and what it has said."""

    def __init__(self, folder: Path) -> None:
        self.clock = ManualClock(1_800_000_000.0)
        self.said: asyncio.Queue[Recorded | RecordingFailed] = asyncio.Queue()
        self.spool = Spool(folder, "epoch")
        self.recorder = Recorder(self.spool, self.said.put_nowait, self._tick)
        self.reel = Reel("visit", self.clock())
        self.reel.add("kiosk", "mic", "opus/48000/2", 48_000, self.clock())

    def _tick(self) -> float:
        """Time passes by looking at the clock: half a second each time."""
        self.clock.pass_(0.5)
        return self.clock()

    async def hears(self, kind: type[Recorded | RecordingFailed]) -> Recorded | RecordingFailed:
        """Wait until it has said something of that kind."""
        async with asyncio.timeout(20):
            while not isinstance(said := await self.said.get(), kind):
                pass
        return said

    def speak(self, count: int) -> None:
        """Tap so many packets."""
        for number in range(count):
            self.reel._append(Entry(self.clock(), number, 960 * number, 0, 1, Kind.PACKET, 0, b"s" * 100).pack())

    def lies_there(self) -> list[Entry]:
        """Return the entries on the disk, in the order of the segments."""
        found = []
        for one in self.spool.rooms(lambda _: False)[0].segments:
            for frame in frames(self.spool.read("visit", one.name), KEY, "visit"):
                found += list(entries(frame))
        return found


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorders, "FLUSH_S", 0.01)


@pytest_asyncio.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    one = Desk(tmp_path / "spool")
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(one.recorder.run())
        yield one
        running.cancel()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 256 kB."""
    with disk(tmp_path / "disk", "size=256k") as folder:
        yield folder


@pytest.fixture
def read_only_disk(tmp_path: Path) -> Iterator[tuple[Path, Callable[[], None]]]:
    """A disk that may not be written, and what lets it be."""
    with disk(tmp_path / "disk", "ro,size=1m") as folder:
        yield folder, lambda: run("mount", "-o", "remount,rw", str(folder))


def packets(found: list[Entry]) -> list[int]:
    return [entry.sequence for entry in found if entry.kind == Kind.PACKET]


async def test_it_says_how_far_it_is_safe(desk: Desk) -> None:
    """Also when nobody says anything; and what it has said is there."""
    desk.recorder.follow(ON, desk.reel)
    desk.speak(50)
    said = await desk.hears(Recorded)
    assert isinstance(said, Recorded)
    (first,) = said.rooms
    assert packets(desk.lies_there()) == list(range(50))
    said = await desk.hears(Recorded)
    assert isinstance(said, Recorded)
    assert said.rooms[0].up_to > first.up_to
    assert said.rooms[0].bytes > first.bytes
    assert max(entry.arrival for entry in desk.lies_there() if entry.kind == Kind.BEAT) >= said.rooms[0].up_to


async def test_the_end_of_a_recording_is_on_the_disk(desk: Desk) -> None:
    """When it is answered; and then the spool can be emptied."""
    desk.recorder.follow(ON, desk.reel)
    await desk.hears(Recorded)
    desk.speak(7)
    desk.recorder.follow(OFF, None)
    assert desk.recorder.being_written("visit")
    await desk.recorder.ended("visit")
    assert not desk.recorder.being_written("visit")
    assert packets(desk.lies_there()) == list(range(7))
    desk.spool.discard("visit")
    assert desk.spool.rooms(lambda _: False) == ()


async def test_a_worker_that_stops_writes_what_it_has(tmp_path: Path) -> None:
    """Without another turn of its loop."""
    desk = Desk(tmp_path)
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(desk.recorder.run())
        desk.recorder.follow(ON, desk.reel)
        await desk.hears(Recorded)
        desk.speak(9)
        running.cancel()
    assert packets(desk.lies_there()) == list(range(9))


async def test_a_worker_that_stops_in_the_middle_of_a_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The write is ended, then comes what is left: all of it is on the disk, once and in order."""
    begun, go_on = asyncio.Event(), threading.Event()
    loop, flush = asyncio.get_running_loop(), os.fdatasync

    def slow(file: int) -> None:
        loop.call_soon_threadsafe(begun.set)
        go_on.wait(20)
        flush(file)

    monkeypatch.setattr(os, "fdatasync", slow)
    desk = Desk(tmp_path)
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(desk.recorder.run())
        desk.recorder.follow(ON, desk.reel)
        desk.speak(5)
        await begun.wait()
        desk.speak(9)
        threading.Timer(0.1, go_on.set).start()  # the loop itself waits for the write
        running.cancel()
    assert packets(desk.lies_there()) == [*range(5), *range(9)]


async def test_a_disk_that_is_full(small_disk: Path) -> None:
    """It is told as such, no pieces are left to fill it, and when there is room again nothing is missing."""
    desk = Desk(small_disk / "spool")
    (small_disk / "ballast").write_bytes(bytes(200 * 1024))
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(desk.recorder.run())
        desk.recorder.follow(ON, desk.reel)
        desk.speak(600)
        assert await desk.hears(RecordingFailed) == RecordingFailed("visit", "full")
        (small_disk / "ballast").unlink()
        await desk.hears(Recorded)
        running.cancel()
    assert packets(desk.lies_there()) == list(range(600))


async def test_a_disk_that_may_only_be_read(read_only_disk: tuple[Path, Callable[[], None]]) -> None:
    """It is told as such, and recorded as soon as it may be written."""
    folder, open_up = read_only_disk
    desk = Desk(folder / "spool")
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(desk.recorder.run())
        desk.recorder.follow(ON, desk.reel)
        desk.speak(5)
        assert await desk.hears(RecordingFailed) == RecordingFailed("visit", "read_only")
        open_up()
        await desk.hears(Recorded)
        running.cancel()
    assert packets(desk.lies_there()) == list(range(5))


async def test_a_disk_that_hangs(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told as slow; the loop goes on; what waits is bounded, and what is lost beyond that is counted."""
    go_on = threading.Event()
    monkeypatch.setattr(os, "fdatasync", lambda _: go_on.wait(20))
    desk.recorder.follow(ON, desk.reel)
    assert await desk.hears(RecordingFailed) == RecordingFailed("visit", "slow")
    film = desk.recorder._films["visit"]
    for _ in range(8):
        desk.speak(30_000)
        desk.recorder._turn(film, asyncio.TaskGroup(), desk.clock())
    assert film.waiting_bytes < MOST_WAITING + desk.reel.row.size + 100
    assert desk.reel.lost > 0
    go_on.set()
    said = await desk.hears(Recorded)
    assert isinstance(said, Recorded)


def test_names_that_lead_out_of_the_spool(tmp_path: Path) -> None:
    """Are refused, whoever says them."""
    spool = Spool(tmp_path / "spool", "epoch")
    (tmp_path / "secret.spool").write_bytes(b"not yours")
    for room in ("..", ".", "", "a/b", "/etc"):
        with pytest.raises(InvalidInput):
            spool.discard(room)
    for name in ("../../secret.spool", "secret.txt", "none.spool", ""):
        with pytest.raises(NotFound):
            spool.read("visit", name)
    assert (tmp_path / "secret.spool").exists()
