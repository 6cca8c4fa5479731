"""Every page in every state, in both languages: axe finds nothing, and the content security policy is never broken.

And those whose camera is refused or missing are told so in words, and are served all the same.
"""

import asyncio

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, expect

from tests.browser.people import FLAGS, Person, chromium
from tests.fakes.places import Place, address
from tests.fakes.product import Product

AXE = Axe()


async def examine(person: Person, what: str) -> None:
    """Let axe look at the page as it is now."""
    found = (await AXE.run(person.page)).response["violations"]
    told = [f"{one['id']}: {node['target']}" for one in found for node in one["nodes"]]
    assert not told, f"{what}: {told}"


async def looks_at_the_application(browser: Browser, clerk: Person, resident: Person, language: str) -> None:
    """Asked for a card where no reader is, compared by eye, one form, signed on the own telephone: each is examined."""
    await clerk.touch("work-application")
    await clerk.touch("ask-identity")
    await resident.at("show-document").wait_for()
    await examine(resident, "asked for a card")
    await clerk.touch("compare-person")
    await clerk.at("confirm-identity").wait_for()
    await examine(clerk, "comparing")
    await clerk.touch("confirm-identity")
    await expect(clerk.at("confirm-identity")).to_have_count(0)  # as long as it is open, it takes the keys
    await clerk.fills("bank", "示例银行")
    await resident.fills("phone", "13800000000")
    await resident.touch("field-delivery-到窗口领取")
    await resident.at("field-by-bank").wait_for()
    await expect(resident.at("form-confirm")).to_be_enabled()
    for person in (clerk, resident):
        await examine(person, "form")
    await resident.touch("form-confirm")
    await clerk.touch("ask-signature-resident")
    await resident.at("sign-page").first.wait_for()
    await resident.touch("paper-zoom")
    await examine(resident, "signing")
    await resident.touch("sign-phone")
    await resident.at("sign-qr").wait_for()
    await examine(resident, "code for a telephone")
    phone = await Person.sit_down(browser, 390, 844)
    await phone.page.goto(await resident.at("sign-url").inner_text())
    await phone.touch(f"lang-{language}")
    await phone.writes_name()
    await examine(phone, "signing on a telephone")
    await phone.touch("ink-done")
    await phone.at("sign-over").wait_for()
    await examine(phone, "signed on a telephone")
    await resident.at("signed").wait_for()
    await examine(resident, "signed")
    await examine(clerk, "signed document")
    assert phone.faults == phone.complaints == []


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_axe_and_the_content_security_policy_find_nothing(
    browser: Browser, running: Product, place: Place, language: str
) -> None:
    """From the first screen to the farewell, at kiosk and desk sizes."""
    clerk = await Person.sit_down(browser, 1920, 1080)
    await clerk.page.goto(f"{running.origin}/officer")
    await clerk.touch(f"lang-{language}")
    await examine(clerk, "sign-in")
    await clerk.signs_in(running.origin, "officer", place.officer)
    await clerk.at("presence-ready").wait_for()
    await examine(clerk, "officer, idle")

    resident = await Person.sit_down(browser, 1080, 1920)
    await resident.page.goto(await address(running, place.kiosk))
    await resident.touch(f"lang-{language}")
    await resident.touch("have-case")
    await examine(resident, "case")
    await resident.touch("back")
    await resident.touch("unresolved")
    await resident.at("unresolved-what").wait_for()
    await examine(resident, "what could not be done")
    await resident.touch("unresolved-cancel")
    await resident.touch("have-ticket")
    await resident.touch("key-A")
    await examine(resident, "ticket")
    await resident.touch("back")
    for control, what in (("start", "welcome"), ("matter-social-card", "matters"), (f"region-{place.region}", "regions")):
        await resident.at(control).wait_for()
        await examine(resident, what)
        await resident.touch(control)
    await resident.at("consent").wait_for()
    await examine(resident, "consent")
    await resident.answers()
    await resident.at("device-check").wait_for()
    await examine(resident, "device check")
    await resident.touch("device-check")
    await resident.at("queue-place").wait_for()
    await examine(resident, "waiting")
    await resident.touch("other-ways")
    for way in ("appointment", "call_back", "message"):
        await resident.at(f"way-{way}").wait_for()
        await examine(resident, "other ways")
        await resident.touch(f"way-{way}")
        await examine(resident, way)
        await resident.touch("way-back")
    await resident.touch("way-back")

    await clerk.touch("presence-ready")
    await clerk.at("offer-accept").wait_for()
    await examine(clerk, "offer")
    await clerk.touch("offer-accept")
    await resident.sees("live")

    host = await Person.sit_down(browser, 1280, 800)
    await host.signs_in(running.origin, "hall", place.host)
    await host.touch(f"lang-{language}")
    await host.at("join").wait_for()
    await examine(host, "hall")
    await host.touch("join")
    await host.sees_and_hears(2)
    supervisor = await Person.sit_down(browser, 1920, 1080)
    await supervisor.signs_in(running.origin, "operations", place.lead)
    await supervisor.touch(f"lang-{language}")
    await expect(supervisor.at(f"shift-{place.officer}")).to_be_visible()
    await host.writes("good day")
    await resident.reads("good day")
    for person, what in ((resident, "talk"), (clerk, "talk"), (host, "talk"), (supervisor, "operations")):
        await examine(person, f"{what} of {person.page.url}")

    await looks_at_the_application(browser, clerk, resident, language)
    await resident.touch("work-consent")
    await examine(resident, "own consent")
    await resident.touch("display-tools")
    await examine(resident, "display tools")
    await clerk.touch("hold")
    await resident.sees("held")
    await examine(resident, "held")
    await clerk.touch("resume")
    await clerk.touch("close-visit")
    await clerk.at("close-confirm").wait_for()
    await examine(clerk, "closing")
    await clerk.touch("close-outcome-guided")
    await clerk.touch("close-confirm")
    await clerk.at("handover-receipt").wait_for()
    await resident.sees("closed")
    await examine(clerk, "receipt")
    await resident.at("summary-qr").wait_for()
    await resident.touch("rating-2")
    await examine(resident, "farewell")
    phone = await Person.sit_down(browser, 390, 844)
    await phone.page.goto(f"{running.origin}/ticket")
    await phone.touch(f"lang-{language}")
    await examine(phone, "ticket page")
    await phone.at("ticket-input").fill("".join((await resident.at("ticket").inner_text()).split()))
    await phone.touch("ticket-look")
    await phone.touch("rating-1")
    await examine(phone, "summary by telephone")
    everybody = (resident, clerk, host, supervisor, phone)
    assert [person.faults for person in everybody] == [[]] * 5
    assert [person.complaints for person in everybody] == [[]] * 5


