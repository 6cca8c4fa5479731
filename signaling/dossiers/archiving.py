"""A month of records for the archive: a BagIt bag (RFC 8493) with a package a visit and the hand-over list (移交清单).

    <folder>/data/<visit>/…        the package of the last version of each dossier, as `rvw verify` reads it
    <folder>/data/移交清单.csv      one line a visit: what the archive registers (in the spirit of DA/T 85-2019)
    <folder>/bag-info.txt, manifest-sha256.txt, …

What was written is read again and checked, bag and packages, before anybody is told that it is there.
"""

import csv
from asyncio import to_thread
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

import bagit
from msgspec import Struct

from rvw.clock import WINDOW_TIME, Instant, to_the_second, wall
from rvw.domain.handover import Dossier, decode
from rvw.domain.package import DOSSIER, EVIDENCE, FILES, MANIFEST, check
from rvw.domain.seal import PublicKeys
from rvw.errors import InvalidInput, NotPossible, NotWhole
from signaling.blobs import Blobs
from signaling.dossiers.evidence import attached
from signaling.dossiers.packages import Folder
from signaling.records.archive import Archive, Record

LIST: Final = "移交清单.csv"

COLUMNS: Final = (
    "序号",
    "办件编号",
    "版本",
    "事项名称",
    "事项编码",
    "办理机构",
    "行政区划",
    "业务编号",
    "申请时间",
    "办结时间",
    "办理结果",
    "附件数",
    "SHA-256",
)


class Bag(Struct, frozen=True):
    """What a bag holds."""

    visits: int
    bytes: int


def month(text: str) -> tuple[Instant, Instant]:
    """Return the first instant of a month written as 2026-10, in China's time, and that of the next.

    Raises `InvalidInput` for anything else.
    """
    try:
        begin = datetime.strptime(text, "%Y-%m").replace(tzinfo=WINDOW_TIME)
    except ValueError as error:
        raise InvalidInput(f"{text} is not a month: write 2026-10") from error
    later = begin.replace(year=begin.year + begin.month // 12, month=begin.month % 12 + 1)
    return begin.timestamp(), later.timestamp()


async def export(archive: Archive, blobs: Blobs, since: Instant, until: Instant, folder: Path, keys: PublicKeys) -> Bag:
    """Write the records of visits closed in `[since, until)` with their files into a new folder, and check them.

    Raises `NotPossible` if the folder is there; `NotFound` if a file of a record is not kept any more; `NotWhole` if what
    was written does not fit; `Unavailable`.
    """
    _begin(folder)
    rows: list[tuple[object, ...]] = []
    for visit in await archive.closed_between(since, until):
        if (record := await archive.record(visit)) is not None:
            rows.append(_row(len(rows) + 1, record, await _write(record, folder / visit, blobs)))
    _finish(folder, since, rows)
    return verify(folder, keys)


def verify(folder: Path, keys: PublicKeys) -> Bag:
    """Check a bag and each package in it. Raises `NotWhole` naming the first thing that does not fit."""
    try:
        bagit.Bag(str(folder)).validate()
    except bagit.BagError as error:
        raise NotWhole(f"{folder.name}: {error}") from error
    visits = 0
    for package in _packages(folder):
        try:
            check(Folder(package), keys, attached)
        except NotWhole as error:
            raise NotWhole(f"{package.name}/{error}") from error
        visits += 1
    listed = (folder / "data" / LIST).read_text(encoding="utf-8-sig").count("\n") - 1
    if listed != visits:
        raise NotWhole(f"{LIST}: it lists {listed} visits, and {visits} are there")
    return Bag(visits, sum(file.stat().st_size for file in (folder / "data").rglob("*") if file.is_file()))


def _begin(folder: Path) -> None:
    if folder.exists():
        raise NotPossible(f"{folder} is there already: an archive is never written over")
    folder.mkdir(parents=True)


def _finish(folder: Path, since: Instant, rows: list[tuple[object, ...]]) -> None:
    with (folder / LIST).open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([COLUMNS, *rows])
    begin = wall(since)
    told = {
        "Source-Organization": "Remote Virtual Window",
        "External-Identifier": f"rvw-{begin:%Y-%m}",
        "External-Description": f"{len(rows)} visits closed in {begin:%Y-%m}",
    }
    bagit.make_bag(str(folder), told, checksums=["sha256"])


def _packages(folder: Path) -> Iterator[Path]:
    yield from sorted(path for path in (folder / "data").iterdir() if path.is_dir())


async def _write(record: Record, folder: Path, blobs: Blobs) -> Dossier:
    content = decode(record.dossier)
    await to_thread(_write_record, record, folder)
    for sha256 in {file.sha256 for file in content.files if file.removed is None}:
        with await to_thread((folder / FILES / sha256).open, "wb") as out:
            async for piece in blobs.read(record.visit, sha256):
                await to_thread(out.write, piece)
    return content


def _write_record(record: Record, folder: Path) -> None:
    (folder / FILES).mkdir(parents=True)
    for name, data in ((DOSSIER, record.dossier), (EVIDENCE, record.evidence), (MANIFEST, record.manifest)):
        (folder / name).write_bytes(data)


def _row(number: int, record: Record, content: Dossier) -> tuple[object, ...]:
    names = content.names
    known = (names.matter, content.matter, names.authority or content.authority, content.region, content.case)
    times = (to_the_second(content.opened_at), to_the_second(content.closed_at))
    rest = (content.outcome, len(content.files), record.sha256)
    return (number, content.visit, content.number, *known, *times, *rest)
