"""Segments as they were collected, read entry by entry: each with the reel that it is on."""

from collections.abc import Iterator
from pathlib import Path

from rvw.errors import NotWhole
from rvw.protocol.spool import Entry, Kind, entries, frames

CHUNK_BYTES = 1024 * 1024


def read(folder: Path, room: str, key: bytes) -> Iterator[tuple[str, Entry]]:
    """Yield the entries of all segments in a folder, oldest segment first. Raises `NotWhole`."""
    for path in sorted(folder.glob("*.spool"), key=lambda path: (_begun(path, room, key), path.name)):
        yield from _segment(path, room, key)


def _segment(path: Path, room: str, key: bytes) -> Iterator[tuple[str, Entry]]:
    epoch, reel = path.stem.rpartition("-")[0], ""
    for plain in frames(_chunks(path), key, room):
        for entry in entries(plain):
            if entry.kind == Kind.REEL:
                reel = f"{epoch}/{entry.arrival}"
            elif not reel:
                raise NotWhole("a segment of the spool does not begin with its reel")
            else:
                yield reel, entry


def _begun(path: Path, room: str, key: bytes) -> float:
    """Return when the segment's reel began; those of one reel stay in the order of their names."""
    first = next(frames(_chunks(path), key, room), b"")
    return next((entry.arrival for entry in entries(first)), 0.0)


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while data := file.read(CHUNK_BYTES):
            yield data
