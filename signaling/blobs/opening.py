"""The blob store of the settings, opened: in the data folder, or in an S3 bucket."""

from pathlib import Path

from rvw.errors import InvalidSettings
from rvw.settings import Settings
from signaling.blobs.objects import FolderObjects
from signaling.blobs.store import Blobs
from signaling.keeping.visit_keys import VisitKeys

FOLDER = "blobs"
UNFINISHED = ".unfinished"


def open_blobs(settings: Settings, keys: VisitKeys) -> Blobs:
    """Return the store. Raises `InvalidSettings`."""
    chosen, folder = settings.blobs, Path(settings.store.data).absolute() / FOLDER
    unfinished = folder / UNFINISHED
    if chosen.kind == "folder":
        return Blobs(FolderObjects(folder), keys, unfinished)
    if not chosen.bucket:
        raise InvalidSettings('blobs.bucket is empty: blobs.kind = "s3" needs one')
    from signaling.blobs.s3 import open_s3  # 30 ms, and only where it is used

    return Blobs(open_s3(chosen), keys, unfinished)
