"""Records of the past over HTTP: found by whose they are, held, and copied for the resident without what is of others."""

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import msgspec
import pytest
from starlette.applications import Starlette

from rvw.domain import events as e
from rvw.domain.catalogue.retention import Retention
from rvw.domain.certificate import SCHEMA, Certificate, check, make
from rvw.domain.handover import FileEntry, decode
from rvw.domain.package import check as check_package
from rvw.domain.people import Actor, Role
from rvw.errors import NotSignedIn
from rvw.protocol.keeping import HeldNow, KeepingView, PastVisits
from rvw.settings import Settings
from signaling.blobs import Blobs
from signaling.blobs.opening import open_blobs
from signaling.dossiers.copying import Copies
from signaling.dossiers.evidence import attached, render
from signaling.dossiers.keys import SealKeys, open_keys
from signaling.dossiers.packages import open_zip
from signaling.keeping.audit import Audit
from signaling.keeping.holding import Holding
from signaling.records import Store, open_store
from signaling.records.database import sqlite_url
from signaling.records.recordings import Recording, TrackFile
from signaling.rest_keeping import KeepingApi
from signaling.rest_past import PAGE, PastApi
from signaling.routes import routes
from tests.fakes.case_system import T0, closed_visit, opened, sealer, served, told
from tests.fakes.clock import ManualClock

OFFICER = Actor("pudong1", Role.OFFICER, "李示例", "pudong")
COLLEAGUE = Actor("pudong2", Role.OFFICER, "赵示例", "pudong")
LEAD = Actor("lead", Role.SUPERVISOR, "冯督导", "pudong")
STRANGER = Actor("other", Role.SUPERVISOR, "别处", "huangpu")
HOST = Actor("host", Role.HOST, "帮办", "pudong", hall="pudong-hall")
PEOPLE = {one.id: one for one in (OFFICER, COLLEAGUE, LEAD, STRANGER, HOST)}

GUEST = "guest:0123456789abcdef"
INTERPRETER = "慕容口译"
PAPER, OWN_VOICE, OTHER_VOICE = b"%PDF of the resident", b"the voice of the resident" * 9, b"the voice of the officer" * 9
FILM = b"a film of all" * 9


async def identify(token: str) -> Actor:
    """Return who the token is."""
    if token not in PEOPLE:
        raise NotSignedIn("who?")
    return PEOPLE[token]


def sha256(data: bytes) -> str:
    """Return what a file is found by."""
    return hashlib.sha256(data).hexdigest()


class Window:
    """Two visits that are over: `v1` with an interpreter and files, `v2` of another day."""

    def __init__(self, folder: Path, store: Store, blobs: Blobs, clock: ManualClock) -> None:
        self.folder, self.store, self.blobs, self.clock = folder, store, blobs, clock
        self.keys: SealKeys = open_keys(folder, T0)
        self.sealer = sealer(folder, render)
        audit = Audit(store.trail, self.keys, clock)
        copies = Copies(store.archive, store.recordings, blobs, self.sealer, clock)
        holding = Holding(store.holds, audit, clock, iter("hijk").__next__)
        past = PastApi(store.search, copies, lambda visit, code, shown: shown == f"{code} {visit}", audit, clock)
        keeping = KeepingApi(holding, store.deletions, audit, clock)
        self.app = Starlette(routes=routes((*past.table(), *keeping.table()), identify))

    async def file(self) -> None:
        """Let the visits have been."""
        visit, events = told(
            "v1",
            [
                opened(),
                e.Offered("pudong1", "pudong", T0 + 30),
                e.Accepted("pudong1", "李示例", T0 + 14_400),
                e.Invited(GUEST, INTERPRETER, T0 + 60),
                e.Entered(GUEST, Role.GUEST, INTERPRETER, 2, "join"),
                e.Said(GUEST, INTERPRETER, Role.GUEST, "我是口译员"),
                e.Said("kiosk-pudong-1", "浦东一号终端", Role.KIOSK, "我来补办社保卡"),
                e.Ended("officer", T0 + 600),
                e.Closed("done", "accepted", "已受理"),
            ],
        )
        files = (
            FileEntry(name="身份证.pdf", sha256=sha256(PAPER), bytes=len(PAPER), type="application/pdf", what="material"),
            *(
                FileEntry(name=f"voice-{n}.webm", sha256=sha256(one), bytes=len(one), type="audio/webm", what="recording")
                for n, one in enumerate((OWN_VOICE, OTHER_VOICE))
            ),
            FileEntry(name="film.mp4", sha256=sha256(FILM), bytes=len(FILM), type="video/mp4", what="film"),
        )
        for data in (PAPER, OWN_VOICE, OTHER_VOICE, FILM):
            await self.blobs.put("v1", once(data), len(data))
        await self.store.archive.keep(self.sealer.first(visit, events, files))
        await self.store.recordings.claim("v1", T0, T0 + 1)
        tracks = tuple(
            TrackFile(
                actor=actor, out="mic", codec="OPUS", type="audio/webm", sha256=sha256(one), bytes=len(one), seconds=9.0,
                frames=450, dropped=0,
            )
            for actor, one in (("kiosk-pudong-1", OWN_VOICE), ("pudong1", OTHER_VOICE))
        )  # fmt: skip
        await self.store.recordings.keep(Recording(visit="v1", state="collected", files=tracks), T0)
        await self.store.archive.keep(self.sealer.first(*closed_visit("v2", T0 + 2 * 86_400)))

    async def log(self) -> list[str]:
        """Return what the audit log says."""
        entries = [line.entry async for line in self.store.trail.lines() if line.entry]
        return [f"{one.actor} {one.did} {one.visit} {one.what}" for one in entries]


