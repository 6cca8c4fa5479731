"""What is over is deleted in every place, with a certificate, whatever is killed in between: SQLite, PostgreSQL, Valkey."""

import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest

from rvw.clock import DAY_S
from rvw.domain import certificate
from rvw.domain.catalogue.retention import Retention
from rvw.domain.certificate import Certificate
from rvw.domain.chain import Corrected, sha256
from rvw.domain.events import Rated, Recorded
from rvw.domain.handover import FileEntry, decode
from rvw.domain.keeping import STEPS
from rvw.domain.people import Actor, Role
from rvw.domain.rating import Rating
from rvw.domain.task import Kind, Owed, make
from rvw.errors import NotFound, NotPossible, Unavailable
from rvw.settings import Handover, Settings
from signaling.blobs import Blobs
from signaling.blobs.opening import open_blobs
from signaling.dossiers.amending import Amendments
from signaling.dossiers.keys import SealKeys, open_keys
from signaling.handover.outbox import Outbox
from signaling.handover.receipts import nobody
from signaling.keeping.audit import Audit
from signaling.keeping.deleting import LEASE_S, Deleting
from signaling.keeping.holding import Holding
from signaling.keeping.provider import FileKeys
from signaling.keeping.removal import open_deleting
from signaling.keys import Keys
from signaling.ledger import Client, Entry, Ledger, Write, connect
from signaling.records import Store, open_store
from signaling.records.database import sqlite_url
from signaling.records.deletions import Deletions
from signaling.records.recordings import Recording, TrackFile
from signaling.traces import Traces
from tests.fakes.case_system import T0, FakeCaseSystem, closed_visit, sealer
from tests.fakes.clock import ManualClock
from tests.fakes.postgres import postgres
from tests.fakes.town import TOWN
from tests.fakes.valkey import Valkey, running_valkey

LEAD = Actor("lead", Role.SUPERVISOR, "冯督导", "pudong")
NAME = "诸葛测试员"
"""Whom nobody may find afterwards."""

PAPER = f"申请人：{NAME}".encode() * 100
VOICE = b"the voice of somebody" * 1000

RECORDS = Retention(id="records", kind="dossier", days=10, basis="DA/T 85")
FILMS = Retention(id="films", kind="recording", days=3, basis="个人信息保护法第十九条")
RATINGS = Retention(id="ratings", kind="rating", days=3, basis="个人信息保护法第十九条")
PAPERS = Retention(id="papers", kind="papers", days=3, basis="内部规定")

KEYS = Keys("cell")


class Killed(BaseException):
    """The process is gone: nothing after this is done."""


@pytest.fixture(scope="module")
async def valkey() -> AsyncIterator[Valkey]:
    """A live store of our own."""
    async with running_valkey() as server:
        yield server


