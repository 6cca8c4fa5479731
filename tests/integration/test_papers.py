"""Papers handed in to the real product: resumed, verified, cleaned, seen by those who may; malice is not kept."""

import asyncio
import hashlib
import random
import sys
from base64 import b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
import pytest_asyncio
from PIL import Image

import config
from rvw.cli.wire import Http, Wire, open_wire
from rvw.domain import commands as c
from rvw.domain import events as e
from rvw.domain.application import Application
from rvw.domain.catalogue.consent import current, digest
from rvw.domain.commands.consent import Answer
from rvw.domain.handover import decode
from rvw.domain.papers import Papers
from rvw.protocol.applications import DocumentShown, Masked
from rvw.protocol.papers import LicenceChosen, LicenceQuestion, LicencesFound, NoticeMade, NoticeWanted, Upload
from signaling.catalogue_watch import read
from signaling.uploads.kinds import bare_jpeg
from signaling.uploads.shelf import kept_hashes
from tests.fakes import papers
from tests.fakes.places import Place
from tests.fakes.product import PASSWORD, Product
from tests.fakes.sender import Refused, Sender

STILL = papers.jpeg(papers.page(3264, 2448))


class Talk:
    """A visit that goes on, with those in it."""

    def __init__(
        self, running: Product, visit: str, kiosk: Wire, officer: Wire, tokens: dict[str, str], stack: AsyncExitStack
    ) -> None:
        self.running = running
        self._stack = stack
        self.visit = visit
        self.kiosk = kiosk
        self.officer = officer
        self.tokens = tokens

    async def sender(self, who: str) -> Sender:
        """Return somebody's way to hand in and look."""
        return await self._stack.enter_async_context(Sender(self.running.origin, self.tokens[who], self.visit))


@pytest_asyncio.fixture
async def talk(running: Product, place: Place) -> AsyncIterator[Talk]:
    """A resident and an officer talk about a social security card."""
    async with AsyncExitStack() as stack:
        http = Http(running.origin)
        lead = await http.login(place.lead, PASSWORD)
        enrolled = await http.enrol((await http.new_enrolment(place.kiosk, lead.token)).code)
        people = {"officer": place.officer, "stranger": place.neighbour_officer}
        tokens = {who: (await http.login(user, PASSWORD)).token for who, user in people.items()}
        tokens["kiosk"] = enrolled.token
        kiosk = await stack.enter_async_context(open_wire(running.origin, tokens["kiosk"]))
        officer = await stack.enter_async_context(open_wire(running.origin, tokens["officer"]))
        await officer.do(c.SetPresence("ready"))
        visit = await kiosk.do(c.Open("social-card", place.region))
        await officer.shown(visit)
        await officer.do(c.Accept(), visit)
        yield Talk(running, visit, kiosk, officer, tokens, stack)


def kept(talk: Talk) -> set[str]:
    """Return the names of everything stored for the visit, and of what lies where files are cleaned."""
    folder = talk.running.data
    return {
        str(path.relative_to(folder))
        for place in (folder / "blobs" / talk.visit, folder / "cleaning")
        for path in place.rglob("*")
        if path.is_file()
    }


def forget_peak(pid: int) -> None:
    """Let the most memory that a process has had be what it has now (clear_refs of proc(5))."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def peak_kib(pid: int) -> int:
    """Return the most memory that a process has had (VmHWM of proc(5))."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1])


async def test_a_still_arrives_with_its_hash_and_is_seen_by_those_who_may(talk: Talk) -> None:
    """The page says the hash, all are told of it, the officer fetches the very bytes; a stranger does not find them."""
    resident, officer, stranger = await talk.sender("kiosk"), await talk.sender("officer"), await talk.sender("stranger")
    made = await resident.send(STILL)
    told = await talk.officer.event(e.PageAdded)
    sha256 = hashlib.sha256(STILL).hexdigest()
    assert (told.file.sha256, told.file.sent, told.file.bytes) == (sha256, sha256, len(STILL))
    assert (told.source, told.title, made.page) == ("camera", "正面", 1)
    (page,) = (await officer.papers()).pages
    answer = await officer.file(sha256)
    assert answer.content == STILL
    headers = {name: answer.headers[name] for name in ("content-type", "cache-control", "x-content-type-options")}
    assert headers == {"content-type": "image/jpeg", "cache-control": "no-store", "x-content-type-options": "nosniff"}
    assert answer.headers["content-disposition"].startswith("attachment")
    for one, longest in ((page.file.pictures[0].view, 2400), (page.file.pictures[0].thumbnail, 360)):
        with Image.open(BytesIO((await officer.file(one)).content)) as picture:
            assert max(picture.size) == longest
    assert (await stranger.file(sha256)).status_code == 404
    assert (await officer.file("0" * 64)).status_code == 404

    await talk.kiosk.do(c.RemovePage(1), talk.visit)
    assert (await officer.file(sha256)).status_code == 404, "what was taken out is not shown any more"


