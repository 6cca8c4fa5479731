"""Real Chromium over a bad line: packets are repeated in both directions, and the picture keeps moving."""

from contextlib import AsyncExitStack

import pytest
from playwright.async_api import Browser

from tests.browser.media_worker import media_worker, site
from tests.browser.test_media_forwarding import Pages, chromium, grows, seat, sees_and_hears, tell
from tests.network.link import Line, link

PICTURE, SOUND, SENT = "received('face1')", "received('voice1')", "sent('camera')"

__all__ = ["chromium"]  # the fixture


@pytest.mark.parametrize(
    ("up", "down"),
    [
        (Line(0.025, 0.05), Line(0.025, 0.05)),
        (Line(0.025, 0.0, 500_000), Line(0.025, 0.0, 600_000)),
    ],
    ids=["5 % loss", "500 kbit/s up and 600 kbit/s down"],
)
async def test_a_bad_line_is_survived(chromium: Browser, up: Line, down: Line) -> None:
    """Both sides see and hear over 50 ms of round trip, and go on doing so."""
    async with (
        media_worker() as worker,
        link(worker.udp_port, up, down) as port,
        site(worker, port) as address,
        AsyncExitStack() as stack,
    ):
        pages = Pages(chromium, address, stack)
        kiosk, officer = await pages.open("kiosk"), await pages.open("officer")
        await worker.ask(
            "bind", {"room": "r", "version": 1, "bindings": seat("kiosk", "officer") + seat("officer", "kiosk")}
        )
        for page in (kiosk, officer):
            await page.evaluate("send()")
        for page in (kiosk, officer):
            await sees_and_hears(page)
        await grows(kiosk, "face1", "frames", 100)
        for page in (kiosk, officer):
            tell(f"picture {await page.evaluate(PICTURE)}")
            tell(f"sound {await page.evaluate(SOUND)}")
            tell(f"sent {await page.evaluate(SENT)}")
