"""Chromium, which browser tests share. Runs of them take turns: see `tests.conftest`."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from rvw.cli.machine import free_port
from tests.browser.kiosk_devices import Hall
from tests.browser.people import chromium
from tests.fakes.places import settled


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


@pytest_asyncio.fixture(scope="module")
async def hall(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Hall]:
    """A product whose kiosks look for devices, for all tests of a file: devices are plugged in by each."""
    port = free_port("127.0.0.1")
    async with settled(tmp_path_factory.mktemp("devices"), "--set", f"kiosk.bridge=ws://127.0.0.1:{port}") as running:
        yield Hall(running, port)
