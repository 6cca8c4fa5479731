"""The audit log on paper: who saw or changed what, each entry holding the hash of the one before.

    link = SHA-256( link of the entry before (32 bytes; zeros for the first) ‖ SHA-256( canonical(all fields but link) ) )

So no entry can be changed, put between, or left out of the middle. What is cut off at the end, or written anew as a whole,
is found by seals: from time to time the last link is signed (`rvw.domain.seal`), and an entry that a seal names must be
there. Entries name people who act and visits, by their ids; of what was seen or changed they say the kind, never the
content.
"""

from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta, Struct

from rvw.clock import Instant
from rvw.domain.chain import FIRST, canonical, link_of, sha256
from rvw.domain.seal import PublicKeys, Signer, opened, seal
from rvw.errors import NotWhole

SCHEMA: Final = "rvw.audit/1"

Deed = Literal["saw", "took", "changed", "deleted"]
"""`saw`: it was shown to somebody; `took`: a copy went out; `changed`: by staff, of what was kept; `deleted`."""

LONGEST_WHAT: Final = 200
"""Longer words are cut: an entry names a thing, it does not describe it."""


class Noted(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An entry of the log."""

    number: int
    """From 1, without a gap."""
    at: Instant
    actor: str
    role: str
    did: Deed
    visit: str
    """Empty for what belongs to no visit."""
    what: Annotated[str, Meta(max_length=LONGEST_WHAT)]
    """The kind, and what it is found by: `dossier 2`, `material <sha256>`, `recording`, `telephone number <task>`."""
    link: str


class Head(Struct, frozen=True, forbid_unknown_fields=True):
    """What a seal of the log says: so far it went, and this was its last link."""

    schema: str
    number: int
    link: str


class Line(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A line of an exported log: an entry, or a seal after the last entry that it covers."""

    entry: Noted | None = None
    sealed: str = ""
    """The sealed `Head`, in its canonical spelling."""


class Intact(Struct, frozen=True):
    """What was checked and fits."""

    entries: int
    head: str
    seals: int
    sealed: int
    """The number of the last entry that a seal covers: what came after could be cut off unnoticed."""


def noted(before: tuple[int, str], at: Instant, actor: str, role: str, did: Deed, visit: str, what: str) -> Noted:
    """Return the entry after the one with that number and link: `(0, FIRST)` for the first."""
    number, link = before
    bare = Noted(number=number + 1, at=at, actor=actor, role=role, did=did, visit=visit, what=what[:LONGEST_WHAT], link="")
    return msgspec.structs.replace(bare, link=_link(link, bare))


def sealed_head(entry: Noted, signer: Signer, now: Instant) -> bytes:
    """Return the seal over the log up to this entry."""
    return seal("audit", Head(SCHEMA, entry.number, entry.link), entry.link, signer, now)


class Check:
    """Takes entries and seals in their order, and names the first that does not fit."""

    def __init__(self, keys: PublicKeys) -> None:
        self._keys = keys
        self._number, self._link = 0, FIRST
        self._seals = self._sealed = 0

    def entry(self, entry: Noted) -> None:
        """Take the next entry. Raises `NotWhole`."""
        if entry.number != self._number + 1:
            raise NotWhole(f"entry {self._number + 1} is missing: entry {entry.number} follows on entry {self._number}")
        if entry.link != _link(self._link, entry):
            raise NotWhole(f"entry {entry.number} does not fit its hash, or does not follow the one before it")
        self._number, self._link = entry.number, entry.link

    def seal(self, data: bytes) -> None:
        """Take a seal, after the entry that it names. Raises `NotWhole`."""
        raw, found = opened("audit", data, self._keys)
        head = _head(raw)
        if head.number > self._number:
            raise NotWhole(f"entry {self._number + 1} is missing: a seal covers the log up to entry {head.number}")
        if head.number < self._number:
            raise NotWhole(f"the seal of entry {head.number} is not in its place")
        if not head.link == found.statement.head == self._link:
            raise NotWhole(f"entry {head.number} is not the one that was sealed")
        self._seals, self._sealed = self._seals + 1, head.number

    def end(self) -> Intact:
        """Return what was checked."""
        return Intact(self._number, self._link, self._seals, self._sealed)


def _head(raw: dict[str, Any]) -> Head:
    try:
        head = msgspec.convert(raw, Head)
    except msgspec.ValidationError as error:
        raise NotWhole(f"a seal of the log does not fit its schema: {error}") from error
    if head.schema != SCHEMA:
        raise NotWhole(f"the schema {head.schema!r} is not {SCHEMA}")
    return head


def _link(before: str, entry: Noted) -> str:
    hashed = msgspec.to_builtins(entry)
    del hashed["link"]
    try:
        return link_of(before, sha256(canonical(hashed)))
    except ValueError as error:
        raise NotWhole(f"entry {entry.number}: a hash is not hexadecimal") from error
