"""A visit that is over is watched: by whom it may be, with its marks at their time, and not without being written down."""

import time
from pathlib import Path

import httpx2
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Locator, Page, expect

from rvw.settings import load
from signaling.recordings.tickets import TICKET_S, FileTickets
from signaling.tenancy import signing_secret
from tests.browser.people import WAIT_MS, Person, face_to_face, with_business_page
from tests.browser.test_marks import drags, is_red
from tests.browser.test_papers import drags as draws
from tests.browser.test_papers import is_red as paper_is_red
from tests.browser.test_papers import sheet, token_of
from tests.browser.test_recording import close, is_told, until, watches
from tests.browser.test_share import BUSINESS, reads_the_screen
from tests.fakes import papers
from tests.fakes.films import DRAWN, ERASED, HELD, RESUMED, SECONDS, People, file_visit, kept
from tests.fakes.places import Place, address
from tests.fakes.product import Product
from tests.fakes.sender import Sender

POSITION = "() => Number(document.querySelector('[data-testid=record-slider]').value)"

REACHED = """
([position, waitMs]) => new Promise((done, failed) => {
  const until = performance.now() + waitMs
  const look = () => {
    const now = Number(document.querySelector('[data-testid=record-slider]').value)
    if (now >= position) {
      const playing = [...document.querySelectorAll('video, audio')].filter((one) => !one.paused)
      done([now, playing.map((one) => one.currentTime)])
    }
    else if (performance.now() > until) failed(new Error(`stands at ${now}`))
    else requestAnimationFrame(look)
  }
  look()
})
"""
"""Waits until the position is there, and returns it with the times of the files that play at that moment."""

SHOWN = """
(video) => new Promise((done) => {
  const look = () => (video.readyState >= 2 && !video.seeking ? done() : requestAnimationFrame(look))
  look()
})
"""


def people_of(place: Place) -> People:
    """Return who took part, of a place."""
    hall = f"hall-{place.desk}"
    return People(place.desk, place.region, place.kiosk, hall, place.officer, place.host)


async def position(person: Person) -> float:
    """Return where in the recording the page is."""
    found: float = await person.page.evaluate(POSITION)
    return found


async def reaches(person: Person, wanted: float) -> tuple[float, list[float]]:
    """Wait until playing has come so far, and return how far it has, and where each file that plays is then."""
    reached, playing = await person.page.evaluate(REACHED, [wanted, WAIT_MS])
    return reached, playing


async def jumps(person: Person, event: str, number: int = 0) -> None:
    """Touch what has happened, in the list."""
    await person.page.locator(f'[data-testid="record-event"][data-event="{event}"]').nth(number).click()


async def shows(picture: Locator) -> None:
    """Wait until a picture is there, and is the one of the clock's moment."""
    await expect(picture).to_be_visible()
    await picture.evaluate(SHOWN)


async def noted(running: Product, visit: str) -> list[tuple[str, str, str]]:
    """Return what the audit log says of a visit: who did what."""
    async with kept(running) as (store, _, _):
        return [(one.actor, one.did, one.what) for one in await store.trail.of(visit, 100)]


async def opened(page: Page, link: Locator) -> Person:
    """Touch a link that opens beside the page, and return who looks at what opens."""
    async with page.context.expect_page() as beside:
        await link.click()
    return Person(await beside.value)


