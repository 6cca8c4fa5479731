"""Who applies, what is stated, what is signed: a card, both sides' hands on one form, ink, and a file that verifies."""

import asyncio
from pathlib import Path

from playwright.async_api import Browser, expect

from rvw.cli.verify import check_path
from rvw.domain import signature
from rvw.domain.seal import public_keys
from rvw.errors import NotWhole
from tests.browser.kiosk_devices import LI, MASKED, WANG, Hall, Scene, shows_card, talk
from tests.browser.people import Person
from tests.fakes.places import Place


async def reads_field(person: Person, field: str, value: str) -> None:
    """Wait until the field says so."""
    await expect(person.at(f"field-{field}")).to_have_value(value)


async def fills_form(scene: Scene) -> None:
    """Bank by the officer, telephone by the resident, the way by a touch; the resident says that it is right."""
    await scene.officer.fills("bank", "示例银行")
    await scene.resident.fills("phone", "13800000000")
    await scene.resident.touch("field-delivery-到窗口领取")
    await scene.resident.fills("holder-number", LI)
    await reads_field(scene.resident, "bank", "示例银行")
    await reads_field(scene.officer, "holder-number", "310***********9011")
    await reads_field(scene.officer, "phone", "13800000000")
    await expect(scene.officer.at("field-delivery-到窗口领取")).to_be_checked()
    await scene.resident.touch("form-confirm")
    await scene.officer.at("form-confirmed").wait_for()


async def downloads(person: Person, name: str) -> bytes:
    """Touch a download and return the file."""
    async with person.page.expect_download() as download:
        await person.touch(name)
    path = await (await download.value).path()
    return await asyncio.to_thread(path.read_bytes)


async def keys_of(scene: Scene) -> bytes:
    """Return the public keys, as anybody gets them."""
    answer = await scene.officer.page.request.get(f"{scene.running.origin}/.well-known/rvw-seal-keys.json")
    return await answer.body()


