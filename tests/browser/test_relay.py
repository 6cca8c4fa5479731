"""A hall whose network lets nothing out but TLS: real pages, Debian's coturn with the shipped configuration, one call."""

from pathlib import Path
from typing import Any

from playwright.async_api import Browser

from tests.browser.people import Person, chromium
from tests.fakes.product import Product, product
from tests.fakes.relay import relay, trust

OFFERS = """
const made = RTCPeerConnection
window.asked = []
window.RTCPeerConnection = class extends made {
  constructor(configuration) { super(configuration); window.asked.push(this.getConfiguration()) }
}
"""
"""Keeps what the page asked its connections to do."""


async def ways(person: Person) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return the way that packets go, and what the page asked of its connections."""
    stats = await person.page.evaluate("window.rvwStats()")
    return stats["path"], await person.page.evaluate("window.asked")


async def call(browser: Browser, running: Product) -> tuple[Person, Person]:
    """A resident and an officer are in a visit, and see and hear each other."""
    officer = await Person.sit_down(browser, 1920, 1080)
    resident = await Person.sit_down(browser, 1080, 1920)
    for person in (officer, resident):
        await person.page.add_init_script(OFFERS)
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
            path, asked = await ways(person)
            assert (path["type"], path["protocol"]) == ("relay", "tls")
            assert {one["iceTransportPolicy"] for one in asked} == {"relay"}
            assert {url for one in asked for server in one["iceServers"] for url in server["urls"]} == {turn.tls}
            assert not person.faults


async def test_with_relays_named_the_straight_way_is_still_taken(tmp_path: Path) -> None:
    """Nobody pays for a relay who does not need one."""
    async with (
        relay(tmp_path / "relay") as turn,
        product(tmp_path / "data", *turn.settings(turn.udp, turn.tcp, turn.tls)) as running,
        chromium(trust(turn.certificate)) as browser,
    ):
        for person in await call(browser, running):
            path, asked = await ways(person)
            assert path["type"] in ("host", "prflx")
            assert path["protocol"] == "udp"
            assert all(len(one["iceServers"]) == len((turn.udp, turn.tcp, turn.tls)) for one in asked)