async def test_a_visit_is_watched_by_its_officer_and_supervisor(
    browser: Browser, running: Product, place: Place, tmp_path: Path
) -> None:
    """A real talk with a screen, a mark and chat is closed, and a film is made of it: the receipt leads there.

    The mark is on the screen's place in the film at its time. A colleague is refused, the supervisor comes by the board,
    and both looks are in the audit log.
    """
    async with with_business_page(tmp_path / "officer", 1920, 1080, BUSINESS) as (officer, _):
        await officer.signs_in(running.origin, "officer", place.officer)
        await officer.touch("presence-ready")
        resident = await Person.sit_down(browser, 1080, 1920)
        await resident.page.goto(await address(running, place.kiosk))
        async with resident.page.expect_response("**/api/visits/*/ticket") as asked:
            await resident.chooses("social-card", place.region)
        visit = (await asked.value).url.split("/")[-2]
        lead = await Person.sit_down(browser, 1920, 1080)
        await lead.signs_in(running.origin, "operations", place.lead)
        await officer.touch("offer-accept")
        await is_told(officer, "running")
        await officer.writes("请看屏幕上的第三项")
        await officer.touch("share")
        await reads_the_screen(resident)
        await watches(resident, "share-video", 2)  # there is a time before the mark
        await officer.touch("ink-pen")
        await drags(officer, (0.55, 0.20), (0.85, 0.20))
        await expect(resident.at("mark")).to_have_count(1)
        await watches(resident, "share-video", 2)
        await close(officer)
        recording = await until(running, visit, "composed")
        assert recording.film is not None
        screens = [tile for tile in recording.film.tiles if tile.out == "share"]
        assert [tile.actor for tile in screens] == [place.officer]

        def on_screen(x: float, y: float) -> tuple[float, float]:
            """Return where in the film a point of the screen is."""
            tile, film = screens[0], recording.film
            assert film is not None
            return (tile.x + x * tile.width) / film.width, (tile.y + y * tile.height) / film.height

        viewer = await opened(
            officer.page, officer.at("handover-receipt").locator("xpath=ancestor::section").locator(".record-link")
        )
        film = viewer.at("record-film")
        await viewer.at("record-event").first.wait_for()
        await expect(viewer.at("watermark")).to_contain_text(place.officer)
        await jumps(viewer, "drawn")
        await expect(viewer.at("mark")).to_have_count(1)
        await shows(film)
        assert await is_red(viewer, *on_screen(0.70, 0.20), film)
        assert not await is_red(viewer, *on_screen(0.70, 0.25), film)
        drawn = await position(viewer)
        await viewer.at("record-slider").fill(f"{drawn - 1:.1f}")
        await expect(viewer.at("mark")).to_have_count(0)
        await shows(film)
        assert not await is_red(viewer, *on_screen(0.70, 0.20), film)
        await viewer.touch("record-play")
        _, playing = await reaches(viewer, drawn + 0.2)
        await expect(viewer.at("mark")).to_have_count(1)
        assert len(playing) == 1, "the film, and nothing beside it"

        await viewer.at("record-search").fill("第三项")
        await expect(viewer.at("record-event")).to_have_count(1)
        await viewer.at("record-search").press("Enter")
        await expect(viewer.at("mark")).to_have_count(0)

        colleague = await Person.sit_down(browser, 1920, 1080)
        await colleague.signs_in(running.origin, f"record/{visit}", place.colleague)
        await expect(colleague.at("record-told")).to_have_attribute("data-fault", "not_found")

        await lead.touch(f"detail-{visit}")
        supervisor = await opened(lead.page, lead.at(f"record-{visit}"))
        await supervisor.page.locator("video").first.wait_for(state="attached")
        await expect(supervisor.at("watermark")).to_contain_text(place.lead)
        looks = await noted(running, visit)
        for who in (place.officer, place.lead):
            assert {(who, "saw", "dossier 2"), (who, "saw", "recording")} <= set(looks)
        assert place.colleague not in {who for who, _, _ in looks}
        assert [one.faults for one in (officer, resident, viewer, colleague, supervisor)] == [[]] * 5


async def test_a_film_is_watched_with_its_marks_by_keyboard_and_touch(
    browser: Browser, running: Product, place: Place, tmp_path: Path
) -> None:
    """There is a film of all: the mark lies on its tile from its time until it is erased; the hold is passed over."""
    visit = f"film{place.number}"
    await file_visit(running, tmp_path, visit, people_of(place), film=True)
    officer = await Person.sit_down(browser, 1920, 1080)
    await officer.signs_in(running.origin, f"record/{visit}", place.officer)
    film = officer.at("record-film")
    await shows(film)
    await expect(officer.page.locator("video")).to_have_count(1)

    await jumps(officer, "share_started")
    await shows(film)
    assert await position(officer) < DRAWN
    assert not await is_red(officer, 0.375, 0.5, film)
    await jumps(officer, "drawn")
    await expect(officer.at("mark")).to_have_count(1)
    await shows(film)
    assert await is_red(officer, 0.375, 0.5, film)
    await officer.page.keyboard.press("n")
    await jumps(officer, "erased")
    await expect(officer.at("mark").filter(has_text="这里填户籍地址")).to_have_count(1)
    assert await position(officer) >= ERASED - 0.1
    assert not await is_red(officer, 0.375, 0.5, film)

    await jumps(officer, "paper_accepted")
    await officer.at("record-speed").select_option("2")
    await officer.page.locator("h1").click()
    await officer.page.keyboard.press("k")
    began = time.monotonic()
    reached, _ = await reaches(officer, HELD + 0.5)
    assert reached >= RESUMED - 0.1, "nobody watches a hold"
    assert time.monotonic() - began < 4, "four seconds at twice the speed, and nothing of the hold's eight"
    await officer.page.keyboard.press("k")
    await expect(officer.at("record-play")).to_have_attribute("data-playing", "false")
    before = await position(officer)
    await officer.page.keyboard.press("ArrowLeft")
    assert abs(await position(officer) - (before - 5)) < 0.3
    await officer.page.keyboard.press("End")
    assert abs(await position(officer) - SECONDS) < 0.3

    await officer.touch("record-kind-papers")
    await expect(officer.at("record-event")).to_have_count(2)
    await officer.touch("record-kind-papers")
    await officer.at("record-search").fill("身份证 认可")
    await expect(officer.at("record-event")).to_have_count(1)
    await officer.at("record-search").press("k")
    await expect(officer.at("record-play")).to_have_attribute("data-playing", "false")
    await officer.at("record-search").fill("")
    for language in ("中文", "English"):
        await officer.page.get_by_role("button", name=language).click()
        found = await Axe().run(officer.page)
        assert not found.response["violations"], found.generate_report()
    assert officer.faults == []


