"""Papers at the desk and in the hall: looked at, sent back with the reason, accepted, shown to all and drawn on."""

import base64
from pathlib import Path

import pypdfium2
from playwright.async_api import Browser, Locator, expect

from tests.browser.people import Person, face_to_face
from tests.browser.test_endings import link_of
from tests.browser.test_marks import COLOUR_AT, all_have
from tests.fakes import papers
from tests.fakes.places import Place
from tests.fakes.product import Product
from tests.fakes.sender import Sender

FRONT = papers.jpeg(papers.page(3264, 2448, "FRONT"))
BACK = papers.jpeg(papers.page(1240, 1754, "BACK"))


async def three(browser: Browser, running: Product, place: Place) -> tuple[Person, Person, Person, str]:
    """Return resident, officer and host in a talk about a social security card, and the visit."""
    resident, officer, visit = await face_to_face(browser, running, place)
    host = await Person.sit_down(browser, 1280, 800)
    await host.signs_in(running.origin, "hall", place.host)
    await host.touch("join")
    await host.touch("consent-ask-yes")
    for person in (officer, host):
        await person.touch("work-papers")
    return resident, officer, host, visit


async def token_of(person: Person) -> str:
    """Return what the page says who it is with."""
    return str(
        await person.page.evaluate(
            "JSON.parse(sessionStorage.getItem('rvw.session') ?? localStorage.getItem('rvw.session')).token"
        )
    )


def sheet(person: Person) -> Locator:
    """The page that the person looks at, exactly as large as it is seen."""
    return person.at("page-sheet").first


async def spot(person: Person, x: float, y: float, page: Locator | None = None) -> tuple[float, float]:
    """Return where on the screen a place of the page is (0 to 1 each way)."""
    box = await (page or sheet(person)).bounding_box()
    assert box is not None
    return box["x"] + x * box["width"], box["y"] + y * box["height"]


