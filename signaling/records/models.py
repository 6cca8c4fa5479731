"""The tables. A test keeps them and the migrations alike.

Instants are seconds since the epoch in double precision, as everywhere else (`rvw.clock`): they compare the same in
SQLite and PostgreSQL and need no time zone.
"""

from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    false,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
}
"""Constraints have names we choose, so that a migration can drop them in either database."""


class Base(DeclarativeBase):
    """The base of all tables."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {str: String(255), float: Double(), int: Integer(), bool: Boolean()}  # noqa: RUF012 - read once


class AuthorityRow(Base):
    """A tenant."""

    __tablename__ = "authorities"
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    name_en: Mapped[str]


class HallRow(Base):
    """A place with kiosks and hosts."""

    __tablename__ = "halls"
    id: Mapped[str] = mapped_column(primary_key=True)
    authority: Mapped[str] = mapped_column(ForeignKey("authorities.id"))
    name: Mapped[str]
    name_en: Mapped[str]


class KioskRow(Base):
    """A device. Its tokens carry `generation`; raising it makes them worthless."""

    __tablename__ = "kiosks"
    id: Mapped[str] = mapped_column(primary_key=True)
    hall: Mapped[str] = mapped_column(ForeignKey("halls.id"))
    name: Mapped[str]
    generation: Mapped[int] = mapped_column(default=1)
    disabled: Mapped[bool] = mapped_column(default=False)


class AccountRow(Base):
    """A person who signs in with a password kept here."""

    __tablename__ = "accounts"
    user: Mapped[str] = mapped_column(primary_key=True)
    role: Mapped[str]
    name: Mapped[str]
    authority: Mapped[str] = mapped_column(ForeignKey("authorities.id"))
    hall: Mapped[str | None] = mapped_column(ForeignKey("halls.id"))
    desks: Mapped[list[str]] = mapped_column(JSON)
    languages: Mapped[list[str]] = mapped_column(JSON)
    skills: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list, server_default="[]")
    halls: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    """Beside `hall`."""
    password_hash: Mapped[str] = mapped_column(String(512))
    generation: Mapped[int] = mapped_column(default=1)
    disabled: Mapped[bool] = mapped_column(default=False)


class EnrolmentCodeRow(Base):
    """A one-time code that has not been used; only its hash is known."""

    __tablename__ = "enrolment_codes"
    code_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    kiosk: Mapped[str] = mapped_column(ForeignKey("kiosks.id"), index=True)
    expires_at: Mapped[float]


class DossierRow(Base):
    """One version of the dossier of a visit that is over: written once and never changed.

    Only a removal by law empties the content of the versions before it; their hashes stay.
    """

    __tablename__ = "dossiers"
    visit: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    authority: Mapped[str] = mapped_column(index=True)
    matter: Mapped[str]
    region: Mapped[str]
    closed_at: Mapped[float] = mapped_column(index=True)
    sha256: Mapped[str] = mapped_column(String(64))
    dossier: Mapped[bytes] = mapped_column(LargeBinary)
    evidence: Mapped[bytes] = mapped_column(LargeBinary)
    manifest: Mapped[bytes] = mapped_column(LargeBinary)
    seed: Mapped[bytes] = mapped_column(LargeBinary)
    encrypted: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether these four are, under the key of the visit; those from before there were keys are encrypted at a start."""
    ticket: Mapped[str | None]
    """This and what follows is what records are found by; `None` for one from before, until the next start."""
    officer: Mapped[str] = mapped_column(index=True, default="", server_default="")
    outcome: Mapped[str] = mapped_column(default="", server_default="")


class Delivery:
    """The columns of what is on its way to the case system: see `signaling/handover/DESIGN.md` for the states."""

    visit: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    adapter: Mapped[str] = mapped_column(String(16))
    """The way it goes: `http`, `folder`, or `pull`."""
    state: Mapped[str] = mapped_column(String(16))
    since: Mapped[float]
    """When it began to wait: it is given up so long after this."""
    attempts: Mapped[int]
    next_attempt_at: Mapped[float]
    lease: Mapped[str] = mapped_column(String(32))
    last_error: Mapped[str]
    receipt: Mapped[str]
    delivered_at: Mapped[float | None]
    acknowledged_at: Mapped[float | None]


class ParcelRow(Delivery, Base):
    """A version of a dossier on its way."""

    __tablename__ = "parcels"
    __table_args__ = (
        ForeignKeyConstraint(["visit", "number"], ["dossiers.visit", "dossiers.number"], name="fk_parcels_dossier"),
        Index("ix_parcels_state_next_attempt_at", "state", "next_attempt_at"),
    )


