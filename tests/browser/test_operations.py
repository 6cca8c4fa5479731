"""The supervisors' page on the real product: what it shows is what happens, and what a supervisor does is seen by all."""

from pathlib import Path

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, expect

from tests.browser.people import Person
from tests.fakes.places import Place, address
from tests.fakes.product import Product, product

REASON = "这里今天人多，市级窗口接着办"


async def test_a_supervisor_sees_a_visit_moves_it_and_ends_it(browser: Browser, running: Product, place: Place) -> None:
    """A resident waits where nobody is on duty; the lead sends the ticket on to the city, and later closes the talk."""
    lead = await watching(browser, running, place.lead)
    city = await watching(browser, running, place.city_lead)
    elsewhere = await watching(browser, running, "lead-jiaxing")
    officer = await Person.sit_down(browser, 1920, 1080)
    await officer.signs_in(running.origin, "officer", place.city_officer)
    for one in (lead, city):
        await expect(one.at("figure-waiting")).to_have_text("0")

    resident = await Person.sit_down(browser, 1080, 1920)
    await resident.takes_a_ticket(await address(running, place.kiosk), "social-card", place.region)
    for one in (lead, city):
        await expect(one.at("figure-waiting")).to_have_text("1")
        await expect(one.at("figure-opened")).to_have_text("1")
        await expect(one.at(f"region-row-{place.region}")).to_contain_text(place.region_name)
        await expect(one.at("matter-row-social-card")).to_be_visible()
    await expect(elsewhere.at("figure-opened")).to_have_text("0")

    await lead.page.locator('[data-testid^="detail-"]').click()
    await has_happened(lead, "opened")
    await lead.touch("act-move")
    await lead.at("act-desk").select_option(place.city_desk)
    await lead.at("act-note").fill(REASON)
    await lead.touch("act-confirm")
    await has_happened(lead, "opened", "transferred")
    await expect(lead.at("event-line").last).to_contain_text(REASON)
    await expect(resident.page.get_by_text(REASON)).to_be_visible()

    await officer.touch("presence-ready")
    await officer.touch("offer-accept")
    await resident.sees("live")
    await expect(lead.at("figure-live")).to_have_text("1")
    await expect(lead.at("figure-waiting")).to_have_text("0")
    await has_happened(lead, "opened", "transferred", "offered", "accepted")
    assert await objections(lead) == []

    await lead.touch("act-close")
    await lead.at("act-outcome").select_option("unresolved")
    await lead.at("act-note").fill("终端屏幕坏了")
    await lead.touch("act-confirm")
    await expect(resident.at("again")).to_be_visible()
    await expect(officer.at("offer-accept")).to_have_count(0)
    await expect(lead.at("figure-live")).to_have_text("0")
    await expect(lead.at("event-line").filter(has_text="终端屏幕坏了")).to_have_attribute("data-event", "closed")
    await lead.touch("detail-close")
    await expect(lead.at("chart-waiting").locator("canvas")).to_be_visible()
    for language in ("lang-zh", "lang-en"):
        await lead.touch(language)
        assert await objections(lead) == []
    for person in (lead, city, elsewhere, officer, resident):
        assert person.faults == []


async def test_the_page_is_narrowed_to_a_region(browser: Browser, running: Product, place: Place) -> None:
    """The city's lead looks at Baoshan alone: Pudong's resident is not in its numbers, nor in those of the day."""
    lead = await watching(browser, running, place.city_lead)
    resident = await Person.sit_down(browser, 1080, 1920)
    await resident.takes_a_ticket(await address(running, place.kiosk), "social-card", place.region)
    await expect(lead.at("figure-opened")).to_have_text("1")
    await lead.at("filter-region").select_option(place.neighbour_region)
    await expect(lead.at("figure-waiting")).to_have_text("0")
    await expect(lead.at("figure-opened")).to_have_text("0")
    await lead.at("filter-region").select_option(place.region)
    await expect(lead.at("figure-waiting")).to_have_text("1")
    await expect(lead.at("figure-opened")).to_have_text("1")
    assert lead.faults == []


async def test_a_desk_without_anybody_becomes_work_that_is_taken_and_done(browser: Browser, tmp_path: Path) -> None:
    """A resident waits and nobody is on duty: the lead is asked, sees to it, and says what was done."""
    async with product(tmp_path, "--set", "operations.no_officer_s=1") as running:
        lead = await watching(browser, running, "lead-pudong")
        city = await watching(browser, running, "lead-shanghai")
        resident = await Person.sit_down(browser, 1080, 1920)
        await resident.takes_a_ticket(running.kiosks["kiosk-pudong-1"], "social-card", "310115")
        for one in (lead, city):
            await expect(one.at("task-no_officer-pudong")).to_have_attribute("data-state", "open")
        await lead.touch("task-take")
        for one in (lead, city):
            await expect(one.at("task-no_officer-pudong")).to_have_attribute("data-state", "taken")
        await lead.touch("work-late")
        await expect(lead.at("task-no_officer-pudong")).to_have_count(0)
        await lead.touch("work-mine")
        await lead.at("task-note").fill("同事十分钟后到岗")
        await lead.touch("task-done")
        for one in (lead, city):
            await expect(one.at("task-no_officer-pudong")).to_have_count(0)
        assert await objections(lead) == []
        assert lead.faults == []


async def watching(browser: Browser, running: Product, user: str) -> Person:
    """Return a supervisor at the page."""
    lead = await Person.sit_down(browser, 1920, 1080)
    await lead.signs_in(running.origin, "operations", user)
    await lead.at("figure-waiting").wait_for()
    return lead


async def has_happened(lead: Person, *names: str) -> None:
    """Wait until the visit that is looked at has had just these events, beside what was answered and recorded."""
    beside = "[data-event=consent_answered], [data-event^=recording_]"
    lines = lead.at("event-line").and_(lead.page.locator(f":not({beside})"))
    await expect(lines).to_have_count(len(names))
    for number, name in enumerate(names):
        await expect(lines.nth(number)).to_have_attribute("data-event", name)


async def objections(person: Person) -> list[str]:
    """Return what axe finds wrong with the page as it is."""
    found = await Axe().run(person.page)
    return [f"{one['id']}: {one['nodes'][0]['target']}" for one in found.response["violations"]]
