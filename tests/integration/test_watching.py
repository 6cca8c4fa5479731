"""A record is watched over HTTP: by whom it may be, in parts, with a ticket that ends, and never unnoted."""

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlencode

import httpx2
import msgspec
import pytest
from starlette.applications import Starlette

from rvw.domain import events as e
from rvw.domain.chain import Redacted
from rvw.domain.companion import together
from rvw.domain.handover import FileEntry
from rvw.domain.people import Actor, Role
from rvw.errors import NotFound, NotSignedIn
from rvw.protocol.playback import Playback, Tile, Viewing
from rvw.settings import Settings
from signaling.blobs import Blobs
from signaling.blobs.opening import open_blobs
from signaling.dossiers.amending import Amendments
from signaling.dossiers.keys import open_keys
from signaling.keeping.audit import Audit
from signaling.recordings.tickets import TICKET_S, FileTickets
from signaling.records import Store, open_store
from signaling.records.database import sqlite_url
from signaling.records.recordings import Film, Recording, TrackFile
from signaling.rest_records import PART_BYTES, RecordApi
from signaling.routes import routes
from tests.fakes.case_system import T0, closed_visit, sealer, served
from tests.fakes.clock import ManualClock
from tests.fakes.ledger import MemoryLedger

OFFICER = Actor("pudong1", Role.OFFICER, "李示例", "pudong")
LEAD = Actor("lead", Role.SUPERVISOR, "王督导", "pudong")
COLLEAGUE = Actor("pudong2", Role.OFFICER, "赵示例", "pudong")
STRANGER = Actor("other", Role.SUPERVISOR, "别处", "huangpu")
HOST = Actor("host", Role.HOST, "帮办", "pudong", hall="pudong-hall")
PEOPLE = {one.id: one for one in (OFFICER, LEAD, COLLEAGUE, STRANGER, HOST)}

VOICE = bytes(range(256)) * 40_000
"""Ten megabytes: five answers."""
FILM = b"a film of all" * 1000


async def identify(token: str) -> Actor:
    """Return who the token is."""
    if token not in PEOPLE:
        raise NotSignedIn("who?")
    return PEOPLE[token]


async def bytes_of(data: bytes) -> AsyncIterator[bytes]:
    """Yield a file in one piece."""
    yield data


def sha256(data: bytes) -> str:
    """Return what a file is found by."""
    return hashlib.sha256(data).hexdigest()


class Window:
    """A visit that is closed and filed, with a voice and a film."""

    def __init__(self, folder: Path, store: Store, blobs: Blobs, clock: ManualClock) -> None:
        self.folder = folder
        self.store = store
        self.blobs = blobs
        self.clock = clock
        self.tickets = FileTickets("a secret of the deployment", clock)
        self.audit = Audit(store.trail, open_keys(folder, T0), clock)
        self.sealer = sealer(folder)
        self.ledger = MemoryLedger()
        api = RecordApi(self.ledger, store.archive, store.recordings, blobs, self.tickets, self.audit)  # type: ignore[arg-type]
        self.app = Starlette(routes=[*routes(api.table(), identify)])

    async def file(self) -> None:
        """File the visit, and keep what was recorded of it."""
        visit, events = closed_visit("v1")
        voice = FileEntry(name="voice.webm", sha256=sha256(VOICE), bytes=len(VOICE), type="audio/webm", what="recording")
        await self.store.archive.keep(self.sealer.first(visit, events, (voice,)))
        for data in (VOICE, FILM):
            await self.blobs.put("v1", bytes_of(data), len(data))
        assert await self.store.recordings.claim("v1", T0, T0 + 1)
        track = TrackFile(
            actor="pudong1", out="mic", codec="OPUS", type="audio/webm", sha256=sha256(VOICE), bytes=len(VOICE),
            seconds=31.5, frames=1500, dropped=0, begin=1.5,
        )  # fmt: skip
        tile = Tile(actor="pudong1", out="camera", begin=0.0, end=31.5, x=0, y=0, width=640, height=480)
        film = Film(sha256=sha256(FILM), bytes=len(FILM), seconds=32.0, width=640, height=480, tiles=(tile,))
        since = T0 + 12
        kept = Recording(visit="v1", state="composed", since=since, spans=((since, since + 32),), files=(track,), film=film)
        await self.store.recordings.keep(kept, T0)

    async def log(self) -> list[tuple[str, str, str, str]]:
        """Return what the audit log says: who did what."""
        entries = [line.entry async for line in self.store.trail.lines() if line.entry]
        return [(one.actor, one.did, one.visit, one.what) for one in entries]