@pytest.fixture(scope="module")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL of our own."""
    with postgres() as url:
        yield url


class House:
    """Every place in which something of a visit is kept."""

    def __init__(self, folder: Path, store: Store, redis: Client, rules: Sequence[Retention]) -> None:
        self.folder = folder
        self.store = store
        self.redis = redis
        self.rules = tuple(rules)
        self.clock = ManualClock(T0 + 11 * DAY_S)
        settings = Settings()
        self.settings = msgspec.structs.replace(
            settings,
            store=msgspec.structs.replace(settings.store, data=str(folder)),
            keeping=msgspec.structs.replace(settings.keeping, from_hour=0, until_hour=24),
        )
        self.blobs: Blobs = open_blobs(self.settings, store.keys)
        self.keys: SealKeys = open_keys(folder, T0)
        self.audit = Audit(store.trail, self.keys, self.clock)
        self.discarded: list[str] = []
        self.forgotten: list[str] = []
        self.sealer = sealer(folder)
        self.ledger = Ledger(redis, KEYS)

    def deleting(self) -> Deleting:
        """Return what a signaling process has."""
        catalogue = msgspec.structs.replace(TOWN, keeping=self.rules)
        amendments = Amendments(self.store.archive, self.sealer, lambda _m: "http", lambda: None, self.clock)

        async def discard(visit: str) -> None:
            self.discarded.append(visit)

        return open_deleting(
            self.settings, self.store, self.blobs, Traces(self.redis, KEYS), self.keys, self.audit, amendments, discard,
            lambda: catalogue, lambda _matter: "http", self.clock, self.forgotten.append,
        )  # fmt: skip

    async def lived(self, visit: str, *, arrived: bool = True) -> None:
        """Let a visit have been: in the ledger, in SQL, with files, a rating, and a task that is done."""
        closed, events = closed_visit(visit)
        events = tuple(
            msgspec.structs.replace(one, event=msgspec.structs.replace(one.event, text=f"我是{NAME}"))
            if one.event.__class__.__name__ == "Said" else one
            for one in events
        )  # fmt: skip
        await self._append(f"visit:{visit}", events)
        rated = Rated(
            level=5, tags=(), text=f"{NAME}很满意", way="kiosk", authority="pudong", desk="pudong", officer="pudong1",
            matter="social-card", region="310115",
        )  # fmt: skip
        await self._append(f"rating:{visit}", (Recorded(f"rating:{visit}", 1, T0, "kiosk", "", rated),))
        paper, voice = [await self.blobs.put(visit, once(data), len(data)) for data in (PAPER, VOICE)]
        files = (
            FileEntry(name=f"{NAME}.pdf", sha256=paper.sha256, bytes=paper.bytes, type="application/pdf", what="material"),
            FileEntry(name="voice.webm", sha256=voice.sha256, bytes=voice.bytes, type="audio/webm", what="recording"),
        )
        await self.store.archive.keep(self.sealer.first(closed, events, files), now=T0)
        if arrived:
            await self._arrived()
        await self.store.recordings.claim(visit, T0, T0 + 1)
        track = TrackFile(
            actor="pudong1", out="mic", codec="OPUS", type="audio/webm", sha256=voice.sha256, bytes=voice.bytes,
            seconds=9.0, frames=450, dropped=0,
        )  # fmt: skip
        await self.store.recordings.keep(Recording(visit=visit, state="collected", files=(track,)), T0)
        await self.store.ratings.keep(Rating(visit=visit, version=1, given=rated, at=T0))
        owed = Owed(kind=Kind.MESSAGE, authority="pudong", visit=visit, name=NAME, text="请回电", deadline=T0 + 10)
        task = make(owed, f"task-{visit}", LEAD, T0)
        done = msgspec.structs.replace(task, version=2, state=msgspec.convert("done", type(task.state)))
        await self.store.tasks.add(task)
        await self.store.tasks.change(task, done)
        handed = self.folder / "handover" / f"{visit}.1.json"
        handed.parent.mkdir(exist_ok=True)
        handed.write_text(NAME)

    async def _append(self, stream: str, events: Sequence[Recorded]) -> None:
        entries = tuple(Entry(one, (), (), (), settled=False, row=msgspec.Raw(b"null")) for one in events)
        await self.ledger.append(
            [Write(stream=stream, expected=0, entries=entries, after=None, row=b'{"id":"row"}', due=1.0)]
        )

    async def _arrived(self) -> None:
        for claim in await self.store.parcels.claim("lease", T0 + 60, 10, T0 + 1e6):
            await self.store.parcels.delivered(claim, "SL-1", T0)
            await self.store.parcels.acknowledged(claim, T0)

    async def traces(self) -> dict[str, bool]:
        """Return where something is left of a visit `v1`."""
        wrapped = (await self.store.keys._rows.many(["v1"])).get("v1")
        async with self.store.database.reading() as connection:
            rows = {
                table: (await connection.exec_driver_sql(f"SELECT count(*) FROM {table} WHERE visit = 'v1'")).scalar()
                for table in ("dossiers", "parcels", "tasks", "ratings", "recordings")
            }
        streams = [key async for key in self.redis.scan_iter("*v1*")]
        log = [stream async for stream in self._logged()]
        return {
            "key": wrapped is not None,
            "files": bool(await self.blobs.of("v1")),
            "folder": any((self.folder / "handover").glob("v1.*")),
            "streams": bool(streams),
            "board": bool(await self.redis.hexists(KEYS.of("board"), "visit:v1")),
            "deadlines": await self.redis.zscore(KEYS.of("deadlines"), "visit:v1") is not None,
            "log": any(stream.endswith(":v1") for stream in log),
            **{table: bool(count) for table, count in rows.items()},
        }

    async def _logged(self) -> AsyncIterator[str]:
        """Yield the streams of the log's entries."""
        for _, entry in await self.ledger.latest(10_000):
            yield entry.recorded.stream


async def once(data: bytes) -> AsyncIterator[bytes]:
    """Yield a file in one piece."""
    yield data


@asynccontextmanager
async def house(valkey: Valkey, url: str, rules: Sequence[Retention] = (RECORDS,)) -> AsyncIterator[House]:
    """Give a house of its own."""
    folder = Path(tempfile.mkdtemp(prefix="rvw-house-"))
    wrapping = FileKeys(folder / "data-keys.json")
    async with open_store(url or sqlite_url(folder), wrapping) as store, connect(valkey.url) as redis:
        await redis.flushall()
        yield House(folder, store, redis, rules)


