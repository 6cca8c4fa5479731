"""The steps lead to the tables of today, however many processes take them at once."""

import asyncio
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from signaling.records import Store, open_store
from signaling.records.database import sqlite_url
from signaling.records.migrations import HEAD, configuration
from signaling.records.models import Base
from tests.fakes.case_system import closed_visit, make_record


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


async def test_several_may_start_at_once(tmp_path: Path) -> None:
    """Eight open the same empty database together; all get the whole of it."""

    async def start() -> dict[str, int]:
        async with open_store(sqlite_url(tmp_path)) as store:
            return await store.parcels.count()

    counts = await asyncio.gather(*(start() for _ in range(8)))
    assert all(count == counts[0] for count in counts)
    assert len(counts) == 8


async def test_a_second_start_changes_nothing(tmp_path: Path) -> None:
    """Stopped and started again: what was written is there."""
    async with open_store(sqlite_url(tmp_path)) as store:
        await store.archive.keep(make_record(*closed_visit("v1")))
    async with open_store(sqlite_url(tmp_path)) as store:
        assert await store.archive.record("v1") is not None