class Page:
    """Somebody's page."""

    def __init__(self, client: httpx2.AsyncClient) -> None:
        self._client = client

    async def asks(self, who: str, method: str, path: str) -> httpx2.Response:
        """Ask with the own token."""
        return await self._client.request(method, path, headers={"authorization": f"Bearer {who}"})

    async def plays(self, url: str, part: str = "") -> httpx2.Response:
        """Ask as a media element does: without a token."""
        return await self._client.get(url, headers={"range": part} if part else {})

    async def views(self, who: str) -> dict[str, str]:
        """Return the addresses that somebody is given, by hash."""
        answer = await self.asks(who, "POST", "/api/records/v1/viewings")
        assert answer.status_code == 200, answer.text
        return {one.sha256: one.url for one in msgspec.json.decode(answer.content, type=Viewing).files}


@pytest.fixture
async def window(tmp_path: Path) -> AsyncIterator[Window]:
    """A window whose visit `v1` is over."""
    clock = ManualClock(T0 + 5000)
    async with open_store(sqlite_url(tmp_path)) as store:
        settings = Settings()
        chosen = msgspec.structs.replace(settings, store=msgspec.structs.replace(settings.store, data=str(tmp_path)))
        made = Window(tmp_path, store, open_blobs(chosen, store.keys), clock)
        await made.file()
        yield made


@pytest.fixture
async def page(window: Window) -> AsyncIterator[Page]:
    """A browser before it."""
    async with served(window.app) as url, httpx2.AsyncClient(base_url=url, trust_env=False) as client:
        yield Page(client)


@pytest.mark.parametrize("who", ["pudong1", "lead"])
async def test_who_may_watch_gets_the_time_line_and_the_bytes(window: Window, page: Page, who: str) -> None:
    """The officer and the supervisor see what happened when, and play the voice in parts; both looks are in the log."""
    answer = await page.asks(who, "GET", "/api/records/v1/playback")
    told = msgspec.json.decode(answer.content, type=Playback)
    assert (told.visit, told.number, told.state, told.since, told.seconds) == ("v1", 1, "composed", T0 + 12, 32.0)
    assert [(one.actor, one.out, one.begin, one.end) for one in told.tracks] == [("pudong1", "mic", 1.5, 31.5)]
    assert told.film is not None
    assert [type(one.event) for one in told.events[:3]] == [e.Opened, e.Offered, e.Accepted]
    assert await window.log() == [(who, "saw", "v1", "dossier 1")]

    urls = await page.views(who)
    assert set(urls) == {sha256(VOICE), sha256(FILM)}
    assert (await window.log())[1:] == [(who, "saw", "v1", "recording")]
    got = b""
    while len(got) < len(VOICE):
        part = await page.plays(urls[sha256(VOICE)], f"bytes={len(got)}-")
        assert part.status_code == 206
        assert part.headers["content-range"] == f"bytes {len(got)}-{len(got) + len(part.content) - 1}/{len(VOICE)}"
        assert len(part.content) <= PART_BYTES
        got += part.content
    assert got == VOICE


