"""The steps lead to the tables of today, however many processes take them at once."""

import asyncio
import re
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, event, text
from sqlalchemy.engine import Engine

from signaling.records import Store, database, open_store
from signaling.records.database import Database, sqlite_url
from signaling.records.migrations import HEAD, LEFT_OVER, configuration, tidy, upgrade
from signaling.records.models import Base
from tests.fakes.case_system import closed_visit, make_record
from tests.fakes.postgres import postgres


def differences(connection: Connection) -> list[object]:
    """Return what Alembic would have to do to get from the database to the models."""

    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return list(compare_metadata(context, Base.metadata))


async def test_the_migrations_lead_to_the_models(store: Store) -> None:
    """Nothing is left to do after the last step."""
    async with store.database.reading() as connection:
        assert await connection.run_sync(differences) == []


async def test_the_last_step_is_named(store: Store) -> None:
    """What a start compares with is the newest of the files."""
    async with store.database.reading() as connection:
        config = await connection.run_sync(configuration)
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


async def test_several_may_start_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight open the same empty database together, on a machine on which making it takes longer than SQLite waits.

    All get the whole of it.
    """
    monkeypatch.setattr("signaling.records.database._PRAGMAS", ("busy_timeout=100",))

    async def start() -> dict[str, int]:
        async with open_store(sqlite_url(tmp_path)) as store:
            return await store.parcels.count()

    counts = await asyncio.gather(*(start() for _ in range(8)))
    assert all(count == counts[0] for count in counts)
    assert len(counts) == 8


async def test_a_new_file_that_another_process_looks_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite says "locked" at once, and does not wait: it is tried again when the other has gone on."""
    file = tmp_path / "rvw.sqlite3"
    tried: list[float] = []
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.executescript("CREATE TABLE one (two); BEGIN; SELECT * FROM one")

        async def goes_on(seconds: float) -> None:
            tried.append(seconds)
            other.execute("COMMIT")

        monkeypatch.setattr(database, "sleep", goes_on)
        async with a_database(f"sqlite:///{file}") as new:
            await new.prepare()
            async with new.reading() as connection:
                mode = (await connection.execute(text("PRAGMA journal_mode"))).scalar()
    assert (len(tried), mode) == (1, "wal")


async def test_a_second_start_changes_nothing(tmp_path: Path) -> None:
    """Stopped and started again: what was written is there."""
    async with open_store(sqlite_url(tmp_path)) as store:
        await store.archive.keep(make_record(*closed_visit("v1")))
    async with open_store(sqlite_url(tmp_path)) as store:
        assert await store.archive.record("v1") is not None


@asynccontextmanager
async def a_database(url: str) -> AsyncIterator[Database]:
    """One without any step taken."""
    it = Database(url)
    try:
        yield it
    finally:
        await it.close()


def taken_to(connection: Connection, revision: str) -> None:
    """Take the steps up to one."""
    command.upgrade(configuration(connection), revision)


UNFIT = re.compile(r"\b(DROP|RENAME|ALTER COLUMN|DELETE FROM)\b|ADD COLUMN (?!.*DEFAULT)(?=.*NOT NULL)", re.IGNORECASE)
"""What a process of before would stumble over: something is gone, or must be given that it does not know."""


async def test_every_step_leaves_the_version_before_it_working(tmp_path: Path) -> None:
    """Processes are replaced one after another: no statement of any step takes anything from those still running."""
    said: list[str] = []

    def hear(*words: str) -> None:
        said.append(words[2])

    event.listen(Engine, "before_cursor_execute", hear)
    try:
        async with a_database(sqlite_url(tmp_path)) as database, database.writing() as connection:
            await connection.run_sync(taken_to, "head")
    finally:
        event.remove(Engine, "before_cursor_execute", hear)
    assert any("CREATE TABLE dossiers" in one for one in said)
    assert [one for one in said if UNFIT.search(one) and "alembic_version" not in one] == []


def filed_before(visit: str) -> tuple[str, ...]:
    """Return what a process of the second step says to file a visit."""
    return (
        "INSERT INTO records (visit, authority, matter, region, closed_at, sha256, dossier) VALUES"
        f" ('{visit}', 'a', 'm', 'r', 1000.0, '{'0' * 64}', '{{}}')",
        "INSERT INTO outbox (visit, state, attempts, next_attempt_at, lease, last_error, receipt) VALUES"
        f" ('{visit}', 'waiting', 0, 1000.0, '', '', '')",
    )


DELIVERED = "UPDATE outbox SET state = 'acknowledged', receipt = 'SL-1', acknowledged_at = 2000.0 WHERE visit = 'beside'"


async def side_by_side(url: str) -> None:
    """An old process files before, a new one takes the steps, the old one files and delivers on: nothing is lost."""
    async with a_database(url) as database:
        async with database.writing() as connection:
            await connection.run_sync(taken_to, "0002")
            for statement in filed_before("before"):
                await connection.execute(text(statement))
        await upgrade(database)
        async with database.writing() as connection:
            for statement in (*filed_before("beside"), *filed_before("waits"), DELIVERED):
                await connection.execute(text(statement))
            found = await connection.execute(text("SELECT visit, state, receipt FROM parcels ORDER BY visit"))
            expected = [("before", "waiting", ""), ("beside", "acknowledged", "SL-1"), ("waits", "waiting", "")]
            assert [tuple(row) for row in found] == expected
            found = await connection.execute(text("SELECT visit, number FROM dossiers ORDER BY visit"))
            assert [tuple(row) for row in found] == [("before", 1), ("beside", 1), ("waits", 1)]
        assert await tidy(database) == LEFT_OVER
        assert await tidy(database) == ()
        async with database.reading() as connection:
            assert await connection.run_sync(differences) == []


async def test_an_old_process_files_beside_a_new_one(tmp_path: Path) -> None:
    """In SQLite."""
    await side_by_side(sqlite_url(tmp_path))


async def test_an_old_process_files_beside_a_new_one_in_postgresql() -> None:
    """The same by functions of the server."""
    with postgres() as url:
        await side_by_side(url)


async def test_a_process_of_before_starts_again_on_a_database_that_is_ahead(tmp_path: Path) -> None:
    """Its version is one that this one has never heard of."""
    async with open_store(sqlite_url(tmp_path)) as store, store.database.writing() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    async with open_store(sqlite_url(tmp_path)) as store:
        assert await store.people.halls() == ()
