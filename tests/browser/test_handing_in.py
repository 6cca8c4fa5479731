"""Papers handed in by the resident: under a camera, straightened, resumed, refused in words, and from a telephone."""

import asyncio
import hashlib
import sys
import time
from base64 import b64decode
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from io import BytesIO
from pathlib import Path

from msgspec import Struct
from PIL import Image
from playwright.async_api import Browser, FilePayload, Page, Request, Route, expect

from rvw.cli.wire import Http, Wire, open_wire
from rvw.domain import commands as c
from rvw.domain.papers import Papers
from rvw.protocol import server
from rvw.protocol.papers import NoticeMade, NoticeWanted
from signaling.uploads.kinds import bare_jpeg
from tests.browser.people import FLAGS, Person, chromium
from tests.browser.test_everybody import examine
from tests.fakes import papers, sheets
from tests.fakes.product import PASSWORD, Product, product
from tests.fakes.sender import Sender

ONE_CAMERA = [flag for flag in FLAGS if "fake-device" not in flag]
FAKE_PIXELS = (3840, 2160)
"""What Chromium's made-up cameras give when as much as there is is asked for."""

HEIC = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(64)
"""What Chromium cannot read."""

CAPTURED = """
() => {
  window.captured = []
  const note = (made) => made.then((blob) => { window.captured.push(blob); return blob })
  for (const [camera, how] of [[ImageCapture.prototype, 'takePhoto'], [OffscreenCanvas.prototype, 'convertToBlob']]) {
    const plain = camera[how]
    camera[how] = function (...words) { return note(plain.apply(this, words)) }
  }
}
"""
"""Notes everything that the camera gives, before the page has it: a photograph, or a frame as JPEG."""

LAST_CAPTURED = """
async () => {
  const bytes = new Uint8Array(await window.captured.at(-1).arrayBuffer())
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))
}
"""

CAMERA = "video => video.srcObject.getTracks()[0].getSettings().deviceId"
"""Which camera a picture comes from."""


class Scene(Struct):
    """A resident at a kiosk who talks with an officer, and what the server has."""

    running: Product
    resident: Person
    officer: Wire
    visit: str
    server: Sender

    async def papers(self) -> Papers:
        """Return the papers, as the server has them."""
        return await self.server.papers()

    async def picture(self, page: int) -> Image.Image:
        """Return the file of a page, as the server gives it."""
        found = next(one for one in (await self.papers()).pages if one.id == page)
        data = (await self.server.file(found.file.sha256)).content
        assert hashlib.sha256(data).hexdigest() == found.file.sha256
        return Image.open(BytesIO(data))


@asynccontextmanager
async def talk(browser: Browser, folder: Path, *words: str, second_camera: bool = False) -> AsyncIterator[Scene]:
    """A resident and an officer who talk about a social security card; papers are in front of the resident."""
    async with AsyncExitStack() as stack:
        running = await stack.enter_async_context(product(folder / "data", *words))
        token = (await Http(running.origin).login("pudong1", PASSWORD)).token
        officer = await stack.enter_async_context(open_wire(running.origin, token))
        await officer.do(c.SetPresence("ready"))
        resident = await Person.sit_down(browser, 1080, 1920)
        await resident.page.goto(running.kiosks["kiosk-pudong-1"])
        if second_camera:
            await resident.touch("camera-choose-1")
        await resident.chooses("social-card", "310115")
        visit = await officer.until(lambda m: m.visit.id if isinstance(m, server.Shown) else None)
        await officer.do(c.Accept(), visit)
        await resident.sees("live")
        await resident.touch("work-papers")
        sender = await stack.enter_async_context(Sender(running.origin, token, visit))
        yield Scene(running, resident, officer, visit, sender)
        assert not resident.faults


async def stands(person: Person, material: str, stand: str) -> None:
    """Wait until the checklist says so."""
    await expect(person.at(f"paper-{material}")).to_have_attribute("data-stand", stand)


async def step(person: Person, name: str) -> None:
    """Wait until the camera is so far."""
    await expect(person.at("paper-camera")).to_have_attribute("data-step", name)
    await expect(person.at("paper-camera")).to_have_attribute("aria-busy", "false")


