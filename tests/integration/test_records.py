"""The same promises in PostgreSQL: migrations, records, claims, codes."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from argon2 import PasswordHasher
from sqlalchemy import Connection

from rvw.domain.people import Actor, Role
from rvw.domain.trail import Check
from rvw.errors import InvalidSettings, Unavailable, WrongCredentials
from rvw.settings import Security
from signaling.auth import Auth, Passwords, mint_enrolment
from signaling.dossiers.keys import open_keys
from signaling.keeping.audit import Audit
from signaling.keeping.provider import FileKeys
from signaling.records import Store, open_store
from signaling.records.models import Base
from signaling.tenancy import parse, seed
from tests.fakes.case_system import T0, closed_visit, make_record
from tests.fakes.postgres import postgres

CHEAP = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
DEMO = Path(__file__).parents[2] / "config" / "demo.toml"


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """A PostgreSQL of our own."""
    with postgres() as url:
        yield url


@pytest.fixture(scope="module")
async def stores(url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Store, Store]]:
    """Two processes' stores, opened at once on an empty database, with the demo tenancy loaded by both."""
    async with asyncio.TaskGroup() as tasks:
        for _ in range(6):
            tasks.create_task(_open_and_close(url))
    keys = FileKeys(tmp_path_factory.mktemp("keys") / "data-keys.json")
    async with open_store(url, keys) as one, open_store(url, keys) as two:
        await asyncio.gather(*(seed(store, parse(DEMO.read_text()), CHEAP) for store in (one, two)))
        yield one, two


async def _open_and_close(url: str) -> None:
    async with open_store(url) as store:
        await store.ping()


async def test_the_migrations_lead_to_the_models(stores: tuple[Store, Store]) -> None:
    """Nothing is left to do after the last step."""

    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, Base.metadata))

    async with stores[0].database.reading() as connection:
        assert await connection.run_sync(differences) == []


async def test_two_processes_record_and_claim(stores: tuple[Store, Store]) -> None:
    """Both read the same forty visits and claim at once: forty records, and none in both hands."""
    visits = [closed_visit(f"v{number}") for number in range(40)]
    new = await asyncio.gather(*(store.archive.keep(make_record(*visit)) for visit in visits for store in stores))
    assert sum(new) == 40
    taken = await asyncio.gather(
        *(store.parcels.claim(f"{number}", T0 + 5000, 5, T0 + 1000) for number, store in enumerate([*stores] * 8))
    )
    left = await stores[0].parcels.claim("last", T0 + 5000, 40, T0 + 1000)
    claimed = [claim.visit for claims in (*taken, left) for claim in claims]
    assert len(claimed) == len(set(claimed)) == 40
    assert await stores[1].parcels.next_due() == T0 + 5000


async def test_a_locked_row_does_not_hold_up_another_claimer(stores: tuple[Store, Store]) -> None:
    """One claimer is in the middle of its transaction; the other goes past its row."""
    one, two = stores
    for visit in ("w1", "w2"):
        await one.archive.keep(make_record(*closed_visit(visit)))
    async with one.database.writing() as connection:
        await connection.exec_driver_sql("SELECT visit FROM parcels WHERE visit = 'w1' FOR UPDATE")
        async with asyncio.timeout(5):
            (claim,) = await two.parcels.claim("two", T0 + 5000, 2, T0 + 1000)
    assert claim.visit == "w2"


async def test_two_processes_write_one_audit_log(stores: tuple[Store, Store], tmp_path: Path) -> None:
    """Both note forty things at once: one chain without a gap, sealed to its end; the database lets nobody change it."""
    keys, actor = open_keys(tmp_path, T0), Actor("lead-feng", Role.SUPERVISOR, "冯督导", "sh-pudong")
    logs = [Audit(store.trail, keys, lambda: T0) for store in stores]
    await asyncio.gather(*(log.note(actor, "saw", f"v{number}", "marks") for number in range(20) for log in logs))
    await logs[0].seal()
    check = Check(keys.public())
    async for line in stores[1].trail.lines():
        check.entry(line.entry) if line.entry else check.seal(line.sealed.encode())
    assert check.end().entries == check.end().sealed == 40
    for change in (
        "UPDATE audit_log SET actor = 'x'",
        "DELETE FROM audit_log",
        "TRUNCATE audit_log",
        "DELETE FROM audit_seals",
    ):
        with pytest.raises(Unavailable):
            await _changed(stores[0], change)


async def _changed(store: Store, statement: str) -> None:
    async with store.database.writing() as connection:
        await connection.exec_driver_sql(statement)


async def test_a_code_enrols_once(stores: tuple[Store, Store]) -> None:
    """Two processes are given the same code at the same time."""
    auths = [Auth(store, Security(secret="a secret for tests, long enough for all"), passwords=CHEAP) for store in stores]
    code = (await mint_enrolment(stores[0], "kiosk-pudong-1", 60)).code
    answers = await asyncio.gather(*(auth.enrol(code) for auth in auths * 4), return_exceptions=True)
    assert sum(isinstance(answer, WrongCredentials) for answer in answers) == 7
    session = await auths[0].login("pudong1", "demo-window")
    assert await auths[1].actor(session.token) == session.actor


async def test_no_database() -> None:
    """Nobody listens: told as such, without the address."""
    with pytest.raises(Unavailable) as told:
        async with open_store("postgresql://rvw:hidden@127.0.0.1:9/rvw"):
            pass
    assert "hidden" not in str(told.value)


@pytest.mark.parametrize("url", ["", "rvw", "oracle://x/y", "http://x"])
async def test_no_address_of_a_database(url: str) -> None:
    """The settings are wrong."""
    with pytest.raises(InvalidSettings):
        async with open_store(url):
            pass
