"""Two processes file what has been closed: each visit is sealed and printed once, and a killed process holds nothing up."""

import asyncio
from collections import Counter
from pathlib import Path

from rvw.domain import commands as c
from rvw.domain.handover import Dossier, FileEntry
from rvw.domain.seal import Seal
from rvw.domain.visit import Visit
from signaling.dossiers.sealing import FilesOf, Sealer
from signaling.filing import Filing
from signaling.handover.receipts import Receipts
from signaling.ledger import Ledger
from signaling.records import Store, open_store
from signaling.records.archive import Record
from signaling.records.database import sqlite_url
from tests.fakes.case_system import sealer
from tests.fakes.town import KIOSK_ONE, TOWN
from tests.fakes.valkey import running_valkey
from tests.integration.test_ledger import Process, processes

VISITS = 12


class Press:
    """Prints nothing, and counts what it is asked to."""

    def __init__(self, folder: Path) -> None:
        self.printed: Counter[str] = Counter()
        self.sealer: Sealer = sealer(folder, self._print)

    def _print(self, content: Dossier, _seal: Seal, _sealed: bytes) -> bytes:
        self.printed[content.visit] += 1
        return b"%PDF"


async def no_files(_visit: Visit) -> tuple[FileEntry, ...]:
    """These visits have none."""
    return ()


async def nothing(_closed: Visit | Record) -> None:
    """Nothing follows, and there is nothing to prune."""


def filing(ledger: Ledger, store: Store, press: Press, files_of: FilesOf = no_files) -> Filing:
    """Return what one process files with."""
    return Filing(
        ledger,
        store.archive,
        press.sealer,
        lambda: TOWN,
        files_of,
        lambda _matter: "http",
        lambda: None,
        nothing,
        nothing,
        float,
    )


async def closed(process: Process, number: int) -> list[str]:
    """So many residents have taken a ticket and left."""
    await process.office.perform(KIOSK_ONE, c.SetPresence("ready"))
    visits = []
    for _ in range(number):
        process.clock.pass_(1)
        visits.append(await process.office.perform(KIOSK_ONE, c.Open("card", "310113")))
        await process.office.perform(KIOSK_ONE, c.Leave(), visits[-1])
    return visits


async def until_filed(ledger: Ledger, *processes: Filing) -> None:
    """Let processes file until nothing is left."""
    async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(one.run()) for one in processes]
        while await ledger.unrecorded():  # noqa: ASYNC110 - the list has no events
            await asyncio.sleep(0.02)
        for task in running:
            task.cancel()


async def test_two_processes_print_each_visit_once(tmp_path: Path) -> None:
    """Both see the same list at the same moment, and share the work."""
    async with running_valkey() as valkey, processes(valkey, 2) as (left, right), open_store(sqlite_url(tmp_path)) as store:
        visits, press = await closed(left, VISITS), Press(tmp_path)
        await until_filed(left.ledger, filing(left.ledger, store, press), filing(right.ledger, store, press))
        assert press.printed == Counter(visits)
        for visit in visits:
            assert await store.archive.record(visit) is not None


async def test_what_a_killed_process_had_taken_is_filed_when_its_lease_is_over(tmp_path: Path) -> None:
    """Until then it is left alone, so that two do not print it."""
    async with running_valkey() as valkey, processes(valkey, 2) as (left, right), open_store(sqlite_url(tmp_path)) as store:
        (visit,), press = await closed(left, 1), Press(tmp_path)
        assert await left.ledger.take_to_file(visit, 0.5)
        assert not await right.ledger.take_to_file(visit, 0.5)
        await until_filed(right.ledger, filing(right.ledger, store, press))
        assert press.printed == {visit: 1}
        assert not await left.ledger.take_to_file(visit, 0.5), "there is nothing left to file"


async def test_a_visit_whose_files_are_on_the_way_is_given_back_at_once(tmp_path: Path) -> None:
    """The next look takes it again, and does not wait for a lease."""
    asked = []

    async def late(visit: Visit) -> tuple[FileEntry, ...] | None:
        asked.append(visit.id)
        return None if len(asked) == 1 else ()

    async with running_valkey() as valkey, processes(valkey, 1) as (one,), open_store(sqlite_url(tmp_path)) as store:
        (visit,), press = await closed(one, 1), Press(tmp_path)
        await until_filed(one.ledger, filing(one.ledger, store, press, late))
        assert (asked, press.printed) == ([visit, visit], {visit: 1})


async def test_a_receipt_for_a_visit_that_is_not_there_is_told_to_nobody() -> None:
    """The live store was lost, or another's record was put beside: it is not tried again for ever."""
    async with running_valkey() as valkey, processes(valkey, 1) as (one,):
        (visit,) = await closed(one, 1)
        receipts = Receipts(one.office)
        await receipts.take("01aaaaaaaaaaaaaaaaaaaaa", "SL-1")
        for _ in range(2):
            await receipts.take(visit, "SL-2")
        assert (await one.ledger.visit(visit)).receipt == "SL-2"