class NoticeRow(Delivery, Base):
    """That a record was deleted, on its way: after its last version. It stays, as the certificate does."""

    __tablename__ = "notices"
    __table_args__ = (Index("ix_notices_state_next_attempt_at", "state", "next_attempt_at"),)
    authority: Mapped[str]
    matter: Mapped[str]
    region: Mapped[str]
    closed_at: Mapped[float]
    sha256: Mapped[str] = mapped_column(String(64))
    """Of the certificate."""
    certificate: Mapped[bytes] = mapped_column(LargeBinary)


class RatingRow(Base):
    """好差评: what a resident thinks of a visit. One a visit; `counts` is false for one that was a mistake.

    Words are not in it: those of a low rating are in its task, encrypted with the visit.
    """

    __tablename__ = "ratings"
    visit: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[float] = mapped_column(index=True)
    authority: Mapped[str]
    desk: Mapped[str]
    officer: Mapped[str]
    matter: Mapped[str]
    level: Mapped[int]
    tags: Mapped[list[str]] = mapped_column(JSON)
    way: Mapped[str] = mapped_column(String(16))
    counts: Mapped[bool]


class TaskRow(Base):
    """Work that somebody owes. `body` is the task (`rvw.domain.task.Task`) as JSON; the columns are for finding it."""

    __tablename__ = "tasks"
    __table_args__ = (Index("ix_tasks_state_deadline", "state", "deadline"),)
    id: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int]
    kind: Mapped[str] = mapped_column(String(32))
    state: Mapped[str] = mapped_column(String(16))
    authority: Mapped[str] = mapped_column(index=True)
    desk: Mapped[str] = mapped_column(index=True)
    visit: Mapped[str] = mapped_column(index=True)
    due_at: Mapped[float]
    deadline: Mapped[float]
    once: Mapped[str | None] = mapped_column(unique=True)
    """What there may be only one open task of."""
    body: Mapped[bytes] = mapped_column(LargeBinary)
    contact: Mapped[bytes | None] = mapped_column(LargeBinary)
    """A telephone number, encrypted; forgotten when the task is done."""
    encrypted: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether `body` is, under the key of the visit, and `contact` once more."""


class VisitKeyRow(Base):
    """The key under which everything of a visit is encrypted, wrapped. Empty when it is destroyed."""

    __tablename__ = "visit_keys"
    visit: Mapped[str] = mapped_column(primary_key=True)
    wrapped_by: Mapped[str] = mapped_column(String(64), index=True)
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)
    made_at: Mapped[float]
    destroyed_at: Mapped[float | None]


class AuditRow(Base):
    """An entry of the audit log (`rvw.domain.trail`). The database refuses to change or delete one."""

    __tablename__ = "audit_log"
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[float]
    actor: Mapped[str]
    role: Mapped[str]
    did: Mapped[str] = mapped_column(String(16))
    visit: Mapped[str] = mapped_column(index=True)
    what: Mapped[str]
    link: Mapped[str] = mapped_column(String(64))


class AuditSealRow(Base):
    """A seal over the audit log up to an entry; it too stays as it is."""

    __tablename__ = "audit_seals"
    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int]
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[float]


class RecordingRow(Base):
    """A visit's recording, from its closing on: see `signaling.records.recordings`."""

    __tablename__ = "recordings"
    visit: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(index=True)
    tries: Mapped[int]
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    leased_until: Mapped[float]
    changed_at: Mapped[float]


class HoldRow(Base):
    """That nothing of a visit is deleted (`rvw.domain.keeping.Hold`). One that is over stays: it says why much was kept."""

    __tablename__ = "holds"
    id: Mapped[str] = mapped_column(primary_key=True)
    visit: Mapped[str] = mapped_column(index=True)
    authority: Mapped[str]
    by: Mapped[str]
    why: Mapped[str] = mapped_column(String(1000))
    since: Mapped[float]
    until: Mapped[float | None]
    lifted_at: Mapped[float | None]
    lifted_by: Mapped[str]
    lifted_why: Mapped[str] = mapped_column(String(1000))


class DeletionRow(Base):
    """A deletion, from its beginning on, and in the end its certificate. Such a row is never deleted."""

    __tablename__ = "deletions"
    visit: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    authority: Mapped[str]
    step: Mapped[str] = mapped_column(String(16))
    content: Mapped[bytes] = mapped_column(LargeBinary)
    """What the certificate will say: hashes, and no word of what was hashed."""
    certificate: Mapped[bytes] = mapped_column(LargeBinary)
    begun_at: Mapped[float]
    done_at: Mapped[float | None] = mapped_column(index=True)
    leased_until: Mapped[float]
