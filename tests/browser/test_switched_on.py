"""A kiosk is switched on while its network comes: what was lost of the page and of its setting up is asked for again."""

from playwright.async_api import Browser, Route

from tests.browser.people import Person
from tests.fakes.places import Place, address
from tests.fakes.product import Product


async def test_what_was_lost_at_the_start_is_asked_for_again(browser: Browser, running: Product, place: Place) -> None:
    """A script, then the answer to the one-time code are lost: nobody touches anything, and the first screen is there."""
    kiosk = await Person.sit_down(browser, 1080, 1920)
    lost = []

    async def loses(route: Route) -> None:
        lost.append(route.request.url)
        await route.abort("internetdisconnected")

    for part in ("**/assets/kiosk-*.js", "**/api/enrol"):
        await kiosk.page.route(part, loses, times=1)
    await kiosk.page.goto(await address(running, place.kiosk))
    await kiosk.at("start").wait_for()
    assert len(lost) == 2