async def drags(person: Person, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Press at one place of the page, move to another, and let go."""
    await person.page.mouse.move(*await spot(person, *start))
    await person.page.mouse.down()
    await person.page.mouse.move(*await spot(person, *end), steps=25)
    await person.page.mouse.up()


async def is_red(person: Person, x: float, y: float, page: Locator | None = None) -> bool:
    """Tell whether there is red ink within three pixels of a place of the page, on the person's screen.

    A page that moved while it was photographed (a notice came above it) is photographed once it stands.
    """
    before, after, shot = None, await spot(person, x, y, page), b""
    while after != before:
        before, shot = after, await person.page.screenshot()
        after = await spot(person, x, y, page)
    found = await person.page.evaluate(COLOUR_AT, [base64.b64encode(shot).decode(), *after])
    red, green, blue = found
    return bool(red > 150 and green < 110 and blue < 110)


async def stands(people: tuple[Person, ...], material: str, stand: str) -> None:
    """All of them read that a paper stands like this."""
    for person in people:
        await expect(person.at(f"paper-{material}")).to_have_attribute("data-stand", stand)


async def test_a_paper_is_sent_back_taken_again_and_accepted(browser: Browser, running: Product, place: Place) -> None:
    """Officer and clerk see the same list; a page is looked at closely, sent back with the reason, and accepted anew."""
    resident, officer, host, visit = await three(browser, running, place)
    desk = (officer, host)
    await stands(desk, "identity-card", "missing")
    await lacks(officer, "materials", True)
    await officer.touch("ask-identity-card")
    await expect(host.at("paper-wanted")).to_contain_text("居民身份证")

    async with Sender(running.origin, await token_of(resident), visit) as hands_in:
        first = await hands_in.send(FRONT, title="正面")
        await stands(desk, "identity-card", "there")
        await expect(host.at("paper-wanted")).to_have_count(0)
        await expect(officer.at("accept-identity-card")).to_be_visible()
        await expect(host.at("accept-identity-card")).to_have_count(0)

        await officer.touch(f"thumb-{first.page}-0")
        await expect(sheet(officer)).to_have_attribute("data-loaded", "true")
        await expect(officer.at("seen-by")).to_contain_text("只有您在看")
        await looks_closely(officer)

        await officer.touch("viewer-return-identity-card")
        await officer.touch("return-reason-blurred")
        await officer.touch("return-confirm")
        await stands(desk, "identity-card", "returned")
        for person in desk:
            await expect(person.at("return-seen")).to_contain_text("看不清")

        await hands_in.send(BACK, title="背面", page=first.page)
        await stands(desk, "identity-card", "there")
        await officer.at("page-title").fill("人像面")
        await officer.touch("page-keep")
        await expect(host.at(f"thumb-{first.page}-0")).to_have_attribute("title", "居民身份证 · 人像面，第 1 页")
        await officer.touch("accept-identity-card")
        await stands(desk, "identity-card", "accepted")
        await expect(host.at("papers-count")).to_contain_text("1/1")
    await lacks(officer, "materials", False)
    assert [person.faults for person in (resident, officer, host)] == [[], [], []]


async def lacks(officer: Person, what: str, there: bool) -> None:
    """The form of the outcome says that this is missing for an acceptance, or says it no more."""
    await officer.touch("close-visit")
    await officer.touch("close-outcome-accepted")
    await officer.at("lacks-identity").wait_for()
    await expect(officer.at(f"lacks-{what}")).to_have_count(int(there))
    await officer.page.keyboard.press("Escape")


async def looks_closely(officer: Person) -> None:
    """Larger, until the file itself is fetched; turned; and whole again."""
    whole = await sheet(officer).bounding_box()
    for _ in range(6):
        await officer.touch("zoom-in")
    await expect(sheet(officer)).to_have_attribute("data-sharp", "true")
    large = await sheet(officer).bounding_box()
    assert whole is not None
    assert large is not None
    assert large["width"] > 5 * whole["width"]
    await officer.touch("zoom-whole")
    await officer.touch("page-turn")
    await expect(sheet(officer)).to_have_attribute("data-turn", "90")
    turned = await sheet(officer).bounding_box()
    assert turned is not None
    assert turned["height"] > turned["width"]
    assert whole["width"] > whole["height"]


async def test_all_look_at_a_page_and_draw_on_the_same_word(browser: Browser, running: Product, place: Place) -> None:
    """The officer shows a page: resident, clerk and a late supervisor see every mark in its place, until it is hidden."""
    resident, officer, host, visit = await three(browser, running, place)
    async with Sender(running.origin, await token_of(resident), visit) as hands_in:
        front = await hands_in.send(FRONT, title="正面")
        back = await hands_in.send(BACK, title="背面")
    await officer.touch(f"thumb-{front.page}-0")
    await officer.touch("side-by-side")
    await expect(officer.at("page-sheet")).to_have_count(2)
    await officer.touch("side-by-side")
    await officer.touch(f"strip-{back.page}-0")
    await expect(resident.at("shown-page")).to_have_count(0)
    await officer.touch("show-page")
    await expect(officer.at("seen-by")).to_contain_text("大家")
    everybody = (resident, officer, host)
    for person in everybody:
        await expect(sheet(person)).to_have_attribute("data-loaded", "true")

    await officer.touch("ink-pen")
    await drags(officer, (0.55, 0.20), (0.85, 0.20))
    await host.touch("ink-box")
    await drags(host, (0.20, 0.50), (0.60, 0.70))
    await all_have(everybody, 2)
    supervisor = await Person.sit_down(browser, 1920, 1080)
    await supervisor.signs_in(running.origin, "operations", place.lead)
    await supervisor.page.locator('[data-testid^="join-"]').first.click()
    await supervisor.touch("consent-ask-yes")
    await expect(sheet(supervisor)).to_have_attribute("data-loaded", "true")
    await host.page.reload()
    await expect(sheet(host)).to_have_attribute("data-loaded", "true")
    await all_have((*everybody, supervisor), 2)
    for person in (*everybody, supervisor):
        for x, y in ((0.70, 0.20), (0.20, 0.60), (0.40, 0.70)):
            assert await is_red(person, x, y), (x, y, person.page.viewport_size)
        for x, y in ((0.70, 0.25), (0.40, 0.60)):
            assert not await is_red(person, x, y), (x, y, person.page.viewport_size)

    await officer.touch("ink-laser")
    await officer.touch("page-turn")
    await all_have(everybody, 0)
    await officer.touch("hide-page")
    for person in (resident, host, supervisor):
        await expect(person.at("shown-page")).to_have_count(0)
    await resident.at("remote-video").wait_for()
    assert [person.faults for person in (*everybody, supervisor)] == [[], [], [], []]


async def test_a_guest_and_the_hall_see_the_page_with_its_marks(browser: Browser, running: Product, place: Place) -> None:
    """Who came by a link sees the shown page and every mark in its place, and draws nothing; the hall ends it for all."""
    resident, officer, host, visit = await three(browser, running, place)
    async with Sender(running.origin, await token_of(resident), visit) as hands_in:
        front = await hands_in.send(FRONT, title="正面")
    await officer.touch("invite")
    await officer.at("guest-for").fill("手语翻译")
    await officer.touch("guest-make")
    guest = await Person.sit_down(browser, 1280, 800)
    await guest.page.goto(await officer.at("guest-url").inner_text())
    await guest.at("join-name").fill("金示例")
    await guest.touch("join-enter")
    await guest.sees("live")
    await guest.touch("consent-ask-yes")
    await officer.page.keyboard.press("Escape")
    await officer.touch(f"thumb-{front.page}-0")
    await officer.touch("show-page")
    everybody = (resident, officer, host, guest)
    for person in everybody:
        await expect(sheet(person)).to_have_attribute("data-loaded", "true")
    await officer.touch("ink-pen")
    await drags(officer, (0.55, 0.20), (0.85, 0.20))
    await all_have(everybody, 1)
    await host.touch("ink-box")
    await drags(host, (0.20, 0.50), (0.60, 0.70))
    await all_have(everybody, 2)
    for person in everybody:
        for x, y in ((0.70, 0.20), (0.20, 0.60), (0.40, 0.70)):
            assert await is_red(person, x, y), (x, y, person.page.viewport_size)
        assert not await is_red(person, 0.40, 0.60), person.page.viewport_size
    await expect(guest.at("ink-pen")).to_have_count(0)
    await host.touch("shown-hide")
    for person in (resident, host, guest):
        await expect(person.at("shown-page")).to_have_count(0)
    assert [person.faults for person in everybody] == [[], [], [], []]


async def test_what_is_missing_is_told_once_in_writing(browser: Browser, running: Product, place: Place) -> None:
    """The clerk uploads the wrong paper; the officer gives the notice while writing the outcome; the PDF says it all."""
    resident, officer, host, visit = await three(browser, running, place)
    await host.at("file-identity-card").set_input_files({"name": "card.jpg", "mimeType": "image/jpeg", "buffer": BACK})
    await stands((officer, host), "identity-card", "there")
    await officer.touch("return-identity-card")
    await officer.touch("return-reason-wrong")
    await officer.touch("return-confirm")
    await stands((officer, host), "identity-card", "returned")

    await officer.touch("close-visit")
    await officer.touch("close-outcome-returned")
    await officer.at("lacks-notice").wait_for()
    dialog = officer.page.get_by_role("dialog")
    await dialog.get_by_test_id("notice-note").fill("周三下午不办理")
    await dialog.get_by_test_id("notice-give").click()
    await expect(officer.at("lacks-notice")).to_have_count(0)
    await officer.page.keyboard.press("Escape")
    for person in (officer, host):
        await expect(person.at("notice-given")).to_contain_text("缺 1 项")
        async with person.page.expect_download() as saved:
            await person.page.locator('[data-testid^="notice-file-"]').click()
        download = await saved.value
        assert download.suggested_filename.startswith("一次性告知单-")
        read = words(await download.path())
        for one in ("一次性告知单", "居民身份证", "不是需要的材料", "周三下午不办理"):
            assert one in read

    await officer.touch("close-visit")
    await officer.touch("close-outcome-returned")
    await officer.touch("close-confirm")
    await expect(resident.at("summary")).to_contain_text("不是需要的材料")
    phone = await Person.sit_down(browser, 390, 844)
    await phone.page.goto(await link_of(running, resident, visit))
    async with phone.page.expect_download() as saved:
        await phone.touch("notice-pdf")
    assert "周三下午不办理" in words(await (await saved.value).path())
    assert [person.faults for person in (resident, officer, host)] == [[], [], []]


def words(pdf: Path) -> str:
    """Return what can be read in a PDF, without white space."""
    return "".join("".join(page.get_textpage().get_text_bounded().split()) for page in pypdfium2.PdfDocument(pdf))
