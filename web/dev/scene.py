"""Play a visit on a running server with three Chromium pages and take a picture of every state.

For whoever designs the pages: `.venv/bin/python web/dev/scene.py http://127.0.0.1:8080 ENROLMENT-CODE /tmp/shots`. Prints what
axe and the content security policy object to, and what flows in which slot. `--scene papers` plays a visit about papers, with a
certificate before the camera. Not part of the product: `vite build` never sees this folder.
"""

import argparse
import asyncio
import json
import tempfile
from pathlib import Path

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import BrowserContext, Page, Playwright, async_playwright
from sheet import film

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
)
PORTRAIT = (1080, 1920)
LANDSCAPE = (1280, 800)
DESK = (1920, 1080)
PHONE = (390, 844)


class Stage:
    """The browser pages of one run, and where their pictures go."""

    def __init__(self, playwright: Playwright, url: str, out: Path, language: str) -> None:
        self._playwright, self.url, self._out, self._language = playwright, url, out, language
        self._contexts: list[BrowserContext] = []

    async def open(self, path: str, size: tuple[int, int], profile: str = "", *flags: str) -> Page:
        """Open one page in a browser of its own."""
        context = await self._playwright.chromium.launch_persistent_context(
            profile or tempfile.mkdtemp(),
            executable_path="/usr/bin/chromium",
            headless=False,
            args=[*FLAGS, *flags],
            viewport={"width": size[0], "height": size[1]},
        )
        self._contexts.append(context)
        page = context.pages[0]
        page.on("console", lambda message: print("   console", path, message.type, message.text))
        page.on("pageerror", lambda error: print("   ERROR", path, error))
        await page.goto(self.url + path)
        if self._language == "en" and await page.get_by_test_id("lang-en").count():
            await page.get_by_test_id("lang-en").click()
        return page

    async def picture(self, page: Page, name: str, *sizes: tuple[int, int]) -> None:
        """Take a picture in each size, and let axe look."""
        before = page.viewport_size
        for size in sizes or ((before["width"], before["height"]),):
            await page.set_viewport_size({"width": size[0], "height": size[1]})
            await page.wait_for_timeout(350)
            await page.screenshot(path=self._out / f"{name}-{self._language}-{size[0]}.png")
        await page.set_viewport_size(before)
        found = await Axe().run(page)
        for violation in found.response["violations"]:
            targets = [node["target"] for node in violation["nodes"]]
            print(f"   AXE {name}: {violation['id']} {violation['help']} {json.dumps(targets)[:300]}")

    async def close(self) -> None:
        """Close every browser."""
        for context in self._contexts:
            await context.close()  # again is harmless


async def sign_in(stage: Stage, path: str, user: str) -> Page:
    """Sign in with a demo account."""
    page = await stage.open(path, DESK)
    if user == "pudong1":
        await stage.picture(page, "desk-sign-in")
    await page.get_by_test_id("login-user").fill(user)
    await page.get_by_test_id("login-password").fill("demo-window")
    await page.get_by_test_id("login-submit").click()
    await page.get_by_test_id("you").wait_for()
    return page


async def flows(page: Page, who: str) -> None:
    """Print what flows."""
    await page.wait_for_timeout(2500)
    stats = await page.evaluate("rvwStats()")
    seen = {one["slot"]: one["framesDecoded"] for one in stats["inbound"] if one["framesDecoded"]}
    heard = {one["slot"]: round(one["totalAudioEnergy"], 4) for one in stats["inbound"] if one["totalAudioEnergy"]}
    print(f"   {who}: {stats['connectionState']} frames {seen} energy {heard}")


