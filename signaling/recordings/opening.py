"""The parts of this package that a signaling process runs, put together."""

import time
from collections.abc import Callable, Iterable
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
from signaling.records import Store
from signaling.worklist import Worklist


def open_collecting(settings: Settings, live: Live, store: Store, blobs: Blobs, worklist: Worklist) -> Collecting:
    """Return what brings recordings into the record."""

    async def lost(visit: Visit) -> None:
        await worklist.add(_anomaly(settings, visit.authority, "recording_lost", visit.id), once=True)

    gathering = open_gathering(settings, lambda: tuple(live.media.workers.values()))
    return Collecting(live.ledger, store.recordings, blobs, gathering, live.spool_keys, time.time, lost)


def open_gathering(settings: Settings, workers: Callable[[], Iterable[Worker]]) -> Gathering:
    """Return what brings segments from the workers to this machine, and lets go of them."""
    return Gathering(_folder(settings), workers)


def open_composing(settings: Settings, store: Store, blobs: Blobs, amendments: Amendments, worklist: Worklist) -> Composing:
    """Return what makes films of recordings."""

    async def failed(content: Dossier, reason: str) -> None:
        owed = _anomaly(settings, content.authority, "film_failed", content.visit)
        await worklist.add(msgspec.structs.replace(owed, text=reason), once=True)

    folder = _folder(settings)
    return Composing(store.recordings, store.archive, blobs, amendments, folder, time.time, failed)


def _folder(settings: Settings) -> Path:
    return Path(settings.store.data).absolute() / "recordings"


def _anomaly(settings: Settings, authority: str, wrong: str, visit: str) -> Owed:
    deadline = time.time() + settings.operations.see_to_s
    return Owed(kind=Kind.ANOMALY, authority=authority, subject=f"{wrong}/{visit}", visit=visit, deadline=deadline)
