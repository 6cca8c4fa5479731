"""The wrapping key is changed while everything runs; old rows are encrypted; what was deleted stays gone in backups."""

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import insert, select, update

from rvw.clock import DAY_S, Seconds
from rvw.domain.catalogue.retention import Kind, Retention
from rvw.domain.certificate import SCHEMA, Certificate
from rvw.domain.people import SYSTEM
from rvw.domain.task import Kind as TaskKind
from rvw.domain.task import Owed, make
from rvw.errors import InvalidSettings, NotFound, NotPossible
from rvw.settings import Keeping
from signaling.dossiers.keys import open_keys
from signaling.keeping.audit import Audit
from signaling.keeping.provider import SETTLE_S, FileKeys, Wrapped
from signaling.keeping.rotating import Rotated, Rotating, Wait, rotate
from signaling.records import Store, open_store
from signaling.records.database import sqlite_url
from signaling.records.models import DossierRow, TaskRow, VisitKeyRow
from tests.fakes.case_system import T0, closed_visit, make_record
from tests.fakes.clock import ManualClock


@pytest.fixture
def wrapping(tmp_path: Path) -> FileKeys:
    """The wrapping key, in a file."""
    return FileKeys(tmp_path / "data-keys.json")


@pytest.fixture
async def store(tmp_path: Path, wrapping: FileKeys) -> AsyncIterator[Store]:
    """A store whose keys of visits are wrapped with it."""
    async with open_store(sqlite_url(tmp_path), wrapping) as store:
        yield store


@pytest.fixture
def audit(store: Store, tmp_path: Path) -> Audit:
    """The log in which it is noted who has changed the key."""
    return Audit(store.trail, open_keys(tmp_path, T0), lambda: T0)


async def test_the_old_key_opens_nothing_any_more(store: Store, wrapping: FileKeys, audit: Audit) -> None:
    """Records are read as before; a deleted visit's key, put back from a backup, is refused: what wrapped it is gone."""
    clock = ManualClock(T0)
    for visit in ("v1", "v2"):
        await store.archive.keep(make_record(*closed_visit(visit)))
    (backup,) = [one for one in (await store.keys._rows.many(["v1"])).values() if one]
    assert await wrapping.unwrap(backup, "v1") == await store.keys.of("v1")
    await store.keys.destroy("v1")
    old = wrapping.current()

    async def wait(seconds: Seconds) -> None:
        """A process that has not noticed yet writes once more with the old key."""
        await _add_key(store, "v3", Wrapped(old, backup.data))
        clock.pass_(seconds)

    with pytest.raises(InvalidSettings):  # what it wrote is for another visit, and cannot be unwrapped
        await rotate(wrapping, store.keys, audit, SYSTEM, clock, wait)
    assert await wrapping.unwrap(backup, "v1"), "so nothing was destroyed"
    await store.keys.destroy("v3")

    async def pass_(seconds: Seconds) -> None:
        clock.pass_(seconds)

    done = await rotate(wrapping, store.keys, audit, SYSTEM, clock, pass_)
    assert (done.key, done.wrapped, done.destroyed) == (wrapping.current(), 1, 2)
    assert (await store.archive.record("v2")) is not None
    with pytest.raises(InvalidSettings, match="does not hold the key"):
        await wrapping.unwrap(backup, "v1")
    with pytest.raises(NotFound):
        await store.archive.record("v1")


async def test_who_is_slow_is_waited_for(store: Store, wrapping: FileKeys, audit: Audit) -> None:
    """A key that another process wraps with the old one while it is changed is wrapped anew before that one goes."""
    clock = ManualClock(T0)
    slow = FileKeys(wrapping._file)
    before = await slow.wrap(bytes(32), "v9")

    async def wait(seconds: Seconds) -> None:
        assert seconds == SETTLE_S
        await _add_key(store, "v9", before)
        clock.pass_(seconds)

    assert (await rotate(wrapping, store.keys, audit, SYSTEM, clock, wait)).wrapped == 1
    assert await store.keys.of("v9") == bytes(32)


class Night:
    """A process that looks at night whether it is time; a visit is kept in the store."""

    def __init__(self, store: Store, wrapping: FileKeys, audit: Audit) -> None:
        self.clock = ManualClock(T0)
        self.store = store
        self.wrapping = wrapping
        self.audit = audit

    def process(self, wait: Wait | None = None) -> Rotating:
        """Return one whose settings say ten days."""

        async def pass_(seconds: Seconds) -> None:
            self.clock.pass_(seconds)

        chosen = Keeping(rotate_days=10)
        return Rotating(self.wrapping, self.store.keys, self.store.deletions, self.audit, chosen, self.clock, wait or pass_)

    async def deletes(self, visit: str, kind: Kind = "dossier") -> None:
        """Let a deletion be done now."""
        content = Certificate(
            schema=SCHEMA, visit=visit, kind=kind, authority="pudong", matter="m", closed_at=0.0, due_at=0.0,
            rule=Retention(id="r", kind=kind, days=0, basis="测试"), begun_at=0.0, key_destroyed=True,
        )  # fmt: skip
        assert await self.store.deletions.begin(content, self.clock(), 0.0)
        await self.store.deletions.finish(content, self.clock(), "http")