async def test_a_file_comes_whole_in_part_or_not_at_all(window: Window, page: Page) -> None:
    """As a browser asks: everything, the middle, the end, behind the end; and nothing may keep it."""
    url = (await page.views("pudong1"))[sha256(FILM)]
    whole = await page.plays(url)
    assert (whole.status_code, whole.content) == (200, FILM)
    headers = {name: whole.headers[name] for name in ("content-type", "cache-control", "accept-ranges")}
    assert headers == {"content-type": "video/mp4", "cache-control": "no-store", "accept-ranges": "bytes"}
    middle = await page.plays(url, "bytes=100-199")
    assert (middle.status_code, middle.content) == (206, FILM[100:200])
    assert (await page.plays(url, "bytes=-10")).content == FILM[-10:]
    behind = await page.plays(url, f"bytes={len(FILM)}-")
    assert (behind.status_code, behind.json()["code"]) == (416, "out_of_range")
    assert behind.headers["content-range"] == f"bytes */{len(FILM)}"
    stored = [file.read_bytes() for file in (window.folder / "blobs").rglob("*") if file.is_file()]
    assert stored
    assert not any(FILM[:100] in one for one in stored), "on the disk it is encrypted"


@pytest.mark.parametrize("who", ["pudong2", "other", "host"])
async def test_others_find_nothing(window: Window, page: Page, who: str) -> None:
    """A colleague, another authority's supervisor and the clerk of the hall are refused alike, and see nothing."""
    for method, path in (("GET", "playback"), ("POST", "viewings")):
        answer = await page.asks(who, method, f"/api/records/v1/{path}")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
        assert (await page.asks("nobody", method, f"/api/records/v1/{path}")).status_code == 401
        assert (await page.asks(who, method, f"/api/records/v2/{path}")).status_code == 404
    assert await window.log() == []


async def test_a_record_that_is_not_there_yet(window: Window, page: Page) -> None:
    """The visit is closed and not filed: its officer is told to wait, a colleague finds nothing."""
    window.ledger.streams["visit:v3"] = list(closed_visit("v3")[1])
    answer = await page.asks("pudong1", "GET", "/api/records/v3/playback")
    assert (answer.status_code, answer.json()["code"]) == (409, "not_possible")
    assert (await page.asks("pudong2", "GET", "/api/records/v3/playback")).status_code == 404


async def test_a_ticket_is_for_one_file_one_viewer_and_some_minutes(window: Window, page: Page) -> None:
    """One that is over, of another file, visit or viewer, changed, or missing, opens nothing."""
    urls = await page.views("pudong1")
    url = urls[sha256(FILM)]
    path, _, query = url.partition("?")
    ticket = dict(part.split("=") for part in query.split("&"))
    assert (await page.plays(url)).status_code == 200
    for changed in ({"viewer": "pudong2"}, {"until": str(int(ticket["until"]) + 1)}, {"proof": "A" * 43}, {"proof": ""}):
        answer = await page.plays(f"{path}?{urlencode(ticket | changed)}")
        assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")
    assert (await page.plays(url.replace(sha256(FILM), sha256(VOICE)))).status_code == 401
    assert (await page.plays(url.replace("/v1/", "/v2/"))).status_code == 401
    assert (await page.plays(path)).status_code == 400
    window.clock.pass_(TICKET_S - 1)
    assert (await page.plays(url)).status_code == 200
    window.clock.pass_(1)
    answer = await page.plays(url)
    assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")
    assert (await page.plays((await page.views("pudong1"))[sha256(FILM)])).status_code == 200


async def test_what_is_not_of_the_recording_has_no_ticket(window: Window, page: Page) -> None:
    """A paper of the same visit is kept in the same place; a ticket made for it by our own key plays nothing."""
    paper = b"a still of a made-up identity card"
    await window.blobs.put("v1", bytes_of(paper), 100)
    query = window.tickets.query("v1", sha256(paper), "pudong1", window.tickets.until())
    assert (await page.plays(f"/api/records/v1/files/{sha256(paper)}?{query}")).status_code == 404


