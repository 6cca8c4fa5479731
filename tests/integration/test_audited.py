"""Whoever reads a record leaves a line in the audit log: the routes of `tests/contract/test_audited_routes.py`, tried."""

import hashlib
from base64 import b64encode
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import msgspec
import pytest_asyncio

import config
from rvw.cli.wire import Http, Wire, open_wire
from rvw.domain import commands as c
from rvw.domain import events as e
from rvw.domain.catalogue.consent import ConsentText, current, digest
from rvw.domain.commands.consent import Answer
from signaling.catalogue_watch import read
from signaling.records import Store, open_store
from tests.contract.test_audited_routes import NOTED
from tests.fakes import papers
from tests.fakes.places import Place
from tests.fakes.product import PASSWORD, Product
from tests.fakes.sender import Sender


def resident_text() -> ConsentText:
    """Return what residents are told."""
    text = current(read(config.FOLDER / "catalogue").texts, "resident")
    assert text is not None
    return text


class Over:
    """A visit that is over and filed, with who may see it."""

    def __init__(self, running: Product, store: Store, visit: str, said: int, receipt: str, tokens: dict[str, str]) -> None:
        self.running, self.store, self.tokens = running, store, tokens
        self.visit, self.said, self.receipt, self.earlier = visit, said, receipt, ""

    async def ask(self, who: str, method: str, path: str, body: dict[str, object] | None) -> httpx2.Response:
        """Ask with somebody's token."""
        filled = msgspec.json.encode(body).decode().replace("{visit}", self.visit) if body is not None else ""
        content = filled.replace("{said}", str(self.said)) or None
        async with httpx2.AsyncClient(base_url=self.running.origin, trust_env=False, timeout=30) as http:
            headers = {"authorization": f"Bearer {self.tokens[who]}"}
            return await http.request(method, path.replace("{visit}", self.visit), content=content, headers=headers)

    async def wants(self, who: str, method: str, path: str, body: dict[str, object] | None = None) -> Any:
        """Ask, and return what was answered."""
        answer = await self.ask(who, method, path, body)
        assert answer.status_code == 200, f"{path}: {answer.text}"
        return answer.json() if answer.headers["content-type"] == "application/json" else answer.content

    async def noted(self, visit: str = "") -> list[str]:
        """Return the lines about the visit, the newest first."""
        return [f"{one.actor} {one.did} {one.what}" for one in await self.store.trail.of(visit or self.visit, 100)]


@pytest_asyncio.fixture
async def over(running: Product, place: Place) -> AsyncIterator[Over]:
    """A resident was told something, and left."""
    http = Http(running.origin)
    lead = await http.login(place.lead, PASSWORD)
    kiosk_token = (await http.enrol((await http.new_enrolment(place.kiosk, lead.token)).code)).token
    officer_token = (await http.login(place.officer, PASSWORD)).token
    async with open_wire(running.origin, kiosk_token) as kiosk, open_wire(running.origin, officer_token) as officer:
        await officer.do(c.SetPresence("ready"))
        visit = await kiosk.do(c.Open("social-card", place.region))
        await officer.shown(visit)
        await officer.do(c.Accept(), visit)
        await kiosk.do(c.Say("我想问一下"), visit)
        await officer.event(e.Said, visit)
        said = next(
            one.recorded.version
            for one in officer.messages
            if hasattr(one, "recorded") and isinstance(one.recorded.event, e.Said)
        )
        await officer.do(c.Close("guided", "已告知"), visit)
        receipt = (await officer.event(e.HandedOver, visit)).receipt
        await officer.do(c.SetPresence("signed_out"))
    async with open_store(running.sql) as store:
        tokens = {"lead": lead.token, "officer": officer_token, "kiosk": kiosk_token}
        yield Over(running, store, visit, said, receipt, tokens)


async def test_whoever_sees_or_changes_is_written_down(over: Over) -> None:
    """Each look, copy and change has its line, with who it was; and nothing is there that nobody has done."""
    assert await over.noted() == []
    people = {"lead": "lead", "officer": "officer"}
    for number, (route, (who, path, body, line)) in enumerate(NOTED.items(), 1):
        answer = await over.ask(who, route.partition(" ")[0], path, body)
        assert answer.status_code == 200, f"{route}: {answer.text}"
        noted = await over.noted()
        assert len(noted) == number, route
        assert noted[0].startswith(people[who]), noted[0]
        assert line in noted[0], route


