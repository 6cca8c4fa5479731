"""Thirty visits, a case system that fails in every way, an outbox killed in between: thirty records, once each."""

import asyncio
import multiprocessing
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

import httpx2
import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from rvw.cli.case_system import CaseSystem, parse_faults
from rvw.domain.handover import decode
from rvw.settings import Handover
from signaling.handover.opening import open_case_system
from signaling.handover.outbox import Outbox
from signaling.keeping.provider import FILE, FileKeys
from signaling.records import open_store
from signaling.records.database import sqlite_url
from tests.fakes.case_system import closed_visit, make_record, served
from tests.fakes.postgres import postgres

SECRET = "a secret shared with the case system"
FAULTS = "errors=0.3,hang=0.1,drop=0.15,garbage=0.05,seed=7"
VISITS = 30
KILLED_AT_REQUEST = (4, 9, 15, 22)
KILLED_AT_RECEIPT = (8, 20)
LONG_AGO = 1_600_000_000.0


PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload([__name__])  # so that a start does not cost seconds


def outbox_process(sql: str, url: str, file: Path, told: Connection) -> None:
    """Deliver until killed; report each receipt that a visit is told."""
    asyncio.run(deliver(sql, url, file, told))


async def deliver(sql: str, url: str, file: Path, told: Connection) -> None:
    """Do so."""

    async def on_receipt(visit: str, receipt: str) -> None:
        told.send((visit, receipt))

    settings = Handover(
        adapter="http", url=url, secret=SECRET, timeout_s=0.4, first_retry_s=0.05, longest_retry_s=0.4, parallel=4
    )
    async with open_store(sql, FileKeys(file)) as store, open_case_system(settings, Path()) as case_system:
        await Outbox(store.parcels, case_system, settings, on_receipt).run()


class Watched:
    """A case system that says when a given number of records have been sent to it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.requests = 0
        self.reached = asyncio.Condition()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope.get("path") == "/events":
            async with self.reached:
                self.requests += 1
                self.reached.notify_all()
        await self._app(scope, receive, send)

    async def sent(self, number: int) -> None:
        """Return when so many have been sent."""
        async with self.reached:
            await self.reached.wait_for(lambda: self.requests >= number)


class OutboxProcess:
    """The outbox process, started and killed, and what it has told the visits."""

    def __init__(self, sql: str, url: str, file: Path) -> None:
        self._sql = sql
        self._url = url
        self._file = file
        self._pipe: Connection
        self.told: list[tuple[str, str]] = []

    @contextmanager
    def running(self) -> Iterator[BaseProcess]:
        """Start it, and kill it in the end without warning."""
        self._pipe, theirs = multiprocessing.Pipe(duplex=False)
        process = PROCESSES.Process(target=outbox_process, args=(self._sql, self._url, self._file, theirs))
        process.start()
        theirs.close()
        try:
            yield process
        finally:
            process.kill()
            process.join()
            assert process.exitcode == -signal.SIGKILL
            process.close()
            self._read_the_rest()
            self._pipe.close()

    async def tells(self, number: int) -> None:
        """Return when so many different visits have been told."""
        while len({visit for visit, _ in self.told}) < number:
            self.told.append(await asyncio.to_thread(self._pipe.recv))

    def _read_the_rest(self) -> None:
        try:
            while True:
                self.told.append(self._pipe.recv())
        except EOFError:
            pass


@contextmanager
def sql_of(kind: str, folder: Path) -> Iterator[str]:
    """Give the address of an empty database."""
    if kind == "sqlite":
        yield sqlite_url(folder)
        return
    with postgres() as url:
        yield url


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_thirty_visits_arrive_once_each(kind: str, tmp_path: Path) -> None:
    """Visits close in groups; each group, the outbox is killed while it sends or while it tells a receipt."""
    case_system = Watched(CaseSystem(SECRET, tmp_path / "cases", parse_faults(FAULTS)).app())
    visits = [f"v{number:02d}" for number in range(VISITS)]
    file = tmp_path / FILE
    with sql_of(kind, tmp_path) as sql:
        async with asyncio.timeout(60), open_store(sql, FileKeys(file)) as store, served(case_system) as url:
            process = OutboxProcess(sql, f"{url}/events", file)
            left = list(visits)

            async def close_some(number: int) -> None:
                for visit in left[:number]:
                    await store.archive.keep(make_record(*closed_visit(visit, LONG_AGO)), "http", time.time())
                del left[:number]

            for number in KILLED_AT_REQUEST:
                await close_some(4)
                with process.running():
                    await case_system.sent(number)
            for number in KILLED_AT_RECEIPT:
                await close_some(7)
                with process.running():
                    await process.tells(number)
            await close_some(VISITS)
            with process.running():
                await process.tells(VISITS)
            async with httpx2.AsyncClient(trust_env=False) as client:
                received = (await client.get(f"{url}/api/records")).json()
            for visit in visits:
                record = await store.archive.record(visit)
                assert record is not None
                assert decode(record.dossier).visit == visit
    assert sorted(record["visit"] for record in received) == visits
    assert len({record["receipt"] for record in received}) == VISITS
    assert set(process.told) == {(record["visit"], record["receipt"]) for record in received}
    assert case_system.requests > VISITS