@pytest.mark.parametrize("why", ["refused", "missing"])
async def test_a_resident_without_camera_is_told_and_served(
    browser: Browser, running: Product, place: Place, why: str
) -> None:
    """Permission refused, or no device at all: the page says so, the visit goes on, the officer is seen and heard."""
    bare = [flag for flag in FLAGS if not flag.startswith("--use-fake-")]
    refused = ["--use-fake-device-for-media-stream", "--deny-permission-prompts"]
    async with chromium(*(refused if why == "refused" else ()), base=bare) as without:
        clerk = await Person.sit_down(browser, 1920, 1080)
        await clerk.signs_in(running.origin, "officer", place.officer)
        await clerk.touch("presence-ready")
        resident = await Person.sit_down(without, 1280, 800, permissions=[])
        await resident.takes_a_ticket(await address(running, place.kiosk), "social-card", place.region)
        await clerk.touch("offer-accept")
        await resident.sees("live")
        await resident.sees_and_hears(1)
        await clerk.writes("看得见我吗?")
        await resident.reads("看得见我吗")
        await resident.touch("leave")
        await resident.touch("leave-confirm")
        await clerk.sees("wrapping")
        await clerk.touch("close-outcome-guided")
        await clerk.touch("close-confirm")
        await clerk.at("handover-receipt").wait_for()


async def test_the_record_waits_for_a_case_system_that_is_down(browser: Browser, running: Product, place: Place) -> None:
    """The case system is killed as the visit is closed: the record waits, and comes once it is there again."""
    clerk = await Person.sit_down(browser, 1920, 1080)
    await clerk.signs_in(running.origin, "officer", place.city_officer)
    await clerk.touch("presence-ready")
    resident = await Person.sit_down(browser, 1080, 1920)
    await resident.takes_a_ticket(await address(running, place.kiosk), "social-card", place.city_region)
    await clerk.touch("offer-accept")
    await resident.sees("live")
    await clerk.touch("close-visit")
    await clerk.touch("close-outcome-guided")
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(running.kill("case-system"))
        tasks.create_task(clerk.touch("close-confirm"))
    await expect(clerk.at("handover-receipt")).to_contain_text("SL-")
    await resident.sees("closed")
