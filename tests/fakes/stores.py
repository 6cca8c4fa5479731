"""Stores for tests that do not ask how tables are made: those are made once a process, and each test gets a copy."""

import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from signaling.records import Store, open_store
from signaling.records.database import sqlite_url

_MADE = tempfile.TemporaryDirectory(prefix="rvw-tables-")


async def tables() -> Path:
    """Return a file of SQLite with the tables of today and nothing in them."""
    file = Path(_MADE.name) / "rvw.sqlite3"
    if not file.exists():
        async with open_store(sqlite_url(file.parent)):
            pass
    return file


@asynccontextmanager
async def empty_store(folder: Path) -> AsyncIterator[Store]:
    """Open a fresh store in `folder`; whoever opens it again finds what was written."""
    _copy(await tables(), folder)
    async with open_store(sqlite_url(folder)) as store:
        yield store


def _copy(file: Path, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(file, folder)
