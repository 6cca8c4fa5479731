"""Recordings of visits that are over: how far each has come on its way from the media workers' disks to the record."""

from collections.abc import Collection
from typing import Any, Literal

import msgspec
from msgspec import Struct
from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from rvw.clock import Instant, Seconds
from rvw.protocol.playback import Tile as Tile
from signaling.records.database import Database
from signaling.records.models import RecordingRow

State = Literal["wanted", "collected", "composed", "uncomposed", "lost"]
"""`wanted`: still with the workers. `collected`: each party's files are kept. `composed`: and one film of all.
`uncomposed`: making that has failed for good, what was collected stays. `lost`: no worker has anything of it."""


class TrackFile(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What one party has sent in one slot, as a file that plays."""

    actor: str
    out: str
    codec: str
    type: str
    sha256: str
    bytes: int
    seconds: Seconds
    """The position of its last frame, on the clock of all files of the visit."""
    frames: int
    """Without the silence that was put where nothing came."""
    dropped: int
    begin: Seconds = 0.0
    """The position of its first frame."""


class Film(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """All parties in one file."""

    sha256: str
    bytes: int
    seconds: Seconds
    width: int
    height: int
    tiles: tuple[Tile, ...]


class Recording(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One visit's recording. Position 0 of every file is the instant `since`."""

    visit: str
    state: State
    since: Instant = 0.0
    spans: tuple[tuple[Instant, Instant], ...] = ()
    """From when until when it was recorded."""
    lost: int = 0
    """Packets that a worker had no room for."""
    files: tuple[TrackFile, ...] = ()
    film: Film | None = None
    tries: int = 0
    """How often making its film has failed."""


class Waiting(Struct, frozen=True):
    """Recordings that are collected, and have no film."""

    count: int
    since: Instant
    """When the oldest of them was collected; 0 for none."""


class Recordings:
    """The rows. All methods raise `Unavailable`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, visit: str) -> Recording | None:
        """Return what is known of a visit's recording."""
        row = RecordingRow
        wanted = select(row.visit, row.state, row.tries, row.content).where(row.visit == visit)
        async with self._database.reading() as connection:
            found = (await connection.execute(wanted)).first()
        return _recording(*found) if found else None

    async def claim(self, visit: str, now: Instant, until: Instant) -> bool:
        """Take it over until then, if nobody else has; who has died has it until its time is over."""
        row = RecordingRow
        fresh = {"visit": visit, "state": "wanted", "tries": 0, "content": {}, "leased_until": 0.0, "changed_at": now}
        dialect_insert = postgres_insert if self._database.locks_rows else sqlite_insert
        mine = update(row).where(row.visit == visit, row.leased_until < now)
        async with self._database.writing() as connection:
            await connection.execute(dialect_insert(row).values(fresh).on_conflict_do_nothing())
            return bool((await connection.execute(mine.values(leased_until=until))).rowcount)

    async def release(self, visit: str, until: Instant = 0.0) -> None:
        """Let others have it, from that instant on."""
        changed = update(RecordingRow).where(RecordingRow.visit == visit).values(leased_until=until)
        async with self._database.writing() as connection:
            await connection.execute(changed)

    async def renew(self, visits: Collection[str], now: Instant, until: Instant) -> None:
        """Have these for longer, but for those that were let go or have gone to another."""
        if visits:
            ours = update(RecordingRow).where(RecordingRow.visit.in_(visits), RecordingRow.leased_until >= now)
            async with self._database.writing() as connection:
                await connection.execute(ours.values(leased_until=until))

    async def keep(self, recording: Recording, now: Instant, until: Instant = 0.0) -> None:
        """Write how far it has come, and let others have it, from that instant on."""
        content = msgspec.to_builtins(recording)
        for name in ("visit", "state", "tries"):
            del content[name]
        values = {
            "state": recording.state, "tries": recording.tries, "content": content, "leased_until": until,
            "changed_at": now,
        }  # fmt: skip
        async with self._database.writing() as connection:
            await connection.execute(update(RecordingRow).where(RecordingRow.visit == recording.visit).values(values))

    async def to_compose(self, now: Instant, limit: int = 20) -> tuple[str, ...]:
        """Return visits whose files are there and whose film is not, that nobody works on; the oldest first."""
        row = RecordingRow
        wanted = (
            select(row.visit).where(row.state == "collected", row.leased_until < now).order_by(row.changed_at).limit(limit)
        )
        async with self._database.reading() as connection:
            return tuple((await connection.execute(wanted)).scalars())

    async def waiting(self) -> Waiting:
        """Return how many films are still to be made."""
        row = RecordingRow
        wanted = select(func.count(), func.min(row.changed_at)).where(row.state == "collected")
        async with self._database.reading() as connection:
            count, since = (await connection.execute(wanted)).one()
        return Waiting(count, since or 0.0)


def _recording(visit: str, state: State, tries: int, content: dict[str, Any]) -> Recording:
    return msgspec.convert({**content, "visit": visit, "state": state, "tries": tries}, Recording)
