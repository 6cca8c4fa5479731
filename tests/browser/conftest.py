"""Browser tests take turns: one run at a time has the processors of a machine, so that the patience of people is enough."""

import fcntl
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.browser.people import chromium


@pytest.fixture(scope="session", autouse=True)
def _turn() -> Iterator[None]:
    """Wait until no other run on this machine drives a browser; the lock ends with its process."""
    with (Path(tempfile.gettempdir()) / "rvw-browser.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest_asyncio.fixture(scope="session")
async def _chromium() -> AsyncIterator[Browser]:
    async with chromium() as one:
        yield one


@pytest_asyncio.fixture
async def browser(_chromium: Browser) -> AsyncIterator[Browser]:
    """Chromium with made-up cameras, shared; the pages that a test opens are its own."""
    yield _chromium
    for context in _chromium.contexts:
        await context.close()
