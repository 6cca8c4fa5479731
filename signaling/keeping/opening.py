"""The keys of visits, as the settings say."""

import time
from pathlib import Path

from rvw.settings import Settings
from signaling.keeping.provider import FILE, FileKeys
from signaling.keeping.visit_keys import VisitKeys
from signaling.records import Store


def open_provider(settings: Settings) -> FileKeys:
    """Return what wraps keys: the file of the settings. Raises `InvalidSettings`."""
    chosen = settings.blobs.key_file
    return FileKeys(Path(chosen) if chosen else Path(settings.store.data).absolute() / FILE)


def open_visit_keys(settings: Settings, store: Store) -> VisitKeys:
    """Return the keys of visits. Raises `InvalidSettings`."""
    return VisitKeys(store.wrapped_keys, open_provider(settings), time.time)