@pytest.fixture
async def night(store: Store, wrapping: FileKeys, audit: Audit) -> Night:
    """One with a visit."""
    await store.archive.keep(make_record(*closed_visit("v2")))
    return Night(store, wrapping, audit)


async def test_it_is_changed_by_itself_after_a_deletion(night: Night, store: Store, wrapping: FileKeys) -> None:
    """Not without one, not for a part of a visit, not before its days are over, and once; it is in the audit log."""
    assert await night.process().once() is None
    await night.deletes("v1", "recording")
    assert await night.process().once() is None
    await night.deletes("v1")
    before = wrapping.current()
    done = await night.process().once()
    assert done is not None
    assert (done.key, done.destroyed) == (wrapping.current(), 1)
    assert done.key != before
    assert await store.archive.record("v2") is not None
    assert [(one.did, one.role) for one in await store.trail.of("", 10)] == [("changed", "system")]

    night.clock.pass_(9 * DAY_S)
    await night.deletes("v3")
    assert await night.process().once() is None, "ten days are not over"
    night.clock.pass_(DAY_S)
    assert (await night.process().once()) is not None
    night.clock.pass_(11 * DAY_S)
    assert await night.process().once() is None, "nothing was deleted since"


async def test_what_was_broken_off_is_done_again(night: Night, wrapping: FileKeys) -> None:
    """A process is killed while it waits for the others: the next to look brings it to an end, days or not."""

    class Killed(BaseException):
        """The process is gone."""

    async def die(_seconds: Seconds) -> None:
        raise Killed

    await night.deletes("v1")
    with pytest.raises(Killed):
        await night.process(die).once()
    assert wrapping.left_over()
    done = await night.process().once()
    assert done is not None
    assert done.destroyed == 2, "the one before, and the one that was made in vain"
    assert not wrapping.left_over()
    assert await night.store.archive.record("v2") is not None


async def test_two_do_not_change_it_at_once(night: Night) -> None:
    """While one waits, another looks, and lets it be; a person who types it is told."""
    others: list[Rotated | None] = []

    async def meanwhile(seconds: Seconds) -> None:
        others.append(await night.process().once())
        with pytest.raises(NotPossible):
            await rotate(night.wrapping, night.store.keys, night.audit, SYSTEM, night.clock, meanwhile)
        night.clock.pass_(seconds)

    await night.deletes("v1")
    assert await night.process(meanwhile).once() is not None
    assert others == [None]


async def test_what_is_older_than_the_keys_is_encrypted_at_a_start(store: Store) -> None:
    """A task and a record from before: afterwards no word of them is in the table, and they are read as they were."""
    owed = Owed(kind=TaskKind.MESSAGE, authority="pudong", visit="v1", name="诸葛测试员", deadline=T0 + 10)
    task = make(owed, "t1", SYSTEM, T0)
    async with store.database.writing() as connection:
        values = {
            "id": "t1", "version": 1, "kind": "message", "state": "open", "authority": "pudong", "desk": "", "visit": "v1",
            "due_at": 0.0, "deadline": T0, "body": msgspec.json.encode(task), "contact": b"sealed once", "encrypted": False,
        }  # fmt: skip
        await connection.execute(insert(TaskRow).values(values))
    await store.archive.keep(make_record(*closed_visit("v1")))
    async with store.database.writing() as connection:
        await connection.execute(update(DossierRow).values(ticket=None, officer="", outcome=""))
    await store.protect()
    async with store.database.reading() as connection:
        body, contact = (await connection.execute(select(TaskRow.body, TaskRow.contact))).one()
        known = (await connection.execute(select(DossierRow.ticket, DossierRow.officer, DossierRow.outcome))).one()
    assert "诸葛".encode() not in body
    assert contact != b"sealed once"
    assert await store.tasks.task("t1") == task
    assert await store.tasks.contact("t1") == b"sealed once"
    assert tuple(known) == ("A001", "pudong1", "accepted")
    await store.protect()
    assert await store.tasks.task("t1") == task


async def _add_key(store: Store, visit: str, wrapped: Wrapped) -> None:
    async with store.database.writing() as connection:
        values = {"visit": visit, "wrapped_by": wrapped.by, "wrapped": wrapped.data, "made_at": T0, "destroyed_at": None}
        await connection.execute(insert(VisitKeyRow).values(values))