async def test_everything_of_a_visit_goes_and_of_others_nothing(valkey: Valkey) -> None:
    """Of two visits one is due: nothing of it is left anywhere, the other is as it was; the certificate is whole."""
    async with house(valkey, "") as it:
        await it.lived("v1")
        await it.lived("v2")
        assert all((await it.traces()).values())
        hold = await Holding(it.store.holds, it.audit, it.clock, lambda: "h2").place(LEAD, "v2", "行政复议")
        (gone,) = await it.deleting().once()
        assert not any((await it.traces()).values())
        assert it.discarded == it.forgotten == ["v1"]
        found = await it.store.deletions.find("v1", "dossier")
        assert found is not None
        told = certificate.check(found.certificate, it.keys.public())
        assert (told.visit, told.rule, told.tasks, told.rated, told.key_destroyed) == ("v1", RECORDS, 1, True, True)
        assert {one.what for one in told.files} == {"material", "recording"}
        assert {one.sha256 for one in told.files} == {sha256(PAPER), sha256(VOICE)}
        assert [one.number for one in told.versions] == [1]
        assert gone.visit == "v1"
        assert NAME.encode() not in found.certificate
        log = [line.entry async for line in it.store.trail.lines() if line.entry]
        assert log[-1].what == f"dossier by records, certificate {sha256(found.certificate)}"
        assert await it.store.archive.record("v2") is not None
        assert len([one async for one in it.blobs.read("v2", sha256(PAPER))]) == 1
        assert await it.ledger.visit("v2") is not None
        await Holding(it.store.holds, it.audit, it.clock, lambda: "").lift(LEAD, hold.id, "已结案")
        assert [one.visit for one in await it.deleting().once()] == ["v2"]
        assert await it.deleting().once() == ()


class DyingRows:
    """Rows in which a step is written down; at the n-th the process ends, before or after it."""

    STEPS = ("advance", "certify", "finish")

    def __init__(self, rows: Deletions, at: int, written: bool) -> None:
        self._rows, self._left, self._written = rows, at, written

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._rows, name)
        return partial(self._step, found) if name in self.STEPS else found

    async def _step(self, take: Callable[..., Awaitable[None]], *words: object) -> None:
        last, self._left = self._left == 0, self._left - 1
        if last and not self._written:
            raise Killed
        await take(*words)
        if last:
            raise Killed


def dies(deleting: Deleting, at: int, written: bool) -> Deleting:
    """Return it, with the step at which it ends."""
    deleting._rows = DyingRows(deleting._rows, at, written)  # type: ignore[assignment]
    return deleting


@pytest.mark.parametrize("written", [False, True])
@pytest.mark.parametrize("at", range(len(STEPS) - 1))
async def test_a_process_that_is_killed_leaves_it_to_the_next(valkey: Valkey, at: int, written: bool) -> None:
    """At any step, before or after it is written down: another process ends it when the lease is over; one certificate."""
    async with house(valkey, "") as it:
        await it.lived("v1")
        with pytest.raises(Killed):
            await dies(it.deleting(), at, written).once()
        if at > 0:
            with pytest.raises(NotFound):
                await it.store.keys.of("v1")
        left = () if at == len(STEPS) - 2 and written else ("v1",)
        assert await it.deleting().once() == (), "it is still the first one's"
        it.clock.pass_(LEASE_S + 1)
        assert tuple(one.visit for one in await it.deleting().once()) == left
        assert not any((await it.traces()).values())
        found = await it.store.deletions.find("v1", "dossier")
        assert found is not None
        assert found.step == "done"
        certificate.check(found.certificate, it.keys.public())


async def test_the_case_system_is_told_once(valkey: Valkey) -> None:
    """Its answer is lost the first time, and the process that deletes dies before the end: it has one notice, checked."""
    async with house(valkey, "") as it:
        await it.lived("v1")
        case_system, clock = FakeCaseSystem(), it.clock
        box = Outbox(it.store.notices, case_system, Handover(), nobody, clock)
        assert not await box.step(), "nothing to tell before"
        await it.deleting().once()
        (gone,) = await it.store.deletions.of(["pudong"])
        case_system.mood = "takes, then fails"
        assert await box.step()
        case_system.mood = "takes"
        clock.pass_(60)
        assert await box.step()
        assert not await box.step()
        assert (case_system.arrived, case_system.types) == ([("v1", 2)], ["rvw.dossier.deleted.v1"])
        told = certificate.check(case_system.records["v1"], it.keys.public())
        assert told.versions == gone.content.versions
        assert case_system.records["v1"] == gone.certificate
        progress = await it.store.notices.progress("v1", 2)
        assert progress is not None
        assert progress.state == "acknowledged"


