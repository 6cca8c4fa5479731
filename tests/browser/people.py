"""People at the pages, in real Chromium with its made-up camera: what they touch, and what they see and hear."""

import functools
import logging
import math
import os
import struct
import wave
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import (
    Browser,
    ConsoleMessage,
    Error,
    Locator,
    Page,
    Request,
    TimeoutError,
    async_playwright,
    expect,
)

from tests.fakes.places import Place, address
from tests.fakes.product import PASSWORD, Product

WITHOUT = [
    "WebUIOmniboxPopup",
    "WebUIOmniboxFullPopup",
    "WebUIOmniboxAimPopup",
    # What Playwright does without: of two such flags the last one counts.
    "AimEnabled",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "ThirdPartyStoragePartitioning",
]
"""What Chromium does not do for us. The popup of the address line is two more pages beside each of ours: opening one took
1.1 s of processor with them, and 0.3 s without."""

FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    f"--disable-features={','.join(WITHOUT)}",
    "--use-fake-device-for-media-stream=fps=10",  # as many as tests look at: twenty cost twice the processor
    "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
]

TONE = Path(__file__).parents[2] / "var" / "tone.wav"
TONE_S, TONE_RATE = 10, 48_000
WARBLES = 5
"""A second: what does not change is taken for noise and suppressed."""

BUSINESS_TITLE = "Business page"
"""The title of the tab that is shared."""

WAIT_MS = 90_000
"""How long a person waits for anything; far more than anything takes."""

GROWN = """
async ([pictures, sounds, waitMs]) => {
  const since = await window.rvwStats()
  const before = (now, one, what) =>
    now.connections === since.connections ? (since.inbound.find((it) => it.slot === one.slot)?.[what] ?? 0) : 0
  const grown = (now, kind, what) =>
    now.inbound.filter((one) => one.kind === kind && one[what] > before(now, one, what)).length
  const until = performance.now() + waitMs
  for (;;) {
    await new Promise((again) => setTimeout(again, 100))
    const now = await window.rvwStats()
    const seen = [grown(now, 'video', 'framesDecoded'), grown(now, 'audio', 'totalAudioEnergy')]
    if (seen[0] >= pictures && seen[1] >= sounds) return ''
    if (performance.now() > until)
      return `pictures from ${seen[0]} of ${pictures}, sound from ${seen[1]} of ${sounds}, `
        + `${now.connections - since.connections} rejoins, ${JSON.stringify(now)}`
  }
}
"""
"""Waits in the page: Playwright's `wait_for_function` takes the promise of an async predicate for a yes."""

_log = logging.getLogger(__name__)  # what a page said is shown with a test that failed

expect.set_options(timeout=WAIT_MS)


