"""Films are made of recordings whose records are filed: once, by whoever comes, and what cannot be made is told."""

import os
from base64 import b64encode
from collections.abc import AsyncIterator
from pathlib import Path

import av
import msgspec
import pytest
import pytest_asyncio

from rvw.clock import midnight
from rvw.domain.chain import Composed, Redacted
from rvw.domain.handover import FILM, Dossier, decode
from rvw.domain.package import read_dossier
from rvw.domain.people import Actor, Role
from rvw.errors import NoRoom
from rvw.settings import Films, Settings
from signaling.blobs import Blobs
from signaling.blobs.opening import open_blobs
from signaling.dossiers.amending import Amendments
from signaling.dossiers.keys import open_keys
from signaling.recordings import children, composing
from signaling.recordings.collecting import _entry
from signaling.recordings.composing import MOST_TRIES, RETRY_S, Composing
from signaling.recordings.leases import LEASE_S, Leases
from signaling.recordings.plan import Task
from signaling.recordings.remux import remux
from signaling.records import Store, open_store
from signaling.records.database import sqlite_url
from signaling.records.recordings import Recording, TrackFile
from tests.fakes.case_system import T0, closed_visit, sealer
from tests.fakes.clock import ManualClock
from tests.fakes.studio import KEY, Publisher, segment, talk

Parts = list[tuple[dict[str, object], bytes]]
"""Facts and bytes of each file."""

LEAD = Actor("lead", Role.SUPERVISOR, "王督导", "pudong")


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Parts:
    """Two seconds of one party, as the collector keeps them: facts and bytes of each file."""
    folder = tmp_path_factory.mktemp("spool")
    frames = talk([Publisher("pudong1", 1)], 0, 2)
    segment(folder, "1-1", frames[0][0].arrival, frames)
    made = []
    for file in remux(Task("visit", str(folder), b64encode(KEY).decode()))[0]:
        head = msgspec.structs.asdict(file.finished())
        made.append((head, b"".join(file.veiled.chunks())))
        file.veiled.close()
    return made


class Window:
    """A visit `v1` that is filed, whose recording is collected."""

    def __init__(self, folder: Path, store: Store, blobs: Blobs) -> None:
        self.folder = folder
        self.store = store
        self.blobs = blobs
        self.clock = ManualClock(T0 + 5000)
        self.sealer = sealer(folder)
        self.amendments = Amendments(store.archive, self.sealer, lambda _m: "http", lambda: None, self.clock)
        self.failed: list[str] = []
        self.chosen = Films()

    async def file(self, parts: Parts, *, record: bool = True) -> None:
        """Keep what was recorded, and the record."""
        files = []
        for facts, data in parts:
            blob = await self.blobs.put("v1", whole(data), len(data))
            facts = {**facts, "sha256": blob.sha256, "bytes": blob.bytes}
            files.append(msgspec.convert(facts, TrackFile))
        self.files = tuple(files)
        if record:
            await self.store.archive.keep(self.sealer.first(*closed_visit("v1"), [_entry(one) for one in files]))
        assert await self.store.recordings.claim("v1", T0, T0 + 1)
        since = T0 + 12
        kept = Recording(visit="v1", state="collected", since=since, spans=((since, since + 2),), files=self.files)
        await self.store.recordings.keep(kept, T0)

    def process(self) -> Composing:
        """Return a signaling process that looks for something to do."""

        async def failed(content: Dossier, reason: str) -> None:
            self.failed.append(f"{content.visit}: {reason}")

        folder = self.folder / "recordings"
        leases = Leases(self.store.recordings, self.clock)
        return Composing(
            self.store.recordings,
            self.store.archive,
            self.blobs,
            self.amendments,
            folder,
            self.chosen,
            leases,
            self.clock,
            failed,
        )

    async def look(self) -> Recording:
        """Let a process look once; return how far the recording is then."""
        await self.process().once()
        found = await self.store.recordings.find("v1")
        assert found is not None
        return found

    async def record(self) -> Dossier:
        """Return the last version of the record, whose seal and chain were checked."""
        record = await self.store.archive.record("v1")
        assert record is not None
        content, _ = read_dossier(record.dossier, open_keys(self.folder, T0).public())
        return content


