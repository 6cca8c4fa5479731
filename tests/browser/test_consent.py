"""Consent at the window: told first, asked twice, refused, taken back in the middle, and asked of who comes later."""

from playwright.async_api import Browser, expect

from rvw.cli.wire import Http
from rvw.domain import events as e
from rvw.domain.consent import may_be_recorded
from rvw.domain.fold import evolve
from rvw.domain.visit import Visit
from tests.browser.people import Person, face_to_face
from tests.fakes.places import Place, address
from tests.fakes.product import PASSWORD, Product


async def happened(running: Product, place: Place, visit: str) -> tuple[e.Recorded, ...]:
    """Return what the supervisor reads of the visit."""
    http = Http(running.origin)
    lead = await http.login(place.lead, PASSWORD)
    return await http.events(visit, lead.token)


def folded(events: tuple[e.Recorded, ...]) -> Visit:
    """Return the visit that these events make."""
    visit: Visit | None = None
    for one in events:
        visit = evolve(visit, one)
    assert visit is not None
    return visit


async def test_no_is_an_answer_like_yes(browser: Browser, running: Product, place: Place) -> None:
    """The resident refuses both: the talk goes on unrecorded, the officer is told, and agrees to neither by silence."""
    resident, officer, visit = await face_to_face(browser, running, place, agrees="no")
    await expect(officer.at("consent-of-recording")).to_have_attribute("data-answer", "refused")
    await expect(officer.at("consent-of-sensitive")).to_have_attribute("data-answer", "refused")
    await resident.sees_and_hears(1)
    events = await happened(running, place, visit)
    assert may_be_recorded(folded(events)) == frozenset()
    assert not [one for one in events if isinstance(one.event, e.RecordingStarted)]

    await resident.touch("work-consent")
    await resident.touch("consent-recording-give")
    await expect(officer.at("consent-of-recording")).to_have_attribute("data-answer", "given")
    for person in (resident, officer):
        await expect(person.at("recording")).to_have_attribute("data-state", "running")
    events = await happened(running, place, visit)
    assert may_be_recorded(folded(events)) == {place.kiosk, place.officer}
    answers = [one.event for one in events if isinstance(one.event, e.ConsentAnswered)]
    assert {one.text for one in answers} == {"resident-2026-11", "staff-2026-11"}

    await resident.touch("consent-recording-withdraw")
    await expect(officer.at("consent-of-recording")).to_have_attribute("data-answer", "withdrawn")
    for person in (resident, officer):
        await expect(person.at("recording")).to_have_count(0)
    await resident.sees_and_hears(1)
    assert may_be_recorded(folded(await happened(running, place, visit))) == frozenset()
    assert [person.faults for person in (officer, resident)] == [[], []]


async def test_where_the_law_wants_a_recording_no_leads_to_the_counter(
    browser: Browser, running: Product, place: Place
) -> None:
    """A matter that is recorded by rule: without a yes there is no way on, and the counter is named; with one there is."""
    resident = await Person.sit_down(browser, 1280, 800)
    await resident.page.goto(await address(running, place.kiosk))
    await resident.touch("start")
    await resident.at("matter-search").fill("过户")
    await resident.touch("matter-property-transfer")
    await resident.touch(f"region-{place.region}")
    await resident.touch("consent-recording-no")
    await resident.touch("consent-sensitive-yes")
    await expect(resident.at("consent-away")).to_contain_text("现场办理")
    await expect(resident.at("consent-next")).to_be_disabled()
    await resident.touch("consent-recording-yes")
    await resident.touch("consent-next")
    await resident.touch("device-check")
    await resident.sees("waiting")
    assert resident.faults == []


async def test_who_comes_later_is_not_recorded_before_answering(browser: Browser, running: Product, place: Place) -> None:
    """The clerk of the hall comes in, is asked, and is recorded after saying yes; a guest by link says no, and never is."""
    resident, officer, visit = await face_to_face(browser, running, place)

    host = await Person.sit_down(browser, 1280, 800)
    await host.signs_in(running.origin, "hall", place.host)
    await host.at(f"visit-{visit}").get_by_test_id("join").click()
    await host.at("consent-ask").wait_for()
    assert may_be_recorded(folded(await happened(running, place, visit))) == {place.kiosk, place.officer}
    await host.touch("consent-ask-yes")
    await expect(host.at("own-consent-recording")).to_have_attribute("data-given", "true")

    await officer.touch("invite")
    await officer.at("guest-for").fill("手语翻译")
    await officer.touch("guest-make")
    link = await officer.at("guest-url").inner_text()
    guest = await Person.sit_down(browser, 390, 844)
    await guest.page.goto(link)
    await guest.at("join-name").fill("金示例")
    await guest.touch("join-enter")
    await guest.touch("consent-ask-no")
    await expect(guest.at("own-consent-recording")).to_have_attribute("data-given", "false")
    await guest.sees("live")
    assert may_be_recorded(folded(await happened(running, place, visit))) == {place.kiosk, place.officer, place.host}
    assert [person.faults for person in (officer, resident, host, guest)] == [[], [], [], []]
