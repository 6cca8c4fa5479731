"""The film of a whole visit over a bad line, measured: how long it is, and how far its sounds are from its pictures."""

import asyncio
import json
import statistics
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, expect

from rvw.protocol.playback import Tile
from tests.browser.people import Person, with_business_page
from tests.browser.test_marks import drags, is_red
from tests.browser.test_media_forwarding import tell
from tests.browser.test_narrow_line import THROUGH, udp_port
from tests.browser.test_player import jumps, opened, shows
from tests.browser.test_recording import close, is_told, read, until
from tests.browser.test_share import BUSINESS, reads_the_screen
from tests.fakes.audience import beeps, flashes
from tests.fakes.product import product
from tests.network.link import Line, link

pytestmark = pytest.mark.alone

BAD = Line(0.025, 0.05)
"""One in twenty is lost, both ways."""

APART_S = 0.08
LENGTH_S = 0.5
TALK_S = 60.0

BEAT = """
navigator.mediaDevices.getUserMedia = async (wanted) => {
  const context = new AudioContext()
  await context.resume()
  const [sound, tone, gain] = [context.createMediaStreamDestination(), context.createOscillator(), context.createGain()]
  tone.frequency.value = 1000
  gain.gain.value = 0
  tone.connect(gain).connect(sound)
  tone.start()
  const canvas = Object.assign(document.createElement('canvas'), { width: 640, height: 480 })
  const pen = canvas.getContext('2d')
  let next = Math.ceil(context.currentTime + 0.5)
  let count = 0
  setInterval(() => {
    for (; next < context.currentTime + 2; next += 1) {
      gain.gain.setValueAtTime(0.5, next)
      gain.gain.setValueAtTime(0, next + 0.15)
    }
    pen.fillStyle = context.currentTime % 1 < 0.15 ? 'white' : 'black'
    pen.fillRect(0, 0, 640, 480)
    pen.fillStyle = (count += 1) % 2 ? '#333' : '#444'
    pen.fillRect(0, 470, 10, 10)
  }, 10)
  const tracks = [...(wanted.video ? canvas.captureStream(30).getVideoTracks() : []),
                  ...(wanted.audio ? sound.stream.getAudioTracks() : [])]
  return new MediaStream(tracks)
}
"""
"""Instead of a camera and a microphone: once a second a flash and a beep, at one moment of one clock."""


async def talks(person: Person, seconds: float) -> None:
    """Let so many seconds of the talk go by."""
    await person.page.evaluate("(wait) => new Promise((on) => setTimeout(on, 1000 * wait))", seconds)


async def probed(path: Path) -> dict[str, Any]:
    """Return what ffprobe says of a file."""
    words = ("ffprobe", "-v", "error", "-show_format", "-show_streams", "-of", "json", str(path))
    process = await asyncio.create_subprocess_exec(*words, stdout=asyncio.subprocess.PIPE)
    said, _ = await process.communicate()
    assert process.returncode == 0
    return dict(json.loads(said))


def offsets(film: BytesIO, heard: list[float], tile: Tile) -> list[float]:
    """Return by how much each beep comes after the flash in a tile, for those flashes that have one."""
    where = (slice(tile.y, tile.y + tile.height), slice(tile.x, tile.x + tile.width))
    seen = [flash for flash in flashes(film, where) if tile.begin + 0.3 < flash < tile.end - 0.3]
    pairs = [min((beep - flash for beep in heard), key=abs) for flash in seen]
    return [apart for apart in pairs if abs(apart) < 0.45]


