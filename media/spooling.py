"""The spool: a folder of segments on this machine's disk (`rvw.protocol.spool`), appended to by threads.

Knows files and keys, and no time. What is appended is flushed to the disk before `append` returns.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from io import FileIO
from pathlib import Path

from rvw.errors import InvalidInput, NotFound
from rvw.protocol.media import Segment, Spooled
from rvw.protocol.spool import SALT_BYTES, Cipher

CHUNK_BYTES = 256 * 1024

SUFFIX = ".spool"


class Spool:
    """One folder, with a folder for each room; several workers of a machine may share it."""

    def __init__(self, folder: Path, epoch: str, entropy: Callable[[int], bytes] = os.urandom) -> None:
        """Segments are named for `epoch`, this worker's boot: nobody else writes those."""
        self._folder = folder
        self._epoch = epoch
        self._entropy = entropy
        self._made = 0

    def reel(self, room: str, key: bytes) -> "SegmentWriter":
        """Return what appends to the segments of a room; nothing is on the disk yet."""
        return SegmentWriter(self._next_path, room, key, self._entropy)

    def rooms(self, being_written: Callable[[str], bool]) -> tuple[Spooled, ...]:
        """Return what there is. Raises `OSError`."""
        folders = sorted(self._folder.iterdir()) if self._folder.is_dir() else []
        return tuple(
            Spooled(one.name, tuple(Segment(it.name, it.stat().st_size) for it in _segments(one)), being_written(one.name))
            for one in folders
            if one.is_dir()
        )

    def read(self, room: str, segment: str) -> Iterator[bytes]:
        """Return the bytes of a segment, as they lie there. Raises `NotFound`."""
        path = self._inside(room) / segment
        if path.parent != self._inside(room) or path.suffix != SUFFIX or not path.is_file():
            raise NotFound(f"the spool has no segment {segment} of {room}")
        return _chunks(path)

    def discard(self, room: str) -> None:
        """Delete the segments of a room."""
        shutil.rmtree(self._inside(room), ignore_errors=True)

    def _next_path(self, room: str) -> Path:
        self._made += 1
        folder = self._inside(room)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return folder / f"{self._epoch}-{self._made}{SUFFIX}"

    def _inside(self, room: str) -> Path:
        path = self._folder / room
        if path.parent != self._folder or not path.name or path.name == "..":
            raise InvalidInput("this is no name of a room that could be recorded")
        return path


class SegmentWriter:
    """Appends to one segment at a time; begins another when the disk has refused, or does not have it any more."""

    def __init__(self, next_path: Callable[[str], Path], room: str, key: bytes, entropy: Callable[[int], bytes]) -> None:
        self._next_path = next_path
        self._room = room
        self._key = key
        self._entropy = entropy
        self._file: FileIO | None = None
        self._path: Path
        self._whole = 0
        """How much of the open segment is flushed."""
        self._cipher: Cipher

    def append(self, opening: bytes, chunks: list[bytes]) -> int:
        """Write a frame of each chunk and flush them; return how many bytes that were. A new segment begins with `opening`.

        Raises `OSError`; then nothing of `chunks` counts as written, and the next call begins a new segment.
        """
        try:
            file, begun = (self._file, b"") if self._file else self._begin(opening)
            data = begun + b"".join(self._cipher.seal(chunk) for chunk in chunks)
            _write(file, data)
            os.fdatasync(file.fileno())
        except OSError:
            self._give_up()
            raise
        self._whole += len(data)
        return len(data)

    def close(self) -> None:
        """Let the segment go, as far as it came."""
        file, self._file = self._file, None
        if file is not None:
            file.close()

    def _begin(self, opening: bytes) -> tuple[FileIO, bytes]:
        self._path = self._next_path(self._room)
        self._cipher = Cipher(self._key, self._entropy(SALT_BYTES), self._room)
        self._file, self._whole = self._path.open("xb", buffering=0), 0
        for folder in (self._path.parent, self._path.parent.parent):
            _flush_folder(folder)
        return self._file, self._cipher.head + self._cipher.seal(opening)

    def _give_up(self) -> None:
        """Take back what was written in vain: a full disk would fill up with pieces."""
        if self._file is not None:
            with suppress(OSError):
                self._file.truncate(self._whole)
            if not self._whole:
                self._path.unlink(missing_ok=True)
        self.close()


def _write(file: FileIO, data: bytes) -> None:
    """Write all of it: a file without a buffer may take less at a time."""
    rest = memoryview(data)
    while rest:
        rest = rest[file.write(rest) :]


def _segments(folder: Path) -> list[Path]:
    return sorted(folder.glob(f"*{SUFFIX}"))


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while data := file.read(CHUNK_BYTES):
            yield data


def _flush_folder(folder: Path) -> None:
    """Make a new name in a folder survive a power cut (fsync(2))."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
