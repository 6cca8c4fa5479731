"""Marks drawn on one page are on the same place of the others, whatever their size; undo is one's own; all is seen late."""

import asyncio
import base64
import itertools
from pathlib import Path

from playwright.async_api import Browser, Locator, expect

from tests.browser.people import Person, with_business_page
from tests.browser.test_share import BUSINESS, reads_the_screen
from tests.fakes.places import Place, address
from tests.fakes.product import Product

COLOUR_AT = """
async ([png, x, y]) => {
  const image = new Image()
  image.src = `data:image/png;base64,${png}`
  await image.decode()
  const canvas = Object.assign(document.createElement('canvas'), { width: image.width, height: image.height })
  const drawing = canvas.getContext('2d')
  drawing.drawImage(image, 0, 0)
  const near = drawing.getImageData(Math.round(x) - 3, Math.round(y) - 3, 7, 7).data
  const pixels = Array.from({ length: 49 }, (_, at) => [near[4 * at], near[4 * at + 1], near[4 * at + 2]])
  const redness = ([red, green, blue]) => red - Math.max(green, blue)
  return pixels.sort((a, b) => redness(b) - redness(a))[0]
}
"""


async def spot(person: Person, x: float, y: float, picture: Locator | None = None) -> tuple[float, float]:
    """Return where on the page a place of the shared picture is (0 to 1 each way), reckoned from the video's own box."""
    video = picture or person.at("share-video")
    box = await video.bounding_box()
    assert box is not None
    width, height = await video.evaluate("v => [v.videoWidth, v.videoHeight]")
    scale = min(box["width"] / width, box["height"] / height)
    left = box["x"] + (box["width"] - width * scale) / 2
    top = box["y"] + (box["height"] - height * scale) / 2
    return left + x * width * scale, top + y * height * scale


async def drags(person: Person, start: tuple[float, float], end: tuple[float, float], steps: int = 25) -> None:
    """Press at one place of the picture, move to another, and let go."""
    await person.page.mouse.move(*await spot(person, *start))
    await person.page.mouse.down()
    await person.page.mouse.move(*await spot(person, *end), steps=steps)
    await person.page.mouse.up()


async def colour(person: Person, x: float, y: float, picture: Locator | None = None) -> list[int]:
    """Return the reddest pixel within three of a place of the picture, as it is on the screen.

    A picture that moved while it was photographed (a notice came above it) is photographed once it stands.
    """
    before, after, png = None, await spot(person, x, y, picture), b""
    while after != before:
        before, png = after, await person.page.screenshot()
        after = await spot(person, x, y, picture)
    found: list[int] = await person.page.evaluate(COLOUR_AT, [base64.b64encode(png).decode(), *after])
    return found


async def is_red(person: Person, x: float, y: float, picture: Locator | None = None) -> bool:
    """Tell whether there is red ink at a place."""
    red, green, blue = await colour(person, x, y, picture)
    return red > 150 and green < 110 and blue < 110


def marks(person: Person, by: str = "") -> Locator:
    """The marks that the page shows (of one author)."""
    return person.page.locator(f'[data-testid="mark"]{f"[data-by={by}]" if by else ""}')


async def all_see(
    people: tuple[Person, ...], red: tuple[tuple[float, float], ...], plain: tuple[tuple[float, float], ...]
) -> None:
    """Everybody has red ink at these places of the picture, and none at those."""
    for person in people:
        for x, y in red:
            assert await is_red(person, x, y), (x, y, person.page.viewport_size)
        for x, y in plain:
            assert not await is_red(person, x, y), (x, y, person.page.viewport_size)


async def all_have(people: tuple[Person, ...], count: int, by: str = "") -> None:
    """Everybody sees so many marks (of one author)."""
    for person in people:
        await expect(marks(person, by)).to_have_count(count)


