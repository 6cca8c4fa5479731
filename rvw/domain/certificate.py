"""The certificate of a deletion: what was deleted, when, and by which rule. The hashes stay, and nothing that was hashed.

    {"deletion": …, "seal": …}     canonical JSON (RFC 8785), sealed as a dossier is

Whoever has the dossier, or a file of it, can see that this certificate is about it, by its hash; from a hash nobody finds
out what it was of. `rvw verify` checks a certificate with the published keys alone.
"""

from typing import Any, Final

import msgspec
from msgspec import Struct

from rvw.clock import DAY_S, Instant
from rvw.domain.catalogue.retention import Kind, Retention
from rvw.domain.seal import PublicKeys, Signer, opened, seal
from rvw.errors import NotWhole

SCHEMA: Final = "rvw.deletion/1"
WHAT: Final = "deletion"
MARK: Final = b'{"deletion":'
"""How a certificate begins: the keys of canonical JSON are sorted."""


class GoneVersion(Struct, frozen=True, forbid_unknown_fields=True):
    """A version of the dossier."""

    number: int
    sha256: str


class GoneFile(Struct, frozen=True, forbid_unknown_fields=True):
    """A file. Its name is not told: people are named in it."""

    sha256: str
    bytes: int
    what: str
    """`recording`, `material`, `signed`, …; `other` for one that the dossier does not name: a picture of a page, a film."""


class Certificate(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is sealed."""

    schema: str
    visit: str
    kind: Kind
    authority: str
    matter: str
    region: str = ""
    closed_at: Instant
    rule: Retention
    due_at: Instant
    """When the rule let it go: the closing and its days."""
    begun_at: Instant
    done_at: Instant = 0.0
    key_destroyed: bool
    """The visit's key: what was encrypted with it is gone wherever copies may be."""
    versions: tuple[GoneVersion, ...] = ()
    head: str = ""
    """The last link of the chain of events, as the last version has it."""
    files: tuple[GoneFile, ...] = ()
    tasks: int = 0
    rated: bool = False
    places: tuple[str, ...] = ()
    """Where it was looked for, and nothing is left."""


def make(certificate: Certificate, signer: Signer, now: Instant) -> bytes:
    """Return the sealed certificate of a deletion that is done `now`."""
    return seal(WHAT, msgspec.structs.replace(certificate, done_at=now), certificate.head, signer, now)


def check(data: bytes, keys: PublicKeys) -> Certificate:
    """Return a certificate that is whole. Raises `NotWhole` that names what does not fit."""
    raw, found = opened(WHAT, data, keys)
    certificate = _read(raw)
    if found.statement.head != certificate.head:
        raise NotWhole("the certificate is not about the chain that was sealed")
    times = (certificate.closed_at, certificate.due_at, certificate.begun_at, certificate.done_at)
    if list(times) != sorted(times) or certificate.due_at != certificate.closed_at + certificate.rule.days * DAY_S:
        raise NotWhole("the times of the certificate do not follow each other as its rule says")
    return certificate


def _read(raw: dict[str, Any]) -> Certificate:
    try:
        certificate = msgspec.convert(raw, Certificate)
    except msgspec.ValidationError as error:
        raise NotWhole(f"the certificate does not fit its schema: {error}") from error
    if certificate.schema != SCHEMA:
        raise NotWhole(f"the schema {certificate.schema!r} is not {SCHEMA}")
    return certificate
