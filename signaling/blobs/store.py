"""Files of visits, found by the SHA-256 of their plain bytes, each encrypted under the key of its visit.

Whatever the size, a few megabytes of memory are used: bytes are encrypted as they come into a file of their own, whose name
is known when the last has come. What is put twice is kept once. A range is read without what is before it. Who may see a
file is not known here: ask before.
"""

import os
import re
import secrets
import time
from asyncio import to_thread
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final

from msgspec import Struct

from rvw.clock import Seconds
from rvw.errors import InvalidInput, NotFound, TooLarge
from signaling.blobs.frames import HEADER_BYTES, TEXT_BYTES, Reader, Writer, plain_length, span_of, stored_length
from signaling.blobs.objects import FOLDER_MODE, Objects, told
from signaling.keeping.visit_keys import VisitKeys

GATHERED_BYTES: Final = 1 << 18
"""Pieces are gathered to so many bytes before a thread encrypts them: pages send small ones."""

BATCH_FRAMES: Final = 16
"""How much is read and opened at once: 1 MiB."""

STALE_S: Final[Seconds] = 3600.0
"""An unfinished file that nobody has written to for so long was left behind by a process that is dead."""

_VISIT = re.compile(r"[A-Za-z0-9_-]{1,64}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_FILE_MODE = 0o600


class Blob(Struct, frozen=True):
    """What was kept."""

    sha256: str
    """Of the plain bytes, in hexadecimal."""
    bytes: int


class Blobs:
    """Safe to use from many tasks and processes. All methods raise `Unavailable`; those that write also its kinds `NoRoom`
    and `ReadOnly`. A visit that was forgotten takes nothing any more: `NotPossible`."""

    def __init__(
        self,
        objects: Objects,
        keys: VisitKeys,
        unfinished: Path,
        randomness: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        """`unfinished` is a folder for files under way, on the same disk as the objects if those are files too."""
        self._objects = objects
        self._keys = keys
        self._unfinished = unfinished
        self._randomness = randomness

    async def put(self, visit: str, chunks: AsyncIterator[bytes], most: int) -> Blob:
        """Keep what comes, `most` bytes at most; return its hash when it is on the disk.

        Raises `TooLarge` for more. If it raises or is cancelled, nothing is kept; if the same is there already, that stays.
        """
        with self._fresh(visit) as path:
            key = await self._keys.made(visit)
            with told():
                file = await to_thread(_opened_new, path)
            try:
                with told():
                    writer = Writer(file, key, self._randomness)
                async for piece in _gathered(chunks):
                    if writer.bytes + len(piece) > most:
                        raise TooLarge(f"a file may have at most {most} bytes")
                    with told():
                        await to_thread(writer.feed, piece)
                with told():
                    blob = Blob(await to_thread(_finished, writer, file), writer.bytes)
            finally:
                with suppress(OSError):  # what could not be written cannot be flushed by closing either
                    file.close()
            await self._keep(visit, blob, path)
            return blob

    async def put_file(self, visit: str, path: Path) -> Blob:
        """Keep a copy of a file's bytes, however many. Raises `NotFound` if it is not there."""
        with told():
            file = await to_thread(path.open, "rb")
        with file:
            return await self.put(visit, _read(file), most=(await to_thread(os.fstat, file.fileno())).st_size)

    async def read(self, visit: str, sha256: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """Yield the plain bytes `[start, end)` in pieces of at most a megabyte; what is beyond the end is left out.

        Raises `NotFound`, and `NotWhole` where a bit of the stored file was changed: nothing of that piece is yielded.
        """
        name = _name(visit, sha256)
        key = await self._keys.of(visit)
        plain_bytes = plain_length(await self._objects.length(name))
        reader = Reader(await self._objects.part(name, 0, HEADER_BYTES), plain_bytes, key, sha256)
        end = reader.bytes if end is None else min(end, reader.bytes)
        start = max(0, start)
        while start < end:
            until = min(end, (start // TEXT_BYTES + BATCH_FRAMES) * TEXT_BYTES)
            span = span_of(start, until, reader.bytes)
            plain = await to_thread(reader.opened, span.first, await self._objects.part(name, span.begin, span.end))
            base = span.first * TEXT_BYTES
            yield plain[start - base : until - base]
            start = until

    async def size(self, visit: str, sha256: str) -> int:
        """Return the number of plain bytes. Raises `NotFound`."""
        return plain_length(await self._objects.length(_name(visit, sha256)))

    async def remove(self, visit: str, sha256: str) -> None:
        """Keep one file no longer; nothing happens if it was not there."""
        await self._objects.remove(_name(visit, sha256))

    async def of(self, visit: str) -> tuple[Blob, ...]:
        """Return what is kept of a visit, by hash."""
        names = await self._objects.under(_checked(visit))
        hashes = [name.rpartition("/")[2] for name in names]
        return tuple([Blob(one, await self.size(visit, one)) for one in hashes if _SHA256.fullmatch(one)])

    async def forget(self, visit: str) -> None:
        """Destroy the visit's key, then its files: from the first on nothing of it can be read. Again is harmless."""
        await self._keys.destroy(_checked(visit))
        for name in await self._objects.under(visit):
            await self._objects.remove(name)
        with told():
            await to_thread(_unlink_all, self._unfinished, f"{visit}.*", None)

    async def sweep(self) -> int:
        """Remove unfinished files of processes that are dead; return how many."""
        with told():
            return await to_thread(_unlink_all, self._unfinished, "*", time.time() - STALE_S)

    async def _keep(self, visit: str, blob: Blob, path: Path) -> None:
        name = _name(visit, blob.sha256)
        if await self._length(name) != stored_length(blob.bytes):  # one of another length is damaged
            await self._objects.add(name, path)
            try:
                await self._keys.of(visit)
            except NotFound:  # forgotten meanwhile: `forget` may have looked before it was there
                await self._objects.remove(name)
                raise

    async def _length(self, name: str) -> int:
        try:
            return await self._objects.length(name)
        except NotFound:
            return -1

    @contextmanager
    def _fresh(self, visit: str) -> Iterator[Path]:
        """Give the path of a file that is gone in the end, whatever happens."""
        path = self._unfinished / f"{_checked(visit)}.{os.getpid()}.{self._randomness(8).hex()}"
        try:
            yield path
        finally:
            path.unlink(missing_ok=True)


def _name(visit: str, sha256: str) -> str:
    if not _SHA256.fullmatch(sha256):
        raise InvalidInput("this is no SHA-256 in hexadecimal")
    return f"{_checked(visit)}/{sha256}"


def _checked(visit: str) -> str:
    if not _VISIT.fullmatch(visit):
        raise InvalidInput("this is no id of a visit")
    return visit


async def _gathered(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    held = bytearray()
    async for chunk in chunks:
        held += chunk
        if len(held) >= GATHERED_BYTES:
            yield bytes(held)
            held.clear()
    if held:
        yield bytes(held)


async def _read(file: BinaryIO) -> AsyncIterator[bytes]:
    while True:
        with told():
            piece = await to_thread(file.read, GATHERED_BYTES)
        if not piece:
            return
        yield piece


def _opened_new(path: Path) -> BinaryIO:
    path.parent.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, _FILE_MODE), "w+b")


def _finished(writer: Writer, file: BinaryIO) -> str:
    sha256 = writer.finish()
    os.fsync(file.fileno())
    return sha256


def _unlink_all(folder: Path, pattern: str, before: float | None) -> int:
    count = 0
    for path in folder.glob(pattern):
        with suppress(FileNotFoundError):
            if before is None or path.stat().st_mtime < before:
                path.unlink()
                count += 1
    return count