async def test_what_was_removed_by_law_is_not_played(window: Window, page: Page) -> None:
    """The voice is taken out of the record: neither it, nor the film in which it can be heard, has an address."""
    amendments = Amendments(window.store.archive, window.sealer, lambda _m: "http", lambda: None, window.clock)
    order = Redacted(events=(), files=(sha256(VOICE),), reason="当事人申请", basis="个人信息保护法第四十七条")
    await amendments.remove(LEAD, "v1", order)
    told = msgspec.json.decode((await page.asks("lead", "GET", "/api/records/v1/playback")).content, type=Playback)
    assert (told.number, told.tracks, told.film, told.removed) == (2, (), None, 1)
    assert (await page.asks("lead", "POST", "/api/records/v1/viewings")).status_code == 404


async def test_a_forgotten_visit_is_not_played(window: Window, page: Page) -> None:
    """The key is destroyed while somebody watches: the next part is not there any more."""
    url = (await page.views("lead"))[sha256(VOICE)]
    assert (await page.plays(url, "bytes=0-")).status_code == 206
    await window.blobs.forget("v1")
    assert (await page.plays(url, "bytes=2097152-")).status_code == NotFound.status


PAGE, VIEW, TAKEN_OUT = b"a still of a made-up lease", b"its view", b"the wrong still"


async def file_with_pages(window: Window) -> None:
    """File a visit `v2`: two pages were shown to all, one of them was taken out afterwards."""

    def told(*named: e.PaperEvent) -> list[e.Recorded]:
        return [
            e.Recorded("papers:v2", number, T0 + 13 + number, "pudong1", "", event) for number, event in enumerate(named, 1)
        ]

    def file(data: bytes, view: bytes) -> e.PaperFile:
        return e.PaperFile(
            sha256(data), len(data), "image/png", (e.Picture(1240, 1754, sha256(view), sha256(view)),), sha256(data)
        )

    visit, events = closed_visit("v2")
    papers = told(
        e.PageAdded("other", "合同", "camera", file(PAGE, VIEW), "自助终端"),
        e.PageAdded("other", "", "camera", file(TAKEN_OUT, TAKEN_OUT), "自助终端"),
        e.PageShown(1, 0, 0, "李示例"),
        e.PageShown(2, 0, 0, "李示例"),
        e.PageShown(1, 0, 90, "李示例"),
        e.PageRemoved(2, "自助终端"),
    )
    kept = FileEntry(name="合同.png", sha256=sha256(PAGE), bytes=len(PAGE), type="image/png", what="material")
    for data in (PAGE, VIEW):
        await window.blobs.put("v2", bytes_of(data), len(data))
    await window.store.archive.keep(window.sealer.first(visit, together(list(events), papers), (kept,)))


async def test_pages_that_all_looked_at_are_seen_too(window: Window, page: Page) -> None:
    """Their views have tickets, though nothing was recorded; what was taken out, and the file itself, have none."""
    await file_with_pages(window)
    told = msgspec.json.decode((await page.asks("lead", "GET", "/api/records/v2/playback")).content, type=Playback)
    assert told.pages == (sha256(VIEW),)
    answer = await page.asks("lead", "POST", "/api/records/v2/viewings")
    ((seen, url),) = [(one.sha256, one.url) for one in msgspec.json.decode(answer.content, type=Viewing).files]
    assert seen == sha256(VIEW)
    picture = await page.plays(url)
    assert (picture.status_code, picture.content, picture.headers["content-type"]) == (200, VIEW, "image/jpeg")
    query = window.tickets.query("v2", sha256(PAGE), "lead", window.tickets.until())
    assert (await page.plays(f"/api/records/v2/files/{sha256(PAGE)}?{query}")).status_code == 404
    assert (await window.log())[-1] == ("lead", "saw", "v2", "recording")

    amendments = Amendments(window.store.archive, window.sealer, lambda _m: "http", lambda: None, window.clock)
    await amendments.remove(LEAD, "v2", Redacted((), (sha256(PAGE),), "当事人申请", "个人信息保护法第四十七条"))
    assert (await page.plays(url)).status_code == 404
