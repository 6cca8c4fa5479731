"""Chat for whoever cannot hear: each key is seen as it is typed, unless that is switched off; phrases; no links."""

from playwright.async_api import Browser, expect

from tests.browser.people import Person
from tests.browser.test_moves import face_to_face, on_duty
from tests.fakes.places import Place
from tests.fakes.product import Product

LINK = "请看 https://example.com/办事 和 <b>这里</b>"


async def test_a_line_is_read_while_it_is_written(browser: Browser, running: Product, place: Place) -> None:
    """Officer and resident write, and read the other's unfinished line; one switches it off; nothing of it is kept.

    In English, the phrase has its meaning below it; other lines do not, because the demo's translator knows phrases only.
    """
    officer = await on_duty(browser, running, place.officer)
    resident = await face_to_face(browser, running, place, officer)

    await officer.at("chat-input").press_sequentially("请把身份")
    await expect(resident.at("chat-typing")).to_contain_text("请把身份")
    await expect(officer.at("chat-typing")).to_have_count(0)
    await officer.at("chat-input").press_sequentially("证拿出来")
    await expect(resident.at("chat-typing")).to_contain_text("请把身份证拿出来")
    await resident.at("chat-input").press_sequentially("好的")
    await expect(officer.at("chat-typing")).to_contain_text("好的")
    await officer.touch("chat-send")
    await resident.reads("请把身份证拿出来")
    await expect(resident.at("chat-typing")).to_have_count(0)
    await expect(officer.at("chat-line")).to_have_count(1)
    await resident.at("chat-input").fill("")
    await expect(officer.at("chat-typing")).to_have_count(0)

    await resident.at("chat-input").fill("我想一想")
    await expect(officer.at("chat-typing")).to_contain_text("我想一想")
    await resident.at("chat-live").uncheck()
    await expect(officer.at("chat-typing")).to_have_count(0)
    await resident.touch("chat-send")
    await officer.reads("我想一想")
    await expect(officer.at("chat-line")).to_have_count(2)

    await officer.at("chat-phrase").first.click()
    await expect(officer.at("chat-input")).to_have_value("请把材料放平。")
    await officer.touch("chat-send")
    await resident.reads("请把材料放平。")
    await officer.writes(LINK)
    await resident.reads(LINK)
    await expect(resident.at("chat-line").locator("a, b")).to_have_count(0)
    await resident.touch("display-tools")
    await resident.touch("lang-en")
    await expect(resident.at("chat-translation")).to_have_count(1)
    await expect(resident.at("chat-translation")).to_contain_text("demo: knows phrases only")
    await expect(resident.at("chat-translation")).to_contain_text("Please lay the paper flat.")
    await expect(officer.at("chat-translation")).to_have_count(0)
    visit = await has_said(officer, running)
    assert visit == ["请把身份证拿出来", "我想一想", "请把材料放平。", LINK]
    assert [person.faults for person in (officer, resident)] == [[], []]


async def has_said(person: Person, running: Product) -> list[str]:
    """Return the lines that a fresh page of the same person has: what is kept of the chat."""
    await person.page.reload()
    await person.sees("live")
    return await person.at("chat-line").locator(".words").all_inner_texts()
