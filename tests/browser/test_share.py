"""A screen is shown, from either side: sharp, with sound going on, and ended by whoever may."""

import asyncio
from pathlib import Path

from playwright.async_api import Browser, expect

from tests.browser.people import BUSINESS_TITLE, WAIT_MS, Person, with_business_page
from tests.fakes.places import Place, address
from tests.fakes.product import Product

STRIPE = 3
"""Pixels of the stripes on the business page: about the strokes of a Chinese character in ordinary type."""

ROWS = "".join(
    f"<tr><td>{n:02d}</td><td>示例申请表第{n}项 社会保障卡补领</td><td>2026-11-{n:02d}</td></tr>" for n in range(1, 15)
)

BUSINESS = f"""
<title>{BUSINESS_TITLE}</title>
<style>
  body {{ margin: 0; font: 18px/1.6 "Noto Sans CJK SC", sans-serif; color: #111; background: #fff }}
  .stripes {{ position: absolute; top: 0; left: 0; width: 480px; height: 270px;
    background: repeating-linear-gradient(90deg, #000 0 {STRIPE}px, #fff {STRIPE}px {2 * STRIPE}px) }}
  table {{ margin: 300px 60px 0; border-collapse: collapse }} td {{ border: 1px solid #777; padding: 6px 18px }}
</style>
<div class="stripes"></div>
<table>{ROWS}</table>
<p id="clock"></p>
<script>setInterval(() => {{ clock.textContent = new Date().toISOString() }}, 100)</script>
"""

CONTRAST = """
async (video) => {
  if (!video.videoWidth) return [0, 0, 0]
  const canvas = Object.assign(document.createElement('canvas'), { width: video.videoWidth, height: video.videoHeight })
  const drawing = canvas.getContext('2d', { willReadFrequently: true })
  drawing.drawImage(video, 0, 0)
  const scale = video.videoWidth / 1920
  const row = drawing.getImageData(60 * scale, 135 * scale, 240 * scale, 1).data
  const grey = Array.from({ length: row.length / 4 }, (_, at) => (row[4 * at] + row[4 * at + 1] + row[4 * at + 2]) / 3)
  const sorted = [...grey].sort((a, b) => a - b)
  const [dark, light] = [sorted[Math.floor(sorted.length / 4)], sorted[Math.floor((3 * sorted.length) / 4)]]
  return [video.videoWidth, video.videoHeight, light - dark]
}
"""
"""Size of the picture, and how much lighter the light stripes are than the dark ones: 255 on paper, 0 when blurred."""


async def reads_the_screen(person: Person) -> None:
    """The shared picture comes at full size, and stripes as thin as type can be told apart."""
    video = person.at("share-video")
    await expect(video).to_be_visible()
    told: list[float] = []
    until = asyncio.get_running_loop().time() + WAIT_MS / 1000
    while asyncio.get_running_loop().time() < until:
        told = await video.evaluate(CONTRAST)
        if told[0] >= 1920 and told[1] >= 1080 and told[2] > 150:
            return
        await person.page.wait_for_timeout(100)
    raise AssertionError(f"width, height, contrast: {told}")


async def test_a_screen_is_shown_from_either_side_and_ended_by_whoever_may(
    browser: Browser, running: Product, place: Place, tmp_path: Path
) -> None:
    """Officer, then kiosk: all others read it and still hear; the officer, a supervisor and a reload end it."""
    async with (
        with_business_page(tmp_path / "officer", 1920, 1080, BUSINESS) as (officer, _),
        with_business_page(tmp_path / "resident", 1080, 1920, BUSINESS) as (resident, _),
    ):
        await officer.signs_in(running.origin, "officer", place.officer)
        await officer.touch("presence-ready")
        await resident.takes_a_ticket(await address(running, place.kiosk), "social-card", place.region)
        await officer.touch("offer-accept")
        await resident.sees("live")
        host = await Person.sit_down(browser, 1280, 800)
        await host.signs_in(running.origin, "hall", place.host)
        await host.touch("join")
        await host.touch("consent-ask-yes")
        await host.sees_and_hears(2)

        await officer.touch("share")
        for person in (host, resident):
            await reads_the_screen(person)
            await expect(person.at("shared")).to_contain_text("正在共享屏幕")
            await person.gets(pictures=3, sounds=2)
        await expect(officer.at("shared")).to_contain_text("您正在共享屏幕")
        await expect(host.at("share")).to_have_count(0)
        await officer.touch("share")
        for person in (host, resident, officer):
            await expect(person.at("shared")).to_have_count(0)

        await resident.touch("share")
        for person in (officer, host):
            await reads_the_screen(person)
            await person.gets(pictures=3, sounds=2)
        await officer.touch("share")
        await expect(resident.at("shared")).to_have_count(0)
        await expect(resident.at("share")).to_have_attribute("data-sharing", "")

        await resident.touch("share")
        await reads_the_screen(officer)
        await officer.touch("hold")
        await expect(resident.at("shared")).to_have_count(0)
        await officer.touch("resume")
        await resident.sees("live")
        await expect(officer.at("shared")).to_have_count(0)

        await officer.touch("share")
        await reads_the_screen(resident)
        supervisor = await Person.sit_down(browser, 1920, 1080)
        await supervisor.signs_in(running.origin, "operations", place.lead)
        await supervisor.page.locator('[data-testid^="listen-"]').first.click()
        await reads_the_screen(supervisor)
        await supervisor.touch("share")
        await expect(officer.at("shared")).to_have_count(0)

        await officer.touch("share")
        await reads_the_screen(resident)
        await officer.page.reload()
        await officer.sees("live")
        await expect(resident.at("shared")).to_have_count(0)
        await officer.touch("share")
        await reads_the_screen(resident)
        assert [person.faults for person in (officer, resident, host, supervisor)] == [[], [], [], []]
