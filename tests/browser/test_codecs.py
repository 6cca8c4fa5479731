"""Real Chromium pages see each other in each codec that a deployment may choose."""

from contextlib import AsyncExitStack

import pytest
from playwright.async_api import Browser

from media.core.codecs import VIDEO
from tests.browser.media_worker import media_worker, site
from tests.browser.test_media_forwarding import RECEIVED, Pages, Room, grows, seat, sees_and_hears, tell, until


@pytest.mark.parametrize("codec", VIDEO)
async def test_a_picture_moves_and_changes_its_source(browser: Browser, codec: str) -> None:
    """The officer's picture at the kiosk becomes the expert's, from a keyframe, in the same slot, and comes back."""
    async with media_worker(f"media.codecs={codec}") as worker, site(worker) as address, AsyncExitStack() as stack:
        pages = Pages(browser, worker, address, stack, codec)
        kiosk, officer, expert = [await pages.open(name) for name in ("kiosk", "officer", "expert")]
        await officer.evaluate("send(480, 360)")
        await expert.evaluate("send(320, 240)")
        room = Room(worker, codec)
        for source, width in (("officer", 480), ("expert", 320), ("officer", 480)):
            await room.bind(*seat(source, "kiosk"))
            await until(kiosk, f"(await received('face1')).width === {width}")
            await sees_and_hears(kiosk)
        await grows(kiosk, "face1", "frames", 15)
        received = await kiosk.evaluate(RECEIVED)
        tell(f"{codec}: {received}")
        assert received["codec"] == f"video/{codec}"
