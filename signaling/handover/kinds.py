"""What a case system is told about a visit, by the types of CloudEvents that say it."""

from typing import Final, Literal, assert_never

from rvw.domain.chain import Composed, Corrected, Redacted
from rvw.domain.handover import decode
from signaling.records.deliveries import What

EventType = Literal[
    "rvw.dossier.sealed.v2",
    "rvw.dossier.corrected.v2",
    "rvw.dossier.redacted.v2",
    "rvw.dossier.composed.v2",
    "rvw.dossier.deleted.v1",
]
"""`sealed`: the record of a visit that is over. `corrected`: its outcome or note was wrong. `redacted`: something was taken
out of it by law, or by a rule about how long it is kept. `composed`: the film of the visit was added. `deleted`: nothing is
kept of it any more; what comes is the certificate. The number is that of the schema of what comes."""

DELETED: Final[EventType] = "rvw.dossier.deleted.v1"

DOSSIER_SCHEMA: Final = "urn:rvw:dossier:2"
DELETION_SCHEMA: Final = "urn:rvw:deletion:1"


def type_of(what: What, content: bytes) -> EventType:
    """Return what a content says that has happened. Raises `InvalidInput` for one that is no dossier."""
    match what:
        case "deletion":
            return DELETED
        case "dossier":
            return _of_version(content)
        case never:
            assert_never(never)


def schema_of(type: EventType) -> str:
    """Return the schema of what comes with an event."""
    return DELETION_SCHEMA if type == DELETED else DOSSIER_SCHEMA


def _of_version(content: bytes) -> EventType:
    """Return what has made this version: its last event, but for the first one, which is made of all."""
    match decode(content).events[-1].event:
        case Corrected():
            return "rvw.dossier.corrected.v2"
        case Redacted():
            return "rvw.dossier.redacted.v2"
        case Composed():
            return "rvw.dossier.composed.v2"
        case _:
            return "rvw.dossier.sealed.v2"
