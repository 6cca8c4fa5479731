"""A store of its own for each test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from signaling.records import Store
from tests.fakes.stores import empty_store


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """An empty store in SQLite."""
    async with empty_store(tmp_path) as store:
        yield store
