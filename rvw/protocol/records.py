"""What goes over HTTP about records: fetching by case systems, the list of what is stuck, corrections, removals by law."""

from typing import Annotated

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


class FetchList(Struct, frozen=True, forbid_unknown_fields=True):
    """`GET /api/handover/parcels`: the longest waiting first; of each visit only the next version."""

    parcels: tuple[ToFetch, ...]


class FetchQuestion(Struct, frozen=True, forbid_unknown_fields=True):
    """Its question."""

    limit: Annotated[int, Meta(ge=1, le=500)] = 100


class Fetched(Struct, frozen=True, forbid_unknown_fields=True):
    """`GET /api/handover/parcels/{visit}/{number}`: the sealed dossier, byte for byte as `sha256` was taken of it."""

    visit: str
    number: int
    matter: str
    region: str
    sha256: str
    dossier: msgspec.Raw
    """`{"dossier": …, "seal": …}`: its schema is `urn:rvw:dossier:2`."""


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