async def test_an_upload_goes_on_where_the_line_broke(talk: Talk) -> None:
    """Pieces twice, out of order and after an hour's thought; the same announcement tells how far it is."""
    resident = await talk.sender("kiosk")
    data = noisy()
    assert len(data) > 2 << 20
    upload = await resident.announce(data, ref="one-attempt")
    assert (upload.offset, upload.page) == (0, 0)
    after = await resident.put(upload, 0, data[:1000])
    assert after.offset == 1000
    assert (await resident.put(upload, 0, data[:1000])).offset == 1000, "a piece that came twice counts once"
    assert (await resident.put(upload, 5000, data[5000:6000])).offset == 1000, "a piece that comes too early is not taken"
    again = await resident.announce(data, ref="one-attempt")
    assert (again.id, again.offset) == (upload.id, 1000)
    while not again.page:
        again = await resident.piece(again, data)
    assert (await resident.announce(data, ref="one-attempt")).page == again.page, "it is done, and is not done again"
    second = await resident.announce(data, material="other")
    assert second.page == 2, "what the visit has already need not be sent again"
    with pytest.raises(Refused, match="not_found"):
        await (await talk.sender("officer")).put(Upload("0" * 32, 0, 0, 0), 0, b"x")


def noisy() -> bytes:
    """Return a picture of some megabytes: noise does not pack well."""
    return papers.png(Image.frombytes("RGB", (1000, 900), random.Random(1).randbytes(2_700_000)))


MALICE: dict[str, tuple[Callable[[], bytes], dict[str, object], str]] = {
    "script in a PDF": (papers.pdf_with_script, {}, "file_active"),
    "script hidden in a PDF": (papers.pdf_with_hidden_script, {}, "file_active"),
    "polyglot: picture and archive": (papers.jpeg_and_zip, {}, "file_polyglot"),
    "polyglot: picture and PDF": (papers.jpeg_and_pdf, {}, "file_polyglot"),
    "polyglot: picture and page": (papers.jpeg_and_script, {}, "file_polyglot"),
    "zip bomb": (papers.zip_bomb, {}, "file_type"),
    "PDF that unpacks to 600 MB": (papers.pdf_bomb, {}, "file_bomb"),
    "PNG of 30,000 x 30,000": (papers.huge_png, {}, "file_bomb"),
    "path in the name": (papers.jpeg, {"name": "../../etc/cron.d/evil.jpg"}, "file_name"),
    "name that reads backwards": (papers.jpeg, {"name": "receipt\u202egpj.exe"}, "file_name"),
    "program called .jpg": (lambda: b"MZ\x90\0" * 1000, {"name": "photo.jpg"}, "file_type"),
    "page called .pdf": (lambda: b"<html><script>1</script></html>", {"name": "form.pdf"}, "file_type"),
    "locked PDF": (papers.locked_pdf, {}, "file_locked"),
    "half a picture": (lambda: papers.jpeg()[:-9000], {}, "file_broken"),
    "other bytes than announced": (papers.jpeg, {"sha256": "0" * 64}, "file_hash"),
    "2 GB, announced": (lambda: b"x", {"bytes": 2 << 30}, "too_large"),
    "more than announced": (lambda: papers.jpeg(papers.page(words="ANOTHER")), {"bytes": 1000}, "too_large"),
    "a paper that nobody knows": (papers.jpeg, {"material": "passport"}, "not_found"),
}


