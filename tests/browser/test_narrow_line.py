"""The product's own pages where a resident's line carries sound and little more: said, heard, seen, over again."""

import json

from playwright.async_api import Browser, expect

from tests.browser.people import WAIT_MS, Person
from tests.browser.test_media_forwarding import tell
from tests.fakes.places import Place, address
from tests.fakes.product import Product
from tests.network.link import Line, link

FREE = Line(0.025)
NARROW = Line(0.025, rate_bps=110_000)
"""Below the 150 kbit/s that a picture needs."""

SOUND_FOR_MS = 6_000

THROUGH = """
const set = RTCPeerConnection.prototype.setRemoteDescription
RTCPeerConnection.prototype.setRemoteDescription = function (told) {
  return set.call(this, { type: told.type, sdp: told.sdp.replaceAll(' WORKER typ host', ' LINK typ host') })
}
"""
"""Sends the page over the link: nothing else in it knows."""

SOUND_AND_PICTURES = """
async (milliseconds) => {
  const sum = (stats, kind, what) =>
    stats.inbound.filter((one) => one.kind === kind).reduce((all, one) => all + (one[what] ?? 0), 0)
  const before = await window.rvwStats()
  await new Promise((on) => setTimeout(on, milliseconds))
  const after = await window.rvwStats()
  return [sum(after, 'audio', 'totalAudioEnergy') - sum(before, 'audio', 'totalAudioEnergy'),
          sum(after, 'video', 'framesDecoded') - sum(before, 'video', 'framesDecoded')]
}
"""


def udp_port(running: Product) -> int:
    """Return the port that the media worker has told its log."""
    lines = (json.loads(line) for line in running.log("media-1").splitlines() if line.startswith("{"))
    return [int(line["udp"]) for line in lines if line["event"] == "media worker ready"][-1]


async def changes(person: Person) -> None:
    """Wait for a still picture of the other, at least as wide as it is sent, and for the next, which is another."""
    still = person.at("still-picture")
    await expect(still).to_have_js_property("naturalWidth", 320, timeout=WAIT_MS)
    first = await still.get_attribute("src") or ""
    await expect(still).not_to_have_attribute("src", first, timeout=WAIT_MS)


async def test_a_line_that_is_too_narrow_for_a_picture_carries_sound(
    browser: Browser, running: Product, place: Place
) -> None:
    """Stills take the picture's place, both pages say so, sound goes on; on a free line the picture comes back."""
    async with link(udp_port(running), FREE, FREE) as line:
        officer = await Person.sit_down(browser, 1920, 1080)
        resident = await Person.sit_down(browser, 1080, 1920)
        await resident.page.add_init_script(
            THROUGH.replace("WORKER", str(udp_port(running))).replace("LINK", str(line.port))
        )
        await officer.signs_in(running.origin, "officer", place.officer)
        await officer.touch("presence-ready")
        await resident.takes_a_ticket(await address(running, place.kiosk), "social-card", place.region)
        await officer.touch("offer-accept")
        for person in (resident, officer):
            await person.sees("live")
            await person.sees_and_hears(1)

        line.down = NARROW
        await expect(resident.at("own-line")).to_have_attribute("data-paused", "true", timeout=WAIT_MS)
        heard, seen = await resident.page.evaluate(SOUND_AND_PICTURES, SOUND_FOR_MS)
        tell(f"at {NARROW.rate_bps} bit/s in {SOUND_FOR_MS} ms: sound {heard:.3f}, pictures {seen}")
        assert heard > 0
        assert seen < SOUND_FOR_MS / 1000
        await changes(resident)
        await expect(officer.at("line-word")).to_contain_text("每几秒一张的照片")
        await expect(officer.at("still-picture")).to_have_count(0)

        line.down = FREE
        await resident.sees_and_hears(1)
        await expect(resident.at("own-line")).to_have_count(0, timeout=WAIT_MS)
        await expect(resident.at("still-picture")).to_have_count(0)
        assert not resident.faults
