"""Packages as they lie on a disk: a folder, or one ZIP of it.

A ZIP is written in one way only (stored, sorted, without dates), so that checking one means writing it again and comparing:
a bit in a header of the archive is no place to hide either.
"""

import hashlib
import zipfile
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import IO, Final, Protocol, cast

from rvw.domain.package import Part
from rvw.errors import NotWhole

CHUNK: Final = 1 << 20
LONGEST_AGO: Final = (1980, 1, 1, 0, 0, 0)
"""The date of everything in a ZIP: the first there is."""
UNIX: Final = 3
"""What ZIPs say of the system they come from."""


class Memory:
    """A package in memory."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = files

    def names(self) -> Collection[str]:
        """Return the names."""
        return self._files.keys()

    def hashed(self, name: str) -> Part:
        """Return the hash of a file."""
        data = self._files[name]
        return Part(name, hashlib.sha256(data).hexdigest(), len(data))

    def read(self, name: str) -> bytes:
        """Return a file."""
        return self._files[name]


class Folder:
    """A package as a folder. Files are hashed in pieces, however long they are."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def names(self) -> Collection[str]:
        """Return the names of all files below the folder."""
        found = (path for path in self._folder.rglob("*") if path.is_symlink() or not path.is_dir())
        return [path.relative_to(self._folder).as_posix() for path in found]

    def hashed(self, name: str) -> Part:
        """Return the hash of a file."""
        with (self._folder / name).open("rb") as file:
            return _hashed(name, file)

    def read(self, name: str) -> bytes:
        """Return a file."""
        return (self._folder / name).read_bytes()


class Zip:
    """A package as a ZIP, open."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive

    def names(self) -> Collection[str]:
        """Return the names."""
        return self._archive.namelist()

    def hashed(self, name: str) -> Part:
        """Return the hash of a file."""
        with self._archive.open(name) as file:
            return _hashed(name, file)

    def read(self, name: str) -> bytes:
        """Return a file."""
        return self._archive.read(name)


@contextmanager
def open_zip(file: Path) -> Iterator[Zip]:
    """Give the package in a ZIP. Raises `NotWhole` if it is none, or not written as `pack` writes it."""
    try:
        with zipfile.ZipFile(file) as archive:
            package, again = Zip(archive), _Hash()
            pack({name: partial(archive.open, name) for name in package.names()}, again)
            with file.open("rb") as opened:
                if _hashed("", opened) != again.part():
                    raise NotWhole(f"{file.name}: the archive is not written as packages are")
            yield package
    except (zipfile.BadZipFile, ValueError, NotImplementedError, RuntimeError, EOFError) as error:
        raise NotWhole(f"{file.name}: this cannot be read as a ZIP: {type(error).__name__}") from error


class Out(Protocol):
    """Something that is written to, from the beginning to the end."""

    def write(self, data: bytes, /) -> int:
        """Take the bytes and return how many they are."""
        ...

    def flush(self) -> None:
        """Pass on what has been written."""
        ...


def pack(files: Mapping[str, Callable[[], IO[bytes]]], out: Out) -> None:
    """Write a ZIP of the files into `out`."""
    with zipfile.ZipFile(cast("IO[bytes]", out), "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            with files[name]() as source, archive.open(_entry(name), "w", force_zip64=True) as target:
                while chunk := source.read(CHUNK):
                    target.write(chunk)


async def packing(files: Mapping[str, Callable[[], AsyncIterator[bytes]]]) -> AsyncIterator[bytes]:
    """Yield the ZIP that `pack` would write, as the files' pieces come. Raises what reading them raises."""
    out = Gathered()
    with zipfile.ZipFile(cast("IO[bytes]", out), "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            with archive.open(_entry(name), "w", force_zip64=True) as target:
                async for piece in files[name]():
                    target.write(piece)
                    yield out.taken()
    yield out.taken()


class Gathered:
    """A ZIP in memory."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, data: bytes) -> int:
        """Keep a piece."""
        self._pieces.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""

    def taken(self) -> bytes:
        """Return what was written since it was last taken."""
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)


def packed(files: Mapping[str, bytes]) -> bytes:
    """Return the ZIP of files in memory."""
    out = Gathered()
    pack({name: partial(BytesIO, data) for name, data in files.items()}, out)
    return out.taken()


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, LONGEST_AGO)
    entry.create_system = UNIX
    return entry


class _Hash:
    def __init__(self) -> None:
        self._sha256, self._bytes = hashlib.sha256(), 0

    def write(self, data: bytes) -> int:
        self._sha256.update(data)
        self._bytes += len(data)
        return len(data)

    def flush(self) -> None:
        pass

    def part(self) -> Part:
        return Part("", self._sha256.hexdigest(), self._bytes)


def _hashed(name: str, file: IO[bytes]) -> Part:
    sha256, length = hashlib.sha256(), 0
    while chunk := file.read(CHUNK):
        sha256.update(chunk)
        length += len(chunk)
    return Part(name, sha256.hexdigest(), length)
