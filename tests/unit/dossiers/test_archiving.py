"""A month for the archive: everything closed in it and nothing else, checked after writing; a changed byte is named."""

from pathlib import Path

import msgspec
import pytest

from rvw.errors import InvalidInput, NotFound, NotPossible, NotWhole
from signaling.blobs import Blobs
from signaling.blobs.objects import FolderObjects
from signaling.dossiers.archiving import LIST, Bag, export, month, verify
from signaling.dossiers.evidence import render
from signaling.records import Store, open_store
from signaling.records.database import sqlite_url
from tests.fakes.case_system import T0, closed_visit, sealer
from tests.fakes.dossiers import FILES_OF_VISIT, FORM, STILL, public

JANUARY = month("2027-01")


def blobs_of(store: Store, folder: Path) -> Blobs:
    """Return a store for files."""
    return Blobs(FolderObjects(folder / "blobs"), store.keys, folder / "blobs" / ".unfinished")


async def keep(store: Store, folder: Path, visit: str, start: float) -> None:
    """Keep the record of a visit that began at `start`."""
    record = sealer(folder, render).first(*closed_visit(visit, start))
    await store.archive.keep(msgspec.structs.replace(record, closed_at=start + 70))


async def test_a_month_is_written_checked_and_listed(tmp_path: Path) -> None:
    """Two visits of January, none of February; the list names both; a changed byte and a missing line are named."""
    async with open_store(sqlite_url(tmp_path / "data")) as store:
        for visit, start in (("v1", T0), ("v2", T0 + 60), ("v3", JANUARY[1])):
            await keep(store, tmp_path, visit, start)
        bag = await export(store.archive, blobs_of(store, tmp_path), *JANUARY, tmp_path / "bag", public(tmp_path))
        with pytest.raises(NotPossible, match="never written over"):
            await export(store.archive, blobs_of(store, tmp_path), *JANUARY, tmp_path / "bag", public(tmp_path))
    assert bag.visits == 2
    assert verify(tmp_path / "bag", public(tmp_path)) == Bag(2, bag.bytes)
    rows = (tmp_path / "bag" / "data" / LIST).read_text(encoding="utf-8-sig").splitlines()
    assert [row.split(",")[1] for row in rows] == ["办件编号", "v1", "v2"]
    assert "Remote Virtual Window" in (tmp_path / "bag" / "bag-info.txt").read_text()
    pdf = tmp_path / "bag" / "data" / "v2" / "evidence.pdf"
    pdf.write_bytes(pdf.read_bytes().replace(b"endobj", b"endobJ", 1))
    with pytest.raises(NotWhole, match=r"data/v2/evidence\.pdf"):
        verify(tmp_path / "bag", public(tmp_path))


async def test_files_are_not_left_out_in_silence(tmp_path: Path) -> None:
    """A record's files are in the bag; one that is not kept any more stops the export."""
    async with open_store(sqlite_url(tmp_path / "data")) as store:
        await store.archive.keep(sealer(tmp_path, render).first(*closed_visit("v1"), FILES_OF_VISIT))
        blobs = blobs_of(store, tmp_path)
        with pytest.raises(NotFound):
            await export(store.archive, blobs, *JANUARY, tmp_path / "without", public(tmp_path))
        for name, data in (("still", STILL), ("form", FORM)):
            (tmp_path / name).write_bytes(data)
            await blobs.put_file("v1", tmp_path / name)
        bag = await export(store.archive, blobs, *JANUARY, tmp_path / "bag", public(tmp_path))
    assert bag.visits == 1
    kept = {path.read_bytes() for path in (tmp_path / "bag" / "data" / "v1" / "files").iterdir()}
    assert kept == {STILL, FORM}


def test_months_are_chinas() -> None:
    """January begins eight hours before it does in UTC; December is followed by a year; other words are refused."""
    assert JANUARY == (1798732800.0, 1801411200.0)
    assert month("2026-12")[1] == JANUARY[0]
    for text in ("2026", "2026-13", "October"):
        with pytest.raises(InvalidInput):
            month(text)
