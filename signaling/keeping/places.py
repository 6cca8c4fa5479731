"""Where something of a visit is kept, and how each place lets go of it. Everything here may be done again.

The hand-over folder is ours, and is emptied; what a case system or an archive has received is theirs, by rules of theirs.
"""

from asyncio import to_thread
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Final

from rvw.domain.catalogue.retention import Kind
from rvw.domain.certificate import Certificate
from rvw.domain.keeping import Step
from signaling.blobs import Blobs
from signaling.records.database import Database
from signaling.records.deletions import Deletions
from signaling.traces import KINDS, Traces, streams_of

SMALL: Final = ("visit_keys", "tasks", "ratings")
"""Tables with what could be read from a dead row: wrapped keys, and who was rated."""

LARGE: Final = ("dossiers", "parcels", "recordings", "deletions")

STREAMS: Final[dict[Kind, tuple[str, ...]]] = {
    "dossier": KINDS,
    "rating": ("rating",),
    "papers": ("papers", "application"),
    "recording": (),
    "tasks": (),
}
"""What of a visit's streams goes with a kind."""

Removed = Callable[[Certificate], Awaitable[None]]
"""Makes the next version of a dossier, that says that these files are not there any more."""

Discard = Callable[[str], Awaitable[None]]
"""Deletes what media workers and this machine have of a recording that was never collected."""


class Places:
    """All of them. Raises `Unavailable` when one cannot be reached: then the step is taken again."""

    def __init__(
        self,
        blobs: Blobs,
        rows: Deletions,
        database: Database,
        traces: Traces,
        handover: Path,
        discard: Discard,
        removed: Removed,
    ) -> None:
        self._blobs = blobs
        self._rows = rows
        self._database = database
        self._traces = traces
        self._handover = handover
        self._discard = discard
        self._removed = removed

    async def leave(self, step: Step, some: Sequence[Certificate]) -> None:
        """Do what makes the step for these deletions."""
        match step:
            case "blobs":
                for one in some:
                    await self._forget_files(one)
            case "rows":
                for one in some:
                    await self._erase(one)
            case "live":
                await self._traces.forget([name for one in some for name in streams_of([one.visit], STREAMS[one.kind])])
            case "gone":
                for one in some:
                    await self._copies(one)
            case "compacted":
                await self._database.compact(SMALL, LARGE)
                await self._traces.rewrite()

    async def _forget_files(self, one: Certificate) -> None:
        if one.kind == "dossier":
            return await self._blobs.forget(one.visit)
        for file in one.files:
            await self._blobs.remove(one.visit, file.sha256)

    async def _erase(self, one: Certificate) -> None:
        if one.kind in ("recording", "papers"):
            await self._removed(one)
        await self._rows.erase(one.visit, one.kind)

    async def _copies(self, one: Certificate) -> None:
        if one.kind in ("dossier", "recording"):
            await self._discard(one.visit)
        if one.kind == "dossier":
            await to_thread(_unlink, self._handover, one.visit)


def _unlink(folder: Path, visit: str) -> None:
    for path in [*folder.glob(f"{visit}.*.json"), *folder.glob(f".{visit}.*.unfinished")]:
        path.unlink(missing_ok=True)