async def test_what_is_meant_ill_is_refused_and_not_kept(talk: Talk, capsys: pytest.CaptureFixture[str]) -> None:
    """Each with its code; nothing of it is stored; the server's memory stays bounded, also by 2 GB in one request."""
    resident = await talk.sender("kiosk")
    await resident.send(papers.jpeg())
    before, pid = kept(talk), talk.running.pid("signaling")
    forget_peak(pid)
    at_first = peak_kib(pid)
    found = {what: await resident.refusal(make(), **more) for what, (make, more, _) in MALICE.items()}
    assert found == {what: code for what, (_, _, code) in MALICE.items()}
    assert kept(talk) == before
    assert len((await resident.papers()).pages) == 1

    sent, status = await flood(talk, resident)
    at_last = peak_kib(pid)
    assert status == 413
    assert kept(talk) == before
    said = f"most memory of signaling: {at_first:,} kB before, {at_last:,} kB after; {sent:,} bytes of 2 GB were sent"
    with capsys.disabled():
        sys.stdout.write(f"\n{said}\n")
    assert at_last - at_first < 64 * 1024


async def flood(talk: Talk, resident: Sender) -> tuple[int, int]:
    """Send 2 GB as one piece, as fast as it is taken; return how much was, and the status."""
    upload = await resident.announce(b"y" * 2000, material="other")
    host, port = talk.running.origin.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    path = f"/api/visits/{talk.visit}/uploads/{upload.id}?offset=0"
    head = f"PUT {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {talk.tokens['kiosk']}\r\n"
    writer.write(f"{head}Content-Length: {2 << 30}\r\n\r\n".encode())
    sent = 0
    async with asyncio.TaskGroup() as tasks:
        status = tasks.create_task(reader.readline())
        with suppress(ConnectionError):
            while sent < 2 << 30 and not status.done():
                writer.write(b"y" * (1 << 16))
                await writer.drain()
                sent += 1 << 16
    writer.close()
    return sent, int(status.result().split()[1])


def agreed() -> Answer:
    """The resident's consent to the use of sensitive data."""
    text = current(read(config.FOLDER / "catalogue").texts, "resident")
    assert text is not None
    return Answer("sensitive", True, digest(text, "zh"))


async def test_a_licence_is_referred_to_of_whoever_was_confirmed(talk: Talk) -> None:
    """Nothing is looked up before the officer has confirmed who applies; then a licence stands for the card, masked."""
    officer, stranger = await talk.sender("officer"), await talk.sender("stranger")
    card, register = LicenceQuestion("identity-card"), LicenceQuestion("household-register")
    with pytest.raises(Refused, match="consent_needed"):
        await officer.ask("/licences/search", card, LicencesFound)
    await talk.kiosk.do(c.AnswerConsent(agreed()), talk.visit)
    shown = DocumentShown(subject="person", shown_by="typed", name="王示例", number="310115195203079026")
    await officer.ask("/identity", shown, Masked)
    with pytest.raises(Refused, match="not_possible"):
        await officer.ask("/licences/search", card, LicencesFound)
    await talk.officer.do(c.ConfirmIdentity(subject="person"), talk.visit)
    (found,) = (await officer.ask("/licences/search", card, LicencesFound)).licences
    assert (found.number, found.holder) == ("310***********9026", "王**")
    assert "310115195203079026" not in repr(await officer.ask("/licences/search", register, LicencesFound))
    with pytest.raises(Refused, match="not_possible"):
        await officer.ask("/licences/search", LicenceQuestion("photo"), LicencesFound)
    with pytest.raises(Refused, match="not_found"):
        await officer.ask("/licences", LicenceChosen("identity-card", "demo-0004"), Papers)
    with pytest.raises(Refused, match="not_allowed"):
        await stranger.ask("/licences/search", card, LicencesFound)

    papers = await officer.ask("/licences", LicenceChosen("identity-card", found.id), Papers)
    told = await talk.kiosk.event(e.PaperReferred)
    assert told.licence == found == papers.referred[0].licence
    await talk.officer.do(c.AcceptPaper("identity-card", papers.version), talk.visit)
    assert (await officer.papers()).verdicts[0].accepted


async def test_a_document_is_cleaned_and_every_page_is_shown(talk: Talk) -> None:
    """Links, attachments and the author's name are gone; the officer sees pictures of the pages."""
    resident, officer = await talk.sender("kiosk"), await talk.sender("officer")
    await resident.send(papers.pdf_with_link_and_attachment(), name="lease.pdf", source="upload")
    (page,) = (await officer.papers()).pages
    assert page.file.type == "application/pdf"
    assert page.file.sent != page.file.sha256
    with pikepdf.open(BytesIO((await officer.file(page.file.sha256)).content)) as document:
        assert not document.attachments
    with Image.open(BytesIO((await officer.file(page.file.pictures[0].view)).content)) as view:
        assert max(view.size) == 2400