async def test_files_are_had_by_ticket_alone(browser: Browser, running: Product, place: Place, tmp_path: Path) -> None:
    """Each party's files, while there is no film: in parts with a ticket; not after its time, and to no one else."""
    visit = f"tracks{place.number}"
    await file_visit(running, tmp_path, visit, people_of(place), film=False)
    lead = await Person.sit_down(browser, 1920, 1080)
    async with lead.page.expect_response(f"**/api/records/{visit}/viewings") as asked:
        await lead.signs_in(running.origin, f"record/{visit}", place.lead)
    viewing = await (await asked.value).json()
    await expect(lead.page.locator("video")).to_have_count(3)
    await jumps(lead, "drawn")
    screen = lead.at("record-share").locator("video")
    await shows(screen)
    assert await is_red(lead, 0.5, 0.5, screen)
    await lead.touch("record-play")
    _, playing = await reaches(lead, DRAWN + 1)
    assert len(playing) == 5, "two voices, two faces, a screen"
    assert max(playing) - min(playing) < 0.2

    url, sha256 = viewing["files"][0]["url"], viewing["files"][0]["sha256"]
    settings = load("", {}, {"store.data": str(running.data), "security.demo": "true"})
    stale = FileTickets(signing_secret(settings), lambda: time.time() - TICKET_S - 1)
    over = url.split("?")[0] + "?" + stale.query(visit, sha256, place.lead, stale.until())
    async with httpx2.AsyncClient(base_url=running.origin, trust_env=False) as http:
        part = await http.get(url, headers={"range": "bytes=0-99"})
        assert (part.status_code, len(part.content)) == (206, 100)
        assert part.headers["x-content-type-options"] == "nosniff"
        assert part.headers["cache-control"] == "no-store"
        for refused in (over, url.split("?")[0], url.replace(place.lead, place.colleague)):
            answer = await http.get(refused)
            assert answer.status_code in (400, 401), refused
        assert (await http.get(over)).json()["code"] == "not_signed_in"
    assert lead.faults == []


async def test_a_page_that_all_looked_at_is_seen_with_its_marks(browser: Browser, running: Product, place: Place) -> None:
    """A page is shown, drawn on, turned and put away: the player shows it from then until then, turned, with its marks."""
    resident, officer, visit = await face_to_face(browser, running, place)
    await is_told(officer, "running")
    async with Sender(running.origin, await token_of(resident), visit) as hands_in:
        page = await hands_in.send(papers.jpeg(papers.page(3264, 2448, "LEASE")), title="合同")
    await officer.touch("work-papers")
    await officer.touch(f"thumb-{page.page}-0")
    await officer.touch("show-page")
    await expect(sheet(resident)).to_have_attribute("data-loaded", "true")
    await officer.touch("ink-pen")
    await draws(officer, (0.55, 0.20), (0.85, 0.20))
    await expect(resident.at("mark")).to_have_count(1)
    await officer.touch("ink-laser")
    await officer.touch("page-turn")
    await expect(resident.at("mark")).to_have_count(0)
    await officer.touch("hide-page")
    await expect(resident.at("shown-page")).to_have_count(0)
    await close(officer)
    await until(running, visit, "collected", "composed")

    viewer = await Person.sit_down(browser, 1920, 1080)
    await viewer.signs_in(running.origin, f"record/{visit}", place.officer)
    picture = viewer.at("record-page")
    async with viewer.page.expect_response(lambda told: told.headers.get("content-type") == "image/jpeg") as asked:
        await jumps(viewer, "page_shown")
    assert (await asked.value).ok
    await expect(viewer.at("record-paper")).to_have_attribute("data-kept", "true")
    await expect(viewer.at("mark")).to_have_count(0)
    await jumps(viewer, "drawn")
    await expect(viewer.at("mark")).to_have_count(1)
    assert await paper_is_red(viewer, 0.70, 0.20, picture)
    assert not await paper_is_red(viewer, 0.70, 0.25, picture)
    upright = await picture.bounding_box()
    await jumps(viewer, "page_shown", 1)
    await expect(viewer.at("mark")).to_have_count(0)
    turned = await picture.bounding_box()
    assert upright is not None
    assert turned is not None
    assert upright["width"] > upright["height"]
    assert turned["height"] > turned["width"]
    await jumps(viewer, "page_hidden")
    await expect(viewer.at("record-paper")).to_have_count(0)
    assert [one.faults for one in (officer, resident, viewer)] == [[], [], []]
