"""The end of a visit: closing refused with words, the summary taken home, rated once, and what was not good followed up."""

import re

from playwright.async_api import Browser, expect

from rvw.cli.wire import Http
from tests.browser.people import Person, face_to_face
from tests.fakes.places import Place, address
from tests.fakes.product import PASSWORD, Product

PHONE = (390, 844)


async def link_of(running: Product, kiosk: Person, visit: str) -> str:
    """Return the address that the QR code on the farewell screen says."""
    answer = await kiosk.page.evaluate(
        """async (visit) => {
          const token = JSON.parse(localStorage.getItem('rvw.session')).token
          const query = new URLSearchParams({ origin: location.origin })
          const headers = { authorization: `Bearer ${token}` }
          const answer = await fetch(`/api/visits/${visit}/summary?${query}`, { headers })
          return (await answer.json()).url
        }""",
        visit,
    )
    assert str(answer).startswith(f"{running.origin}/ticket#rvw:")
    return str(answer)


async def test_closing_is_refused_with_words_and_the_summary_goes_home(
    browser: Browser, running: Product, place: Place
) -> None:
    """Accepted lacks identity, papers and signature; guided is possible. The resident reads the next step, also later."""
    resident, officer, visit = await face_to_face(browser, running, place)
    await officer.touch("close-visit")
    await officer.touch("close-outcome-accepted")
    for one in ("identity", "materials", "signature"):
        await officer.at(f"lacks-{one}").wait_for()
    await officer.touch("close-confirm")
    await expect(officer.page.get_by_role("alert")).to_contain_text("不能按这个结果办结")
    await resident.sees("live")

    await officer.touch("close-outcome-guided")
    await expect(officer.at("close-lacks")).to_have_count(0)
    await officer.at("close-next").fill("带身份证原件，三天内再来")
    await officer.at("close-question").fill("外省参保的年限怎么并入")
    await officer.touch("close-confirm")
    await expect(resident.at("summary-next")).to_contain_text("带身份证原件，三天内再来")
    await resident.at("summary-qr").wait_for()
    await expect(officer.at("task-knowledge")).to_be_visible()

    phone = await Person.sit_down(browser, *PHONE)
    await phone.page.goto(await link_of(running, resident, visit))
    await expect(phone.at("summary-next")).to_contain_text("带身份证原件，三天内再来")
    assert "#" not in phone.page.url
    async with phone.page.expect_download() as printing:
        await phone.touch("summary-pdf")
    kept = await (await printing.value).path()
    assert kept.read_bytes()[:5] == b"%PDF-"
    assert [person.faults for person in (resident, officer, phone)] == [[], [], []]


async def test_rated_at_the_kiosk_and_not_again_with_the_ticket(browser: Browser, running: Product, place: Place) -> None:
    """Very satisfied, because it was clear. The officer's page knows nothing of it; the supervisor's counts it."""
    resident, officer, visit = await face_to_face(browser, running, place)
    heard: list[str] = []
    officer.page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: heard.append(str(frame))))
    await officer.page.reload()
    await officer.sees("live")
    await officer.touch("close-visit")
    await officer.touch("close-outcome-guided")
    await officer.touch("close-confirm")
    await resident.touch("rating-5")
    await resident.touch("rating-tag-clear")
    await resident.touch("rating-send")
    await resident.at("rating-done").wait_for()

    phone = await Person.sit_down(browser, *PHONE)
    await phone.page.goto(await link_of(running, resident, visit))
    await phone.at("rated-already").wait_for()
    await expect(phone.at("rating-5")).to_have_count(0)

    lead = await Person.sit_down(browser, 1920, 1080)
    await lead.signs_in(running.origin, "operations", place.lead)
    await expect(lead.at(f"rated-{place.desk}")).to_contain_text("100")
    await lead.touch("ratings-officers")
    await lead.at(f"rated-{place.officer}").wait_for()
    assert heard
    assert not [frame for frame in heard if "rated" in frame or '"clear"' in frame]


