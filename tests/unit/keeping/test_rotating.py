"""The wrapping key is changed while everything runs; old rows are encrypted; what was deleted stays gone in backups."""

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import insert, select, update

from rvw.clock import Seconds
from rvw.domain.people import SYSTEM
from rvw.domain.task import Kind, Owed, make
from rvw.errors import InvalidSettings, NotFound
from signaling.keeping.provider import SETTLE_S, FileKeys, Wrapped
from signaling.keeping.rotating import rotate
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


async def test_the_old_key_opens_nothing_any_more(store: Store, wrapping: FileKeys) -> None:
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
        await rotate(wrapping, store.keys, clock, wait)
    assert await wrapping.unwrap(backup, "v1"), "so nothing was destroyed"
    await store.keys.destroy("v3")

    async def pass_(seconds: Seconds) -> None:
        clock.pass_(seconds)

    done = await rotate(wrapping, store.keys, clock, pass_)
    assert (done.key, done.wrapped, done.destroyed) == (wrapping.current(), 1, 2)
    assert (await store.archive.record("v2")) is not None
    with pytest.raises(InvalidSettings, match="does not hold the key"):
        await wrapping.unwrap(backup, "v1")
    with pytest.raises(NotFound):
        await store.archive.record("v1")


async def test_who_is_slow_is_waited_for(store: Store, wrapping: FileKeys) -> None:
    """A key that another process wraps with the old one while it is changed is wrapped anew before that one goes."""
    clock = ManualClock(T0)
    slow = FileKeys(wrapping._file)
    before = await slow.wrap(bytes(32), "v9")

    async def wait(seconds: Seconds) -> None:
        assert seconds == SETTLE_S
        await _add_key(store, "v9", before)
        clock.pass_(seconds)

    assert (await rotate(wrapping, store.keys, clock, wait)).wrapped == 1
    assert await store.keys.of("v9") == bytes(32)


async def test_what_is_older_than_the_keys_is_encrypted_at_a_start(store: Store) -> None:
    """A task and a record from before: afterwards no word of them is in the table, and they are read as they were."""
    owed = Owed(kind=Kind.MESSAGE, authority="pudong", visit="v1", name="诸葛测试员", deadline=T0 + 10)
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