async def test_who_looks_into_a_talk_is_written_down(over: Over, place: Place) -> None:
    """The supervisor opens a paper and the form, the officer reads the number, the photograph and the earlier visit."""
    agreed = Answer("sensitive", True, digest(resident_text(), "zh"))
    origin, tokens = over.running.origin, over.tokens
    async with open_wire(origin, tokens["kiosk"]) as kiosk, open_wire(origin, tokens["officer"]) as officer:
        await officer.do(c.SetPresence("ready"))
        over.earlier = over.visit
        over.visit = await kiosk.do(c.Open("social-card", place.region, answers=(agreed,), case=over.receipt))
        await officer.shown(over.visit)
        await officer.do(c.Accept(), over.visit)
        await kiosk.event(e.Accepted, over.visit)
        await _looked(over, kiosk)
        await officer.do(c.Close("guided", "已告知"), over.visit)
        rating: dict[str, object] = {"level": 1, "tags": ["rude"], "number": "13800007777"}
        await over.wants("kiosk", "POST", "/api/visits/{visit}/rating", rating)
        await officer.event(e.HandedOver, over.visit)
        await officer.do(c.SetPresence("signed_out"))
    (task,) = [one for one in (await over.wants("lead", "GET", "/api/tasks"))["tasks"] if one["visit"] == over.visit]
    await over.wants("lead", "POST", f"/api/tasks/{task['id']}", {"command": {"type": "take"}})
    await over.wants("lead", "GET", f"/api/tasks/{task['id']}/number")
    assert (await over.noted())[0] == f"{place.lead} saw telephone number {task['id']}"


async def _looked(over: Over, kiosk: Wire) -> None:
    """Hand in, show and fill; let others look at each, and find the line."""
    shown: dict[str, object] = {
        "subject": "person", "shown_by": "card", "name": "测试甲", "number": "110105200002290013",
        "photo": b64encode(papers.jpeg(papers.page(102, 126))).decode(),
    }  # fmt: skip
    await over.wants("kiosk", "POST", "/api/visits/{visit}/identity", shown)
    person = (await over.wants("officer", "GET", "/api/visits/{visit}/application"))["shown"][0]
    for field, value in (("bank", "测试银行"), ("phone", "13800007777"), ("delivery", "邮寄")):
        await kiosk.do(c.FillField(field, value), over.visit)
    version = (await over.wants("kiosk", "GET", "/api/visits/{visit}/application"))["version"]
    made = await over.wants("kiosk", "POST", "/api/visits/{visit}/form/confirmation", {"version": version})
    paper = papers.jpeg(papers.page(620, 877))
    async with Sender(over.running.origin, over.tokens["kiosk"], over.visit) as sender:
        await sender.send(paper)
    file = hashlib.sha256(paper).hexdigest()
    assert await over.noted() == [], "who takes part sees what is done in the talk"
    for who, method, path, line in (
        ("officer", "POST", f"identity/numbers/{person['proof']}", f"saw identity number {person['proof']}"),
        ("officer", "GET", f"identity/photos/{person['photo']}", f"saw photograph {person['photo']}"),
        ("lead", "GET", f"documents/{made['sha256']}", f"saw document {made['sha256']}"),
        ("lead", "GET", f"documents/{made['sha256']}/file", f"took document {made['sha256']}"),
        ("lead", "GET", f"files/{file}", f"saw file {file}"),
    ):
        await over.wants(who, method, f"/api/visits/{{visit}}/{path}", {} if method == "POST" else None)
        assert (await over.noted())[0].endswith(line)
    await over.wants("officer", "GET", "/api/visits/{visit}/earlier")
    assert f"saw dossier, as earlier than {over.visit}" in (await over.noted(over.earlier))[0]


async def test_who_is_refused_has_seen_nothing(over: Over, place: Place) -> None:
    """Another authority's supervisor tries every address: refused each time, and no line says that something was seen."""
    over.tokens["stranger"] = (await Http(over.running.origin).login(place.neighbour_lead, PASSWORD)).token
    for route, (_, path, body, _line) in NOTED.items():
        if route != "GET /api/records":  # answered with none of them
            assert (await over.ask("stranger", route.partition(" ")[0], path, body)).status_code in (403, 404), route
    assert await over.noted() == []
