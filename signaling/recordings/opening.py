"""The parts of this package that a signaling process runs, put together."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from rvw.domain.handover import Dossier
from rvw.domain.task import Kind, Owed
from rvw.domain.visit import Visit
from rvw.settings import Settings
from signaling.blobs import Blobs
from signaling.dossiers.amending import Amendments
from signaling.live import Live
from signaling.media_client import Worker
from signaling.recordings.collecting import Collecting
from signaling.recordings.composing import Composing
from signaling.recordings.gathering import Gathering
from signaling.recordings.leases import Leases
from signaling.recordings.tidying import Tidying
from signaling.records import Store
from signaling.worklist import Worklist


@dataclass(frozen=True, slots=True)
class Parts:
    """From the workers' disks into the record."""

    leases: Leases
    gathering: Gathering
    collecting: Collecting
    tidying: Tidying
    composing: Composing

    @property
    def running(self) -> tuple[Leases, Collecting, Tidying, Composing]:
        """Those that are tasks."""
        return self.leases, self.collecting, self.tidying, self.composing


def open_recordings(
    settings: Settings, live: Live, store: Store, blobs: Blobs, amendments: Amendments, worklist: Worklist
) -> Parts:
    """Return what brings recordings into the record, and makes films of them."""
    leases = Leases(store.recordings, time.time)
    gathering = open_gathering(settings, lambda: tuple(live.media.workers.values()))
    folder = _folder(settings)

    async def lost(visit: Visit) -> None:
        await worklist.add(_anomaly(settings, visit.authority, "recording_lost", visit.id), once=True)

    async def failed(content: Dossier, reason: str) -> None:
        owed = _anomaly(settings, content.authority, "film_failed", content.visit)
        await worklist.add(msgspec.structs.replace(owed, text=reason), once=True)

    return Parts(
        leases,
        gathering,
        Collecting(live.ledger, store.recordings, blobs, gathering, live.spool_keys, leases, time.time, lost),
        Tidying(store.recordings, gathering),
        Composing(store.recordings, store.archive, blobs, amendments, folder, settings.films, leases, time.time, failed),
    )


def open_gathering(settings: Settings, workers: Callable[[], Iterable[Worker]]) -> Gathering:
    """Return what brings segments from the workers to this machine, and lets go of them."""
    return Gathering(_folder(settings), workers)


def _folder(settings: Settings) -> Path:
    return Path(settings.store.data).absolute() / "recordings"


def _anomaly(settings: Settings, authority: str, wrong: str, visit: str) -> Owed:
    deadline = time.time() + settings.operations.see_to_s
    return Owed(kind=Kind.ANOMALY, authority=authority, subject=f"{wrong}/{visit}", visit=visit, deadline=deadline)
