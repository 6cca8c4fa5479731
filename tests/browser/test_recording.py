"""A visit that is recorded: everybody is told while a disk has it, and what was recorded plays, at the right time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from io import BytesIO
from pathlib import Path

import av
from playwright.async_api import Browser, expect

from rvw.domain.events import RecordingResumed, RecordingStalled
from rvw.domain.handover import decode
from rvw.settings import Settings, load
from signaling.blobs.opening import open_blobs
from signaling.blobs.store import Blobs
from signaling.keeping.opening import open_provider
from signaling.records import Store, open_store
from signaling.records.recordings import Recording
from tests.browser.people import Person, face_to_face, meet
from tests.fakes.disks import disk
from tests.fakes.places import Place
from tests.fakes.product import Product, product


@asynccontextmanager
async def kept(running: Product) -> AsyncIterator[tuple[Store, Blobs]]:
    """Open what the product keeps, as a second signaling process would."""
    settings: Settings = load("", {}, {"store.data": str(running.data), "security.demo": "true"})
    async with open_store(f"sqlite:///{running.data / 'rvw.sqlite3'}", open_provider(settings)) as store:
        yield store, open_blobs(settings, store.keys)


WATCHED = """
(video, seconds) => new Promise((done) => {
  const since = video.currentTime
  const look = () => (video.currentTime >= since + seconds ? done() : requestAnimationFrame(look))
  look()
})
"""
"""Waits until so many seconds of a picture have been shown."""

FILM_S = 600
"""How long a film may take: it is made with what others leave of the processor."""


async def until(running: Product, visit: str, *states: str) -> Recording:
    """Wait until the recording of a visit has come so far."""
    async with asyncio.timeout(FILM_S), kept(running) as (store, _):
        while True:
            found = await store.recordings.find(visit)
            if found is not None and found.state in states:
                return found
            await asyncio.sleep(0.2)


async def read(running: Product, visit: str, sha256: str) -> BytesIO:
    """Return a file of the visit."""
    async with kept(running) as (_, blobs):
        return BytesIO(b"".join([chunk async for chunk in blobs.read(visit, sha256)]))


async def is_told(person: Person, state: str) -> None:
    """Wait until the page says how the recording stands."""
    await expect(person.at("recording").first).to_have_attribute("data-state", state)


async def watches(person: Person, name: str, seconds: float) -> None:
    """Wait until so many seconds of a picture have been shown: so much is in the recording, too."""
    await person.at(name).evaluate(WATCHED, seconds)


async def close(officer: Person) -> None:
    """Close the visit, and wait for the receipt."""
    await officer.touch("close-visit")
    await officer.touch("close-outcome-guided")
    await officer.touch("close-confirm")
    await officer.at("handover-receipt").wait_for()


async def test_what_was_said_is_in_the_record(browser: Browser, running: Product, place: Place) -> None:
    """Both are told that it is recorded; after the closing each has a voice and a picture that play, as long as the talk.

    They are in the sealed record, by hash.
    """
    resident, officer, visit = await face_to_face(browser, running, place)
    for person in (officer, resident):
        await is_told(person, "running")
        await person.sees_and_hears(1)
        await watches(person, "remote-video", 2.5)
    await close(officer)
    recording = await until(running, visit, "composed")
    assert {(one.actor, one.out) for one in recording.files} == {
        (actor, out) for actor in (place.kiosk, place.officer) for out in ("mic", "camera")
    }
    for one in recording.files:
        with av.open(await read(running, visit, one.sha256), "r") as file:
            last = [frame.time for frame in file.decode(file.streams[0])][-1]  # type: ignore[union-attr]
        assert last is not None
        assert last > 4
        assert one.dropped == 0
    async with kept(running) as (store, _):
        record = await store.archive.record(visit)
    assert record is not None
    sealed = {(one.sha256, one.bytes, one.what) for one in decode(record.dossier).files}
    film = recording.film
    assert film is not None
    assert sealed == {
        *((one.sha256, one.bytes, "recording") for one in recording.files),
        (film.sha256, film.bytes, "film"),
    }
    assert [person.faults for person in (officer, resident)] == [[], []]


async def test_a_disk_that_takes_no_more_is_told_to_everybody(browser: Browser, tmp_path: Path) -> None:
    """The disk of the recordings is full in the middle of a talk: both pages say so, a supervisor has a task.

    When there is room again they say that it is recorded, and nothing of the talk is missing.
    """
    with disk(tmp_path / "disk", "size=8m") as spool:
        async with product(tmp_path / "data", "--set", f"media.spool={spool}") as running:
            lead = await Person.sit_down(browser, 1920, 1080)
            await lead.signs_in(running.origin, "operations", "lead-pudong")
            kiosk = running.kiosks["kiosk-pudong-1"]
            resident, officer, visit = await meet(browser, running, kiosk, "pudong1", "310115")
            people = resident, officer
            for person in people:
                await is_told(person, "running")
                await person.sees_and_hears(1)

            ballast = spool / "ballast"
            with suppress(OSError), ballast.open("wb") as file:
                while True:
                    file.write(bytes(1 << 16))
            for person in people:
                await is_told(person, "stalled")
                await expect(person.at("recording")).to_have_attribute("data-trouble", "full")
                await expect(person.at("recording")).to_have_attribute("role", "alert")
            await expect(lead.page.locator('[data-testid^="task-recording_stalled"]')).to_have_count(1)

            ballast.unlink()
            for person in people:
                await is_told(person, "running")
                await person.sees_and_hears(1)
            await close(officer)
            recording = await until(running, visit, "composed")
            assert recording.lost == 0
            assert len(recording.spans) == 1
            async with kept(running) as (store, _):
                record = await store.archive.record(visit)
            assert record is not None
            told = [link.event for link in decode(record.dossier).events]
            assert [one.reason for one in told if isinstance(one, RecordingStalled)] == ["full"]
            assert [one for one in told if isinstance(one, RecordingResumed)]
            assert [person.faults for person in (*people, lead)] == [[], [], []]
