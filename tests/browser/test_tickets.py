"""The ticket finds the visit again: at another kiosk, waiting and in the talk, typed, scanned and read by the camera."""

import re
import time
import tomllib
from typing import cast

from playwright.async_api import Browser, expect

from signaling.board import SharedBoard
from signaling.tickets import Tickets
from tests.browser.people import Person
from tests.fakes.places import Place, address
from tests.fakes.product import Product

READER = (
    "window.BarcodeDetector = class { detect() { return Promise.resolve(window.held ? [{rawValue: window.held}] : []) } }"
)
"""Debian's Chromium has no BarcodeDetector: this one sees what the test holds before the camera."""


async def ticket_of(resident: Person) -> str:
    """Return what the resident reads: the code and the four digits."""
    await resident.at("ticket-qr").wait_for()
    text = "".join((await resident.at("ticket").inner_text()).split())
    assert len(text) == 8, text
    return text


def qr_text(running: Product, visit: str) -> str:
    """Return what the QR code of a visit says, as the server with this data folder draws it."""
    secret = tomllib.loads((running.data / "secrets.toml").read_text())["secret"]
    return Tickets(cast("SharedBoard", None), time.time, secret).qr(visit)


async def walk_to(browser: Browser, address: str, reader: bool = False) -> Person:
    """Return the resident at another kiosk, asked for the ticket."""
    person = await Person.sit_down(browser, 1280, 800)
    if reader:
        await person.page.add_init_script(READER)
    await person.page.goto(address)
    await person.touch("have-ticket")
    return person


async def test_a_resident_whose_kiosk_loses_power_goes_on_at_another(
    browser: Browser, running: Product, place: Place
) -> None:
    """The same place, before who came later; then the talk itself moves back, and the kiosk left behind is free."""
    first = await Person.sit_down(browser, 1080, 1920)
    await first.takes_a_ticket(await address(running, place.kiosk), "social-card", place.region)
    ticket = await ticket_of(first)
    later = await Person.sit_down(browser, 1080, 1920)
    await later.takes_a_ticket(await address(running, place.neighbour_kiosk), "social-card", place.region)
    await expect(later.at("queue-place")).to_have_text("2")
    await first.page.context.close()

    second = await walk_to(browser, await address(running, place.second_kiosk))
    for key in f"{ticket[:4]}{(int(ticket[4:]) + 1) % 10_000:04d}":
        await second.touch(f"key-{key}")
    await second.at("ticket-fault").wait_for()
    for key in ticket:
        await second.touch(f"key-{key}")
    await second.sees("waiting")
    await expect(second.at("queue-place")).to_have_text("1")
    assert await ticket_of(second) == ticket

    officer = await Person.sit_down(browser, 1920, 1080)
    await officer.signs_in(running.origin, "officer", place.officer)
    await officer.touch("presence-ready")
    await officer.touch("offer-accept")
    for person in (second, officer):
        await person.sees("live")
        await person.sees_and_hears(1)
    await second.writes("我换了一台机器")

    third = await walk_to(browser, await running.kiosk_address(place.kiosk, place.lead))
    await third.page.keyboard.type(ticket.lower())
    await second.at("moved-away").wait_for()
    for person in (third, officer):
        await person.sees("live")
        await person.sees_and_hears(1)
    await third.reads("我换了一台机器")
    await second.touch("again")
    await second.at("start").wait_for()
    await expect(later.at("queue-place")).to_have_text("1")

    await officer.touch("close-visit")
    await officer.touch("close-outcome-guided")
    await officer.touch("close-confirm")
    await third.sees("closed")
    await expect(third.at("ticket")).to_have_text(re.compile(rf"^\s*{ticket[:4]}\s*{ticket[4:]}\s*$"))
    assert [person.faults for person in (second, third, officer, later)] == [[], [], [], []]


async def test_a_page_closed_by_mistake_is_found_by_its_qr_code(browser: Browser, running: Product, place: Place) -> None:
    """Typed by the kiosk's reader, or held before the camera; a visit that was left is told, and taken up again."""
    first = await Person.sit_down(browser, 1080, 1920)
    async with first.page.expect_response("**/api/visits/*/ticket") as asked:
        await first.takes_a_ticket(await address(running, place.kiosk), "social-card", place.region)
    ticket = await ticket_of(first)
    text = qr_text(running, (await asked.value).url.split("/")[-2])
    await first.page.close()

    second = await walk_to(browser, await address(running, place.second_kiosk), reader=True)
    await second.touch("ticket-scan")
    await second.page.evaluate("(text) => { window.held = text }", text)
    await second.sees("waiting")
    third = await walk_to(browser, await address(running, place.neighbour_kiosk))
    await third.page.keyboard.type(text)
    await third.page.keyboard.press("Enter")
    await third.sees("waiting")
    await second.at("moved-away").wait_for()

    await third.touch("leave")
    await third.touch("leave-confirm")
    await third.sees("closed")
    await third.touch("again")
    await third.touch("have-ticket")
    await third.page.keyboard.type(ticket)
    await third.at("ticket-fate").wait_for()
    await third.touch("ticket-anew")
    await third.answers()
    await third.touch("device-check")
    await third.sees("waiting")
    assert [person.faults for person in (second, third)] == [[], []]
