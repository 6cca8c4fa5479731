"""Take the picture of the README: a kiosk and an officer's desk in one visit, with drawn people instead of test patterns.

On a running server: `.venv/bin/python web/dev/picture.py http://127.0.0.1:8080 CODE web/pictures/visit.png`; the code
enrols `kiosk-pudong-1`. `resident.svg` and `officer.svg` are the people, `picture.html` puts the two screens together.
Needs Chromium and ffmpeg. Not part of the product: `vite build` never sees this folder.
"""

import argparse
import asyncio
import shutil
import subprocess
import tempfile
from pathlib import Path

from playwright.async_api import Browser, Page, Playwright, async_playwright

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
)
CAMERA = (1280, 720)
KIOSK = (1080, 1920)
DESK = (1440, 900)
HERE = Path(__file__).parent
SETTLE_MS = 4000
"""Until the pictures have their full resolution."""


async def drawn(playwright: Playwright, drawing: str, target: Path) -> Path:
    """Return a camera that shows the drawing."""
    width, height = CAMERA
    async with await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=list(FLAGS)) as browser:
        page = await browser.new_page(viewport={"width": width, "height": height})
        await page.goto((HERE / drawing).as_uri())
        await page.screenshot(path=target.with_suffix(".png"))
    still = ("-loop", "1", "-i", str(target.with_suffix(".png")))
    ffmpeg(*still, "-frames:v", "4", "-r", "30", "-pix_fmt", "yuv420p", str(target))
    return target


def ffmpeg(*words: str) -> None:
    """Run ffmpeg."""
    subprocess.run(["ffmpeg", "-y", "-loglevel", "error", *words], check=True)  # noqa: S603, S607 - the machine's own


async def sit_down(playwright: Playwright, camera: Path, size: tuple[int, int]) -> tuple[Browser, Page]:
    """Open a page whose camera shows the drawing."""
    browser = await playwright.chromium.launch(
        executable_path="/usr/bin/chromium", args=[*FLAGS, f"--use-file-for-fake-video-capture={camera}"]
    )
    context = await browser.new_context(
        viewport={"width": size[0], "height": size[1]}, permissions=["camera", "microphone"], locale="zh-CN"
    )
    return browser, await context.new_page()


async def meet(kiosk: Page, desk: Page, url: str, code: str) -> None:
    """Play the visit up to the talk, with two lines of chat."""
    await desk.goto(f"{url}/officer")
    await desk.get_by_test_id("login-user").fill("pudong1")
    await desk.get_by_test_id("login-password").fill("demo-window")
    await desk.get_by_test_id("login-submit").click()
    await desk.get_by_test_id("presence-ready").click()
    await kiosk.goto(f"{url}/kiosk?enrol={code}")
    for touched in (
        "start",
        "matter-social-card",
        "region-310115",
        "consent-recording-yes",
        "consent-sensitive-yes",
        "consent-next",
        "device-check",
    ):
        await kiosk.get_by_test_id(touched).click()
    await desk.get_by_test_id("offer-accept").click()
    await kiosk.get_by_test_id("chat-input").fill("您好,我的社保卡丢了,想补一张。")
    await kiosk.get_by_test_id("chat-send").click()
    await desk.get_by_test_id("chat-line").wait_for()
    await desk.get_by_test_id("chat-input").fill("您好!请把身份证给我看一下,马上帮您办。")
    await desk.get_by_test_id("chat-send").click()
    await kiosk.get_by_test_id("chat-line").nth(1).wait_for()
    await desk.wait_for_timeout(SETTLE_MS)


async def compose(playwright: Playwright, target: Path, folder: Path) -> None:
    """Put both screens, which are in the folder, into one picture of few colours."""
    shutil.copy(HERE / "picture.html", folder)
    async with await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=list(FLAGS)) as browser:
        page = await browser.new_page(viewport={"width": 1600, "height": 1000})
        await page.goto((folder / "picture.html").as_uri())
        await page.screenshot(path=folder / "whole.png")
    few = "split[a][b];[a]palettegen=max_colors=256:stats_mode=full[p];[b][p]paletteuse=dither=none"
    ffmpeg("-i", str(folder / "whole.png"), "-vf", few, "-frames:v", "1", "-update", "1", str(target))


async def main() -> None:
    """Read the arguments and take the picture."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("code")
    parser.add_argument("out", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with async_playwright() as playwright:
            resident = await drawn(playwright, "resident.svg", folder / "resident.y4m")
            officer = await drawn(playwright, "officer.svg", folder / "officer.y4m")
            there, kiosk = await sit_down(playwright, resident, KIOSK)
            here, desk = await sit_down(playwright, officer, DESK)
            await meet(kiosk, desk, given.url.rstrip("/"), given.code)
            await kiosk.screenshot(path=folder / "kiosk.png")
            await desk.screenshot(path=folder / "desk.png")
            await desk.get_by_test_id("close-visit").click()
            await desk.get_by_test_id("close-outcome-guided").click()
            await desk.get_by_test_id("close-confirm").click()
            await desk.get_by_test_id("handover-receipt").wait_for()
            await there.close()
            await here.close()
            await compose(playwright, given.out.resolve(), folder)


if __name__ == "__main__":
    asyncio.run(main())