async def test_a_low_rating_by_telephone_is_followed_up(browser: Browser, running: Product, place: Place) -> None:
    """With the ticket, days later perhaps: a task without the name for the officer, who appeals; the supervisor upholds."""
    resident, officer, visit = await face_to_face(browser, running, place)
    await officer.touch("close-visit")
    await officer.touch("close-outcome-guided")
    await officer.touch("close-confirm")
    await resident.at("summary").wait_for()
    phone = await Person.sit_down(browser, *PHONE)
    await phone.page.goto(await link_of(running, resident, visit))
    await phone.touch("rating-1")
    await phone.touch("rating-tag-rude")
    await phone.at("rating-text").fill("我是王示例，没听我说完就挂了")
    await phone.at("rating-number").fill("13800005678")
    await phone.touch("rating-send")
    await expect(phone.at("rating-done")).to_contain_text("15 个工作日")

    await officer.touch("task-low_rating")
    dialog = officer.page.get_by_role("dialog")
    await expect(dialog).not_to_contain_text("王示例")
    await expect(dialog).not_to_contain_text("5678")
    await officer.at("follow-words").fill("通话中断，不是挂断")
    await officer.touch("follow-appeal")

    lead = await Person.sit_down(browser, 1920, 1080)
    await lead.signs_in(running.origin, "operations", place.lead)
    row = lead.at(f"follow-low_rating-{place.desk}")
    await expect(row).to_contain_text("没听我说完")
    await expect(row).to_contain_text("****5678")
    await expect(lead.at(f"rated-{place.desk}")).to_contain_text("0")
    await row.get_by_test_id("follow-uphold").click()
    await expect(row).to_have_count(0)
    await expect(lead.at(f"rated-{place.desk}")).to_have_count(0)


async def test_what_could_not_be_done_is_followed_up_from_any_point(
    browser: Browser, running: Product, place: Place
) -> None:
    """From the first screen, and in a talk: both are on the board with a date, and one goes through all its stages."""
    resident = await Person.sit_down(browser, 1080, 1920)
    await resident.page.goto(await address(running, place.second_kiosk))
    await resident.touch("unresolved")
    await resident.touch("unresolved-system")
    await resident.touch("unresolved-at_once")
    await resident.touch("unresolved-send")
    await expect(resident.at("unresolved-taken")).to_contain_text("最晚")
    await resident.touch("unresolved-close")

    talker, officer, visit = await face_to_face(browser, running, place)
    await talker.touch("unresolved")
    await talker.touch("unresolved-notFound")
    await talker.at("unresolved-number").fill("13800001234")
    await talker.touch("unresolved-send")
    await talker.at("unresolved-taken").wait_for()
    await talker.touch("unresolved-close")
    http = Http(running.origin)
    token = (await http.login(place.lead, PASSWORD)).token
    assert [one.event.__class__.__name__ for one in await http.events(visit, token)].count("UnresolvedNoted") == 1

    lead = await Person.sit_down(browser, 1920, 1080)
    await lead.signs_in(running.origin, "operations", place.lead)
    await lead.at("follow-unresolved-").get_by_test_id("follow-desk").select_option(place.desk)
    await lead.at("follow-unresolved-").get_by_test_id("follow-dispatch").click()
    rows = lead.at(f"follow-unresolved-{place.desk}")
    await expect(rows).to_have_count(2)

    task = officer.page.get_by_test_id("task-unresolved").first
    await task.click()
    await officer.touch("follow-take")
    await officer.at("follow-words").fill("已在系统里补录，现在查得到了")
    await officer.touch("follow-reply")
    await officer.touch("follow-called")
    await lead.at("follow-check").click()
    await expect(rows).to_have_count(1)
    assert [person.faults for person in (resident, talker, officer, lead)] == [[], [], [], []]


async def test_a_visit_goes_on_with_a_case(browser: Browser, running: Product, place: Place) -> None:
    """The receipt of the first visit opens the second: not asked what and where, and the officer reads what came before."""
    resident, officer, _ = await face_to_face(browser, running, place)
    await officer.touch("close-visit")
    await officer.touch("close-outcome-guided")
    await officer.at("close-next").fill("补一张近期照片")
    await officer.at("close-note").fill("照片不清楚")
    await officer.touch("close-confirm")
    receipt = officer.at("handover-receipt")
    await expect(receipt).to_have_text(re.compile(r"SL-\d{4}-\d+"))
    case = await receipt.inner_text()
    await resident.touch("again")

    await resident.touch("have-case")
    await resident.page.keyboard.type("SL-0000-0")
    await resident.touch("case-find")
    await resident.at("case-fault").wait_for()
    for _ in "SL-0000-0":
        await resident.page.keyboard.press("Backspace")
    await resident.page.keyboard.type(case.lower())
    await resident.page.keyboard.press("Enter")
    await resident.answers()
    await resident.touch("device-check")
    await officer.touch("offer-accept")
    await resident.sees("live")
    await expect(officer.at("earlier")).to_contain_text("补一张近期照片")
    await expect(officer.at("earlier")).to_contain_text("照片不清楚")
    assert [person.faults for person in (resident, officer)] == [[], []]
