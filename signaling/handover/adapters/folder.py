"""Hand-over into a folder, one file a visit, for case systems that fetch files.

A file appears whole or not at all, and is on the disk before the receipt is given.
"""

import asyncio
import os
from pathlib import Path

from signaling.handover.kinds import DELETED
from signaling.handover.port import Parcel, Temporary


class Folder:
    """A folder as a case system. The receipt is the beginning of the file's SHA-256."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def deliver(self, parcel: Parcel) -> str:
        """Write `<visit>.<number>.json`, of a deletion `….deleted.json`. The same again writes the same file again."""
        name = f"{parcel.key}.deleted.json" if parcel.type == DELETED else f"{parcel.key}.json"
        try:
            await asyncio.to_thread(_write, self._folder, name, parcel.content)
        except OSError as error:
            raise Temporary(f"the folder cannot be written: {error.strerror}") from error
        return f"sha256-{parcel.sha256[:16]}"


def _write(folder: Path, name: str, data: bytes) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    unfinished = folder / f".{name}.{os.getpid()}.unfinished"
    with unfinished.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(folder / name)
    directory = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
