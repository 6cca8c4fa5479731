"""Chromium, which browser tests share. Runs of them take turns: see `tests.conftest`."""

from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import Browser

from tests.browser.people import chromium


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
