"""Past visits at their page: found, held, copied for the resident who stands there; lifted again on the board."""

import io
import os
import time
import zipfile
from pathlib import Path

import anyio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, expect

from rvw.cli.wire import Http, open_wire
from rvw.domain import commands as c
from rvw.domain import events as e
from rvw.domain.catalogue.retention import Retention
from rvw.domain.certificate import SCHEMA, Certificate, check, make
from rvw.settings import load
from signaling.dossiers.keys import open_keys
from signaling.records import open_store
from signaling.tenancy import signing_secret
from signaling.tickets import Tickets
from tests.browser.people import Person
from tests.fakes.places import Place
from tests.fakes.product import PASSWORD, Product

SHOTS = os.environ.get("RVW_SHOTS", "")
"""A folder for pictures of the pages, for whoever looks at them."""


async def closed_visit(running: Product, place: Place) -> str:
    """Let somebody have been at the window."""
    http = Http(running.origin)
    lead = await http.login(place.lead, PASSWORD)
    kiosk_token = (await http.enrol((await http.new_enrolment(place.kiosk, lead.token)).code)).token
    officer_token = (await http.login(place.officer, PASSWORD)).token
    async with open_wire(running.origin, kiosk_token) as kiosk, open_wire(running.origin, officer_token) as officer:
        await officer.do(c.SetPresence("ready"))
        visit = await kiosk.do(c.Open("social-card", place.region))
        await officer.shown(visit)
        await officer.do(c.Accept(), visit)
        await kiosk.do(c.Say("我来补办社保卡"), visit)
        await officer.do(c.Close("guided", "已告知"), visit)
        await officer.event(e.HandedOver, visit)
        await officer.do(c.SetPresence("signed_out"))
    return visit


async def has_deleted(running: Product, place: Place) -> None:
    """Let the recording of an old visit have been deleted by rule, in this place."""
    rule = Retention(id="recording-3-years", kind="recording", days=1095, basis="个人信息保护法第十九条")
    now = time.time()
    closed = now - 1096 * 86_400
    content = Certificate(
        schema=SCHEMA, visit=f"old-{place.desk}", kind="recording", authority=place.desk, matter="social-card",
        closed_at=closed, rule=rule, due_at=closed + 1095 * 86_400, begun_at=now - 5, key_destroyed=False,
    )  # fmt: skip
    async with open_store(running.sql) as store:
        await store.deletions.begin(content, now, now)
        sealed = make(content, open_keys(running.data, now).signer(), now)
        await store.deletions.certify(content, sealed, now)
        await store.deletions.finish(content, now, "folder")


def ticket_of(running: Product, visit: str, code: str) -> str:
    """Return what the resident's ticket says: the code, and the digits that only the own kiosk has shown."""
    secret = (running.data / "secrets.toml").read_text().partition('secret = "')[2].partition('"')[0]
    settings = load("", {}, {"security.secret": secret, "security.demo": "true"})
    return f"{code} {Tickets(None, time.time, signing_secret(settings)).pin(visit)}"  # type: ignore[arg-type]


async def pictured(person: Person, name: str) -> None:
    """Find nothing that axe objects to; take a picture if somebody wants to look."""
    found = await Axe().run(person.page)
    assert found.violations_count == 0, found.generate_report()
    if SHOTS:
        await person.page.screenshot(path=Path(SHOTS) / f"{name}.png")


async def test_a_past_visit_is_found_held_and_let_go(browser: Browser, running: Product, place: Place) -> None:
    """The supervisor finds it by its ticket, says that it must stay, sees that on the board, and lifts it there."""
    visit = await closed_visit(running, place)
    await has_deleted(running, place)
    lead = await Person.sit_down(browser, 1920, 1080)
    await lead.signs_in(running.origin, "records", place.lead)
    row = lead.at("past-visit").filter(has=lead.at(f"record-{visit}"))
    await expect(row).to_have_count(1)
    await pictured(lead, "records-lead")
    await lead.at("find-ticket").fill("Z999")
    await lead.touch("find")
    await expect(lead.at("records-none")).to_be_visible()
    code = (await http_events(running, place, visit))[0].event.ticket  # type: ignore[union-attr]
    await lead.at("find-ticket").fill(code.lower())
    await lead.touch("find")
    await expect(row).to_have_count(1)
    await lead.touch(f"hold-{visit}")
    await lead.at("hold-why").fill("行政复议〔2026〕31 号")
    await pictured(lead, "records-hold")
    await lead.touch("hold-place")
    await expect(lead.at("records-told")).to_be_visible()
    await expect(row.get_by_test_id("held")).to_be_visible()

    await lead.page.goto(f"{running.origin}/operations")
    held = lead.at("hold-row").filter(has_text=visit)
    await expect(held).to_be_visible()
    await held.scroll_into_view_if_needed()
    await pictured(lead, "operations-keeping")
    async with lead.page.expect_download() as download:
        await lead.at("gone-row").filter(has_text="recording-3-years").get_by_test_id("certificate").click()
    certificate = await anyio.Path(await (await download.value).path()).read_bytes()
    assert check(certificate, open_keys(running.data, time.time()).public()).visit == f"old-{place.desk}"
    await held.get_by_test_id("hold-lift").click()
    await lead.at("lift-why").fill("复议已结")
    await pictured(lead, "operations-lift")
    await lead.touch("lift-do")
    await expect(held).to_have_count(0)
    assert lead.faults == []
    await lead.page.context.close()


async def test_the_resident_gets_a_copy_at_the_desk(browser: Browser, running: Product, place: Place) -> None:
    """The officer's page leads to the past visits; the wrong digits are refused; with the right ticket the copy comes."""
    visit = await closed_visit(running, place)
    code = (await http_events(running, place, visit))[0].event.ticket  # type: ignore[union-attr]
    officer = await Person.sit_down(browser, 1920, 1080)
    await officer.signs_in(running.origin, "officer", place.officer)
    async with officer.page.context.expect_page() as opened:
        await officer.touch("records-open")
    desk = Person(await opened.value)
    await desk.touch(f"copy-{visit}")
    await desk.touch("copy-by-card")
    await desk.at("copy-ticket").fill(f"{code} 00000")
    await desk.touch("copy-make")
    await expect(desk.at("copy-fault")).to_be_visible()
    await pictured(desk, "records-copy")
    await desk.at("copy-ticket").fill(ticket_of(running, visit, code))
    async with desk.page.expect_download() as download:
        await desk.touch("copy-make")
    data = await anyio.Path(await (await download.value).path()).read_bytes()
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        assert set(package.namelist()) == {"dossier.json", "evidence.pdf", "manifest.json"}
        assert "我来补办社保卡" in package.read("dossier.json").decode()
    await expect(desk.at("records-told")).to_be_visible()
    await pictured(desk, "records-officer")
    assert desk.faults == officer.faults == []
    await officer.page.context.close()


async def http_events(running: Product, place: Place, visit: str) -> tuple[e.Recorded, ...]:
    """Return what has happened in the visit, as its supervisor is told."""
    http = Http(running.origin)
    return await http.events(visit, (await http.login(place.lead, PASSWORD)).token)
