"""Segments whose files are kept are let go, wherever a process that was killed has left them; all others stay."""

from pathlib import Path
from typing import cast

import pytest

from rvw.errors import Unavailable
from rvw.protocol.media import Segment, Spooled
from signaling.media_client import Worker
from signaling.recordings.gathering import Gathering
from signaling.recordings.tidying import Tidying
from signaling.records import open_store
from signaling.records.database import sqlite_url
from signaling.records.recordings import Recording, Recordings, State
from tests.fakes.case_system import T0


class Spool:
    """A media worker's disk."""

    def __init__(self, *rooms: str, being_written: str = "") -> None:
        self.rooms = set(rooms)
        self.being_written = being_written
        self.away = False

    async def spooled(self) -> tuple[Spooled, ...]:
        """Return what it has."""
        if self.away:
            raise Unavailable("as told")
        return tuple(Spooled(room, (Segment("1-1.spool", 9),), room == self.being_written) for room in sorted(self.rooms))

    async def discard(self, room: str) -> None:
        """Delete it."""
        self.rooms.discard(room)


async def note(rows: Recordings, visit: str, state: State) -> None:
    """Write down how far a recording has come."""
    assert await rows.claim(visit, T0, T0 + 1)
    await rows.keep(Recording(visit=visit, state=state), T0)


async def test_what_is_kept_is_let_go(tmp_path: Path) -> None:
    """Of one that waits, one that nobody knows, one that goes on and one that counts as lost, everything stays."""
    first = Spool("collected", "wanted", "unknown", "lost")
    second = Spool("collected", "composed", "goes-on", being_written="goes-on")
    here = tmp_path / "recordings"
    for visit in ("uncomposed", "wanted"):
        (here / visit).mkdir(parents=True)
        (here / visit / "1-1.spool").write_bytes(b"sealed")
    async with open_store(sqlite_url(tmp_path)) as store:
        for state in ("collected", "wanted", "lost", "composed", "uncomposed"):
            await note(store.recordings, state, state)
        await note(store.recordings, "goes-on", "collected")
        gathering = Gathering(here, lambda: cast(list[Worker], [first, second]))
        tidying = Tidying(store.recordings, gathering)
        second.away = True
        with pytest.raises(Unavailable):
            await tidying.once()
        second.away = False
        assert await tidying.once() == 3
        assert (first.rooms, second.rooms) == ({"wanted", "unknown", "lost"}, {"goes-on"})
        assert {path.name for path in here.iterdir()} == {"wanted"}
        assert await tidying.once() == 0