async def once(data: bytes) -> AsyncIterator[bytes]:
    """Yield a file in one piece."""
    yield data


class Page:
    """Somebody's page."""

    def __init__(self, client: httpx2.AsyncClient) -> None:
        self._client = client

    async def gets(self, who: str, path: str, **asked: str) -> httpx2.Response:
        """Ask with the own token."""
        return await self._client.get(path, params=asked, headers={"authorization": f"Bearer {who}"})

    async def posts(self, who: str, path: str, **body: str) -> httpx2.Response:
        """Want something with the own token."""
        headers = {"authorization": f"Bearer {who}"}
        return await self._client.post(path, content=msgspec.json.encode(body), headers=headers)

    async def finds(self, who: str, **asked: str) -> list[str]:
        """Return the visits that somebody finds."""
        answer = await self.gets(who, "/api/records", **asked)
        assert answer.status_code == 200, answer.text
        return [one.visit for one in msgspec.json.decode(answer.content, type=PastVisits).visits]


@pytest.fixture
async def window(tmp_path: Path) -> AsyncIterator[Window]:
    """A window whose visits are over."""
    async with open_store(sqlite_url(tmp_path)) as store:
        settings = Settings()
        chosen = msgspec.structs.replace(settings, store=msgspec.structs.replace(settings.store, data=str(tmp_path)))
        made = Window(tmp_path, store, open_blobs(chosen, store.keys), ManualClock(T0 + 5 * 86_400))
        await made.file()
        yield made


@pytest.fixture
async def desk(window: Window) -> AsyncIterator[Page]:
    """A browser before it."""
    async with served(window.app) as url, httpx2.AsyncClient(base_url=url, trust_env=False) as client:
        yield Page(client)


async def test_records_are_found_by_those_whose_they_are(window: Window, desk: Page) -> None:
    """By day, ticket, matter, officer; the last first; an officer the own ones, a supervisor those of the authority."""
    assert await desk.finds("lead") == await desk.finds("pudong1") == ["v2", "v1"]
    assert await desk.finds("pudong2") == await desk.finds("other") == []
    assert await desk.finds("pudong2", officer="pudong1") == [], "an officer who asks for another's gets the own"
    assert await desk.finds("lead", officer="pudong1", ticket=" a001 ", matter="social-card") == ["v2", "v1"]
    assert await desk.finds("lead", ticket="B001") == await desk.finds("lead", matter="birth") == []
    assert await desk.finds("lead", visit="v1") == ["v1"]
    assert await desk.finds("lead", **{"from": "2027-01-16"}) == ["v2"]
    assert await desk.finds("lead", to="2027-01-16") == ["v1"]
    assert (await desk.gets("host", "/api/records")).status_code == 403
    assert (await desk.gets("nobody", "/api/records")).status_code == 401
    assert (await desk.gets("lead", "/api/records", before="x")).status_code == 400
    assert (await desk.gets("lead", "/api/records", **{"from": "2026-02-30"})).json()["code"] == "bad_request"
    assert (await window.log())[0] == "lead saw  list of records, 2"


async def test_a_long_list_comes_in_pages(window: Window, desk: Page) -> None:
    """More than a page: every record once, in order."""
    for number in range(PAGE + 5):
        visit, events = closed_visit(f"w{number:03}", T0 + 10 * number)
        await window.store.archive.keep(sealer(window.folder).first(visit, events))
    first = msgspec.json.decode((await desk.gets("lead", "/api/records")).content, type=PastVisits)
    second = msgspec.json.decode((await desk.gets("lead", "/api/records", before=first.next)).content, type=PastVisits)
    assert (len(first.visits), len(second.visits), second.next) == (PAGE, 7, "")
    times = [one.closed_at for one in (*first.visits, *second.visits)]
    assert times == sorted(times, reverse=True)
    assert len({one.visit for one in (*first.visits, *second.visits)}) == PAGE + 7