async def test_a_still_of_the_second_camera_arrives_whole(tmp_path: Path) -> None:
    """The officer asks, the camera for papers opens, and every pixel of the still is at the server under its hash."""
    flags = ("--use-fake-device-for-media-stream=device-count=2,fps=10",)
    async with chromium(*flags, base=ONE_CAMERA) as browser, talk(browser, tmp_path, second_camera=True) as scene:
        resident = scene.resident
        hashed: list[str] = []
        resident.page.on("request", lambda asked: note_hash(asked, hashed))
        await resident.page.evaluate(CAPTURED)
        await scene.officer.do(c.AskPaper("identity-card", "", "请拍正面"), scene.visit)
        await step(resident, "live")
        await expect(resident.at("camera-note")).to_have_text("请拍正面")
        seen = await resident.at("camera-live").evaluate(CAMERA)
        assert seen != await resident.at("self-video").evaluate(CAMERA)
        await resident.touch("camera-take")
        await step(resident, "page")
        await resident.touch("corners-open")
        await resident.touch("corners-whole")  # what looks like a sheet in Chromium's pattern is none
        await resident.touch("corners-done")
        await step(resident, "page")
        begin = time.monotonic()
        await resident.touch("page-hand-in")
        await resident.touch("camera-close")
        await stands(resident, "identity-card", "there")
        took = time.monotonic() - begin
        (page,) = (await scene.papers()).pages
        picture = await scene.picture(page.id)
        tell(f"still of the second camera: {picture.size}, {page.file.bytes:,} bytes, there in {took:.1f} s")
        assert (page.source, picture.size) == ("camera", FAKE_PIXELS)
        captured = b64decode(await resident.page.evaluate(LAST_CAPTURED))
        assert {hashlib.sha256(captured).hexdigest(), *hashed} == {page.file.sent}
        assert hashlib.sha256(bare_jpeg(captured)).hexdigest() == page.file.sha256, (
            "only what the camera tells of itself is cut"
        )
        await expect(resident.at("paper-wanted")).to_have_count(0)


async def test_a_slanted_sheet_comes_out_straight(tmp_path: Path) -> None:
    """Its corners are found, then put wrong and right again by hand and by keys: what the server has is upright."""
    file = sheets.film(tmp_path / "sheet.mjpeg")
    flags = ("--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={file}")
    async with chromium(*flags, base=ONE_CAMERA) as browser, talk(browser, tmp_path) as scene:
        resident = scene.resident
        await resident.touch("take-identity-card")
        await step(resident, "live")
        await examine(resident, "camera")
        await resident.touch("camera-take")
        await step(resident, "page")
        await examine(resident, "page of a still")
        await resident.touch("page-hand-in")
        await step(resident, "more")
        await examine(resident, "one more page")
        await resident.touch("camera-more")
        await step(resident, "live")
        await resident.touch("camera-take")
        await step(resident, "page")
        await resident.touch("corners-open")
        await examine(resident, "corners")
        await drags(resident, 0, (0.45, 0.45))
        await drags(resident, 0, corner(0))
        await resident.at("corner-0").press("ArrowRight")
        await resident.at("corner-0").press("ArrowLeft")
        await resident.touch("corners-done")
        await step(resident, "page")
        await resident.touch("page-turn")
        await resident.touch("look-grey")
        await step(resident, "page")
        await resident.touch("page-hand-in")
        await step(resident, "more")
        await resident.touch("camera-close")
        await expect(resident.at("paper-identity-card").locator(".thumb")).to_have_count(2)
        found, marked = [await scene.picture(page.id) for page in (await scene.papers()).pages]

    as_seen = sheets.slant(sheets.photographed().crop((760, 190, 2330, 2270)))
    upright = marked.rotate(90, expand=True)
    for name, page in (("found by itself", found), ("marked by hand", upright)):
        tell(f"{name}: {page.size}, lines leave their row by {sheets.slant(page):.2f} ‰ (before: {as_seen:.0f} ‰)")
        assert sheets.slant(page) < 3
        assert abs(page.width / page.height / (sheets.SHEET[0] / sheets.SHEET[1]) - 1) < 0.03
        assert max(page.size) > 1_900
    assert sheets.same_colours(sheets.marks(found), sheets.MARKS)
    assert all(max(one) - min(one) < 12 for one in sheets.marks(upright))


