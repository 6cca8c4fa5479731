"""An officer sees and hears herself before she says that she is ready."""

from playwright.async_api import Browser, expect

from tests.browser.people import Person
from tests.fakes.places import Place
from tests.fakes.product import Product

MICROPHONES = """
const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices)
window.got = []
navigator.mediaDevices.getUserMedia = async (wanted) => {
  const stream = await ask(wanted)
  window.got.push(...stream.getTracks())
  return stream
}
"""
"""Keeps what the page was given by camera and microphone."""


async def test_an_officer_sees_and_hears_herself(browser: Browser, running: Product, place: Place) -> None:
    """Picture and sound come back from the server; closing gives the camera back, and so does going ready."""
    officer = await Person.sit_down(browser, 1920, 1080)
    await officer.page.add_init_script(MICROPHONES)
    await officer.signs_in(running.origin, "officer", place.officer)
    for way_out in ("self-test-close", "presence-ready"):
        await officer.touch("self-test-open")
        for device in ("camera", "mic"):
            await expect(officer.at(f"self-test-{device}")).to_have_attribute("data-good", "true")
        await officer.touch(way_out)
        await expect(officer.at("self-test")).to_have_count(0)
        states = await officer.page.evaluate("window.got.map((track) => track.readyState)")
        assert set(states) == {"ended"}
    assert not officer.faults


async def test_without_a_camera_sound_is_tried_alone(browser: Browser, running: Product, place: Place) -> None:
    """What is missing is said, with what it means; the voice is still heard."""
    officer = await Person.sit_down(browser, 1920, 1080)
    await officer.page.add_init_script("""
        const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices)
        navigator.mediaDevices.getUserMedia = (wanted) =>
          wanted.video ? Promise.reject(new DOMException('', 'NotFoundError')) : ask(wanted)
    """)
    await officer.signs_in(running.origin, "officer", place.officer)
    await officer.touch("self-test-open")
    await expect(officer.at("self-test-camera")).to_contain_text("没有找到摄像头")
    await expect(officer.at("self-test-mic")).to_have_attribute("data-good", "true")
    assert not officer.faults