async def play(stage: Stage, code: str, profile: str) -> None:
    """Play the whole scene."""
    both = (PORTRAIT, LANDSCAPE)
    start = await stage.open("/", DESK)
    await stage.picture(start, "start")
    kiosk = await stage.open(f"/kiosk?enrol={code}", PORTRAIT, profile)
    await kiosk.get_by_test_id("start").wait_for()
    if stage._language == "en":
        await kiosk.get_by_test_id("lang-en").click()
    await stage.picture(kiosk, "kiosk-1-welcome", *both)
    await kiosk.get_by_test_id("start").click()
    await stage.picture(kiosk, "kiosk-2-matter", *both)
    await kiosk.get_by_test_id("matter-search").fill("搬家")
    await stage.picture(kiosk, "kiosk-2-matter-found", *both)
    await kiosk.get_by_test_id("matter-search").fill("")
    await kiosk.get_by_test_id("matter-social-card").click()
    await stage.picture(kiosk, "kiosk-3-region", *both)
    await kiosk.get_by_test_id("region-310115").click()
    await kiosk.get_by_test_id("consent").wait_for()
    await stage.picture(kiosk, "kiosk-3-consent", *both)
    for said in ("consent-recording-yes", "consent-sensitive-yes", "consent-next"):
        await kiosk.get_by_test_id(said).click()
    await kiosk.wait_for_timeout(2500)
    await stage.picture(kiosk, "kiosk-4-devices", *both)
    await kiosk.get_by_test_id("device-check").click()
    await kiosk.get_by_test_id("queue-place").wait_for()
    await kiosk.wait_for_timeout(1000)
    await stage.picture(kiosk, "kiosk-5-waiting", *both)
    await kiosk.get_by_test_id("leave").click()
    await stage.picture(kiosk, "kiosk-5-leave", *both)
    await kiosk.get_by_test_id("leave-stay").click()

    lead = await sign_in(stage, "/operations", "lead-pudong")
    await stage.picture(lead, "operations-waiting")
    hall = await sign_in(stage, "/hall", "hall-pudong")
    await stage.picture(hall, "hall-1-list")
    officer = await sign_in(stage, "/officer", "pudong1")
    await stage.picture(officer, "officer-1-off")
    await officer.get_by_test_id("presence-ready").click()
    await officer.get_by_test_id("offer").wait_for()
    await stage.picture(officer, "officer-2-offer")
    await stage.picture(kiosk, "kiosk-6-offered", *both)
    await officer.get_by_test_id("offer-accept").click()
    await kiosk.get_by_test_id("remote-video").wait_for()
    await hall.get_by_test_id("join").click()
    await kiosk.get_by_test_id("host-video").wait_for()
    for page, who in ((kiosk, "kiosk"), (officer, "officer"), (hall, "hall")):
        await flows(page, who)
    await kiosk.get_by_test_id("chat-input").fill("您好，我的社保卡丢了，想补一张。")
    await kiosk.get_by_test_id("chat-send").click()
    await officer.get_by_test_id("chat-line").wait_for()
    await officer.get_by_test_id("chat-input").fill("您好！请把身份证放到摄像头前，我帮您核对。")
    await officer.get_by_test_id("chat-send").click()
    await kiosk.get_by_test_id("chat-line").nth(1).wait_for()
    await stage.picture(kiosk, "kiosk-7-talk", *both)
    await stage.picture(officer, "officer-3-talk")
    await stage.picture(hall, "hall-2-talk")
    await stage.picture(lead, "operations-talk")
    await officer.get_by_test_id("hold").click()
    await officer.get_by_test_id("resume").wait_for()
    await stage.picture(officer, "officer-4-held")
    await stage.picture(kiosk, "kiosk-8-held", *both)
    await officer.get_by_test_id("resume").click()
    await officer.get_by_test_id("close-visit").click()
    await officer.get_by_test_id("close-outcome-guided").click()
    await officer.get_by_test_id("close-note").fill("已受理，补卡，七个工作日。")
    await stage.picture(officer, "officer-5-close")
    await officer.get_by_test_id("close-confirm").click()
    await officer.get_by_test_id("handover-receipt").wait_for()
    await stage.picture(officer, "officer-6-receipt")
    await stage.picture(kiosk, "kiosk-9-farewell", *both)
    await kiosk.get_by_test_id("again").click()
    await kiosk.get_by_test_id("start").wait_for()
    await officer.get_by_test_id("sign-out").click()


