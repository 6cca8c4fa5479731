"""What goes over HTTP about records: fetching by case systems, the list of what is stuck, corrections, removals by law."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from rvw.clock import Instant
from rvw.domain.events import Outcome

Words = Annotated[str, Meta(min_length=1, max_length=500)]


class ToFetch(Struct, frozen=True, forbid_unknown_fields=True):
    """A record that waits to be fetched."""

    visit: str
    number: int
    """The version."""
    since: Instant
    what: Literal["dossier", "deletion"]
    """A version of the record, or that nothing is kept of it any more."""


class FetchList(Struct, frozen=True, forbid_unknown_fields=True):
    """`GET /api/handover/parcels`: the longest waiting first; of each visit only the next version."""

    parcels: tuple[ToFetch, ...]


class FetchQuestion(Struct, frozen=True, forbid_unknown_fields=True):
    """Its question."""

    limit: Annotated[int, Meta(ge=1, le=500)] = 100


class Fetched(Struct, frozen=True, forbid_unknown_fields=True):
    """`GET /api/handover/parcels/{visit}/{number}`: what has happened, byte for byte as `sha256` was taken of it.

    Either the sealed dossier, or the certificate of its deletion.
    """

    visit: str
    number: int
    matter: str
    region: str
    type: str
    """As that of a CloudEvent: `rvw.dossier.sealed.v2`, `….corrected.v2`, `….redacted.v2`, `….composed.v2`,
    `….deleted.v1`."""
    sha256: str
    dossier: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    """`{"dossier": …, "seal": …}`: its schema is `urn:rvw:dossier:2`."""
    certificate: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    """`{"deletion": …, "seal": …}`: its schema is `urn:rvw:deletion:1`."""


class Acknowledgement(Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /api/handover/parcels/{visit}/{number}/acknowledge`, and its answer: the receipt that counts.

    Who acknowledges again gets the receipt that was given first.
    """

    receipt: Annotated[str, Meta(min_length=1, max_length=200)]


class Stuck(Struct, frozen=True, forbid_unknown_fields=True):
    """A record that did not reach its case system: somebody has to look, and send it again."""

    visit: str
    number: int
    adapter: str
    state: str
    """`refused` or `dead`."""
    since: Instant
    attempts: int
    last_error: str


class StuckList(Struct, frozen=True, forbid_unknown_fields=True):
    """`GET /api/handover/stuck`, for supervisors: those of the own authorities, the longest waiting first."""

    parcels: tuple[Stuck, ...]


class Correction(Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /api/records/{visit}/corrections`, by the visit's officer or a supervisor: empty fields stay as they are."""

    reason: Words
    outcome: Outcome | None = None
    note: Annotated[str, Meta(max_length=4000)] = ""


class RemovalOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /api/records/{visit}/removals`, by a supervisor: what is taken out for good, from all versions."""

    reason: Words
    basis: Words
    """The law or decision."""
    events: Annotated[tuple[str, ...], Meta(max_length=1000)] = ()
    """As `visit:<id>/<version>`."""
    files: Annotated[tuple[str, ...], Meta(max_length=1000)] = ()
    """Their SHA-256."""


class Version(Struct, frozen=True, forbid_unknown_fields=True):
    """The version of a record that a correction, a removal, or sending again is about."""

    visit: str
    number: int