@functools.cache
def microphone() -> str:
    """Return the flag for a microphone that is never silent: Chromium's own beeps once a second, too seldom to wait for."""
    if not TONE.exists():
        TONE.parent.mkdir(exist_ok=True)
        fresh = TONE.with_name(f"{TONE.name}.{os.getpid()}")
        with wave.open(str(fresh), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(TONE_RATE)
            file.writeframes(b"".join(struct.pack("<h", _loudness(at / TONE_RATE)) for at in range(TONE_S * TONE_RATE)))
        fresh.replace(TONE)  # whoever else starts now finds a whole file
    return f"--use-file-for-fake-audio-capture={TONE}"


def _loudness(second: float) -> int:
    return int(9000 * math.sin(math.tau * 440 * second) * math.sin(math.pi * WARBLES * second))


@asynccontextmanager
async def chromium(*flags: str, base: Sequence[str] = FLAGS, program: str = "/usr/bin/chromium") -> AsyncIterator[Browser]:
    """Give Debian's Chromium; `program` may be what starts it elsewhere."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=[*base, microphone(), *flags])
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def with_business_page(folder: Path, width: int, height: int, business: str) -> AsyncIterator[tuple["Person", Page]]:
    """Give somebody whose browser has two tabs, ours and a business page, and picks the latter when a screen is asked for.

    Kiosks are set up like this by policy. The made-up answer to questions would pick a made-up screen.
    """
    flags = [flag for flag in FLAGS if flag != "--use-fake-ui-for-media-stream"]
    async with async_playwright() as playwright:
        context = await playwright.chromium.launch_persistent_context(
            str(folder),
            executable_path="/usr/bin/chromium",
            headless=False,
            args=[*flags, microphone(), f"--auto-select-tab-capture-source-by-title={BUSINESS_TITLE}"],
            viewport={"width": width, "height": height},
            permissions=["camera", "microphone"],
            locale="zh-CN",
        )
        context.set_default_timeout(WAIT_MS)
        try:
            other = await context.new_page()
            await other.set_viewport_size({"width": 1920, "height": 1080})
            await other.set_content(business)
            page = context.pages[0]
            await page.bring_to_front()
            yield Person(page), other
        finally:
            await context.close()


class Person:
    """Somebody at a page of their own. `faults` must never be; `complaints` is all that the page said in the console."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.faults: list[str] = []
        self.complaints: list[str] = []
        page.on("pageerror", self._break)
        page.on("console", self._listen)
        page.on("requestfailed", self._miss)

    def _break(self, error: Error) -> None:
        _log.warning("%s: %s", self.page.url, error)
        self.faults.append(str(error))

    def _miss(self, request: Request) -> None:
        _log.warning("%s: %s %s: %s", self.page.url, request.method, request.url, request.failure)

    def _listen(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            _log.warning("%s: %s", self.page.url, message.text)
            self.complaints.append(message.text)
        if "Content Security Policy" in message.text:
            self.faults.append(message.text)

    @classmethod
    async def sit_down(
        cls, browser: Browser, width: int, height: int, permissions: Sequence[str] = ("camera", "microphone")
    ) -> "Person":
        """Open a page of their own."""
        context = await browser.new_context(
            viewport={"width": width, "height": height},
            permissions=list(permissions),
            locale="zh-CN",
            reduced_motion="reduce",  # colours stand at once, when axe looks at them
        )
        context.set_default_timeout(WAIT_MS)
        return cls(await context.new_page())

    def at(self, name: str) -> Locator:
        """Return what a person would point at."""
        return self.page.get_by_test_id(name)

    async def touch(self, name: str) -> None:
        """Touch it. Raises `AssertionError` that tells what the page shows instead."""
        try:
            await self.at(name).click()
        except TimeoutError as error:
            shown = " | ".join((await self.page.inner_text("body")).split("\n"))
            raise AssertionError(f"nobody can touch {name} at {self.page.url}: {shown[:500]}") from error

    async def sees(self, state: str) -> None:
        """Wait until the page says that the visit is in `state`."""
        await expect(self.at("visit-state").first).to_have_attribute("data-state", state, timeout=WAIT_MS)

    async def reads(self, text: str) -> None:
        """Wait until a line of chat says `text`."""
        await expect(self.at("chat-line").filter(has_text=text)).to_have_count(1, timeout=WAIT_MS)

    async def writes(self, text: str) -> None:
        """Write a line of chat."""
        await self.at("chat-input").fill(text)
        await self.touch("chat-send")

    async def fills(self, field: str, value: str) -> None:
        """Type into a field of the matter's form, and leave it."""
        await self.at(f"field-{field}").fill(value)
        await self.at(f"field-{field}").press("Enter")

    async def writes_name(self) -> None:
        """Write something like a name where one signs."""
        box = await self.at("ink-pad").bounding_box()
        assert box is not None
        for start, end in (((0.2, 0.3), (0.4, 0.7)), ((0.45, 0.3), (0.5, 0.75)), ((0.55, 0.5), (0.8, 0.45))):
            await self.page.mouse.move(box["x"] + start[0] * box["width"], box["y"] + start[1] * box["height"])
            await self.page.mouse.down()
            await self.page.mouse.move(box["x"] + end[0] * box["width"], box["y"] + end[1] * box["height"], steps=12)
            await self.page.mouse.up()

    async def sees_and_hears(self, others: int) -> None:
        """Wait until pictures of, and sound from, so many others have come since now: asked of `getStats()`."""
        await self.gets(pictures=others, sounds=others)

    async def gets(self, pictures: int, sounds: int) -> None:
        """Wait until so many pictures and so many voices have come since now."""
        missing = await self.page.evaluate(GROWN, [pictures, sounds, WAIT_MS])
        assert not missing, missing

    async def signs_in(self, origin: str, page: str, user: str) -> None:
        """Sign in at the officers', hosts' or supervisors' page."""
        await self.page.goto(f"{origin}/{page}")
        await self.at("login-user").fill(user)
        await self.at("login-password").fill(PASSWORD)
        await self.touch("login-submit")

    async def takes_a_ticket(self, address: str, matter: str, region: str) -> None:
        """As a resident: from the first screen into the queue."""
        await self.page.goto(address)
        await self.chooses(matter, region)

    async def chooses(self, matter: str, region: str, recording: str = "yes", sensitive: str = "yes") -> None:
        """As a resident who stands before the first screen: into the queue, having answered both questions."""
        await self.touch("start")
        await self.touch(f"matter-{matter}")
        await self.touch(f"region-{region}")
        await self.answers(recording, sensitive)
        await self.touch("device-check")

    async def answers(self, recording: str = "yes", sensitive: str = "yes") -> None:
        """As a resident who has been told what happens to the talk: say `yes` or `no` to each question, and go on."""
        await self.touch(f"consent-recording-{recording}")
        await self.touch(f"consent-sensitive-{sensitive}")
        await self.touch("consent-next")


async def meet(
    browser: Browser, running: Product, kiosk: str, officer_id: str, region: str, agrees: str = "yes"
) -> tuple[Person, Person, str]:
    """Return resident and officer in a talk about a social security card, and the visit. `kiosk` is its address."""
    officer = await Person.sit_down(browser, 1920, 1080)
    await officer.signs_in(running.origin, "officer", officer_id)
    await officer.touch("presence-ready")
    resident = await Person.sit_down(browser, 1080, 1920)
    await resident.page.goto(kiosk)
    async with resident.page.expect_response("**/api/visits/*/ticket") as asked:
        await resident.chooses("social-card", region, recording=agrees, sensitive=agrees)
    await officer.touch("offer-accept")
    await resident.sees("live")
    return resident, officer, (await asked.value).url.split("/")[-2]


async def face_to_face(browser: Browser, running: Product, place: Place, agrees: str = "yes") -> tuple[Person, Person, str]:
    """The same in a place of the shared product."""
    return await meet(browser, running, await address(running, place.kiosk), place.officer, place.region, agrees)
