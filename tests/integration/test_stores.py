"""`rvw doctor` at the servers: a store that would lose what it has acknowledged is named, with what to do."""

import sqlite3
from pathlib import Path

import pytest

from rvw.cli import stores
from rvw.cli.finding import Finding
from signaling.ledger import connect
from signaling.records import open_store
from tests.fakes.postgres import postgres
from tests.fakes.valkey import running_valkey


def ill(found: list[Finding]) -> list[str]:
    """Return what is amiss."""
    return [one.what for one in found if not one.ok]


async def test_the_live_store_as_the_product_starts_it_is_well() -> None:
    """Nothing is amiss, and every setting is said."""
    async with running_valkey() as valkey:
        found = await stores.live_store(valkey.url)
    assert ill(found) == []
    assert "appendfsync always" in [one.seen for one in found]


@pytest.mark.parametrize(
    ("name", "careless"), [("appendonly", "no"), ("appendfsync", "everysec"), ("maxmemory-policy", "allkeys-lru")]
)
async def test_a_careless_live_store_is_named(name: str, careless: str) -> None:
    """Each setting that loses visits is found, with what to set."""
    async with running_valkey() as valkey:
        async with connect(valkey.url) as client:
            await client.config_set(name, careless)
        found = await stores.live_store(valkey.url)
    assert ill(found) == [f"live store, {name}"]
    assert name in next(one.do for one in found if not one.ok)


async def test_a_live_store_that_is_full_or_away_is_named(tmp_path: Path) -> None:
    """Nearly full is told before it is full; none at all is one line."""
    async with running_valkey() as valkey:
        async with connect(valkey.url) as client:
            await client.config_set("maxmemory", "1mb")
        assert ill(await stores.live_store(valkey.url)) == ["live store, memory"]
    assert ill(await stores.live_store(f"unix://{tmp_path}/nobody.sock")) == ["live store"]
    assert ill(await stores.live_store("nowhere")) == ["live store"]


async def test_sqlite(tmp_path: Path) -> None:
    """Well after a start; old tables and a missing file are named, and the file is not made."""
    url = f"sqlite:///{tmp_path / 'rvw.sqlite3'}"
    assert ill(await stores.records(url)) == ["records"]
    assert not (tmp_path / "rvw.sqlite3").exists()
    async with open_store(url):
        pass
    assert ill(await stores.records(url)) == []
    with sqlite3.connect(tmp_path / "rvw.sqlite3") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0001'")
    connection.close()
    assert ill(await stores.records(url)) == ["records, tables"]


async def test_postgresql_that_does_not_wait_for_its_disk() -> None:
    """The tests' own server is as careless as can be; production's must not be."""
    with postgres() as url:
        found = await stores.records(url)
    assert ill(found) == ["records, tables", "records, power cut"]
    assert "fsync=off" in next(one.seen for one in found if one.what == "records, power cut")
