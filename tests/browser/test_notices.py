"""Notices on the real product: a supervisor says something, kiosk and officer see it until it is taken back or over."""

import time

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, expect

from rvw.cli.wire import Http, open_wire
from rvw.domain import commands as c
from tests.browser.people import Person
from tests.fakes.places import Place, address
from tests.fakes.product import PASSWORD, Product

WORDS = "社保系统维护，请先办其他事项"
WORDS_EN = "Social insurance is down for maintenance"


async def test_a_notice_is_seen_until_it_is_taken_back_or_over(browser: Browser, running: Product, place: Place) -> None:
    """On the first page, the waiting page, the officer's; after a reload, another process and for who comes later."""
    lead = await Person.sit_down(browser, 1920, 1080)
    await lead.signs_in(running.origin, "operations", place.lead)
    officer = await Person.sit_down(browser, 1920, 1080)
    await officer.signs_in(running.origin, "officer", place.officer)
    await officer.at("presence-ready").wait_for()
    resident = await Person.sit_down(browser, 1080, 1920)
    await resident.page.goto(await address(running, place.kiosk))
    await resident.at("start").wait_for()
    elsewhere = await Person.sit_down(browser, 1080, 1920)
    await elsewhere.page.goto(await address(running, place.neighbour_kiosk))
    await elsewhere.at("start").wait_for()

    await lead.touch("notice-write")
    await lead.at("notice-zh").fill(WORDS)
    await lead.at("notice-en").fill(WORDS_EN)
    assert await objections(lead) == []
    await lead.touch("notice-send")
    for one in (officer, resident):
        await expect(one.at("notice")).to_contain_text(WORDS)
    await expect(lead.at("notice-row")).to_contain_text(WORDS)
    await resident.touch("lang-en")
    await expect(resident.at("notice")).to_contain_text(WORDS_EN)
    await resident.touch("lang-zh")

    await running.kill("signaling")
    await lead.touch("notice-write")
    await lead.at("notice-zh").fill("请大家下午四点开会")
    await lead.touch("notice-for-officers")
    await lead.touch("notice-send")
    await expect(officer.at("notice")).to_have_count(2)
    await lead.at("notice-withdraw").first.click()
    await expect(officer.at("notice")).to_have_count(1)
    for one in (officer, resident):
        await one.page.reload()
        await expect(one.at("notice")).to_contain_text(WORDS)
        assert await objections(one) == []
    await resident.takes_a_ticket(running.origin + "/kiosk", "social-card", place.region)
    await expect(resident.at("queue-place")).to_be_visible()
    await expect(resident.at("notice")).to_contain_text(WORDS)
    await expect(elsewhere.at("notice")).to_have_count(0)

    await lead.touch("notice-withdraw")
    for one in (officer, resident):
        await expect(one.at("notice")).to_have_count(0)
    await expect(lead.at("notice-row")).to_have_count(0)

    await ends_by_itself(running, place, officer, resident)
    for one in (lead, officer, resident, elsewhere):
        assert one.faults == []


async def ends_by_itself(running: Product, place: Place, officer: Person, resident: Person) -> None:
    """The city says something to the district's desk for a few seconds: who waits and who serves see it, and it goes."""
    city = (await Http(running.origin).login(place.city_lead, PASSWORD)).token
    async with open_wire(running.origin, city) as wire:
        await wire.do(c.Announce("both", "窗口换班，马上继续", time.time() + 6, desk=place.desk))
        for one in (officer, resident):
            await expect(one.at("notice")).to_contain_text("窗口换班")
        for one in (officer, resident):
            await expect(one.at("notice")).to_have_count(0)


async def objections(person: Person) -> list[str]:
    """Return what axe finds wrong with the page as it is."""
    found = await Axe().run(person.page)
    return [f"{one['id']}: {one['nodes'][0]['target']}" for one in found.response["violations"]]
