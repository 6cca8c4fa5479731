"""A package: everything of one dossier, side by side, and the check that it is whole.

    dossier.json       the sealed dossier; it can also travel alone
    evidence.pdf       the same to be read and printed (PDF/A-3), with dossier.json inside
    files/<sha256>     the files of the visit
    manifest.json      the hash of every file above, sealed

The check needs the bytes and the public keys, and nothing of ours but this code: no server, no clock, no network. It goes
on until the first thing that does not fit, and names it. Where the bytes lie is a port.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, Protocol

import msgspec
from msgspec import Struct

from rvw.clock import Instant
from rvw.domain import handover
from rvw.domain.chain import FIRST, HASHED, canonical, digest_of, link_of
from rvw.domain.companions import KINDS
from rvw.domain.handover import TEXTS, Dossier, FileEntry
from rvw.domain.seal import PublicKeys, Seal, Signer, content_of, opened, seal
from rvw.errors import NotWhole, RvwError

DOSSIER: Final = "dossier.json"
EVIDENCE: Final = "evidence.pdf"
MANIFEST: Final = "manifest.json"
FILES: Final = "files/"

SCHEMA: Final = "rvw.package/1"


class Part(Struct, frozen=True, forbid_unknown_fields=True):
    """A file of the package."""

    name: str
    sha256: str
    bytes: int


class Manifest(Struct, frozen=True, forbid_unknown_fields=True):
    """All files of a package but the manifest itself, by name."""

    schema: str
    visit: str
    number: int
    files: tuple[Part, ...]


class Package(Protocol):
    """Where the bytes are."""

    def names(self) -> Collection[str]:
        """Return the names of all files, with `/` between folders."""
        ...

    def hashed(self, name: str) -> Part:
        """Return the hash and the length of a file."""
        ...

    def read(self, name: str) -> bytes:
        """Return a file's bytes."""
        ...


Attached = Callable[[bytes], Mapping[str, bytes]]
"""Returns the files inside a PDF, by name. Raises `NotWhole` if it is no PDF."""


class Whole(Struct, frozen=True, kw_only=True):
    """What was checked and fits."""

    visit: str
    number: int
    events: int
    files: int
    removed: int
    """Events and files whose content was removed by law: only their hashes were checked."""
    key: str
    sealed_at: Instant
    alone: bool
    """Only the dossier was there: neither the files nor the pages of the PDF were checked."""


def make_manifest(content: Dossier, parts: Collection[Part], signer: Signer, now: Instant) -> bytes:
    """Return the sealed manifest of these files."""
    ordered = tuple(sorted(parts, key=lambda part: part.name))
    return seal("manifest", Manifest(SCHEMA, content.visit, content.number, ordered), content.head, signer, now)


def read_dossier(data: bytes, keys: PublicKeys) -> tuple[Dossier, Seal]:
    """Return the dossier in `data` and its seal. Raises `NotWhole` naming the first thing that does not fit."""
    raw = content_of("dossier", data)
    if raw.get("schema") != handover.SCHEMA:
        raise NotWhole(f"the schema {raw.get('schema')!r} is not {handover.SCHEMA}")
    try:
        content = msgspec.convert(raw, Dossier)
    except msgspec.ValidationError as error:
        raise NotWhole(f"the dossier does not fit its schema: {error}") from error
    _check_chain(raw["events"], content)
    _, found = opened("dossier", data, keys)
    if found.statement.head != content.head:
        raise NotWhole("the head of the chain is not the one that was sealed")
    _check_fold(raw, content)
    return content, found


def check_alone(data: bytes, keys: PublicKeys) -> Whole:
    """Check a dossier that travels without its package. Raises `NotWhole`."""
    with _in(DOSSIER):
        content, found = read_dossier(data, keys)
    return _whole(content, found, alone=True)


