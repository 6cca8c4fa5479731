"""Somebody without an account is asked in by a one-time link: seen and heard by all, once, and only as long as wanted."""

from playwright.async_api import Browser, expect

from tests.browser.people import Person
from tests.fakes.places import Place, address
from tests.fakes.product import Product


async def test_a_guest_comes_in_by_a_link_once(browser: Browser, running: Product, place: Place) -> None:
    """The officer takes one link back, which opens nothing; the next lets the interpreter in, and nobody after."""
    officer = await Person.sit_down(browser, 1920, 1080)
    await officer.signs_in(running.origin, "officer", place.officer)
    await officer.touch("presence-ready")
    resident = await Person.sit_down(browser, 1080, 1920)
    await resident.takes_a_ticket(await address(running, place.kiosk), "social-card", place.region)
    await officer.touch("offer-accept")
    await resident.sees("live")

    await officer.touch("invite")
    await officer.at("guest-for").fill("手语翻译")
    await officer.touch("guest-make")
    taken_back = await officer.at("guest-url").inner_text()
    await officer.touch("guest-revoke")
    await officer.at("guest-for").fill("手语翻译")
    await officer.touch("guest-make")
    link = await officer.at("guest-url").inner_text()
    await expect(officer.at("guest-qr")).to_be_visible()

    guest = await Person.sit_down(browser, 1280, 800)
    await guest.page.goto(taken_back)
    await guest.at("join-name").fill("金示例")
    await guest.touch("join-enter")
    await guest.at("join-fault").wait_for()
    await guest.page.goto("about:blank")
    await guest.page.goto(link)
    await guest.at("join-name").fill("金示例")
    await guest.touch("join-enter")
    await guest.sees("live")
    await guest.sees_and_hears(2)
    await resident.sees_and_hears(2)
    await officer.page.keyboard.press("Escape")
    await officer.sees_and_hears(2)
    await guest.writes("大家好")
    await resident.reads("大家好")

    late = await Person.sit_down(browser, 1280, 800)
    await late.page.goto(link)
    await late.at("join-name").fill("别人")
    await late.touch("join-enter")
    await late.at("join-fault").wait_for()

    await guest.page.reload()
    await guest.sees_and_hears(2)
    await guest.touch("leave")
    await guest.at("join-over").wait_for()
    await resident.sees_and_hears(1)
    secret = link.rpartition(".")[2]
    assert secret not in running.log("signaling")
    assert [person.faults for person in (officer, resident, guest, late)] == [[], [], [], []]
