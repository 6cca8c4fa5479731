"""Real Chromium pages see and hear each other through a real media worker."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from tests.browser.media_worker import RunningWorker, media_worker, site
from tests.browser.people import WAIT_MS

PATIENCE_S = WAIT_MS / 1000
"""How long anything may take on a busy machine; what it should take is measured and said."""

RECEIVED, SENT = "received('face1')", "sent('camera')"

Ask = dict[str, Any]


def tell(figure: str) -> None:
    """Say a measured figure; `pytest -s` shows it."""
    sys.stdout.write(f"{figure}\n")


def binding(source: str, out: str, target: str, into: str) -> Ask:
    return {"source": source, "out": out, "target": target, "into": into}


def seat(source: str, target: str, number: int = 1) -> list[Ask]:
    """`target` sees and hears `source` in seat `number`."""
    return [binding(source, "mic", target, f"voice{number}"), binding(source, "camera", target, f"face{number}")]


@pytest_asyncio.fixture(scope="module")
async def worker() -> AsyncIterator[RunningWorker]:
    """One for all tests: each has a room of its own, and those it has seated leave."""
    async with media_worker() as running:
        yield running


class Room:
    """What is bound in a room of the test's own."""

    def __init__(self, worker: RunningWorker, name: str) -> None:
        self._worker = worker
        self._name = name
        self._version = 0

    def bound(self, *bindings: Ask) -> Ask:
        """Return what makes these the room's bindings, whatever they were."""
        self._version += 1
        return {"room": self._name, "version": self._version, "bindings": bindings}

    async def bind(self, *bindings: Ask) -> None:
        """Make these the room's bindings."""
        await self._worker.ask("bind", self.bound(*bindings))


class Pages:
    """Opens pages of peers."""

    def __init__(
        self, browser: Browser, worker: RunningWorker, address: str, stack: AsyncExitStack, codec: str = "VP8"
    ) -> None:
        self._browser = browser
        self._worker = worker
        self._address = f"{address}?codec={codec}"
        self._stack = stack

    async def open(self, name: str) -> Page:
        """Open the page of `name` and connect it; prints how long that took."""
        context = await self._browser.new_context(permissions=["camera", "microphone"])
        self._stack.push_async_callback(self._worker.ask, "leave", {"peer": name})
        self._stack.push_async_callback(context.close)
        page = await context.new_page()
        await page.goto(self._address)
        tell(f"{name} connected after {await page.evaluate('name => connect(name)', name):.0f} ms")
        return page


@pytest_asyncio.fixture
async def pages(browser: Browser, worker: RunningWorker) -> AsyncIterator[Pages]:
    async with site(worker) as address, AsyncExitStack() as stack:
        yield Pages(browser, worker, address, stack)


@pytest_asyncio.fixture
async def room(worker: RunningWorker, request: pytest.FixtureRequest) -> AsyncIterator[Room]:
    one = Room(worker, request.node.name)
    yield one
    await one.bind()


async def grows(page: Page, slot: str, value: str, by: float) -> None:
    """Wait until the figure `value` of `slot` has grown by `by`."""
    async with asyncio.timeout(PATIENCE_S):
        await page.evaluate("([slot, value, by]) => grows(slot, value, by)", [slot, value, by])


async def until(page: Page, condition: str) -> None:
    """Wait until an expression of the page, which may await, is true."""
    async with asyncio.timeout(PATIENCE_S):
        await page.evaluate(f"until(async () => {condition})")


async def first_frame_ms(page: Page, bound: Ask) -> float:
    """Bind a room and return the milliseconds until the next picture is shown in seat 1."""
    async with asyncio.timeout(PATIENCE_S):
        return float(await page.evaluate("bound => bindAndWait(bound, 'face1')", bound))


async def sees_and_hears(page: Page, number: int = 1) -> None:
    """More pictures are decoded and more sound is played in seat `number`."""
    await grows(page, f"face{number}", "frames", 5)
    await grows(page, f"voice{number}", "energy", 0)


async def test_two_peers_see_and_hear_each_other(pages: Pages, worker: RunningWorker, room: Room) -> None:
    """Kiosk and officer are bound to each other while nothing flows yet; both switch on; both see and hear."""
    kiosk, officer = await pages.open("kiosk"), await pages.open("officer")
    await kiosk.evaluate("send()")
    await officer.evaluate("send()")
    both = room.bound(*seat("kiosk", "officer"), *seat("officer", "kiosk"))
    tell(f"first frame {await first_frame_ms(kiosk, both):.0f} ms after bind")
    await sees_and_hears(kiosk)
    await sees_and_hears(officer)
    statistics = await worker.statistics()
    assert {peer["peer"] for peer in statistics["peers"]} == {"kiosk", "officer"}


