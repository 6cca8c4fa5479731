"""The outbox under every order of failures, deaths and hours: each record once at the receiver, each receipt told."""

import asyncio
import os
import random
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from rvw.errors import NotFound, Unavailable
from rvw.settings import Handover
from signaling.handover.outbox import LEASE_TIMEOUTS, Outbox
from signaling.handover.port import Parcel
from signaling.keeping.provider import FILE, FileKeys
from signaling.records import Store, open_store
from signaling.records.database import Database, sqlite_url
from signaling.records.parcels import Parcels
from tests.fakes.case_system import T0, FakeCaseSystem, Mood, closed_visit, make_record
from tests.fakes.stores import empty_store, tables

SETTINGS = Handover(timeout_s=5.0, first_retry_s=1.0, longest_retry_s=60.0, parallel=4)
LEASE_S = LEASE_TIMEOUTS * SETTINGS.timeout_s


class Killed(BaseException):
    """The process is gone: nothing after this line happens."""


class Now:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = T0 + 1000.0

    def __call__(self) -> float:
        return self.now


class Office:
    """Whoever is told the receipts."""

    def __init__(self) -> None:
        self.works = True
        self.told: list[tuple[str, str]] = []

    async def on_receipt(self, visit: str, receipt: str) -> None:
        if not self.works:
            raise Unavailable("as told")
        self.told.append((visit, receipt))


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """An empty store in SQLite."""
    async with empty_store(tmp_path) as store:
        yield store


def outbox(store: Store, case_system: Any, office: Office, now: Now, settings: Handover = SETTINGS) -> Outbox:
    """Return an outbox as a fresh process would make it."""
    return Outbox(store.parcels, case_system, settings, office.on_receipt, now, random.Random(7))


async def test_a_record_is_handed_over(store: Store) -> None:
    """One step: at the receiver, told to the visit, done."""
    case_system, office, now = FakeCaseSystem(), Office(), Now()
    await store.archive.keep(make_record(*closed_visit("v1")))
    box = outbox(store, case_system, office, now)
    assert await box.step() is True
    assert await box.step() is False
    assert office.told == [("v1", "SL-000001")]
    progress = await store.parcels.progress("v1")
    assert progress is not None
    assert (progress.state, progress.receipt, progress.acknowledged_at) == ("acknowledged", "SL-000001", now())
    assert await store.parcels.next_due() is None
    assert (box.statistics().delivered, box.statistics().acknowledged) == (1, 1)


async def test_waiting_grows_up_to_a_limit(store: Store) -> None:
    """While the case system is down for most of a day, tries become rare, and the record arrives once in the end."""
    case_system, office, now = FakeCaseSystem(), Office(), Now()
    case_system.mood = "fails"
    await store.archive.keep(make_record(*closed_visit("v1")))
    rare = Handover(timeout_s=5.0, first_retry_s=1.0, longest_retry_s=1800.0)
    box = outbox(store, case_system, office, now, rare)
    waits: list[float] = []
    while len(waits) < 60:
        assert await box.step()
        due = await store.parcels.next_due()
        assert due is not None
        waits.append(due - now())
        now.now = due
    assert max(waits[:3]) <= 4
    assert all(wait <= rare.longest_retry_s for wait in waits)
    assert sum(waits[20:]) / 40 == pytest.approx(rare.longest_retry_s / 2, rel=0.25)
    case_system.mood = "takes"
    assert await box.step()
    assert list(case_system.records) == ["v1"]
    assert office.told == [("v1", "SL-000001")]


async def test_a_refused_record_waits_for_somebody(store: Store) -> None:
    """The case system says never; nothing more happens until somebody sends it again."""
    case_system, office, now = FakeCaseSystem(), Office(), Now()
    case_system.mood = "rejects"
    await store.archive.keep(make_record(*closed_visit("v1")))
    box = outbox(store, case_system, office, now)
    assert await box.step()
    now.now += 86_400
    assert not await box.step()
    assert (await store.parcels.count())["refused"] == 1
    case_system.mood = "takes"
    await store.parcels.send_again("v1", now())
    assert await box.step()
    assert office.told == [("v1", "SL-000001")]
    with pytest.raises(NotFound):
        await store.parcels.send_again("v1", now())