async def whole(data: bytes) -> AsyncIterator[bytes]:
    """Yield a file in one piece."""
    yield data


@pytest_asyncio.fixture
async def window(tmp_path: Path) -> AsyncIterator[Window]:
    settings = Settings()
    chosen = msgspec.structs.replace(settings, store=msgspec.structs.replace(settings.store, data=str(tmp_path)))
    async with open_store(sqlite_url(tmp_path)) as store:
        yield Window(tmp_path, store, open_blobs(chosen, store.keys))


async def test_a_film_is_made_once_and_stands_in_the_record(window: Window, parts: Parts) -> None:
    """The next version of the record has it, with what happened; it plays; who looks again finds nothing to do."""
    await window.file(parts)
    found = await window.look()
    assert (found.state, found.tries) == ("composed", 0)
    assert found.film is not None
    content = await window.record()
    assert content.number == 2
    assert [(one.sha256, one.bytes) for one in content.files if one.what == FILM] == [(found.film.sha256, found.film.bytes)]
    assert content.events[-1].event == Composed(found.film.sha256, found.film.seconds)
    data = b"".join([chunk async for chunk in window.blobs.read("v1", found.film.sha256)])
    path = window.folder / "film.mp4"
    path.write_bytes(data)
    with av.open(str(path)) as film:
        assert sum(1 for _ in film.decode(video=0)) > 10
    assert await window.look() == found
    assert (await window.record()).number == 2
    left = {one.name for one in (window.folder / "recordings").iterdir()}
    assert left == {"composing-0.lock"}