@pytest.mark.alone
async def test_sound_and_picture_lie_on_one_clock(pages: Pages, room: Room) -> None:
    """The reports that tie both to a clock arrive, and agree: browsers play them in step by that."""
    kiosk, officer = await pages.open("kiosk"), await pages.open("officer")
    await room.bind(*seat("officer", "kiosk"))
    await officer.evaluate("send()")
    for slot in ("voice1", "face1"):
        await until(kiosk, f"(await reported('{slot}')) !== undefined")
    sound, picture = [float(await kiosk.evaluate(f"reported('{slot}')")) for slot in ("voice1", "face1")]
    tell(f"reports lie {sound:.1f} and {picture:.1f} ms off the clock")
    assert abs(sound - picture) < 80


async def test_a_slot_changes_its_source(pages: Pages, room: Room) -> None:
    """The officer's picture at the kiosk becomes the expert's, ends, and comes back: no renegotiation, no new stream."""
    kiosk, officer, expert = [await pages.open(name) for name in ("kiosk", "officer", "expert")]
    await officer.evaluate("send()")
    await expert.evaluate("send(320, 240)")
    await room.bind(*seat("officer", "kiosk"))
    await sees_and_hears(kiosk)
    for source, width in (("expert", 320), ("officer", 640)):
        await room.bind(*seat(source, "kiosk"))
        await until(kiosk, f"(await received('face1')).width === {width}")
        await sees_and_hears(kiosk)
    await room.bind()
    rebound = room.bound(*seat("officer", "kiosk"))
    tell(f"first frame {await first_frame_ms(kiosk, rebound):.0f} ms after rebind")
    await sees_and_hears(kiosk)


async def test_a_track_is_replaced_in_the_middle_of_a_call(pages: Pages, room: Room) -> None:
    """The officer changes the camera and mutes: the picture goes on, and sound comes back after the mute."""
    kiosk, officer = await pages.open("kiosk"), await pages.open("officer")
    await officer.evaluate("send()")
    await room.bind(*seat("officer", "kiosk"))
    await sees_and_hears(kiosk)
    await officer.evaluate("peer.out.mic.sender.replaceTrack(null)")
    await officer.evaluate("sendNoise(320, 180)")
    await until(kiosk, "(await received('face1')).width === 320")
    await officer.evaluate("send()")
    await until(kiosk, "(await received('face1')).width === 640")
    await sees_and_hears(kiosk)


async def test_three_peers_and_a_reload(pages: Pages, room: Room) -> None:
    """Kiosk, host and officer are in one visit; the officer's page is reloaded and joins again; all see all again."""
    names = ("kiosk", "host", "officer")
    people = {name: await pages.open(name) for name in names}
    for page in people.values():
        await page.evaluate("send()")
    bindings = []
    for target in names:
        for number, source in enumerate((name for name in names if name != target), 1):
            bindings += seat(source, target, number)
    await room.bind(*bindings)
    for page in people.values():
        await sees_and_hears(page, 1)
        await sees_and_hears(page, 2)
    started = time.monotonic()
    await people["officer"].reload()
    await people["officer"].evaluate("connect('officer')")
    await people["officer"].evaluate("send()")
    for page in people.values():
        await sees_and_hears(page, 1)
        await sees_and_hears(page, 2)
    tell(f"everybody sees everybody {time.monotonic() - started:.1f} s after a reload")


@pytest.mark.alone
async def test_the_bitrate_climbs(pages: Pages, room: Room) -> None:
    """On a free line a demanding picture is sent with more than 1 Mbit/s within seconds."""
    kiosk, officer = await pages.open("kiosk"), await pages.open("officer")
    await room.bind(*seat("officer", "kiosk"))
    await officer.evaluate("sendNoise()")
    started = time.monotonic()
    await until(officer, "(await sent('camera')).target > 1_000_000")
    tell(f"the estimate is over 1 Mbit/s after {time.monotonic() - started:.1f} s")
    await until(officer, "(await sentBps('camera', 1000)) > 1_000_000")
    tell(f"over 1 Mbit/s are sent after {time.monotonic() - started:.1f} s: {await officer.evaluate(SENT)}")
    await grows(kiosk, "face1", "frames", 30)
    tell(f"received: {await kiosk.evaluate(RECEIVED)}")
