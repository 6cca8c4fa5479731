"""Libraries of electronic licences (电子证照库): a port, and a library in a file, for demonstrations and tests.

A library is asked for licences of one kind, of one person or business, whose whole number it is given and never gives back:
numbers and names come masked, because what is referred to stands on everybody's page and in the record.
"""

import tomllib
from pathlib import Path
from typing import Annotated, Protocol

import msgspec
from msgspec import Meta, Struct

import config
from rvw.domain.events import Licence
from rvw.domain.numbers import Subject, fault, masked
from rvw.errors import InvalidSettings, Unavailable

DEMO = config.FOLDER / "licences.toml"


class LicenceLibrary(Protocol):
    """Somebody outside who holds licences."""

    async def held(self, subject: Subject, number: str, kind: str) -> tuple[Licence, ...]:
        """Return the valid licences of a kind that whoever has this number holds. Raises `Unavailable`."""


class NoLibrary:
    """Nobody is asked: the default. Papers are handed in."""

    async def held(self, subject: Subject, number: str, kind: str) -> tuple[Licence, ...]:
        """Refuse."""
        raise Unavailable("this window asks no library of licences: see papers.licences")


class Kept(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A licence in the file."""

    id: Annotated[str, Meta(min_length=1, max_length=64)]
    kind: str
    title: str
    number: str
    """Of the licence; shown masked if it is a person's or business's number, and as it is otherwise."""
    holder: str
    """The whole number of whoever holds it."""
    name: str
    issuer: str
    subject: Subject = "person"
    valid_until: str = ""


class Shelf(Struct, frozen=True, forbid_unknown_fields=True):
    """The file."""

    licence: tuple[Kept, ...]


class FileLibrary:
    """The library in a file."""

    def __init__(self, shelf: Shelf) -> None:
        self._held = shelf.licence

    async def held(self, subject: Subject, number: str, kind: str) -> tuple[Licence, ...]:
        """Return what is in the file."""
        return tuple(_told(one) for one in self._held if (one.subject, one.holder, one.kind) == (subject, number, kind))


def open_library(file: str, demo: bool) -> LicenceLibrary:
    """Return the library of `papers.licences`, or the demonstration's. Raises `InvalidSettings` for a file that is none."""
    path = Path(file) if file else DEMO
    if not file and not demo:
        return NoLibrary()
    try:
        shelf = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), Shelf)
    except (OSError, ValueError) as error:  # msgspec's and tomllib's errors are ValueErrors
        raise InvalidSettings(f"papers.licences: {path} holds no licences: {error}") from error
    if wrong := [one.id for one in shelf.licence if fault(one.subject, one.holder)]:
        raise InvalidSettings(f"papers.licences: the holder of {wrong[0]} has no valid number")
    return FileLibrary(shelf)


def _told(one: Kept) -> Licence:
    number = masked(one.number) if not fault(one.subject, one.number) else one.number
    return Licence(
        one.id, one.kind, one.title, number, one.name[:1] + "*" * (len(one.name) - 1), one.issuer, one.valid_until
    )