def corner(at: int) -> tuple[float, float]:
    """Return where a corner of the sheet is, in parts of the picture."""
    x, y = sheets.LIES[at]
    return x / sheets.FRAME[0], y / sheets.FRAME[1]


async def drags(person: Person, at: int, to: tuple[float, float]) -> None:
    """Drag a corner with a finger to a place of the picture."""
    ring = await person.at(f"corner-{at}").locator(".knob").bounding_box()
    picture = await person.at("crop").locator("image").first.bounding_box()
    assert ring is not None
    assert picture is not None
    mouse = person.page.mouse
    await mouse.move(ring["x"] + ring["width"] / 2, ring["y"] + ring["height"] / 2)
    await mouse.down()
    await mouse.move(picture["x"] + to[0] * picture["width"], picture["y"] + to[1] * picture["height"], steps=6)
    await mouse.up()


async def test_a_file_survives_a_broken_line_and_malice_is_told_in_words(browser: Browser, tmp_path: Path) -> None:
    """The line breaks: the page says so, and goes on where it was. A PDF with a script is refused, and why is said."""
    async with talk(browser, tmp_path, "--set", "kiosk.files=true") as scene:
        resident = scene.resident
        photograph = papers.jpeg(Image.effect_noise((1600, 1200), 60).convert("RGB"))
        offsets: list[int] = []
        await breaks_after(resident.page, 2, offsets)
        await chooses(resident, "identity-card", "身份证.jpg", "image/jpeg", photograph)
        await expect(resident.at("sending")).to_have_attribute("data-phase", "broken")
        await expect(resident.at("sending-word")).to_contain_text("接着传")
        await resident.page.unroute("**/uploads/*")
        resident.page.on("request", lambda asked: note(asked.url, offsets))
        await stands(resident, "identity-card", "there")
        (page,) = (await scene.papers()).pages
        tell(f"{len(photograph):,} bytes, broken after two pieces; pieces began at {offsets}")
        assert page.file.sent == hashlib.sha256(photograph).hexdigest()
        assert len(offsets) == len(set(offsets)) + 1, "only the piece that the line broke in was sent again"

        await chooses(resident, "photo", "通知.pdf", "application/pdf", papers.pdf_with_script())
        await expect(resident.at("paper-photo").get_by_test_id("sending")).to_have_attribute("data-phase", "refused")
        await expect(resident.at("paper-photo").get_by_test_id("sending-word")).to_contain_text("带有程序")
        await stands(resident, "photo", "missing")
        assert len((await scene.papers()).pages) == 1


async def breaks_after(page: Page, pieces: int, offsets: list[int]) -> None:
    """Let so many pieces through, and then nothing more."""

    async def piece(route: Route) -> None:
        note(route.request.url, offsets)
        await (route.continue_() if len(offsets) <= pieces else route.abort("internetdisconnected"))

    await page.route("**/uploads/*", piece)


def note(url: str, offsets: list[int]) -> None:
    """Note where a piece begins."""
    if "offset=" in url:
        offsets.append(int(url.rpartition("=")[2]))


def note_hash(asked: Request, hashed: list[str]) -> None:
    """Note what hash a file is announced with."""
    if asked.url.endswith("/uploads") and isinstance(asked.post_data_json, dict):
        hashed.append(asked.post_data_json["sha256"])


async def chooses(person: Person, material: str, name: str, kind: str, data: bytes) -> None:
    """Choose a file in the dialog that the browser shows."""
    await person.at(f"file-{material}").set_input_files(FilePayload(name=name, mimeType=kind, buffer=data))


def tell(figures: str) -> None:
    """Print what was measured."""
    sys.stdout.write(f"\n{figures}\n")


