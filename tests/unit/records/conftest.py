"""A store of its own for each test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from signaling.records import Store, open_store
from signaling.records.database import sqlite_url


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """An empty store in SQLite."""
    async with open_store(sqlite_url(tmp_path)) as store:
        yield store