async def test_the_film_of_a_visit_over_a_bad_line_is_in_step(browser: Browser, tmp_path: Path) -> None:
    """A minute with a mute, a screen with a mark, a hold and a reload, a twentieth lost: it is as long as the visit was.

    Its sounds are with its pictures, before and after each of those; the mark is there at its time.
    """
    async with (
        product(tmp_path / "data") as running,
        link(udp_port(running), BAD, BAD) as line,
        with_business_page(tmp_path / "officer", 1920, 1080, BUSINESS) as (officer, _),
    ):
        resident = await Person.sit_down(browser, 1080, 1920)
        through = THROUGH.replace("WORKER", str(udp_port(running))).replace("LINK", str(line.port))
        await resident.page.add_init_script(through + BEAT)
        await officer.signs_in(running.origin, "officer", "pudong1")
        await officer.touch("presence-ready")
        await resident.page.goto(running.kiosks["kiosk-pudong-1"])
        async with resident.page.expect_response("**/api/visits/*/ticket") as asked:
            await resident.chooses("social-card", "310115")
        visit = (await asked.value).url.split("/")[-2]
        await officer.touch("offer-accept")
        await is_told(officer, "running")
        began = asyncio.get_running_loop().time()
        await officer.touch("mute")  # its made-up microphone beeps, too

        await talks(officer, 10)
        await resident.touch("mute")
        await talks(officer, 5)
        await resident.touch("mute")
        await talks(officer, 5)
        await officer.touch("share")
        await reads_the_screen(resident)
        await talks(officer, 3)
        await officer.touch("ink-pen")
        await drags(officer, (0.55, 0.20), (0.85, 0.20))
        await expect(resident.at("mark")).to_have_count(1)
        await talks(officer, 5)
        await officer.touch("hold")
        await resident.sees("held")
        await talks(officer, 5)
        await officer.touch("resume")
        await is_told(officer, "running")
        await talks(officer, 8)
        await resident.page.reload()
        await resident.sees("live")
        await officer.sees_and_hears(1)
        await talks(officer, max(8.0, TALK_S + 1 - (asyncio.get_running_loop().time() - began)))
        lasted = asyncio.get_running_loop().time() - began
        await close(officer)

        recording = await until(running, visit, "composed")
        film = recording.film
        assert film is not None
        data = await read(running, visit, film.sha256)
        path = tmp_path / "film.mp4"
        path.write_bytes(data.getvalue())
        told = await probed(path)
        recorded = recording.spans[-1][1] - recording.spans[0][0]
        tell(f"talked {lasted:.1f} s, recorded {recorded:.2f} s, film {told['format']['duration']} s")
        assert lasted >= TALK_S
        assert {one["codec_name"] for one in told["streams"]} == {"h264", "aac"}
        for one in (told["format"], *told["streams"]):
            assert abs(float(one["duration"]) - recorded) <= LENGTH_S
        assert len(recording.spans) == 2, "the hold lies between"

        heard = beeps(data)
        tiles = [tile for tile in film.tiles if tile.actor == "kiosk-pudong-1" and tile.end - tile.begin > 4]
        assert len(tiles) >= 3, "before the screen, beside it, and after the hold"
        found = [offsets(data, heard, tile) for tile in tiles]
        for tile, apart in zip(tiles, found, strict=True):
            tell(f"{tile.begin:.1f}-{tile.end:.1f} s: {[round(1000 * one) for one in apart]} ms")
            assert len(apart) >= 2
            assert abs(statistics.median(apart)) <= APART_S
        every = [one for apart in found for one in apart]
        tell(f"{len(every)} beats, median {1000 * statistics.median(every):+.0f} ms")
        assert len(every) >= 25

        viewer = await opened(
            officer.page, officer.at("handover-receipt").locator("xpath=ancestor::section").locator(".record-link")
        )
        screen = next(tile for tile in film.tiles if tile.out == "share")
        await viewer.at("record-event").first.wait_for()
        await jumps(viewer, "drawn")
        await expect(viewer.at("mark")).to_have_count(1)
        picture = viewer.at("record-film")
        await shows(picture)
        middle = (screen.x + 0.70 * screen.width) / film.width
        assert await is_red(viewer, middle, (screen.y + 0.20 * screen.height) / film.height, picture)
        assert not await is_red(viewer, middle, (screen.y + 0.25 * screen.height) / film.height, picture)
        await viewer.page.screenshot(path=tmp_path / "film.png")
        assert not viewer.faults