async def play_papers(stage: Stage, code: str, profile: str) -> None:
    """Play a visit about papers: camera, corners, telephone, the officer's viewer, a page that all look at."""
    both = (PORTRAIT, LANDSCAPE)
    profile = profile or tempfile.mkdtemp()
    kiosk = await stage.open(f"/kiosk?enrol={code}", PORTRAIT, profile, "--use-fake-device-for-media-stream=device-count=2")
    await kiosk.get_by_test_id("camera-choose-1").wait_for()
    await kiosk.wait_for_timeout(1500)
    await stage.picture(kiosk, "camera-0-set-up", *both)
    await kiosk.get_by_test_id("camera-choose-1").click()
    await kiosk.context.close()
    # Chromium plays a file as one camera only: paper is held up before it.
    sheet = film(Path(tempfile.mkdtemp()) / "certificate.mjpeg")
    kiosk = await stage.open("/kiosk", PORTRAIT, profile, f"--use-file-for-fake-video-capture={sheet}")
    if stage._language == "en":
        await kiosk.get_by_test_id("lang-en").click()
    for one in ("start", "matter-social-card", "region-310115", "consent-recording-yes", "consent-sensitive-yes"):
        await kiosk.get_by_test_id(one).click()
    await kiosk.get_by_test_id("consent-next").click()
    await kiosk.get_by_test_id("device-check").click()
    officer = await sign_in(stage, "/officer", "pudong1")
    await officer.get_by_test_id("presence-ready").click()
    await officer.get_by_test_id("offer-accept").click()
    hall = await sign_in(stage, "/hall", "hall-pudong")
    await hall.get_by_test_id("join").click()
    await hall.get_by_test_id("consent-ask-yes").click()
    await kiosk.get_by_test_id("host-video").wait_for()
    await kiosk.get_by_test_id("work-papers").click()
    await officer.get_by_test_id("work-papers").click()
    await stage.picture(kiosk, "papers-1-list", *both)
    await officer.get_by_test_id("ask-identity-card").click()
    await kiosk.get_by_test_id("camera-live").wait_for()
    await kiosk.wait_for_timeout(2000)
    await stage.picture(kiosk, "camera-1-live", *both)
    for again in range(2):
        await kiosk.get_by_test_id("camera-take").click()
        await kiosk.locator('[data-step="page"][aria-busy="false"]').wait_for()
        if not again:
            await stage.picture(kiosk, "camera-2-page", *both)
            await kiosk.get_by_test_id("corners-open").click()
            await stage.picture(kiosk, "camera-3-corners", *both)
            await kiosk.get_by_test_id("corners-done").click()
            await kiosk.locator('[data-step="page"][aria-busy="false"]').wait_for()
        await kiosk.get_by_test_id("page-hand-in").click()
        await kiosk.locator('[data-step="more"]').wait_for()
        if not again:
            await stage.picture(kiosk, "camera-4-more", *both)
            await kiosk.get_by_test_id("camera-more").click()
    await kiosk.get_by_test_id("camera-close").click()
    await officer.locator('[data-testid^="thumb-"]').nth(1).wait_for()
    await telephone(stage, kiosk, sheet)
    await officer.locator('[data-testid^="thumb-"]').first.click()
    await officer.get_by_test_id("side-by-side").click()
    await officer.wait_for_timeout(1000)
    await stage.picture(officer, "papers-2-viewer")
    await officer.get_by_test_id("side-by-side").click()
    await officer.get_by_test_id("show-page").click()
    await kiosk.get_by_test_id("shown-page").wait_for()
    await officer.get_by_test_id("ink-pen").click()
    box = await officer.get_by_test_id("page-sheet").first.bounding_box()
    assert box is not None
    await officer.mouse.move(box["x"] + box["width"] * 0.15, box["y"] + box["height"] * 0.40)
    await officer.mouse.down()
    await officer.mouse.move(box["x"] + box["width"] * 0.70, box["y"] + box["height"] * 0.41, steps=20)
    await officer.mouse.up()
    await officer.wait_for_timeout(1000)
    for page, name, sizes in ((kiosk, "papers-3-shown", both), (officer, "papers-3-desk", ()), (hall, "papers-3-hall", ())):
        await stage.picture(page, name, *sizes)
    await officer.get_by_test_id("hide-page").click()
    await kiosk.get_by_test_id("work-application").click()
    await kiosk.wait_for_timeout(500)
    await stage.picture(kiosk, "kiosk-tabs", *both)


async def telephone(stage: Stage, kiosk: Page, sheet: Path) -> None:
    """Hand in by the resident's own telephone."""
    await kiosk.get_by_test_id("phone-open").click()
    await kiosk.get_by_test_id("phone-qr").wait_for()
    await stage.picture(kiosk, "phone-0-code", PORTRAIT, LANDSCAPE)
    address = await kiosk.get_by_test_id("phone-url").text_content() or ""
    phone = await stage.open(address.removeprefix(stage.url), PHONE)
    await phone.get_by_test_id("send-identity-card").wait_for()
    await stage.picture(phone, "send-1-list")
    picture = sheet.read_bytes()
    chosen = {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": picture[: len(picture) // 2]}
    await phone.get_by_test_id("file-photo").set_input_files(chosen)  # type: ignore[arg-type]
    await phone.locator('[data-testid="send-picture"][aria-busy="false"]').wait_for()
    await stage.picture(phone, "send-2-page")
    await phone.get_by_test_id("corners-open").click()
    await stage.picture(phone, "send-3-corners")
    await phone.get_by_test_id("corners-done").click()
    await phone.locator('[data-testid="send-picture"][aria-busy="false"]').wait_for()
    await phone.get_by_test_id("page-hand-in").click()
    await phone.get_by_test_id("sent-picture").first.wait_for()
    await phone.wait_for_timeout(500)
    await stage.picture(phone, "send-4-sent")
    await kiosk.get_by_test_id("phone-close").click()


async def main() -> None:
    """Read the arguments and play."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("code", help="enrolment code of a kiosk of Pudong; anything once the profile is set up")
    parser.add_argument("out", type=Path)
    parser.add_argument("--profile", default="", help="browser profile of the kiosk, to use its token again")
    parser.add_argument("--language", default="zh", choices=["zh", "en"])
    parser.add_argument("--scene", default="visit", choices=["visit", "papers"])
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    async with async_playwright() as playwright:
        stage = Stage(playwright, given.url.rstrip("/"), given.out, given.language)
        try:
            scene = play if given.scene == "visit" else play_papers
            await scene(stage, given.code, given.profile)
        finally:
            await stage.close()


if __name__ == "__main__":
    asyncio.run(main())