async def test_what_is_told_says_what_has_happened(valkey: Valkey) -> None:
    """A record, a correction of it, files gone by rule, and in the end the deletion: each in its own kind, in order."""
    async with house(valkey, "", (FILMS, RECORDS)) as it:
        it.clock.pass_(-7 * DAY_S)
        await it.lived("v1", arrived=False)
        amendments = Amendments(it.store.archive, it.sealer, lambda _m: "http", lambda: None, it.clock)
        await amendments.correct(LEAD, "v1", Corrected("guided", "", "点错了"))
        case_system = FakeCaseSystem()
        boxes = [Outbox(rows, case_system, Handover(), nobody, it.clock) for rows in (it.store.parcels, it.store.notices)]

        async def delivered() -> None:
            while any([await box.step() for box in boxes]):
                pass

        await delivered()
        await it.deleting().once()
        await delivered()
        it.clock.pass_(7 * DAY_S)
        await it.deleting().once()
        await delivered()
        assert case_system.arrived == [("v1", 1), ("v1", 2), ("v1", 3), ("v1", 4)]
        kinds = ("sealed.v2", "corrected.v2", "redacted.v2", "deleted.v1")
        assert case_system.types == [f"rvw.dossier.{kind}" for kind in kinds]


async def test_parts_go_before_the_record_and_the_record_says_so(valkey: Valkey) -> None:
    """After three days voice, rating and papers are gone; the record stays, names them by hash, and says why."""
    async with house(valkey, "", (FILMS, RATINGS, PAPERS, RECORDS)) as it:
        it.clock.now = T0 + 4 * DAY_S
        await it.lived("v1")
        gone: list[Certificate] = [*await it.deleting().once()]
        assert sorted(one.kind for one in gone) == ["papers", "rating", "recording"]
        assert await it.blobs.of("v1") == ()
        record = await it.store.archive.record("v1")
        assert record is not None
        content = decode(record.dossier)
        assert {file.removed.reason for file in content.files if file.removed} == {"films", "papers"}
        left = {name for name, there in (await it.traces()).items() if there}
        assert {"ratings", "recordings", "files"}.isdisjoint(left)
        assert {"key", "dossiers", "tasks", "log"} <= left
        assert await it.redis.exists(KEYS.stream("rating:v1")) == 0
        assert await it.redis.exists(KEYS.stream("visit:v1")) == 1
        assert await it.deleting().once() == ()


async def test_a_hold_is_too_late_once_it_has_begun(valkey: Valkey) -> None:
    """Nobody is told that something stays which is going already."""
    async with house(valkey, "") as it:
        await it.lived("v1")
        with pytest.raises(Killed):
            await dies(it.deleting(), 0, written=True).once()
        with pytest.raises(NotPossible):
            await Holding(it.store.holds, it.audit, it.clock, lambda: "h1").place(LEAD, "v1", "法院调取")


async def test_nothing_goes_that_has_not_arrived_or_is_not_done(valkey: Valkey) -> None:
    """A record on its way, or a resident who still waits for a call, keeps everything."""
    async with house(valkey, "") as it:
        await it.lived("v1")
        owed = Owed(kind=Kind.CALL_BACK, authority="pudong", visit="v1", deadline=T0 + 10)
        await it.store.tasks.add(make(owed, "open", LEAD, T0))
        assert await it.deleting().once() == ()
        found = [(one.visit, kept.open_tasks) async for one, kept in it.deleting().due()]
        assert found == [("v1", 1)]


async def test_in_postgres_the_wrapped_key_is_in_no_file_of_its_table(valkey: Valkey, postgres_url: str) -> None:
    """The same, where rows are only marked as dead: the table of keys is written anew."""
    async with house(valkey, postgres_url) as it:
        await it.lived("v1")
        found = (await it.store.keys._rows.many(["v1"]))["v1"]
        assert found is not None
        base = Path(postgres_url.partition("host=")[2]) / "data" / "base"
        async with it.store.database.writing() as connection:
            await connection.exec_driver_sql("CHECKPOINT")
        assert holding(base, found.data)
        assert [one.visit for one in await it.deleting().once()] == ["v1"]
        assert not any((await it.traces()).values())
        async with it.store.database.writing() as connection:
            await connection.exec_driver_sql("CHECKPOINT")
        assert not holding(base, found.data)
        assert not holding(base, NAME.encode())


async def test_a_live_store_that_is_away_is_waited_for(valkey: Valkey) -> None:
    """The key is destroyed at once; what Valkey has goes when it is back."""
    async with house(valkey, "") as it:
        await it.lived("v1")
        await valkey.kill()
        with pytest.raises(Unavailable):
            await it.deleting().once()
        with pytest.raises(NotFound):
            await it.store.keys.of("v1")
        await valkey.start()
        it.clock.pass_(LEASE_S + 1)
        assert [one.visit for one in await it.deleting().once()] == ["v1"]
        assert not any((await it.traces()).values())


def holding(folder: Path, data: bytes) -> list[Path]:
    """Return the files in which the bytes are."""
    return [path for path in folder.rglob("*") if path.is_file() and data in path.read_bytes()]
