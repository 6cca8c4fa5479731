"""Each closed visit becomes one record and one parcel, however often and by how many it is filed."""

import asyncio
import hashlib
from pathlib import Path

import pytest

from rvw.domain.handover import decode
from rvw.errors import NotPossible, Unavailable
from signaling.records import Store, archive, open_store
from signaling.records.database import sqlite_url
from tests.fakes.case_system import closed_visit, make_record, opened, told


async def test_a_visit_is_recorded(store: Store) -> None:
    """Record and parcel are there together."""
    visit, events = closed_visit("v1")
    assert await store.archive.keep(make_record(visit, events)) is True
    record = await store.archive.record("v1")
    assert record is not None
    assert record.sha256 == hashlib.sha256(record.dossier).hexdigest()
    assert decode(record.dossier).visit == "v1"
    assert (await store.parcels.count())["waiting"] == 1


async def test_the_same_visit_twice_is_once(store: Store) -> None:
    """Filed again after a crash: the record stays, and nothing is sent twice."""
    record = make_record(*closed_visit("v1"))
    await store.archive.keep(record)
    assert await store.archive.keep(record) is False
    assert (await store.parcels.count())["waiting"] == 1


async def test_two_processes_at_once_are_once(store: Store, tmp_path: Path) -> None:
    """Both file the same ten visits; ten records."""
    async with open_store(sqlite_url(tmp_path)) as other:
        records = [make_record(*closed_visit(f"v{number}")) for number in range(10)]
        new = await asyncio.gather(*(one.archive.keep(record) for record in records for one in (store, other)))
    assert sum(new) == 10
    assert (await store.parcels.count())["waiting"] == 10


async def test_all_or_nothing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the parcel cannot be written, there is no record either."""

    def broken(*_: object) -> dict[str, object]:
        raise OSError("the disk is full")

    monkeypatch.setattr(archive, "_parcel", broken)
    with pytest.raises(Unavailable):
        await store.archive.keep(make_record(*closed_visit("v1")))
    assert await store.archive.record("v1") is None
    assert sum((await store.parcels.count()).values()) == 0


def test_an_open_visit_is_refused() -> None:
    """There is no record of a visit that goes on."""
    with pytest.raises(NotPossible):
        make_record(*told("v1", [opened()]))
