"""Papers at a kiosk with devices: the bridge's camera, licences instead of paper, the notice printed, a page taken out."""

import asyncio
import hashlib

from playwright.async_api import Browser, expect

from rvw.cli.devices.pictures import paper
from tests.browser.kiosk_devices import MASKED, WANG, Hall, Scene, shows_card, talk
from tests.browser.people import Person
from tests.browser.test_endings import link_of
from tests.browser.test_handing_in import step
from tests.browser.test_papers import stands, token_of, words
from tests.fakes import papers
from tests.fakes.places import Place
from tests.fakes.sender import Sender

CAMERAS = "video => video.srcObject.getTracks().filter((one) => one.readyState === 'live').length"


async def both_at_papers(scene: Scene) -> None:
    """Both have the papers before them."""
    for person in scene.everybody:
        await person.touch("work-papers")


async def test_the_camera_of_the_bridge_is_the_document_camera(browser: Browser, hall: Hall, place: Place) -> None:
    """The kiosk has one webcam, for the face: the paper lies under the bridge's camera, and its very bytes are kept."""
    async with talk(browser, hall, place) as scene:
        await both_at_papers(scene)
        await scene.devices.does("still 户口簿 第一页")
        lies = paper("户口簿 第一页")
        await scene.officer.touch("ask-identity-card")
        await step(scene.resident, "live")
        await scene.resident.at("camera-bridge").wait_for()
        await expect(scene.resident.at("camera-live")).to_have_count(0)
        await scene.resident.touch("camera-take")
        await step(scene.resident, "page")
        await scene.resident.touch("corners-open")
        await scene.resident.touch("corners-whole")
        await scene.resident.touch("corners-done")
        await step(scene.resident, "page")
        await scene.resident.touch("page-hand-in")
        await scene.resident.touch("camera-close")
        await stands(scene.everybody, "identity-card", "there")
        async with Sender(scene.running.origin, await token_of(scene.officer), scene.visit) as looks:
            (page,) = (await looks.papers()).pages
            kept = (await looks.file(page.file.sha256)).content
        assert page.source == "camera"
        assert page.file.sent == page.file.sha256 == hashlib.sha256(lies).hexdigest()
        assert kept == lies

        await scene.devices.does("unplug camera")
        await scene.resident.touch("take-identity-card")
        await step(scene.resident, "live")
        await expect(scene.resident.at("camera-live")).to_be_visible()
        assert await scene.resident.at("camera-live").evaluate(CAMERAS) == 1
        await scene.resident.touch("camera-close")
        assert [person.faults for person in scene.everybody] == [[], []]


async def test_a_licence_stands_for_the_card_on_both_pages(browser: Browser, hall: Hall, place: Place) -> None:
    """Who was confirmed holds the card as an electronic licence: the officer refers to it, and nothing is handed in."""
    async with talk(browser, hall, place) as scene:
        await scene.officer.touch("work-papers")
        await expect(scene.officer.at("licence-look-identity-card")).to_have_count(0)
        await scene.officer.touch("work-application")
        await shows_card(scene, "wang")
        await scene.officer.touch("compare-person")
        await scene.officer.touch("confirm-identity")
        await expect(scene.officer.at("confirm-identity")).to_have_count(0)
        await both_at_papers(scene)
        await scene.officer.touch("licence-look-identity-card")
        await scene.officer.touch("licence-demo-0001")
        await stands(scene.everybody, "identity-card", "referred")
        for person in scene.everybody:
            await expect(person.at("paper-identity-card")).to_contain_text(MASKED)
            await expect(person.at("paper-identity-card")).to_contain_text("上海市公安局浦东分局")
            assert WANG not in await person.page.content()
        await expect(scene.resident.at("take-identity-card")).to_have_count(0)
        await scene.officer.touch("accept-identity-card")
        await stands(scene.everybody, "identity-card", "accepted")
        assert WANG not in scene.running.log("signaling")
        assert [person.faults for person in scene.everybody] == [[], []]


async def test_the_notice_comes_out_of_the_printer_and_goes_home_by_telephone(
    browser: Browser, hall: Hall, place: Place
) -> None:
    """What is missing is told in writing: the kiosk prints it, and the telephone that reads the code saves the same."""
    async with talk(browser, hall, place) as scene:
        before = len(scene.devices.printed())
        await scene.officer.touch("close-visit")
        await scene.officer.touch("close-outcome-returned")
        dialog = scene.officer.page.get_by_role("dialog")
        await dialog.get_by_test_id("notice-note").fill("周三下午不办理")
        await dialog.get_by_test_id("notice-give").click()
        await expect(scene.officer.at("lacks-notice")).to_have_count(0)
        await scene.officer.touch("close-confirm")
        await scene.resident.at("notice-print").wait_for()
        await scene.devices.does("paper out")
        await expect(scene.resident.at("notice-print")).to_have_count(0)
        await scene.devices.does("paper in")
        await scene.resident.touch("notice-print")
        await expect(scene.resident.at("notice-print")).to_contain_text("已打印")
        (printed,) = scene.devices.printed()[before:]

        phone = await Person.sit_down(browser, 390, 844)
        await phone.page.goto(await link_of(scene.running, scene.resident, scene.visit))
        async with phone.page.expect_download() as saved:
            await phone.touch("notice-pdf")
        path = await (await saved.value).path()
        assert await asyncio.to_thread(path.read_bytes) == printed
        read = words(path)
        for one in ("一次性告知单", "居民身份证", "周三下午不办理"):
            assert one in read
        assert [person.faults for person in (*scene.everybody, phone)] == [[], [], []]


async def test_the_resident_takes_a_page_out(browser: Browser, hall: Hall, place: Place) -> None:
    """It is gone from every page, also while all look at it; one that was accepted stays."""
    async with talk(browser, hall, place) as scene:
        await both_at_papers(scene)
        async with Sender(scene.running.origin, await token_of(scene.resident), scene.visit) as hands_in:
            wrong = await hands_in.send(papers.jpeg(papers.page(words="WRONG")), title="")
            right = await hands_in.send(papers.jpeg(papers.page(words="RIGHT")), title="", material="photo")
            await scene.officer.touch(f"thumb-{wrong.page}-0")
            await scene.officer.touch("show-page")
            await scene.resident.at("shown-page").wait_for()
            await scene.resident.touch(f"thumb-{wrong.page}")
            await scene.resident.touch("page-remove")
            await scene.resident.touch("page-remove-sure")
            await stands(scene.everybody, "identity-card", "missing")
            await expect(scene.resident.at("shown-page")).to_have_count(0)
            await expect(scene.officer.at("page-sheet")).to_have_count(0)
            (left,) = (await hands_in.papers()).pages
            assert left.id == right.page
        await scene.officer.touch("accept-photo")
        await stands(scene.everybody, "photo", "accepted")
        await scene.resident.touch(f"thumb-{right.page}")
        await scene.resident.at("page-large").wait_for()
        await expect(scene.resident.at("page-remove")).to_have_count(0)
        await scene.resident.touch("page-close")
        assert [person.faults for person in scene.everybody] == [[], []]
