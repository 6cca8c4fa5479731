"""The figures of today on a real Valkey: every process has the same ones, and supervisors are told theirs."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import msgspec
import pytest_asyncio
from starlette.applications import Starlette

from rvw.clock import DAY_S, wall
from rvw.domain import commands as c
from rvw.domain.board import Board
from rvw.domain.people import SYSTEM, Actor, Role
from rvw.domain.report import Report
from rvw.domain.visit import Visit
from rvw.ids import make_id
from rvw.protocol.server import Counted, ServerMessage
from signaling.board import SharedBoard
from signaling.dossiers.keys import open_keys
from signaling.figures import Days, Today
from signaling.hub import Hub
from signaling.keeping.audit import Audit
from signaling.keys import Keys
from signaling.ledger import Ledger, connect
from signaling.office import Office
from signaling.records import Store, open_store
from signaling.records.database import sqlite_url
from signaling.rest_operations import OperationsApi
from signaling.routes import routes
from tests.fakes.case_system import make_record
from tests.fakes.clock import ManualClock
from tests.fakes.counter import TERMS
from tests.fakes.town import KIOSK_ONE, KIOSK_TWO, LEAD_FENG, OFFICER_CITY, OFFICER_LI, TOWN
from tests.fakes.valkey import Valkey, running_valkey

CELLS = itertools.count()
PATIENCE_S = 20.0
LEAD_CITY = Actor("jiang", Role.SUPERVISOR, "蒋督导", "shanghai", oversees=("baoshan", "pudong"))
LEAD_ELSEWHERE = Actor("chu", Role.SUPERVISOR, "褚督导", "jiaxing")


class Lead:
    """A supervisor's socket that keeps what it hears."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        self.reports: list[Report] = []
        self._heard = asyncio.Event()

    def send(self, message: ServerMessage) -> None:
        """Hear."""
        if isinstance(message, Counted):
            self.reports.append(message.report)
            self._heard.set()

    def show(self, visit: str) -> None:
        """See a visit."""

    async def until(self, wanted: Callable[[Report], bool]) -> Report:
        """Return the next report that is as wanted."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                if self.reports and wanted(self.reports[-1]):
                    return msgspec.structs.replace(self.reports[-1], until=0.0)
                self._heard.clear()
                await self._heard.wait()


class Process:
    """One signaling process, as far as figures go."""

    def __init__(self, ledger: Ledger, shared: SharedBoard, clock: ManualClock) -> None:
        self.ledger, self._serial, self.clock = ledger, itertools.count(), clock
        self.hub = Hub(ledger, shared, Board())
        self.today = Today(ledger, self.hub, lambda: TOWN, 0.9, clock)
        self.hub.watchers.append(self.today.watch)
        self.hub.missed.append(self.today.read_again)
        self.office = Office(ledger, lambda: TOWN, TERMS, clock, self._new_id, self._ticket, self._nothing)

    def lead(self, actor: Actor) -> Lead:
        """Let a supervisor connect."""
        lead = Lead(actor)
        self.hub.add(lead)
        return lead

    def _new_id(self) -> str:
        return make_id(self.clock(), next(self._serial).to_bytes(8))

    async def _ticket(self, _visit: str) -> str:
        return "A001"

    async def _nothing(self, _before: Visit | None, _after: Visit) -> None:
        """Media is another test's."""


@pytest_asyncio.fixture
async def valkey() -> AsyncIterator[Valkey]:
    """A server that may be killed."""
    async with running_valkey() as server:
        yield server


@asynccontextmanager
async def begun(valkey: Valkey, keys: Keys, clock: ManualClock) -> AsyncIterator[Process]:
    """A process that follows the log."""
    async with connect(valkey.url) as client, asyncio.TaskGroup() as tasks:
        process = Process(Ledger(client, keys), SharedBoard(client, keys), clock)
        await process.hub.begin()
        running = [tasks.create_task(process.hub.run()), tasks.create_task(process.today.run())]
        yield process
        for task in running:
            task.cancel()