async def test_who_was_killed_has_lost_nothing(window: Window, parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed before the record had it: the next one does not make it again, and puts it in."""
    await window.file(parts)

    class Killed(BaseException):
        """As a process ends that is killed."""

    async def add_film(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(window.amendments, "add_film", add_film)
        with pytest.raises(Killed):
            await window.look()
    before = await window.store.recordings.find("v1")
    assert before is not None
    assert (before.state, before.tries, (await window.record()).number) == ("collected", 0, 1)
    assert before.film is not None
    found = await window.look()
    assert (found.state, found.film) == ("composed", before.film)
    assert (await window.record()).number == 2


async def test_what_cannot_be_made_is_told_once(window: Window, parts: Parts) -> None:
    """A file that no program can read: tried three times, then left; a supervisor is told, the files stay."""
    facts, _ = parts[0]
    await window.file([(facts, os.urandom(50_000))])
    for tries in range(1, MOST_TRIES):
        found = await window.look()
        assert (found.state, found.tries, window.failed) == ("collected", tries, [])
        assert (await window.look()).tries == tries, "not at once again"
        window.clock.pass_(RETRY_S + 1)
    found = await window.look()
    assert (found.state, found.files) == ("uncomposed", window.files)
    assert len(window.failed) == 1
    assert "not_whole" in window.failed[0]
    assert (await window.record()).number == 1


async def test_a_process_that_dies_has_failed(window: Window, parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one that makes the film is killed by the kernel: it counts, and the next makes it."""
    await window.file(parts)
    begun = children.child

    def killed(module: str, script: msgspec.Struct, descriptors: tuple[int, ...]) -> object:
        return begun("tests.fakes.dies", script, descriptors)

    with monkeypatch.context() as patch:
        patch.setattr(composing, "child", killed)
        found = await window.look()
    assert (found.state, found.tries) == ("collected", 1)
    window.clock.pass_(RETRY_S + 1)
    assert (await window.look()).state == "composed"


async def test_a_full_disk_is_waited_for(window: Window, parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not the recording's fault: nothing is counted, and the film is made when there is room."""
    await window.file(parts)

    async def put(*_: object, **__: object) -> None:
        raise NoRoom("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(window.blobs, "put", put)
        found = await window.look()
    assert (found.state, found.tries) == ("collected", 0)
    window.clock.pass_(RETRY_S + 1)
    assert (await window.look()).state == "composed"


async def test_what_was_removed_by_law_comes_into_no_film(window: Window, parts: Parts) -> None:
    """A voice is removed before the film is made: there is none. Removed after it: it goes with the film it is in."""
    await window.file(parts)
    order = Redacted(events=(), files=(window.files[0].sha256,), reason="当事人申请", basis="个人信息保护法第四十七条")
    await window.amendments.remove(LEAD, "v1", order)
    found = await window.look()
    assert (found.state, found.film, window.failed) == ("uncomposed", None, [])
    assert not [one for one in (await window.record()).files if one.what == FILM]


async def test_a_film_goes_with_what_is_in_it(window: Window, parts: Parts) -> None:
    """A voice is removed from a record that has a film: the film is removed by the same order."""
    await window.file(parts)
    await window.look()
    order = Redacted(events=(), files=(window.files[0].sha256,), reason="当事人申请", basis="个人信息保护法第四十七条")
    await window.amendments.remove(LEAD, "v1", order)
    content = await window.record()
    assert {one.sha256 for one in content.files if one.removed} == {
        window.files[0].sha256,
        *(one.sha256 for one in content.files if one.what == FILM),
    }


async def test_as_many_at_a_time_as_the_settings_say(window: Window, parts: Parts) -> None:
    """While as many processes of this machine make films as may, none is begun; the next look finds room."""
    await window.file(parts)
    folder = window.folder / "recordings"
    with composing._room(folder, 1) as first:
        assert first
        assert (await window.look()).state == "collected"
        window.chosen = Films(at_a_time=2)
        assert (await window.look()).state == "composed"
        with composing._room(folder, 2) as second, composing._room(folder, 2) as third:
            assert (second, third) == (True, False)


async def test_films_are_made_when_the_settings_say(window: Window, parts: Parts) -> None:
    """At night: none is begun by day, and it is told that one waits; and where films are off, none is ever made."""
    await window.file(parts)
    window.clock.pass_(-(window.clock() - midnight(window.clock())) + 12 * 3600)
    window.chosen = Films(when="off")
    await window.process().run()
    window.chosen = Films(when="night", from_hour=22, until_hour=4)
    process = window.process()
    await process.once()
    assert (process.statistics().waiting, process.statistics().made) == (1, 0)
    window.clock.pass_(10 * 3600 - 1)
    assert (await window.look()).state == "collected"
    window.clock.pass_(1)
    await process.once()
    await process.once()
    assert process.statistics() == composing.Statistics(waiting=0, since=0.0, made=1)


async def test_who_is_killed_is_followed_within_a_minute(window: Window, parts: Parts) -> None:
    """A process dies with a film under way: its lease is over soon; one that lives renews its own, and keeps it."""
    await window.file(parts)
    rows, now = window.store.recordings, window.clock()
    async with Leases(rows, window.clock).held("v1") as ours:
        assert ours
        await rows.renew({"v1"}, now, now + 2 * LEASE_S)
        window.clock.pass_(LEASE_S + 1)
        assert (await window.look()).state == "collected"
        window.clock.pass_(LEASE_S)
        await rows.renew({"v1"}, window.clock(), window.clock() + LEASE_S)
        assert (await window.look()).state == "composed", "what has run out is not renewed"


async def test_it_waits_for_the_record(window: Window, parts: Parts) -> None:
    """The recording is collected, and the visit is not filed yet: there is nothing to put a film into."""
    await window.file(parts, record=False)
    assert (await window.look()).state == "collected"
    await window.store.archive.keep(window.sealer.first(*closed_visit("v1"), [_entry(one) for one in window.files]))
    assert (await window.look()).state == "composed"
    assert decode((await window.store.archive.record("v1")).dossier).number == 2  # type: ignore[union-attr]
