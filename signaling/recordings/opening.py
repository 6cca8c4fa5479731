"""The parts of this package that a signaling process runs, put together."""

import time
from collections.abc import Callable, Iterable
from pathlib import Path

from rvw.domain.task import Kind, Owed
from rvw.domain.visit import Visit
from rvw.settings import Settings
from signaling.blobs import Blobs
from signaling.live import Live
from signaling.media_client import Worker
from signaling.recordings.collecting import Collecting
from signaling.recordings.gathering import Gathering
from signaling.records import Store
from signaling.worklist import Worklist


def open_collecting(settings: Settings, live: Live, store: Store, blobs: Blobs, worklist: Worklist) -> Collecting:
    """Return what brings recordings into the record."""

    async def lost(visit: Visit) -> None:
        owed = Owed(
            kind=Kind.ANOMALY,
            authority=visit.authority,
            subject=f"recording_lost/{visit.id}",
            visit=visit.id,
            deadline=time.time() + settings.operations.see_to_s,
        )
        await worklist.add(owed, once=True)

    gathering = open_gathering(settings, lambda: tuple(live.media.workers.values()))
    return Collecting(live.ledger, store.recordings, blobs, gathering, live.spool_keys, time.time, lost)


def open_gathering(settings: Settings, workers: Callable[[], Iterable[Worker]]) -> Gathering:
    """Return what brings segments from the workers to this machine, and lets go of them."""
    return Gathering(Path(settings.store.data) / "recordings", workers)