async def verifies(folder: Path, pdf: bytes, keys: bytes) -> signature.Statement:
    """Return what a signed file states, checked as `rvw verify` does; and one flipped bit is refused."""
    file = folder / "signed.pdf"
    flipped = bytearray(pdf)
    flipped[len(pdf) // 3] ^= 1
    file.write_bytes(flipped)
    try:
        await asyncio.to_thread(check_path, file, public_keys(keys))
    except NotWhole:
        pass
    else:
        raise AssertionError("a flipped bit was not found")
    file.write_bytes(pdf)
    whole = await asyncio.to_thread(check_path, file, public_keys(keys))
    assert isinstance(whole, signature.Statement)
    return whole


def files_below(folder: Path) -> list[Path]:
    """Return all files of a folder."""
    return [path for path in folder.rglob("*") if path.is_file()]


async def test_from_the_card_to_the_signed_file(browser: Browser, hall: Hall, place: Place, tmp_path: Path) -> None:
    """Card, masked on both pages; compared and confirmed; one form, two hands; signed on the screen; the file verifies."""
    async with talk(browser, hall, place) as scene:
        await shows_card(scene, "wang")
        for person in scene.everybody:
            await expect(person.at("masked-number").first).to_have_text(MASKED)
        await scene.officer.touch("compare-person")
        await scene.officer.at("document-photo").wait_for()
        assert WANG not in await scene.officer.page.content()
        await scene.officer.touch("reveal")
        await expect(scene.officer.at("compare-number")).to_have_text(WANG)
        await scene.officer.touch("ask-verdict")
        await scene.resident.at("look-here").wait_for()
        await expect(scene.officer.at("confirm-identity")).to_be_disabled()
        await scene.devices.does("look wang")
        await expect(scene.officer.at("verdict")).to_have_attribute("data-same", "true")
        await scene.officer.touch("confirm-identity")
        for person in scene.everybody:
            await expect(person.at("decision-person")).to_have_attribute("data-confirmed", "true")

        await fills_form(scene)
        await scene.officer.touch("ask-signature-resident")
        await scene.resident.at("sign-page").first.wait_for()
        await expect(scene.resident.at("ink-done")).to_be_disabled()
        await scene.resident.writes_name()
        await scene.resident.touch("ink-done")
        await scene.resident.at("signed").wait_for()

        pdf = await downloads(scene.officer, "signed-file-resident")
        statement = await verifies(tmp_path, pdf, await keys_of(scene))
        assert (statement.by.name, statement.by.masked, statement.by.identity) == ("王示例", MASKED, "verified")
        assert statement.signed_on == "touch"
        await scene.resident.touch("print")
        await expect(scene.resident.at("print")).to_contain_text("已打印")
        assert scene.devices.printed() == [pdf]

        await scene.resident.page.reload()
        await scene.resident.touch("work-application")
        await scene.resident.at("signed").wait_for()
        assert WANG not in await scene.resident.page.content()
        await scene.officer.touch("close-visit")
        await scene.officer.touch("close-outcome-guided")
        await scene.officer.touch("close-confirm")
        await scene.resident.touch("summary-print")
        await expect(scene.resident.at("summary-print")).to_contain_text("已打印")
        assert scene.devices.printed()[0] == pdf
        assert [paper[:5] for paper in scene.devices.printed()[1:]] == [b"%PDF-"]
        logs = "".join(scene.running.log(part) for part in ("signaling", "media-1"))
        assert WANG not in logs
        assert LI not in logs
        assert [person.faults for person in scene.everybody] == [[], []]


async def test_what_goes_wrong_is_said_and_another_way_is_there(
    browser: Browser, hall: Hall, place: Place, tmp_path: Path
) -> None:
    """A broken chip, a wrong number, one that is over, the wrong face; a resident code; signed on pad and telephone."""
    async with talk(browser, hall, place) as scene:
        await scene.officer.touch("ask-identity")
        await scene.resident.at("show-document").wait_for()
        await scene.devices.does("unreadable card")
        await scene.resident.at("device-fault").wait_for()
        for who in ("wrong", "expired"):
            await scene.devices.does(f"insert card {who}")
            await scene.resident.at("application-fault").wait_for()
            await scene.devices.does("remove card")
        await scene.devices.does("show code li")
        await expect(scene.officer.at("masked-number").first).to_have_text("310***********9011")

        await scene.officer.touch("compare-person")
        await scene.officer.touch("ask-verdict")
        await scene.resident.at("look-here").wait_for()
        await scene.devices.does("look li differs")
        await expect(scene.officer.at("verdict")).to_have_attribute("data-same", "false")
        await expect(scene.officer.at("confirm-identity")).to_be_disabled()
        await scene.officer.touch("refuse-identity")
        await scene.officer.at("refuse-reason").fill("不是本人")
        await scene.officer.touch("refuse-confirm")
        await expect(scene.resident.at("decision-person")).to_contain_text("不是本人")

        await scene.resident.fills("phone", "12")
        await scene.resident.at("application-fault").wait_for()
        await fills_form(scene)
        await scene.officer.touch("ask-signature-resident")
        await scene.resident.touch("sign-pad")
        await scene.devices.does("sign")
        await scene.resident.at("signed").wait_for()
        pdf = await downloads(scene.officer, "signed-file-resident")
        assert (await verifies(tmp_path, pdf, await keys_of(scene))).signed_on == "pad"

        await scene.officer.fills("bank", "另一家示例银行")
        await scene.resident.touch("form-confirm")
        await scene.officer.touch("ask-signature-resident")
        await scene.resident.touch("sign-phone")
        await scene.resident.at("sign-qr").wait_for()
        link = await scene.resident.at("sign-url").inner_text()
        phone = await Person.sit_down(browser, 390, 844)
        await phone.page.goto(link)
        await phone.writes_name()
        await phone.touch("ink-done")
        await phone.at("sign-over").wait_for()
        pdf = await downloads(scene.officer, "signed-file-resident")
        assert (await verifies(tmp_path, pdf, await keys_of(scene))).signed_on == "phone"
        late = await Person.sit_down(browser, 390, 844)
        await late.page.goto(link)
        await late.at("sign-fault").wait_for()
        assert link.rpartition(".")[2] not in scene.running.log("signaling")
        assert [person.faults for person in (*scene.everybody, phone, late)] == [[], [], [], []]


async def test_nothing_is_read_of_who_said_no(browser: Browser, hall: Hall, place: Place) -> None:
    """Who has not agreed is told so and nothing is kept of the card; the officer may still see and confirm."""
    async with talk(browser, hall, place, agrees="no") as scene:
        await scene.officer.touch("ask-identity")
        await scene.resident.at("show-document").wait_for()
        await scene.devices.does("insert card wang")
        await scene.resident.at("application-fault").wait_for()
        await scene.devices.does("remove card")
        await scene.officer.touch("compare-person")
        await scene.officer.touch("confirm-identity")
        await scene.officer.at("decision-seen").wait_for()
        assert not await asyncio.to_thread(files_below, scene.running.data / "blobs" / scene.visit)
        assert WANG not in scene.running.log("signaling")


async def test_the_consent_is_signed_as_a_document(browser: Browser, hall: Hall, place: Place, tmp_path: Path) -> None:
    """The officer asks; the resident sees the words that were read and signs them; taken back, they are asked for anew."""
    async with talk(browser, hall, place) as scene:
        await shows_card(scene, "wang")
        await scene.officer.touch("ask-signature-consent")
        await scene.resident.at("sign-page").first.wait_for()
        await expect(scene.resident.page.get_by_role("dialog")).to_contain_text("同意书")
        await scene.resident.writes_name()
        await scene.resident.touch("ink-done")
        await scene.officer.at("consent-signed").wait_for()
        pdf = await downloads(scene.officer, "consent-file")
        statement = await verifies(tmp_path, pdf, await keys_of(scene))
        assert (statement.by.name, statement.by.masked) == ("王示例", MASKED)
        assert "同意书" in statement.title
        await scene.resident.touch("work-consent")
        await scene.resident.touch("consent-recording-withdraw")
        await scene.officer.touch("ask-signature-consent")
        await scene.resident.at("sign-page").first.wait_for()
        assert [person.faults for person in scene.everybody] == [[], []]