async def test_a_telephone_sends_pictures_by_a_code(browser: Browser, tmp_path: Path) -> None:
    """The kiosk shows a code, a telephone comes by it without an account and sends three: a second one cannot come.

    A picture is looked at first: one goes as it is, byte for byte, another with its corners put and turned.
    """
    async with talk(browser, tmp_path) as scene:
        resident = scene.resident
        await resident.touch("phone-open")
        await resident.at("phone-qr").wait_for()
        address = await resident.at("phone-url").text_content() or ""
        telephone = await Person.sit_down(browser, 390, 844, permissions=())
        await telephone.page.goto(address)
        await telephone.at("send-identity-card").wait_for()
        await resident.at("phone-came").wait_for()
        assert "#" not in telephone.page.url
        await examine(telephone, "what is to be sent")

        card, photo, lease = papers.jpeg(), papers.png(), papers.pdf(2)
        await chooses(telephone, "identity-card", "正面.jpg", "image/jpeg", card)
        await looks_at(telephone, whole=True)
        await expect(telephone.at("send-identity-card").get_by_test_id("sent-picture")).to_have_count(1)
        await chooses(telephone, "photo", "photo.png", "image/png", photo)
        await looks_at(telephone, whole=True)
        await expect(telephone.at("send-photo").get_by_test_id("sent-picture")).to_have_count(1)
        await chooses(telephone, "identity-card", "反面.jpg", "image/jpeg", papers.jpeg(sheets.photographed()))
        await looks_at(telephone, whole=False)
        await expect(telephone.at("send-identity-card").get_by_test_id("sent-picture")).to_have_count(2)
        await chooses(telephone, "other", "合同.pdf", "application/pdf", lease)
        await expect(telephone.at("sent-picture")).to_have_count(4)
        await chooses(telephone, "other", "旧照片.heic", "image/heic", HEIC)
        await expect(telephone.at("sending-word")).to_contain_text("兼容性最佳")
        await resident.touch("phone-close")
        await stands(resident, "identity-card", "there")
        await stands(resident, "photo", "there")
        found = (await scene.papers()).pages
        assert [page.material for page in found] == ["identity-card", "photo", "identity-card", "other"]
        assert [page.source for page in found] == ["phone"] * 4
        assert [page.file.sent for page in found[:2]] == [hashlib.sha256(one).hexdigest() for one in (card, photo)]
        assert len({page.by for page in found}) == 1
        straight = (await scene.picture(found[2].id)).rotate(90, expand=True)
        assert sheets.slant(straight) < 3
        assert sheets.same_colours(sheets.marks(straight), sheets.MARKS)

        notice = await scene.server.ask("/notices", NoticeWanted((await scene.papers()).version, "请带原件"), NoticeMade)
        await telephone.page.reload()
        await expect(telephone.at("sent-picture")).to_have_count(4)
        await examine(telephone, "what was sent, with a notice")
        async with telephone.page.expect_download() as saved:
            await telephone.touch("send-notice")
        kept = await asyncio.to_thread((await (await saved.value).path()).read_bytes)
        assert hashlib.sha256(kept).hexdigest() == notice.file.sha256
        other = await Person.sit_down(browser, 390, 844, permissions=())
        await other.page.goto(address)
        await expect(other.at("send-fault")).to_contain_text("已用过")
        await scene.officer.do(c.DismissPhone((await scene.papers()).phones[0].link), scene.visit)
        await chooses(telephone, "identity-card", "再来.jpg", "image/jpeg", papers.jpeg(papers.page(words="MORE")))
        await looks_at(telephone, whole=True)
        await expect(telephone.at("sending").last).to_have_attribute("data-phase", "refused")
        assert len((await scene.papers()).pages) == 4
        assert not telephone.faults


async def looks_at(telephone: Person, whole: bool) -> None:
    """Look at the picture that was chosen, and send it: the whole of it as it is, or the sheet that was found, turned."""
    desk = telephone.at("send-picture")
    await expect(desk).to_have_attribute("aria-busy", "false")
    await examine(telephone, "picture to be sent")
    if whole:
        await telephone.touch("corners-open")
        await telephone.touch("corners-whole")
        await telephone.touch("corners-done")
    else:
        await telephone.touch("page-turn")
    await expect(desk).to_have_attribute("aria-busy", "false")
    await telephone.touch("page-hand-in")
    await expect(desk).to_have_count(0)
