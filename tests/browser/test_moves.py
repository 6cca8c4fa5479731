"""The moves of a visit, as the people in it see them: asked in and handed over, sent on, watched by a supervisor."""

from playwright.async_api import Browser, expect

from tests.browser.people import WAIT_MS, Person
from tests.fakes.places import Place, address
from tests.fakes.product import Product


async def on_duty(browser: Browser, running: Product, user: str, presence: str = "ready") -> Person:
    """Return an officer at the desk, who has said whether residents may come."""
    officer = await Person.sit_down(browser, 1920, 1080)
    await officer.signs_in(running.origin, "officer", user)
    await officer.touch(f"presence-{presence}")
    await expect(officer.at("presence")).to_have_attribute("data-presence", presence)
    return officer


async def face_to_face(browser: Browser, running: Product, place: Place, officer: Person) -> Person:
    """Return a resident who talks with the officer about a social security card."""
    resident = await Person.sit_down(browser, 1080, 1920)
    await resident.takes_a_ticket(await address(running, place.kiosk), "social-card", place.region)
    await officer.touch("offer-accept")
    for person in (resident, officer):
        await person.sees("live")
        await person.sees_and_hears(1)
    return resident


async def test_a_colleague_is_asked_in_and_takes_the_visit_over(browser: Browser, running: Product, place: Place) -> None:
    """Warm transfer: three talk, one hands over and is idle, the resident goes on with the other without a break."""
    officer = await on_duty(browser, running, place.officer)
    colleague = await on_duty(browser, running, place.city_officer, "on_break")
    resident = await face_to_face(browser, running, place, officer)

    await officer.touch("invite")
    await officer.touch(f"invite-{place.city_officer}")
    await colleague.at("invitation").wait_for()
    await expect(resident.at(f"invited-{place.city_officer}")).to_be_visible()
    await colleague.touch("invitation-decline")
    await expect(resident.at(f"invited-{place.city_officer}")).to_have_count(0)

    await officer.touch("invite")
    await officer.touch(f"invite-{place.city_officer}")
    await colleague.touch("invitation-accept")
    everybody = (resident, officer, colleague)
    for person in everybody:
        await person.sees("live")
        await person.sees_and_hears(2)
    await expect(colleague.at("close-visit")).to_have_count(0)
    await colleague.writes("您好,我是市级窗口的")
    for person in everybody:
        await person.reads("市级窗口")

    await officer.touch(f"hand-to-{place.city_officer}")
    await officer.sees("none")
    await colleague.at("close-visit").wait_for()
    await expect(resident.at("guest-video")).to_have_count(0)
    for person in (resident, colleague):
        await person.sees("live")
        await person.sees_and_hears(1)
    await expect(officer.at("presence")).to_have_attribute("data-presence", "ready")
    assert [person.faults for person in everybody] == [[], [], []]


async def test_a_resident_is_sent_on_to_another_desk(browser: Browser, running: Product, place: Place) -> None:
    """Cold transfer: the same ticket, the reason in words, the officer of the other desk answers, nothing is told twice."""
    officer = await on_duty(browser, running, place.officer)
    resident = await face_to_face(browser, running, place, officer)
    await resident.writes("我的社保在市里交")
    await officer.reads("社保在市里")

    await officer.touch("transfer")
    await officer.touch(f"transfer-desk-{place.city_desk}")
    await expect(officer.at("transfer-confirm")).to_be_disabled()
    await officer.at("transfer-note").fill("属于市级事项")
    await officer.touch("transfer-confirm")
    await officer.sees("none")
    await resident.sees("waiting")
    await expect(resident.at("moved-note")).to_contain_text("属于市级事项")

    colleague = await on_duty(browser, running, place.city_officer)
    await colleague.at("offer").wait_for()
    await expect(colleague.at("offer")).to_contain_text("属于市级事项")
    await colleague.touch("offer-accept")
    for person in (resident, colleague):
        await person.sees("live")
        await person.sees_and_hears(1)
        await person.reads("社保在市里")

    await colleague.touch("transfer")
    await colleague.at("transfer-note").fill("请同事接着办")
    await colleague.touch("requeue-confirm")
    await resident.sees("waiting")
    await expect(resident.at("moved-note")).to_contain_text("请同事接着办")
    assert [person.faults for person in (resident, officer, colleague)] == [[], [], []]


async def test_a_supervisor_listens_whispers_and_joins(browser: Browser, running: Product, place: Place) -> None:
    """Unheard, heard by the officer alone, among all: the visit always shows it, and nobody listens in secret."""
    officer = await on_duty(browser, running, place.officer)
    resident = await face_to_face(browser, running, place, officer)
    lead = await Person.sit_down(browser, 1920, 1080)
    await lead.signs_in(running.origin, "operations", place.lead)
    row = lead.page.locator('[data-testid^="visit-"][data-state="live"]').first
    visit = (await row.get_attribute("data-testid") or "").removeprefix("visit-")

    await lead.touch(f"listen-{visit}")
    await lead.sees_and_hears(2)
    for person in (resident, officer):
        await expect(person.at(f"watcher-{place.lead}")).to_have_attribute("data-mode", "listen")
    assert await bytes_of(lead, "mic", "camera") == [0, 0]
    assert await bytes_of(resident, "voice2", "face2") == [0, 0]

    await lead.touch(f"whisper-{visit}")
    await officer.gets(pictures=1, sounds=2)
    await expect(resident.at(f"watcher-{place.lead}")).to_have_attribute("data-mode", "whisper")
    assert await bytes_of(lead, "camera") == [0]
    assert await bytes_of(resident, "voice2", "face2") == [0, 0]

    await lead.touch(f"join-{visit}")
    for person in (resident, officer, lead):
        await person.sees_and_hears(2)
    await expect(resident.at(f"watcher-{place.lead}")).to_have_count(0)

    await lead.touch("watch-leave")
    await expect(lead.at("watch-leave")).to_have_count(0, timeout=WAIT_MS)
    for person in (resident, officer):
        await expect(person.at("guest-video")).to_have_count(0)
        await person.sees_and_hears(1)
    assert await lead.page.evaluate("window.rvwStats().then((stats) => stats.connectionState)") == "none"
    assert [person.faults for person in (resident, officer, lead)] == [[], [], []]


async def bytes_of(person: Person, *slots: str) -> list[int]:
    """Return how many bytes have gone through each slot, in or out; the supervisor arrives in `voice2` and `face2`."""
    stats = await person.page.evaluate("window.rvwStats()")
    gone = {one["slot"]: one["bytesSent"] for one in stats["outbound"]}
    come = {one["slot"]: one["bytesReceived"] for one in stats["inbound"]}
    return [{**come, **gone}.get(slot, 0) for slot in slots]
