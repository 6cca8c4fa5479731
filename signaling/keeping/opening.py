"""What wraps the keys of visits, as the settings say."""

from pathlib import Path

from rvw.settings import Settings
from signaling.keeping.provider import FILE, FileKeys


def open_provider(settings: Settings) -> FileKeys:
    """Return the key file of the settings, made if there is none. Raises `InvalidSettings`."""
    chosen = settings.blobs.key_file
    return FileKeys(Path(chosen) if chosen else Path(settings.store.data).absolute() / FILE)