async def a_visit(process: Process, kiosk: Actor, waits: float) -> str:
    """A resident waits so long, and Li answers."""
    for actor in (kiosk, OFFICER_LI):
        await process.office.perform(actor, c.SetPresence("ready"))
    visit = await process.office.perform(kiosk, c.Open("card", "310113"))
    await process.office.perform(SYSTEM, c.Offer("li", "baoshan"), visit)
    process.clock.pass_(waits)
    await process.office.perform(OFFICER_LI, c.Accept(), visit)
    return visit


async def test_all_processes_have_the_same_figures_whenever_they_began(valkey: Valkey) -> None:
    """One listens from the start, one begins in the middle, one after all; Valkey is killed in between."""
    keys, clock = Keys(f"figures-{next(CELLS)}"), ManualClock()
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(begun(valkey, keys, clock))
        lead = first.lead(LEAD_FENG)
        visit = await a_visit(first, KIOSK_ONE, 10)
        second = await stack.enter_async_context(begun(valkey, keys, clock))
        other = second.lead(LEAD_FENG)
        await first.office.perform(OFFICER_LI, c.Close("accepted"), visit)
        await valkey.kill()
        await valkey.start()
        await a_visit(second, KIOSK_TWO, 90)
        told = await lead.until(lambda one: one.total.answered == 2)
        assert told == await other.until(lambda one: one.total.answered == 2)
        third = await stack.enter_async_context(begun(valkey, keys, clock))
        assert told == await third.lead(LEAD_FENG).until(lambda one: one.total.answered == 2)
        assert (told.total.prompt_share, told.total.solved_share, told.open) == (0.5, 1.0, 1)
        assert (told.recent.prompt, told.recent.judged, told.desks["baoshan"].opened) == (1, 2, 2)


async def test_a_lead_is_told_of_the_own_authority_and_a_city_of_its_districts(valkey: Valkey) -> None:
    """Feng and the city see Baoshan's visit; Jiaxing sees nothing of it, nor of its officers."""
    keys, clock = Keys(f"figures-{next(CELLS)}"), ManualClock()
    async with begun(valkey, keys, clock) as process:
        leads = [process.lead(actor) for actor in (LEAD_FENG, LEAD_CITY, LEAD_ELSEWHERE)]
        await process.office.perform(OFFICER_CITY, c.SetPresence("ready"))
        await process.office.perform(OFFICER_CITY, c.SetPresence("on_break"))
        clock.pass_(60)
        await process.office.perform(OFFICER_CITY, c.SetPresence("ready"))
        await a_visit(process, KIOSK_ONE, 5)
        own, city = [await lead.until(lambda one: one.total.answered == 1) for lead in leads[:2]]
        nothing = await leads[2].until(lambda _: True)
        assert own.total == city.total
        assert set(own.officers) == {"li"}
        assert set(city.officers) == {"li", "zheng"}
        assert (nothing.total.opened, nothing.desks, nothing.officers, nothing.course) == (0, {}, {}, ())


async def test_who_waits_beyond_the_minute_counts_as_late_while_still_waiting(valkey: Valkey) -> None:
    """Nothing happens, time passes, and the lead is told."""
    keys, clock = Keys(f"figures-{next(CELLS)}"), ManualClock()
    async with begun(valkey, keys, clock) as process:
        lead = process.lead(LEAD_FENG)
        await process.office.perform(KIOSK_ONE, c.SetPresence("ready"))
        await process.office.perform(KIOSK_ONE, c.Open("card", "310113"))
        told = await lead.until(lambda one: one.open == 1)
        assert (told.recent.judged, told.course[-1].waiting) == (0, 1)
        clock.pass_(61)
        told = await lead.until(lambda one: one.recent.judged == 1)
        assert (told.recent.prompt, told.now["baoshan"].judged, told.total.prompt_share) == (0, 1, None)


