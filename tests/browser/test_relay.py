"""A hall whose network lets nothing out but TLS: real pages, Debian's coturn with the shipped configuration, one call."""

from pathlib import Path
from typing import Any

from playwright.async_api import Browser

from tests.browser.people import Person, chromium
from tests.fakes.product import Product, product
from tests.fakes.relay import relay, trust


async def ways(person: Person) -> tuple[dict[str, Any], str, list[str]]:
    """Return the way that packets go, the page's policy, and the relays it was told of."""
    stats = await person.page.evaluate("window.rvwStats()")
    return stats["path"], stats["policy"], stats["relays"]


async def call(browser: Browser, running: Product) -> tuple[Person, Person]:
    """A resident and an officer are in a visit, and see and hear each other."""
    officer = await Person.sit_down(browser, 1920, 1080)
    resident = await Person.sit_down(browser, 1080, 1920)
    await officer.signs_in(running.origin, "officer", "pudong1")
    await officer.touch("presence-ready")
    await resident.takes_a_ticket(running.kiosks["kiosk-pudong-1"], "social-card", "310115")
    await officer.touch("offer-accept")
    for person in (resident, officer):
        await person.sees("live")
        await person.sees_and_hears(1)
    return resident, officer


async def test_a_call_goes_by_tls_alone(tmp_path: Path) -> None:
    """The deployment's policy is relays only, and the only relay speaks TLS on a TCP port."""
    async with (
        relay(tmp_path / "relay") as turn,
        product(tmp_path / "data", *turn.settings(turn.tls, only=True)) as running,
        chromium(trust(turn.certificate)) as browser,
    ):
        for person in await call(browser, running):
            path, policy, relays = await ways(person)
            assert (path["type"], path["protocol"]) == ("relay", "tls")
            assert (policy, relays) == ("relay", [turn.tls])
            assert not person.faults


async def test_with_relays_named_the_straight_way_is_still_taken(tmp_path: Path) -> None:
    """Nobody pays for a relay who does not need one."""
    async with (
        relay(tmp_path / "relay") as turn,
        product(tmp_path / "data", *turn.settings(turn.udp, turn.tcp, turn.tls)) as running,
        chromium(trust(turn.certificate)) as browser,
    ):
        for person in await call(browser, running):
            path, policy, relays = await ways(person)
            assert path["type"] in ("host", "prflx")
            assert path["protocol"] == "udp"
            assert (policy, relays) == ("all", [turn.udp, turn.tcp, turn.tls])