def check(package: Package, keys: PublicKeys, attached: Attached) -> Whole:
    """Check a whole package. Raises `NotWhole` naming the first file, and in it the first thing, that does not fit."""
    names = set(package.names())
    for name in (DOSSIER, MANIFEST, EVIDENCE):
        if name not in names:
            raise NotWhole(f"{name} is missing")
    with _in(DOSSIER):
        data = package.read(DOSSIER)
        content, found = read_dossier(data, keys)
    for file in content.files:
        _check_file(package, file, names)
    with _in(MANIFEST):
        listed = _read_manifest(package.read(MANIFEST), content, keys)
    for name in sorted(names - set(listed) - {MANIFEST}):
        raise NotWhole(f"{name} is not in the manifest")
    for name, part in listed.items():
        if name not in names:
            raise NotWhole(f"{name} is missing")
        if package.hashed(name) != part:
            raise NotWhole(f"{name}: the file does not fit its hash in the manifest")
    with _in(EVIDENCE):
        if attached(package.read(EVIDENCE)).get(DOSSIER) != data:
            raise NotWhole("the dossier inside the PDF is not the one beside it")
    return _whole(content, found, alone=False)


@contextmanager
def _in(name: str) -> Iterator[None]:
    """Say in which file it is that something does not fit."""
    try:
        yield
    except NotWhole as error:
        raise NotWhole(f"{name}: {error}") from error


def _check_chain(raw: list[dict[str, Any]], content: Dossier) -> None:
    """Compute the chain anew from the JSON as it is written."""
    before = FIRST
    versions: dict[str, int] = {}
    own = {f"{kind}:{content.visit}" for kind in ("visit", "record", *KINDS)}
    for link, told in zip(content.events, raw, strict=True):
        name = f"event {link.stream}/{link.version}"
        versions[link.stream] = versions.get(link.stream, 0) + 1
        if link.stream not in own or link.version != versions[link.stream]:
            raise NotWhole(f"{name} is not the next one of visit {content.visit}")
        if link.removed is None:
            salt = _hexadecimal(link.salt, name)
            if digest_of(salt, {field: told[field] for field in HASHED}) != link.digest:
                raise NotWhole(f"{name} does not fit its hash")
        elif link.salt or any(getattr(link.event, field, "") for field in TEXTS):
            raise NotWhole(f"{name} was removed by law, and its text is still there")
        _hexadecimal(link.digest, name)
        before = link_of(before, link.digest)
        if before != link.link:
            raise NotWhole(f"{name} does not follow the one before it")
    if before != content.head:
        raise NotWhole("the head is not the link of the last event")


def _hexadecimal(text: str, name: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError as error:
        raise NotWhole(f"{name}: a hash is not hexadecimal") from error


def _check_fold(raw: dict[str, Any], content: Dossier) -> None:
    """Fold the events again: what the dossier says must be what they make it."""
    try:
        again = handover.fold(content.events, content.files, content.names, content.number, content.supersedes)
    except NotWhole:
        raise
    except RvwError as error:
        raise NotWhole(f"the events are not those of a visit: {error}") from error
    for field, value in msgspec.to_builtins(again).items():
        if field in raw and canonical(raw[field]) != canonical(value):
            raise NotWhole(f"the field {field} is not what the events make it")


def _check_file(package: Package, file: FileEntry, names: set[str]) -> None:
    name = f"{FILES}{file.sha256}"
    if file.removed is not None:
        if name in names:
            raise NotWhole(f"{name} was removed by law, and is still there")
        return
    if name not in names:
        raise NotWhole(f"{name} ({file.name}) is missing")
    if package.hashed(name) != Part(name, file.sha256, file.bytes):
        raise NotWhole(f"{name} ({file.name}): the file does not fit its hash")


def _read_manifest(data: bytes, content: Dossier, keys: PublicKeys) -> dict[str, Part]:
    raw, found = opened("manifest", data, keys)
    try:
        manifest = msgspec.convert(raw, Manifest)
    except msgspec.ValidationError as error:
        raise NotWhole(f"the manifest does not fit its schema: {error}") from error
    told = (manifest.schema, manifest.visit, manifest.number, found.statement.head)
    if told != (SCHEMA, content.visit, content.number, content.head):
        raise NotWhole("the manifest is not that of this dossier")
    return {part.name: part for part in manifest.files}


def _whole(content: Dossier, found: Seal, alone: bool) -> Whole:
    removed = sum(1 for link in content.events if link.removed) + sum(1 for file in content.files if file.removed)
    return Whole(
        visit=content.visit,
        number=content.number,
        events=len(content.events),
        files=len(content.files),
        removed=removed,
        key=found.statement.key,
        sealed_at=found.statement.sealed_at,
        alone=alone,
    )
