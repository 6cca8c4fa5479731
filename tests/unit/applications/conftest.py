"""A window in the middle of a talk, with everything that an application needs."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from signaling.blobs import Blobs
from signaling.blobs.objects import FolderObjects
from tests.fakes.counter import Counter
from tests.fakes.stores import empty_store
from tests.fakes.window import Window


@pytest_asyncio.fixture
async def window(tmp_path: Path) -> AsyncIterator[Window]:
    """A window, in the middle of a talk."""
    counter = Counter()
    async with empty_store(tmp_path / "sql") as store:
        yield Window(counter, tmp_path, Blobs(FolderObjects(tmp_path / "blobs"), store.keys, tmp_path / "unfinished"))
