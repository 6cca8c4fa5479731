"""The chain of a record's events: each is hashed, and each hash holds the one before, so none can be changed or left out.

    digest = SHA-256( salt (16 bytes) ‖ canonical({stream, version, at, by, ref, event}) )
    link   = SHA-256( link of the event before (32 bytes; zeros for the first) ‖ digest (32 bytes) )

Canonical is RFC 8785 (JCS): sorted keys, numbers as ECMAScript writes them. msgspec's own order would be as stable, but
only for whoever has our structs; JCS can be computed from the JSON alone, in any language, by an auditor who has never seen
our code.

The salt is why an event can be removed by law and its hash stay: a name or an identity number could be guessed from a bare
hash by trying all of them; the salt goes with the text, and what is left tells nothing. The chain still holds.
"""

import hashlib
import hmac
from typing import Any, Final

import msgspec
import rfc8785
from msgspec import Struct

from rvw.clock import Instant, Seconds
from rvw.domain.events import CompanionEvent, Tagged, VisitEvent
from rvw.errors import InvalidInput

FIRST: Final = "0" * 64
"""The link before the first event."""

SALT_BYTES: Final = 16


class Removal(Struct, frozen=True, forbid_unknown_fields=True):
    """That the content of an event or file was taken out, and why; its hash stays."""

    at: Instant
    by: str
    reason: str
    basis: str
    """The law or decision it was removed by."""


class Corrected(Tagged, frozen=True, tag="corrected"):
    """What the record said of the outcome was wrong; this is right. Empty: as before."""

    outcome: str
    note: str
    reason: str


class Redacted(Tagged, frozen=True, tag="redacted"):
    """Texts of events, or whole files, were taken out of the record by law."""

    events: tuple[str, ...]
    """As `<stream>/<version>`."""
    files: tuple[str, ...]
    """Their SHA-256."""
    reason: str
    basis: str


class Composed(Tagged, frozen=True, tag="composed"):
    """A film was made of what was recorded of all parties: another file of the record."""

    sha256: str
    seconds: Seconds


RecordEvent = VisitEvent | CompanionEvent | Corrected | Redacted | Composed
"""What a record holds: the visit's events, and what happened to the record after the visit."""


class Link(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An event with its place in the chain."""

    stream: str
    """`visit:<id>`, or `record:<id>` for what happened to the record after the visit."""
    version: int
    at: Instant
    by: str
    ref: str
    event: RecordEvent
    """Of a removed one the texts are empty."""
    salt: str
    """In hexadecimal; empty if the content was removed."""
    digest: str
    link: str
    removed: Removal | None = None


HASHED: Final = ("stream", "version", "at", "by", "ref", "event")
"""The fields of a link that its digest covers: those of `events.Recorded`."""


def canonical(value: object) -> bytes:
    """Return the one way to write a value, by RFC 8785. Raises `InvalidInput` for what JSON cannot hold."""
    try:
        return rfc8785.dumps(msgspec.to_builtins(value))
    except (rfc8785.CanonicalizationError, UnicodeEncodeError) as error:
        raise InvalidInput(f"this cannot be written as JSON: {error}") from error


def sha256(data: bytes) -> str:
    """Return the SHA-256 in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def salt_of(seed: bytes, stream: str, version: int) -> bytes:
    """Return the salt of an event. The seed is secret and random for each record: salts tell nothing of each other."""
    return hmac.digest(seed, f"{stream}/{version}".encode(), "sha256")[:SALT_BYTES]


def digest_of(salt: bytes, hashed: dict[str, Any]) -> str:
    """Return the digest of an event, given its `HASHED` fields as plain JSON values."""
    return sha256(salt + canonical(hashed))


def link_of(before: str, digest: str) -> str:
    """Return the link of an event after the one whose link is `before`."""
    return sha256(bytes.fromhex(before) + bytes.fromhex(digest))
