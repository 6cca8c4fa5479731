"""Flash and beep: how far sound and picture made at one moment are apart at a receiver, after all that may part them."""

import asyncio
import statistics
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page

from tests.browser.media_worker import RunningWorker, media_worker, site
from tests.browser.people import chromium

pytestmark = pytest.mark.alone

BEAT = Path(__file__).with_name("beat.js").read_text()

MOST_BEATS = 15
"""One a second: so long have browsers, which bring sound and picture together step by step."""

LAST_BEATS = 5
"""The middle one of the last few is what counts; at the sender, of all."""

PATIENCE_S = 60

APART_MS = 80

MUTED_S = 10.5
"""Half a beat more than whole ones: what such a time has parted is not taken for together."""

HELD_S = 2.5

TALK = [
    {"source": "officer", "out": "mic", "target": "kiosk", "into": "voice1"},
    {"source": "officer", "out": "camera", "target": "kiosk", "into": "face1"},
]


class Talk:
    """An officer who flashes and beeps, and a kiosk that sees and hears it."""

    def __init__(self, worker: RunningWorker, officer: Page, kiosk: Page) -> None:
        self.worker = worker
        self.officer = officer
        self.kiosk = kiosk
        self.own_ms = 0.0
        self.apart_ms: dict[str, float] = {}
        self._version = 0

    async def bind(self, *, bound: bool) -> None:
        """Let the kiosk see and hear the officer, or not."""
        self._version += 1
        await self.worker.ask("bind", {"room": "r", "version": self._version, "bindings": TALK if bound else []})

    async def measure(self, after: str) -> None:
        """Note the median distance at the kiosk, less what the officer's own browser shows."""
        async with asyncio.timeout(PATIENCE_S):
            how = {"most": MOST_BEATS, "last": LAST_BEATS, "aim": self.own_ms, "apart": APART_MS}
            seen = await self.kiosk.evaluate("how => offsetsOf(1, how)", how)
        self.apart_ms[after] = statistics.median(seen[-LAST_BEATS:]) - self.own_ms
        sys.stdout.write(f"after {after}: {self.apart_ms[after]:+.0f} ms, of {[round(one) for one in seen]}\n")


@pytest_asyncio.fixture
async def talk() -> AsyncIterator[Talk]:
    async with media_worker() as worker, site(worker) as address, chromium() as browser, AsyncExitStack() as stack:
        pages = []
        for name in ("officer", "kiosk"):
            context = await browser.new_context()
            stack.push_async_callback(context.close)
            page = await context.new_page()
            await page.goto(address)
            await page.add_script_tag(content=BEAT)
            await page.evaluate(f"connect('{name}')")
            pages.append(page)
        one = Talk(worker, *pages)
        await one.officer.evaluate("sendBeat()")
        async with asyncio.timeout(PATIENCE_S):
            one.own_ms = statistics.median(await one.officer.evaluate("how => ownOffsets(how)", {"most": LAST_BEATS}))
        sys.stdout.write(f"\nat the sender: {one.own_ms:+.0f} ms\n")
        yield one


async def test_sound_and_picture_stay_together(talk: Talk) -> None:
    """Plainly, after a mute of either kind, a hold, a rejoin of the sender, and one of the receiver."""
    await talk.bind(bound=True)
    await talk.measure("the start")

    await talk.officer.evaluate("beat.sound.enabled = false")
    await asyncio.sleep(MUTED_S)
    await talk.officer.evaluate("beat.sound.enabled = true")
    await talk.measure("a mute")

    await talk.officer.evaluate("peer.out.mic.sender.replaceTrack(null)")
    await asyncio.sleep(MUTED_S)
    await talk.officer.evaluate("peer.out.mic.sender.replaceTrack(beat.sound)")
    await talk.measure("a microphone taken away")

    await talk.bind(bound=False)
    await asyncio.sleep(HELD_S)
    await talk.bind(bound=True)
    await talk.measure("a hold")

    await talk.officer.evaluate("peer.pc.close()")
    await talk.officer.evaluate("connect('officer')")
    await talk.officer.evaluate("sendBeat()")
    await talk.measure("a rejoin of the sender")

    await talk.kiosk.evaluate("peer.pc.close()")
    await talk.kiosk.evaluate("connect('kiosk')")
    await talk.measure("a rejoin of the receiver")

    assert {after: ms for after, ms in talk.apart_ms.items() if abs(ms) > APART_MS} == {}
