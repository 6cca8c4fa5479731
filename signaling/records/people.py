"""Who exists: authorities, halls, kiosks, accounts, and the enrolment codes that are still unused.

Knows nothing of passwords and tokens but their hashes: `signaling.auth` decides, this remembers.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import ColumnElement, Row, Table, delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from rvw.clock import Instant
from rvw.domain.people import Actor, Role, Skill
from rvw.errors import Conflict, NotFound
from signaling.records.database import Database
from signaling.records.models import AccountRow, AuthorityRow, EnrolmentCodeRow, HallRow, KioskRow

MAX_CODES_PER_KIOSK = 8
"""How many unused enrolment codes a kiosk may have; a new one beyond that makes the oldest worthless."""


class Authority(Struct, frozen=True, forbid_unknown_fields=True):
    """A tenant."""

    id: str
    name: str
    name_en: str


class Hall(Struct, frozen=True, forbid_unknown_fields=True):
    """A place with kiosks and hosts."""

    id: str
    authority: str
    name: str
    name_en: str


class Kiosk(Struct, frozen=True, forbid_unknown_fields=True):
    """A device."""

    id: str
    hall: str
    name: str


class Account(Struct, frozen=True, forbid_unknown_fields=True):
    """A person who signs in with a password."""

    user: str
    role: Role
    name: str
    authority: str
    hall: str = ""
    desks: tuple[str, ...] = ()
    languages: tuple[str, ...] = ("zh",)
    skills: tuple[Skill, ...] = ()
    halls: tuple[str, ...] = ()
    """Further halls."""


class Known(Struct, frozen=True):
    """What the store says of somebody now."""

    actor: Actor
    generation: int
    """Tokens of another generation are worthless."""
    password_hash: str = ""


class People:
    """Authorities, halls, kiosks, accounts and codes. All methods raise `Unavailable`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def account(self, user: str) -> Known | None:
        """Return the account unless there is none or it is disabled."""
        wanted = select(AccountRow.__table__).where(AccountRow.user == user, AccountRow.disabled.is_(False))
        row = await self._one(wanted)
        return None if row is None else _known_account(row)

    async def kiosk(self, kiosk: str) -> Known | None:
        """Return the kiosk unless there is none or it is disabled."""
        wanted = (
            select(KioskRow.id, KioskRow.name, KioskRow.hall, KioskRow.generation, HallRow.authority)
            .join(HallRow, HallRow.id == KioskRow.hall)
            .where(KioskRow.id == kiosk, KioskRow.disabled.is_(False))
        )
        row = await self._one(wanted)
        return None if row is None else _known_kiosk(row)

    async def authorities(self) -> tuple[Authority, ...]:
        """Return all authorities."""
        table = AuthorityRow
        async with self._database.reading() as connection:
            rows = await connection.execute(select(table.id, table.name, table.name_en).order_by(table.id))
            return tuple(Authority(*row) for row in rows)

    async def halls(self) -> tuple[Hall, ...]:
        """Return all halls."""
        table = HallRow
        wanted = select(table.id, table.authority, table.name, table.name_en).order_by(table.id)
        async with self._database.reading() as connection:
            return tuple(Hall(*row) for row in await connection.execute(wanted))

    async def kiosks(self) -> tuple[Kiosk, ...]:
        """Return all kiosks that are not disabled."""
        table = KioskRow
        wanted = select(table.id, table.hall, table.name).where(table.disabled.is_(False)).order_by(table.id)
        async with self._database.reading() as connection:
            return tuple(Kiosk(*row) for row in await connection.execute(wanted))

    async def put(
        self,
        authorities: Sequence[Authority],
        halls: Sequence[Hall],
        kiosks: Sequence[Kiosk],
        accounts: Sequence[tuple[Account, str]],
    ) -> None:
        """Make each exist as given, accounts with their password hash; what exists already is changed. Repeatable."""
        async with self._database.writing() as connection:
            for table, rows in (
                (AuthorityRow, [_columns(a) for a in authorities]),
                (HallRow, [_columns(h) for h in halls]),
                (KioskRow, [_new(_columns(k)) for k in kiosks]),
                (AccountRow, [_new(_account_columns(a, password)) for a, password in accounts]),
            ):
                for row in rows:
                    await self._upsert(connection, table.__table__, row)

    async def add_account(self, account: Account, password_hash: str) -> None:
        """Add one account.

        Raises `Conflict` if the name is taken, by an account or a kiosk, and `NotFound` if its authority or hall is
        not there.
        """
        async with self._database.writing() as connection:
            taken = (AccountRow.user == account.user, KioskRow.id == account.user)
            for column, same in zip((AccountRow.user, KioskRow.id), taken, strict=True):
                if (await connection.execute(select(column).where(same))).first():
                    raise Conflict(f"the name {account.user} is taken")
            await _must_exist(connection, AuthorityRow.id == account.authority, f"authority {account.authority}")
            for hall in (account.hall, *account.halls):
                if hall:
                    await _must_exist(connection, HallRow.id == hall, f"hall {hall}")
            await connection.execute(insert(AccountRow).values(_new(_account_columns(account, password_hash))))

    async def revoke_account(self, user: str, *, disable: bool = False) -> None:
        """Make every token of the account worthless; with `disable`, signing in too. Raises `NotFound`."""
        await self._revoke(AccountRow, AccountRow.user == user, disable)

    async def revoke_kiosk(self, kiosk: str, *, disable: bool = False) -> None:
        """Make every token of the kiosk worthless; with `disable`, enrolling too. Raises `NotFound`."""
        await self._revoke(KioskRow, KioskRow.id == kiosk, disable)

    async def put_code(self, code_hash: str, kiosk: str, expires_at: Instant, now: Instant) -> None:
        """Remember an enrolment code. Codes that are over, and the oldest beyond `MAX_CODES_PER_KIOSK`, are forgotten.

        Raises `NotFound` if the kiosk is not there.
        """
        codes = EnrolmentCodeRow
        newest = select(codes.code_hash).where(codes.kiosk == kiosk).order_by(codes.expires_at.desc())
        async with self._database.writing() as connection:
            await _must_exist(connection, (KioskRow.id == kiosk) & KioskRow.disabled.is_(False), f"kiosk {kiosk}")
            await connection.execute(delete(codes).where(codes.expires_at <= now))
            kept = (await connection.execute(newest.limit(MAX_CODES_PER_KIOSK - 1))).scalars().all()
            await connection.execute(delete(codes).where(codes.kiosk == kiosk, codes.code_hash.not_in(kept)))
            await connection.execute(insert(codes).values(code_hash=code_hash, kiosk=kiosk, expires_at=expires_at))

    async def take_code(self, code_hash: str, now: Instant) -> str | None:
        """Return the kiosk the code was made for, once; `None` ever after, and when it is over."""
        codes = EnrolmentCodeRow
        taken = delete(codes).where(codes.code_hash == code_hash, codes.expires_at > now).returning(codes.kiosk)
        async with self._database.writing() as connection:
            kiosk: str | None = (await connection.execute(taken)).scalar_one_or_none()
            return kiosk

    async def _one(self, wanted: Any) -> Row[Any] | None:
        async with self._database.reading() as connection:
            row: Row[Any] | None = (await connection.execute(wanted)).first()
            return row

    async def _revoke(self, table: type[KioskRow | AccountRow], which: ColumnElement[bool], disable: bool) -> None:
        values: dict[str, Any] = {"generation": table.generation + 1}
        if disable:
            values["disabled"] = True
        async with self._database.writing() as connection:
            if (await connection.execute(update(table).where(which).values(values))).rowcount == 0:
                raise NotFound("there is no such account or kiosk")

    async def _upsert(self, connection: AsyncConnection, table: Any, row: dict[str, Any]) -> None:
        assert isinstance(table, Table)  # noqa: S101 - declared classes have no other kind
        dialect_insert = postgres_insert if self._database.locks_rows else sqlite_insert
        keys = [column.name for column in table.primary_key]
        changed = {name: value for name, value in row.items() if name not in {*keys, "generation", "disabled"}}
        await connection.execute(dialect_insert(table).values(row).on_conflict_do_update(index_elements=keys, set_=changed))