async def test_a_hold_is_placed_seen_and_lifted(window: Window, desk: Page) -> None:
    """By the supervisor, until a day; the officer may not, a stranger finds nothing; each step is in the log."""
    placed = await desk.posts("lead", "/api/keeping/holds", visit="v1", why="行政复议", until="2027-12-31")
    assert placed.status_code == 200, placed.text
    hold = msgspec.json.decode(placed.content, type=HeldNow)
    assert (hold.in_force, hold.hold.by, hold.hold.why) == (True, "lead", "行政复议")
    (held,) = msgspec.json.decode((await desk.gets("lead", "/api/records", visit="v1")).content, type=PastVisits).visits
    assert held.held
    view = msgspec.json.decode((await desk.gets("lead", "/api/keeping")).content, type=KeepingView)
    assert [one.hold.visit for one in view.holds] == ["v1"]
    assert msgspec.json.decode((await desk.gets("other", "/api/keeping")).content, type=KeepingView).holds == ()
    assert (await desk.gets("pudong1", "/api/keeping")).status_code == 403
    assert (await desk.posts("pudong1", "/api/keeping/holds", visit="v1", why="x")).status_code == 403
    assert (await desk.posts("other", "/api/keeping/holds", visit="v1", why="x")).status_code == 404
    assert (await desk.posts("lead", "/api/keeping/holds", visit="v9", why="x")).status_code == 404
    assert (await desk.posts("lead", "/api/keeping/holds", visit="v1", why="x", until="2020-01-01")).status_code == 400
    lifted = await desk.posts("lead", f"/api/keeping/holds/{hold.hold.id}/lift", why="已结")
    assert not msgspec.json.decode(lifted.content, type=HeldNow).in_force
    assert (await desk.posts("lead", f"/api/keeping/holds/{hold.hold.id}/lift", why="已结")).status_code == 409
    log = await window.log()
    assert {"lead changed v1 hold h, placed", "lead changed v1 hold h, lifted"} <= set(log)


async def test_a_certificate_is_fetched_as_it_was_sealed(window: Window, desk: Page) -> None:
    """By a supervisor of the authority; that it was is in the log."""
    rule = Retention(id="r", kind="recording", days=0, basis="b")
    content = Certificate(
        schema=SCHEMA, visit="v1", kind="recording", authority="pudong", matter="social-card", closed_at=T0, rule=rule,
        due_at=T0, begun_at=T0 + 1, key_destroyed=False,
    )  # fmt: skip
    assert await window.store.deletions.begin(content, T0 + 1, T0 + 2)
    path = "/api/keeping/deletions/v1/recording"
    assert (await desk.gets("lead", path)).status_code == 404, "it goes on"
    await window.store.deletions.certify(content, make(content, window.keys.signer(), T0 + 3), T0 + 9)
    answer = await desk.gets("lead", path)
    assert check(answer.content, window.keys.public()).visit == "v1"
    for who, where in (("other", path), ("lead", path.replace("recording", "papers")), ("lead", f"{path}s")):
        assert (await desk.gets(who, where)).status_code == 404
    (gone,) = msgspec.json.decode((await desk.gets("lead", "/api/keeping")).content, type=KeepingView).deletions
    assert (gone.visit, gone.rule, gone.step) == ("v1", "r", "certified")
    assert "lead took v1 certificate, recording" in await window.log()


async def test_the_resident_s_copy_has_what_is_theirs_and_nothing_of_others(window: Window, desk: Page) -> None:
    """A package that verifies: the own words, papers and voice; of the interpreter and the officer's voice only hashes."""
    wanted = await desk.posts("pudong1", "/api/records/v1/copies", identity="card", ticket="A001 v1")
    assert wanted.status_code == 200, wanted.text
    file = window.folder / "copy.zip"
    file.write_bytes(wanted.content)
    with open_zip(file) as package:
        whole = check_package(package, window.keys.public(), attached)
        content = decode(package.read("dossier.json"))
        names = set(package.names())
    assert (whole.visit, whole.number, whole.removed) == ("v1", 1, 5)
    assert {f"files/{sha256(one)}" for one in (PAPER, OWN_VOICE)} <= names
    assert {f"files/{sha256(one)}" for one in (OTHER_VOICE, FILM)}.isdisjoint(names)
    assert INTERPRETER.encode() not in wanted.content
    assert "我是口译员".encode() not in wanted.content
    assert "我来补办社保卡" in {line.text for line in content.chat}
    assert "李示例" in {one.name for one in content.parties}
    assert "pudong1 took v1 copy for the resident, dossier 1, card, ticket" in await window.log()
    record = await window.store.archive.record("v1")
    assert record is not None
    assert INTERPRETER.encode() in record.dossier, "the record itself is as it was"


async def test_who_does_not_get_a_copy(window: Window, desk: Page) -> None:
    """The wrong ticket, no ticket at the desk, a colleague, another authority: refused, and no copy is in the log."""
    path = "/api/records/v1/copies"
    assert (await desk.posts("pudong1", path, identity="card", ticket="A001 v2")).status_code == 400
    assert (await desk.posts("pudong1", path, identity="card")).status_code == 403
    assert (await desk.posts("lead", path, identity="card")).status_code == 403, "without a word why"
    assert (await desk.posts("pudong2", path, identity="card", ticket="A001 v1")).status_code == 404
    assert (await desk.posts("other", path, identity="card", ticket="A001 v1")).status_code == 404
    assert (await desk.posts("pudong1", "/api/records/v9/copies", identity="card", ticket="x")).status_code == 404
    assert (await desk.posts("pudong1", path, identity="believed", ticket="A001 v1")).status_code == 400
    assert not [line for line in await window.log() if " took " in line]
    allowed = await desk.posts("lead", path, identity="document", note="凭条遗失，已核对档案")
    assert allowed.status_code == 200