async def test_two_claimers_share_the_rows(store: Store, tmp_path: Path) -> None:
    """Two processes take forty parcels at the same time: none is in both hands."""
    for number in range(40):
        await store.archive.keep(make_record(*closed_visit(f"v{number}")))
    async with open_store(sqlite_url(tmp_path)) as other:
        taken = await asyncio.gather(
            *(
                one.parcels.claim(f"lease-{number}", T0 + 5000, 3, T0 + 1000)
                for number, one in enumerate([store, other] * 8)
            )
        )
    visits = [claim.visit for claims in taken for claim in claims]
    assert len(visits) == len(set(visits)) == 40


async def test_who_comes_too_late_changes_nothing(store: Store) -> None:
    """A lease is over, another process has the parcel: what the first one writes is not kept."""
    await store.archive.keep(make_record(*closed_visit("v1")))
    (first,) = await store.parcels.claim("first", T0 + 1010, 1, T0 + 1000)
    assert await store.parcels.claim("second", T0 + 1020, 1, T0 + 1009) == ()
    (second,) = await store.parcels.claim("second", T0 + 1020, 1, T0 + 1010)
    assert await store.parcels.delivered(first, "late", T0 + 1011) is False
    assert await store.parcels.postponed(first, "late", T0 + 1011) is False
    assert await store.parcels.delivered(second, "right", T0 + 1012) is True
    progress = await store.parcels.progress("v1")
    assert progress is not None
    assert progress.receipt == "right"


async def test_a_fault_of_ours_does_not_stop_the_others(store: Store) -> None:
    """One record makes the adapter fail in a way nobody thought of; the next one is delivered."""
    case_system, office, now = FakeCaseSystem(), Office(), Now()

    class Surprising(FakeCaseSystem):
        async def deliver(self, parcel: Parcel) -> str:
            if parcel.visit == "v0":
                raise ZeroDivisionError
            return await case_system.deliver(parcel)

    for number in range(2):
        await store.archive.keep(make_record(*closed_visit(f"v{number}")))
    box = outbox(store, Surprising(), office, now)
    assert await box.step()
    assert await box.step()
    assert office.told == [("v1", "SL-000001")]
    progress = await store.parcels.progress("v0")
    assert progress is not None
    assert progress.last_error == "unexpected: ZeroDivisionError"


async def test_running_it_sleeps_until_it_is_nudged(store: Store) -> None:
    """Nothing to do, then a record and a nudge: it is handed over at once, though the sweep is far away."""
    done = asyncio.Event()

    async def on_receipt(visit: str, receipt: str) -> None:
        done.set()

    box = Outbox(store.parcels, FakeCaseSystem(), SETTINGS, on_receipt)
    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        running = tasks.create_task(box.run())
        assert await store.parcels.next_due() is None
        await store.archive.keep(make_record(*closed_visit("v1", T0 - 100_000_000)))
        box.nudge()
        await done.wait()
        running.cancel()


async def test_one_that_hangs_does_not_hold_up_the_others(store: Store) -> None:
    """The first record hangs; three behind it arrive meanwhile."""
    arrived, enough = FakeCaseSystem(), asyncio.Event()

    class Hanging(FakeCaseSystem):
        async def deliver(self, parcel: Parcel) -> str:
            if parcel.visit == "v0":
                await asyncio.Event().wait()
            receipt = await arrived.deliver(parcel)
            if len(arrived.records) == 3:
                enough.set()
            return receipt

    for number in range(4):
        await store.archive.keep(make_record(*closed_visit(f"v{number}", T0 - 100_000_000)))
    box = Outbox(store.parcels, Hanging(), Handover(parallel=2), Office().on_receipt)
    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        running = tasks.create_task(box.run())
        await enough.wait()
        assert box.statistics().busy >= 1
        running.cancel()
    assert set(arrived.records) == {"v1", "v2", "v3"}