async def _must_exist(connection: AsyncConnection, which: ColumnElement[bool], what: str) -> None:
    if (await connection.execute(select(1).where(which))).first() is None:
        raise NotFound(f"there is no {what}")


def _columns(thing: Authority | Hall | Kiosk | Account) -> dict[str, Any]:
    return {name: getattr(thing, name) for name in thing.__struct_fields__}


def _account_columns(account: Account, password_hash: str) -> dict[str, Any]:
    skills = msgspec.to_builtins(account.skills)
    lists = {"desks": list(account.desks), "languages": list(account.languages), "skills": list(skills)}
    lists["halls"] = list(account.halls)
    rest = {"role": account.role.value, "hall": account.hall or None, "password_hash": password_hash}
    return {**_columns(account), **lists, **rest}


def _new(columns: dict[str, Any]) -> dict[str, Any]:
    return {**columns, "generation": 1, "disabled": False}


def _known_account(row: Row[Any]) -> Known:
    actor = Actor(
        id=row.user,
        role=Role(row.role),
        name=row.name,
        authority=row.authority,
        hall=row.hall or "",
        desks=tuple(row.desks),
        languages=tuple(row.languages),
        skills=msgspec.convert(row.skills, tuple[Skill, ...]),
        halls=tuple(row.halls),
    )
    return Known(actor, row.generation, row.password_hash)


def _known_kiosk(row: Row[Any]) -> Known:
    return Known(Actor(row.id, Role.KIOSK, row.name, row.authority, row.hall), row.generation)
