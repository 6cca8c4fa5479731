"""Each closed visit becomes one record and one parcel, however often and by how many it is read."""

import asyncio
import hashlib
from pathlib import Path

import pytest

from rvw.domain.handover import decode, dossier, encode
from rvw.errors import NotPossible, Unavailable
from signaling.records import Store, open_store
from signaling.records.archive import Archive
from signaling.records.database import sqlite_url
from signaling.records.projector import Projector
from tests.fakes.case_system import closed_visit, opened, told


async def test_a_visit_is_recorded(store: Store) -> None:
    """Record, parcel and cursor are there together."""
    visit, events = closed_visit("v1")
    projector = Projector(store)
    assert await projector.cursor() == ""
    assert await projector.record("7-0", visit, events) is True
    record = await store.archive.record("v1")
    assert record is not None
    assert record.dossier == encode(dossier(visit, events))
    assert record.sha256 == hashlib.sha256(record.dossier).hexdigest()
    assert decode(record.dossier).visit == "v1"
    assert await projector.cursor() == "7-0"
    assert (await store.parcels.count())["waiting"] == 1


async def test_the_same_visit_twice_is_once(store: Store) -> None:
    """Read again after a crash: the record stays, the cursor moves."""
    visit, events = closed_visit("v1")
    projector = Projector(store)
    await projector.record("7-0", visit, events)
    assert await projector.record("8-0", visit, events) is False
    assert await projector.cursor() == "8-0"
    assert (await store.parcels.count())["waiting"] == 1


async def test_two_processes_at_once_are_once(store: Store, tmp_path: Path) -> None:
    """Both read the same ten visits; ten records."""
    async with open_store(sqlite_url(tmp_path)) as other:
        projectors = [Projector(store), Projector(other)]
        visits = [closed_visit(f"v{number}") for number in range(10)]
        new = await asyncio.gather(*(p.record("1-0", *visit) for visit in visits for p in projectors))
    assert sum(new) == 10
    assert (await store.parcels.count())["waiting"] == 10


async def test_all_or_nothing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the cursor cannot be written, there is no record and no parcel either."""

    async def broken(*_: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(Archive, "_move", broken)
    with pytest.raises(Unavailable):
        await Projector(store).record("7-0", *closed_visit("v1"))
    assert await store.archive.record("v1") is None
    assert sum((await store.parcels.count()).values()) == 0


async def test_readers_have_their_own_cursor(store: Store) -> None:
    """Two cells, two ledgers, two positions."""
    one, two = Projector(store, "records:one"), Projector(store, "records:two")
    await one.advance("5-0")
    assert (await one.cursor(), await two.cursor()) == ("5-0", "")


async def test_an_open_visit_is_refused(store: Store) -> None:
    """Nothing is written of a visit that goes on."""
    with pytest.raises(NotPossible):
        await Projector(store).record("7-0", *told("v1", [opened()]))
    assert await Projector(store).cursor() == ""
