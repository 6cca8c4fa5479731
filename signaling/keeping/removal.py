"""What deletes visits whose time is over, put together of its parts as the settings say."""

from collections.abc import Callable
from pathlib import Path

from rvw.clock import Clock
from rvw.domain.catalogue import Catalogue
from rvw.domain.certificate import Certificate
from rvw.settings import Settings
from signaling.blobs import Blobs
from signaling.dossiers.amending import Amendments
from signaling.dossiers.keys import SealKeys
from signaling.handover.opening import folder_of
from signaling.keeping.audit import Audit
from signaling.keeping.deleting import Deleting
from signaling.keeping.describing import Describing
from signaling.keeping.places import Discard, Places
from signaling.records import Store
from signaling.traces import Traces


def open_deleting(
    settings: Settings,
    store: Store,
    blobs: Blobs,
    traces: Traces,
    keys: SealKeys,
    audit: Audit,
    amendments: Amendments,
    discard: Discard,
    catalogue: Callable[[], Catalogue],
    way_of: Callable[[str], str],
    clock: Clock,
    forget: Callable[[str], None] = lambda _visit: None,
    told: Callable[[], None] = lambda: None,
) -> Deleting:
    """Return what deletes."""

    async def removed(one: Certificate) -> None:
        await amendments.expired(one.visit, {file.sha256 for file in one.files}, one.rule)

    folder = folder_of(settings.handover, Path(settings.store.data))
    places = Places(blobs, store.deletions, store.database, traces, folder, discard, removed)
    describing = Describing(store.archive, store.recordings, blobs, store.deletions)
    return Deleting(
        store.deletions, describing, places, keys, audit, catalogue, settings.keeping, way_of, clock, forget, told
    )
