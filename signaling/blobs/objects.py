"""Where encrypted blobs lie: a small port, and a folder behind it.

A name is `<visit>/<sha256>`. What `add` has returned for is whole and on the disk; before, there is nothing under the name.
"""

import errno
import os
from asyncio import to_thread
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol

from rvw.errors import NoRoom, NotFound, ReadOnly, Unavailable

FOLDER_MODE = 0o700

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_NO_WRITES = frozenset({errno.EROFS, errno.EACCES, errno.EPERM})


class Objects(Protocol):
    """Stored files. All raise `Unavailable`, and writes its kinds `NoRoom` and `ReadOnly`."""

    async def add(self, name: str, file: Path) -> None:
        """Keep what is in the file, which may be gone afterwards, in place of what had the name."""
        ...

    async def length(self, name: str) -> int:
        """Return how many bytes are kept. Raises `NotFound`."""
        ...

    async def part(self, name: str, start: int, end: int) -> bytes:
        """Return the bytes `[start, end)`. Raises `NotFound`."""
        ...

    async def remove(self, name: str) -> None:
        """Keep it no longer; nothing happens if it was not there."""
        ...

    async def under(self, folder: str) -> Sequence[str]:
        """Return the names that begin with `<folder>/`."""
        ...


class FolderObjects:
    """Files in folders, one for each visit."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def add(self, name: str, file: Path) -> None:
        """Move the file, which is on the same disk and already written through."""
        await to_thread(self._add, name, file)

    async def length(self, name: str) -> int:
        """Return the file's length."""
        return await to_thread(self._length, name)

    async def part(self, name: str, start: int, end: int) -> bytes:
        """Return a part of the file."""
        return await to_thread(self._part, name, start, end)

    async def remove(self, name: str) -> None:
        """Unlink the file, and the visit's folder with the last one."""
        await to_thread(self._remove, name)

    async def under(self, folder: str) -> Sequence[str]:
        """Return the names of the files in a visit's folder."""
        return await to_thread(self._under, folder)

    def _add(self, name: str, file: Path) -> None:
        with told():
            path = self._folder / name
            path.parent.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
            file.replace(path)
            written_through(path.parent)
            written_through(self._folder)

    def _length(self, name: str) -> int:
        with told():
            return (self._folder / name).stat().st_size

    def _part(self, name: str, start: int, end: int) -> bytes:
        with told(), (self._folder / name).open("rb") as file:
            file.seek(start)
            return file.read(end - start)

    def _remove(self, name: str) -> None:
        with told():
            path = self._folder / name
            path.unlink(missing_ok=True)
            with suppress(FileNotFoundError):
                written_through(path.parent)
            with suppress(OSError):  # others are in it, or it is gone
                path.parent.rmdir()

    def _under(self, folder: str) -> Sequence[str]:
        with told():
            try:
                return sorted(f"{folder}/{one}" for one in os.listdir(self._folder / folder))
            except FileNotFoundError:
                return ()


def written_through(folder: Path) -> None:
    """Return when the folder's entries are on the disk. Raises `OSError`."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def told() -> Iterator[None]:
    """Turn what a disk says into errors of ours, without the path: it names a visit."""
    try:
        yield
    except FileNotFoundError as error:
        raise NotFound("there is no such file") from error
    except OSError as error:
        reason = error.strerror or type(error).__name__
        if error.errno in _FULL:
            raise NoRoom(f"the disk is full: {reason}") from error
        if error.errno in _NO_WRITES:
            raise ReadOnly(f"the disk takes no writes: {reason}") from error
        raise Unavailable(f"the disk does not answer: {reason}") from error