async def test_days_that_are_over_are_read_from_the_records(valkey: Valkey, tmp_path: Path) -> None:
    """Yesterday's visit is in the archive alone, today's in the ledger; the REST interface adds them for who may see."""
    keys, clock = Keys(f"figures-{next(CELLS)}"), ManualClock()
    async with open_store(sqlite_url(tmp_path)) as store, begun(valkey, keys, clock) as process:
        yesterday = clock()
        visit = await a_visit(process, KIOSK_ONE, 90)
        await process.office.perform(OFFICER_LI, c.Close("accepted"), visit)
        record = make_record(await process.ledger.visit(visit), await process.ledger.events(visit))
        await store.archive.keep(record)
        clock.pass_(DAY_S)
        keys = Keys(f"figures-{next(CELLS)}")  # a week later the ledger has forgotten
        async with begun(valkey, keys, clock) as later:
            lead = later.lead(LEAD_FENG)
            await a_visit(later, KIOSK_TWO, 10)
            await lead.until(lambda one: one.total.answered == 1)
            await _asked(later, store, tmp_path, _date(yesterday), visit)


async def _asked(process: Process, store: Store, folder: Path, yesterday: str, visit: str) -> None:
    audit = Audit(store.trail, open_keys(folder, process.clock()), process.clock)
    days = Days(process.ledger, store.archive, process.today, process.clock)
    api = OperationsApi(days, process.ledger, store.archive, lambda: TOWN, store.ratings, 0.9, audit, process.clock)
    whose = {"feng": LEAD_FENG, "li": OFFICER_LI, "chu": LEAD_ELSEWHERE}

    async def identify(token: str) -> Actor:
        return whose[token]

    handlers = {row.path: row for row in api.table()}
    assert set(handlers) == {"/api/figures", "/api/visits/{visit}/events"}
    http = _Client(Starlette(routes=[*routes(api.table(), identify)]))
    both = await http.get(f"/api/figures?from={yesterday}", "feng")
    assert (both["total"]["opened"], both["total"]["prompt_share"], both["course"]) == (2, 0.5, [])
    one = await http.get(f"/api/figures?from={yesterday}&to={yesterday}&desk=baoshan", "feng")
    assert (one["total"]["opened"], one["total"]["solved_share"]) == (1, 1.0)
    assert (await http.get("/api/figures", "feng"))["total"]["opened"] == 1
    assert (await http.get("/api/figures", "li"))["code"] == "not_allowed"
    assert (await http.get("/api/figures?desk=city", "feng"))["code"] == "not_found"
    assert (await http.get("/api/figures?region=310113", "feng"))["total"]["opened"] == 1
    assert (await http.get("/api/figures?region=310115", "feng"))["code"] == "not_found"
    assert (await http.get("/api/figures?from=2026-02-30", "feng"))["code"] == "bad_request"
    assert (await http.get("/api/figures?from=2020-01-01", "feng"))["code"] == "bad_request"
    assert (await http.get("/api/figures?to=2999-01-01", "feng"))["code"] == "bad_request"
    events = (await http.get(f"/api/visits/{visit}/events", "feng"))["events"]
    assert [one["event"]["type"] for one in events] == [
        "opened",
        "offered",
        "accepted",
        "consent_answered",
        "ended",
        "closed",
    ]
    assert (await http.get(f"/api/visits/{visit}/events", "chu"))["code"] == "not_found"
    assert (await http.get("/api/visits/nobody/events", "feng"))["code"] == "not_found"


class _Client:
    """Asks the application in this loop, where the database and Redis are at home."""

    def __init__(self, application: Starlette) -> None:
        self._http = httpx2.AsyncClient(transport=httpx2.ASGITransport(app=application), base_url="http://window")

    async def get(self, path: str, token: str) -> dict[str, Any]:
        """Return the answer."""
        answer: dict[str, Any] = (await self._http.get(path, headers={"Authorization": f"Bearer {token}"})).json()
        return answer


def _date(at: float) -> str:
    return f"{wall(at):%Y-%m-%d}"