class Dying(Parcels):
    """Rows that are written or not before the process dies, as told."""

    dies: str = ""
    """The method it dies in; with a `+` in front, after it has been written."""

    async def _or_die(self, name: str, call: Callable[[], Awaitable[Any]]) -> Any:
        if self.dies == name:
            raise Killed
        result = await call()
        if self.dies == f"+{name}":
            raise Killed
        return result

    async def claim(self, *args: Any) -> Any:
        return await self._or_die("claim", lambda: super(Dying, self).claim(*args))

    async def delivered(self, *args: Any) -> Any:
        return await self._or_die("delivered", lambda: super(Dying, self).delivered(*args))

    async def acknowledged(self, *args: Any) -> Any:
        return await self._or_die("acknowledged", lambda: super(Dying, self).acknowledged(*args))

    async def postponed(self, *args: Any) -> Any:
        return await self._or_die("postponed", lambda: super(Dying, self).postponed(*args))


class Machine(RuleBasedStateMachine):
    """Visits close, the case system and the office come and go, time passes, the process dies anywhere."""

    @initialize()
    def start(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        file = Path(self.folder.name) / "rvw.sqlite3"
        self.runner = asyncio.Runner()
        shutil.copy(self.runner.run(tables()), file)
        self.store = Store(Database(f"sqlite+aiosqlite:///{file}"), FileKeys(file.with_name(FILE)))
        self.parcels = self.store.parcels = Dying(self.store.database, self.store.keys)
        self.case_system, self.office, self.now = FakeCaseSystem(), Office(), Now()
        self.visits = 0
        self.restart()

    def restart(self) -> None:
        """A new process, on what the old one has left."""
        self.box = outbox(self.store, self.case_system, self.office, self.now)

    @rule(again=st.booleans())
    def a_visit_closes(self, again: bool) -> None:
        """A visit is recorded; perhaps the ledger is read once more."""
        self.visits += 1
        for _ in range(1 + again):
            self.runner.run(self.store.archive.keep(make_record(*closed_visit(f"v{self.visits}"))))

    @rule(mood=st.sampled_from(["takes", "fails", "takes, then fails"]))
    def the_case_system_changes(self, mood: Mood) -> None:
        self.case_system.mood = mood

    @rule(works=st.booleans())
    def the_office_changes(self, works: bool) -> None:
        self.office.works = works

    @rule(seconds=st.floats(0.1, 100))
    def time_passes(self, seconds: float) -> None:
        self.now.now += seconds

    @rule(steps=st.integers(1, 4))
    def the_outbox_works(self, steps: int) -> None:
        for _ in range(steps):
            self.runner.run(self.box.step())

    @precondition(lambda self: self.visits > 0)
    @rule(
        where=st.sampled_from(["claim", "delivered", "acknowledged", "postponed"]),
        written=st.sampled_from(["", "+"]),
    )
    def the_process_is_killed(self, where: str, written: str) -> None:
        self.parcels.dies = written + where
        try:
            self.runner.run(self.box.step())
        except Killed:
            self.restart()
        finally:
            self.parcels.dies = ""

    @invariant()
    def receipts_are_true(self) -> None:
        """Nobody is told a receipt the case system has not given."""
        assert all(self.case_system.receipts[visit] == receipt for visit, receipt in self.office.told)

    def teardown(self) -> None:
        """Everything works again: in the end each record is there once, and each visit has its receipt."""
        self.case_system.mood, self.office.works = "takes", True
        for _ in range(20 * self.visits):
            if (due := self.runner.run(self.parcels.next_due())) is None:
                break
            self.now.now = max(self.now.now, due)
            assert self.runner.run(self.box.step())
        expected = {f"v{number}" for number in range(1, self.visits + 1)}
        assert set(self.case_system.records) == expected
        assert {visit for visit, _ in self.office.told} == expected
        assert self.runner.run(self.parcels.count())["acknowledged"] == self.visits
        self.runner.run(self.store.database.close())
        self.runner.close()
        self.folder.cleanup()


Machine.TestCase.settings = settings(
    max_examples=int(os.environ.get("RVW_EXAMPLES", "25")),
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
TestOutboxUnderFailures = Machine.TestCase