async def test_the_record_names_every_page_and_the_archive_carries_it(talk: Talk, tmp_path: Path) -> None:
    """After the closing the dossier lists each file by hash, as it came and as it is kept; the bag has the bytes."""
    resident = await talk.sender("kiosk")
    await resident.send(STILL)
    told = papers.with_exif()
    await resident.send(told, name="photo.jpg", material="photo")
    await resident.send(papers.pdf(2), name="lease.pdf", title="租房合同", material="other")
    papers_now = await resident.papers()
    await talk.officer.do(c.AcceptPaper("identity-card", papers_now.version), talk.visit)
    await talk.officer.do(c.Close("guided", "看过材料"), talk.visit)
    await talk.officer.event(e.HandedOver, talk.visit)
    bag = await _exported(talk.running.data, tmp_path / "bag")
    files = {path.name: path.read_bytes() for path in (bag / "data" / talk.visit / "files").iterdir()}
    assert set(files) == {page.file.sha256 for page in papers_now.pages}
    assert all(hashlib.sha256(data).hexdigest() == name for name, data in files.items())
    listed = decode((bag / "data" / talk.visit / "dossier.json").read_bytes()).files
    assert [one.sent for one in listed] == [page.file.sent for page in papers_now.pages]
    still, photo, lease = listed
    assert still.sha256 == still.sent == hashlib.sha256(STILL).hexdigest()
    assert photo.sent == hashlib.sha256(told).hexdigest()
    assert photo.sha256 == hashlib.sha256(bare_jpeg(told)).hexdigest() != photo.sent
    assert lease.sha256 != lease.sent


async def test_what_nothing_refers_to_goes_when_the_visit_closes(talk: Talk) -> None:
    """A page taken again, one taken out, a card shown before, half an upload: gone; all that is referred to stays."""
    resident, officer = await talk.sender("kiosk"), await talk.sender("officer")
    await talk.kiosk.do(c.AnswerConsent(agreed()), talk.visit)
    blurred = await resident.send(papers.jpeg(papers.page(3000, 2000, "BLURRED")))
    await resident.send(STILL, page=blurred.page)
    wrong = await resident.send(papers.png(papers.page(words="WRONG")), material="photo")
    await talk.kiosk.do(c.RemovePage(wrong.page), talk.visit)
    half = await resident.announce(noisy(), material="other")
    await resident.put(half, 0, noisy()[:1000])
    for name, number in (("李样本", "310115199011239011"), ("王示例", "310115195203079026")):
        photo = b64encode(papers.jpeg(papers.page(102, 126))).decode()
        shown = DocumentShown(subject="person", shown_by="typed", name=name, number=number, photo=photo)
        await officer.ask("/identity", shown, Masked)
    seen = (await officer.papers()).version
    await officer.ask("/notices", NoticeWanted(seen, "请带原件"), NoticeMade)
    before, now = blobs_of(talk), await officer.papers()
    application = await (await talk.sender("officer")).read("/application", Application)
    await talk.officer.do(c.Close("returned", "看过材料", "补齐材料再来"), talk.visit)
    await talk.officer.event(e.HandedOver, talk.visit)
    stays = kept_hashes(now) | {one.proof for one in application.shown}
    assert len(stays) == 3 + 3 + 1, "a still with view and thumbnail, a notice with the same, the number of who applies"
    assert stays < before
    assert blobs_of(talk) == stays
    for sha256 in kept_hashes(now):
        assert hashlib.sha256((await officer.file(sha256)).content).hexdigest() == sha256
    with pytest.raises(Refused, match="not_possible"):
        await resident.put(half, 1000, noisy()[1000:2000])
    assert blobs_of(talk) == stays, "nor is anything taken any more"


def blobs_of(talk: Talk) -> set[str]:
    """Return the hashes of everything stored for the visit."""
    return {path.name for path in (talk.running.data / "blobs" / talk.visit).rglob("*") if path.is_file()}


async def _exported(data: Path, bag: Path) -> Path:
    month = (datetime.now(UTC) + timedelta(hours=8)).strftime("%Y-%m")
    words = ["archive", "export", "--month", month, "--to", str(bag), "--data", str(data)]
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "rvw.cli", *words)
    assert await process.wait() == 0
    return bag
