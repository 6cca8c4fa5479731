"""An officer of several halls and desks says where they are today: supervisors read it, and the queue goes by it."""

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, expect

from tests.browser.people import Person
from tests.fakes.places import Place, address
from tests.fakes.product import Product


async def test_an_officer_moves_to_another_hall_and_leaves_a_desk(browser: Browser, running: Product, place: Place) -> None:
    """In the neighbour's hall, without the district's desk, for which a resident waits until that desk is served again."""
    officer = await Person.sit_down(browser, 1920, 1080)
    await officer.signs_in(running.origin, "officer", place.city_officer)
    lead = await Person.sit_down(browser, 1920, 1080)
    await lead.signs_in(running.origin, "operations", place.city_lead)
    await officer.touch("presence-ready")
    for desk in (place.desk, place.city_desk):
        await officer.at(f"serves-{desk}").uncheck()
        await expect(officer.at(f"serves-{desk}")).not_to_be_checked()
    await expect(officer.at(f"serves-{place.neighbour_desk}")).to_be_disabled()

    resident = await Person.sit_down(browser, 1080, 1920)
    await resident.takes_a_ticket(await address(running, place.kiosk), "social-card", place.region)
    await officer.at("todays-hall").select_option(f"hall-{place.neighbour_desk}")
    await officer.touch("presence-serving_here")
    await expect(lead.at(f"shift-{place.city_officer}")).to_contain_text(f"{place.neighbour_desk}示例大厅")
    await officer.touch("presence-ready")
    await expect(officer.at("todays-hall")).to_have_value(f"hall-{place.neighbour_desk}")
    report = await Axe().run(officer.page)
    assert report.violations_count == 0, report.generate_report()
    await expect(officer.at("offer")).to_have_count(0)
    await officer.at(f"serves-{place.desk}").check()
    await officer.touch("offer-accept")
    await resident.sees("live")
    assert [person.faults for person in (officer, lead, resident)] == [[], [], []]