async def points(person: Person, until: tuple[Person, ...]) -> None:
    """Move the laser about until the others have seen it."""

    async def move() -> None:
        for step in itertools.count():
            await person.page.mouse.move(*await spot(person, 0.3 + 0.2 * (step % 2), 0.7), steps=5)

    async with asyncio.TaskGroup() as tasks:
        moving = tasks.create_task(move())
        for other in until:
            await expect(other.at("pointer")).to_have_attribute("data-tool", "laser")
        moving.cancel()


async def test_marks_are_on_the_same_place_on_every_page(
    browser: Browser, running: Product, place: Place, tmp_path: Path
) -> None:
    """Officer and host draw on a shared screen; the resident when allowed; a late supervisor and a reload see the same."""
    async with (
        with_business_page(tmp_path / "officer", 1920, 1080, BUSINESS) as (officer, _),
    ):
        await officer.signs_in(running.origin, "officer", place.officer)
        await officer.touch("presence-ready")
        resident = await Person.sit_down(browser, 1080, 1920)
        await resident.takes_a_ticket(await address(running, place.kiosk), "social-card", place.region)
        await officer.touch("offer-accept")
        await resident.sees("live")
        host = await Person.sit_down(browser, 1280, 800)
        await host.signs_in(running.origin, "hall", place.host)
        await host.touch("join")
        await host.touch("consent-ask-yes")
        await officer.touch("share")
        everybody = (officer, resident, host)
        for person in (resident, host):
            await reads_the_screen(person)

        await officer.touch("ink-pen")
        await drags(officer, (0.55, 0.20), (0.85, 0.20))
        await all_have(everybody, 1, place.officer)
        await all_see(everybody, red=((0.70, 0.20),), plain=((0.70, 0.25), (0.50, 0.20)))
        await host.touch("ink-box")
        await drags(host, (0.60, 0.30), (0.80, 0.45))
        await all_have(everybody, 2)
        await all_see(everybody, red=((0.70, 0.30), (0.60, 0.37)), plain=((0.66, 0.35),))

        await host.touch("ink-undo")
        await all_have(everybody, 1)
        await all_have(everybody, 1, place.officer)
        await expect(host.at("ink-undo")).to_be_disabled()
        await host.touch("ink-redo")
        await all_have(everybody, 2)

        await officer.touch("ink-text")
        await officer.page.mouse.click(*await spot(officer, 0.60, 0.55))
        await officer.at("ink-words").wait_for()
        await officer.page.keyboard.insert_text("请在这里填写户籍地址")
        await officer.page.keyboard.press("Enter")
        await officer.touch("ink-stamp-sign")
        await officer.page.mouse.click(*await spot(officer, 0.70, 0.80))
        for person in everybody:
            await expect(marks(person).filter(has_text="请在这里填写户籍地址")).to_have_count(1)
            await expect(marks(person).filter(has_text="此处签字")).to_have_count(1)

        await expect(resident.at("ink-pen")).to_have_count(0)
        await officer.touch("ink-allow")
        await resident.touch("ink-pen")
        await drags(resident, (0.60, 0.65), (0.80, 0.65))
        await all_have(everybody, 1, place.kiosk)
        await all_see(everybody, red=((0.70, 0.65),), plain=())

        await officer.touch("ink-laser")
        await points(officer, until=(resident, host))
        for person in (resident, host):
            await expect(person.at("pointer")).to_have_count(0)
            await expect(marks(person)).to_have_count(5)

        supervisor = await Person.sit_down(browser, 1920, 1080)
        await supervisor.signs_in(running.origin, "operations", place.lead)
        await supervisor.page.locator('[data-testid^="join-"]').first.click()
        await reads_the_screen(supervisor)
        await host.page.reload()
        await reads_the_screen(host)
        await all_have((supervisor, host), 5)
        await all_see((supervisor, host), red=((0.70, 0.30), (0.70, 0.65)), plain=((0.66, 0.35),))

        await officer.touch("ink-clear")
        await all_have((*everybody, supervisor), 0)
        assert [person.faults for person in (*everybody, supervisor)] == [[], [], [], []]
