"""Nobody is on duty, and nobody is lost: rung back, answered in writing, or with an appointment, as people see it."""

from playwright.async_api import Browser, expect

from tests.browser.people import Person
from tests.browser.test_tickets import ticket_of
from tests.fakes.places import Place, address
from tests.fakes.product import Product

NUMBER = "13800005678"


async def take_a_ticket(resident: Person, region: str, way: str) -> str:
    """From the queue to one of the three ways; returns the ticket."""
    for control in (
        "start",
        "matter-social-card",
        f"region-{region}",
        "consent-recording-yes",
        "consent-sensitive-yes",
        "consent-next",
        "device-check",
    ):
        await resident.touch(control)
    ticket = await ticket_of(resident)
    await resident.touch("other-ways")
    await resident.touch(f"way-{way}")
    return ticket


async def ask_by_ticket(resident: Person, ticket: str) -> None:
    """Look what has become of it, at this kiosk."""
    await resident.touch("again")
    await resident.touch("have-ticket")
    await resident.page.keyboard.type(ticket)
    await resident.at("ticket-fate").wait_for()


async def test_nobody_on_duty_and_nobody_lost(browser: Browser, running: Product, place: Place) -> None:
    """A call-back, tried twice; a message, answered; an appointment, made. The officer's list is live, the ticket tells."""
    officer = await Person.sit_down(browser, 1920, 1080)
    await officer.signs_in(running.origin, "officer", place.officer)
    await officer.at("presence-ready").wait_for()
    resident = await Person.sit_down(browser, 1280, 800)
    await resident.page.goto(await address(running, place.kiosk))

    ticket = await take_a_ticket(resident, place.region, "call_back")
    for digit in NUMBER:
        await resident.touch(f"key-{digit}")
    await resident.touch("way-confirm")
    await resident.sees("closed")
    await expect(resident.at("promise-call_back")).to_contain_text("5678")
    await officer.touch("task-call_back")
    await expect(officer.at("task-number")).not_to_contain_text(NUMBER)
    await officer.touch("task-take")
    await expect(officer.at("task-number")).to_contain_text(NUMBER)
    await officer.touch("task-not-reached")
    await expect(officer.at("task-call_back")).to_have_attribute("data-state", "open")
    await officer.touch("task-call_back")
    await officer.touch("task-take")
    await officer.touch("task-finish")
    await expect(officer.at("task-call_back")).to_have_count(0)
    await ask_by_ticket(resident, ticket)
    await expect(resident.at("promise-call_back")).to_have_attribute("data-state", "done")
    await resident.touch("back")

    ticket = await take_a_ticket(resident, place.region, "message")
    await resident.at("way-text").fill("要带什么材料?")
    await resident.touch("way-confirm")
    await officer.touch("task-message")
    await officer.touch("task-take")
    await officer.at("task-answer").fill("请带身份证原件。")
    await officer.touch("task-finish")
    await expect(officer.at("task-message")).to_have_count(0)
    await ask_by_ticket(resident, ticket)
    await expect(resident.at("promise-message")).to_contain_text("请带身份证原件")
    await resident.touch("back")

    await take_a_ticket(resident, place.region, "appointment")
    await resident.at("way-day").last.click()
    await resident.at("way-time").first.click()
    for digit in NUMBER:
        await resident.touch(f"key-{digit}")
    async with resident.page.expect_response(lambda answer: "/summary?" in answer.url and answer.ok) as answered:
        await resident.touch("way-confirm")
    await resident.at("promise-qr").wait_for()
    await expect(officer.at("tasks-later").get_by_test_id("task-appointment")).to_have_count(1)

    phone = await Person.sit_down(browser, 390, 844)
    await phone.page.goto((await (await answered.value).json())["url"])
    said = await resident.at("promise-appointment").locator("strong").inner_text()
    await expect(phone.at("promise-appointment")).to_contain_text(said)
    async with phone.page.expect_download() as saved:
        await phone.touch("promise-calendar")
    entry = (await (await saved.value).path()).read_text(encoding="utf-8")
    assert entry.count("BEGIN:VALARM") == 2
    await phone.touch("promise-off")
    await phone.touch("promise-off-sure")
    await expect(phone.at("promise-appointment")).to_have_attribute("data-state", "done")
    await expect(officer.at("task-appointment")).to_have_count(0)
    assert [person.faults for person in (resident, officer, phone)] == [[], [], []]
    assert NUMBER not in running.log("signaling")
