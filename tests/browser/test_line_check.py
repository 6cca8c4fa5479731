"""The kiosk finds out which ways lead to a media worker, tells the clerk in words, and the supervisor sees it."""

from pathlib import Path

from playwright.async_api import Browser, expect

from tests.browser.people import Person, chromium
from tests.fakes.places import Place, address
from tests.fakes.product import Product, product
from tests.fakes.relay import relay, trust
from tests.network.hall import NO_UDP, hall


async def checked(browser: Browser, running: Product) -> tuple[Person, dict[str, str]]:
    """A kiosk is switched on, and a clerk looks at what its check has found: a word for each way."""
    kiosk = await Person.sit_down(browser, 1080, 1920)
    await kiosk.page.goto(running.kiosks["kiosk-pudong-1"])
    await kiosk.touch("line-check")
    await expect(kiosk.at("line-verdict")).to_be_visible()
    await expect(kiosk.at("line-status")).to_have_attribute("data-running", "false")
    ways = kiosk.page.locator("[data-testid^=path-]")
    words = {
        str(await one.get_attribute("data-testid")).removeprefix("path-"): str(await one.get_attribute("data-word"))
        for one in await ways.all()
    }
    return kiosk, words


async def test_every_way_is_tried_and_the_supervisor_sees_it(tmp_path: Path) -> None:
    """All four ways work here; the board has the kiosk's test, and the details at a touch."""
    async with (
        relay(tmp_path / "relay") as turn,
        product(tmp_path / "data", *turn.settings(turn.udp, turn.tcp, turn.tls)) as running,
        chromium(trust(turn.certificate)) as browser,
    ):
        kiosk, words = await checked(browser, running)
        assert list(words) == ["udp", "turn_udp", "turn_tcp", "turn_tls"]
        assert "none" not in words.values()
        await kiosk.touch("line-again")
        await expect(kiosk.at("line-status")).to_have_attribute("data-running", "true")
        await expect(kiosk.at("line-status")).to_have_attribute("data-running", "false")
        assert not kiosk.faults

        lead = await Person.sit_down(browser, 1920, 1080)
        await lead.signs_in(running.origin, "operations", "lead-pudong")
        own = lead.at("line-of-kiosk-pudong-1")
        await expect(own.get_by_test_id("line-verdict")).to_have_count(1)
        await own.get_by_role("button").click()
        await expect(own.get_by_test_id("path-turn_tls")).to_have_count(2)
        assert not lead.faults


async def test_a_hall_without_udp_is_told_which_way_is_left(tmp_path: Path) -> None:
    """Straight and by the relay over UDP nothing comes through; over TCP and TLS it does, and a talk is possible."""
    with hall(tmp_path) as place:
        place.rule(NO_UDP)
        async with (
            relay(tmp_path / "relay", place.host) as turn,
            product(tmp_path / "data", *turn.settings(turn.udp, turn.tcp, turn.tls), host=place.host) as running,
            chromium(trust(running.certificate, turn.certificate), program=str(place.chromium)) as browser,
        ):
            kiosk, words = await checked(browser, running)
            assert (words["udp"], words["turn_udp"]) == ("none", "none")
            assert words["turn_tcp"] != "none"
            assert words["turn_tls"] != "none"
            await expect(kiosk.at("line-verdict")).not_to_have_attribute("data-word", "none")


async def test_a_resident_who_touches_the_screen_has_the_line_alone(
    browser: Browser, running: Product, place: Place
) -> None:
    """The check that runs at the start ends at once; nothing of it is kept."""
    resident = await Person.sit_down(browser, 1080, 1920)
    await resident.takes_a_ticket(await address(running, place.kiosk), "social-card", place.region)
    await resident.sees("waiting")
    lead = await Person.sit_down(browser, 1920, 1080)
    await lead.signs_in(running.origin, "operations", place.lead)
    await expect(lead.at("kiosk-lines")).to_be_visible()
    await expect(lead.at(f"line-of-{place.kiosk}")).to_have_count(0)
