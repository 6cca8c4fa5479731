"""Tasks through the shell: kept, told, once, and a number that nobody finds in the database."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import cast

import msgspec
import pytest

from rvw.domain.people import SYSTEM
from rvw.domain.reminders import missed
from rvw.domain.task import Finish, Kind, NotReached, Owed, Take, TaskState, TaskTerms
from rvw.errors import Conflict, InvalidSettings, NotAllowed, NotFound, NotPossible
from signaling.board import SharedBoard
from signaling.records import Store, open_store
from signaling.records.database import sqlite_url
from signaling.sealed import Sealed
from signaling.worklist import Worklist, masked
from tests.fakes.clock import ManualClock
from tests.fakes.town import KIOSK_ONE, LEAD_FENG, OFFICER_CITY, OFFICER_LI, OFFICER_ZHOU

NUMBER = "13800005678"


class Channel:
    """What is told to pages."""

    def __init__(self) -> None:
        self.told: list[list[str]] = []

    async def tell(self, topics: list[str]) -> None:
        """Note it."""
        self.told.append(topics)


class Desk:
    """A worklist over an empty database."""

    def __init__(self, store: Store) -> None:
        self.store, self.clock, self.channel, self._made = store, ManualClock(), Channel(), 0
        shared = cast("SharedBoard", self.channel)
        self.list = Worklist(store.tasks, shared, Sealed("s" * 32), TaskTerms(), self.clock, self._id)

    def _id(self) -> str:
        self._made += 1
        return f"t{self._made}"

    def owed(self, kind: Kind, desk: str = "baoshan", in_s: float = 100.0) -> Owed:
        """Return something that Baoshan owes."""
        return Owed(kind=kind, authority="baoshan", desk=desk, deadline=self.clock() + in_s)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """An empty one."""
    async with open_store(sqlite_url(tmp_path)) as store:
        yield Desk(store)


async def test_a_number_is_read_by_its_holder_and_lies_nowhere_readable(desk: Desk, tmp_path: Path) -> None:
    """Not in the list, not in the file; and gone when the call-back is done."""
    task = await desk.list.add(desk.owed(Kind.CALL_BACK), KIOSK_ONE, NUMBER)
    assert task is not None
    assert [one.contact for one in await desk.list.list(OFFICER_LI)] == ["****5678"]
    with pytest.raises(NotAllowed):
        await desk.list.number(OFFICER_LI, task.id)
    await desk.list.do(OFFICER_LI, task.id, Take())
    assert await desk.list.number(OFFICER_LI, task.id) == NUMBER
    for other in (OFFICER_ZHOU, LEAD_FENG):
        with pytest.raises(NotAllowed):
            await desk.list.number(other, task.id)
    assert not any(NUMBER.encode() in file for file in files(tmp_path))
    await desk.list.do(OFFICER_LI, task.id, Finish())
    assert await desk.store.tasks.contact(task.id) is None


def files(folder: Path) -> list[bytes]:
    """Return what lies in a folder."""
    return [file.read_bytes() for file in folder.iterdir()]


async def test_each_sees_the_own_list(desk: Desk) -> None:
    """By desk, by authority, the next deadline first; a kiosk has none."""
    for in_s, name in ((300.0, "baoshan"), (100.0, "city"), (200.0, "")):
        await desk.list.add(desk.owed(Kind.MESSAGE, name, in_s))
    assert [one.desk for one in await desk.list.list(OFFICER_LI)] == ["baoshan"]
    assert [one.desk for one in await desk.list.list(OFFICER_CITY)] == ["city", "baoshan"]
    assert [one.desk for one in await desk.list.list(LEAD_FENG)] == ["city", "", "baoshan"]
    with pytest.raises(NotAllowed):
        await desk.list.list(KIOSK_ONE)
    assert desk.channel.told[0] == ["authority:baoshan", "desk:baoshan"]
    assert desk.channel.told[2] == ["authority:baoshan"]


async def test_another_desk_s_task_is_not_there(desk: Desk) -> None:
    """Its id tells nothing."""
    await desk.list.add(desk.owed(Kind.MESSAGE, "city"))
    for task in ("t1", "t99"):
        with pytest.raises(NotFound):
            await desk.list.do(OFFICER_LI, task, Take())


async def test_of_two_who_take_it_at_once_one_has_it(desk: Desk) -> None:
    """The other is told who."""
    await desk.list.add(desk.owed(Kind.MESSAGE))
    both = [desk.list.do(one, "t1", Take()) for one in (OFFICER_LI, OFFICER_ZHOU)]
    results = await asyncio.gather(*both, return_exceptions=True)
    assert sorted(type(one).__name__ for one in results) == ["NotPossible", "Task"]
    taken = await desk.store.tasks.task("t1")
    with pytest.raises(Conflict):
        await desk.store.tasks.change(msgspec.structs.replace(taken, version=1), taken)


async def test_what_is_noticed_again_and_again_is_one_task(desk: Desk) -> None:
    """Until it is done; then it may come anew."""
    assert await desk.list.add(desk.owed(Kind.ANOMALY), once=True)
    assert await desk.list.add(desk.owed(Kind.ANOMALY), once=True) is None
    assert await desk.list.add(desk.owed(Kind.ANOMALY, "city"), once=True)
    await desk.list.close("t1", "done", SYSTEM)
    assert await desk.list.add(desk.owed(Kind.ANOMALY), once=True)
    with pytest.raises(NotPossible):
        await desk.list.close("t1", "done", SYSTEM)


async def test_deadlines_pass(desk: Desk) -> None:
    """A missed appointment ends, and the desk sees to it; a late call-back stays, and is counted as late."""
    await desk.list.add(desk.owed(Kind.APPOINTMENT))
    await desk.list.add(desk.owed(Kind.CALL_BACK), KIOSK_ONE, NUMBER)
    desk.clock.now += 101.0
    await desk.list.expire()
    assert [one.kind for one in await desk.list.list(OFFICER_LI)] == [Kind.CALL_BACK, Kind.MISSED]
    over = await desk.list.list(OFFICER_LI, done=True)
    assert [(one.outcome, one.state) for one in over] == [("missed", TaskState.DONE)]
    count = await desk.store.tasks.count(desk.clock())
    assert (count.open, count.overdue) == ({Kind.CALL_BACK: 1, Kind.MISSED: 1}, {Kind.CALL_BACK: 1, Kind.MISSED: 0})
    assert [one.kind for one in await desk.list.late()] == [Kind.CALL_BACK]


async def test_who_did_not_come_is_rung_by_the_number_left_with_the_appointment(desk: Desk, tmp_path: Path) -> None:
    """The number goes over to what is owed now, sealed anew; it is made once, and the appointment forgets its own."""
    made = await desk.list.book(desk.owed(Kind.APPOINTMENT), KIOSK_ONE, 1, NUMBER)
    assert made is not None
    assert made.contact == "****5678"
    desk.clock.now += 101.0
    for _ in range(2):
        await desk.list.expire()
    (missed,) = await desk.list.list(OFFICER_LI)
    assert (missed.kind, missed.contact, missed.ticket) == (Kind.MISSED, "****5678", made.ticket)
    assert await desk.store.tasks.contact(made.id) is None
    await desk.list.do(OFFICER_LI, missed.id, Take())
    assert await desk.list.number(OFFICER_LI, missed.id) == NUMBER
    assert not any(NUMBER.encode() in file for file in files(tmp_path))
    tried = await desk.list.do(OFFICER_LI, missed.id, NotReached())
    assert (tried.state, tried.tries) == (TaskState.OPEN, 1)


async def test_a_crash_between_the_two_steps_of_a_missed_appointment_costs_nothing(desk: Desk) -> None:
    """What is owed was made, the appointment is still open: the next look ends it and makes nothing twice."""
    made = await desk.list.book(desk.owed(Kind.APPOINTMENT), KIOSK_ONE, 1, NUMBER)
    assert made is not None
    desk.clock.now += 101.0
    owed = missed(made, TaskTerms(), desk.clock())
    assert owed is not None
    await desk.list.add(owed, SYSTEM, NUMBER, key=f"{owed.kind}/{made.id}")
    await desk.list.expire()
    assert [one.kind for one in await desk.list.list(OFFICER_LI)] == [Kind.MISSED]
    assert (await desk.store.tasks.task(made.id)).outcome == "missed"


def test_what_is_shown_of_a_number() -> None:
    """Never enough to ring."""
    assert [masked(one) for one in (NUMBER, "56781234", "110")] == ["****5678", "****1234", "****"]


def test_what_is_sealed_is_opened_only_there_and_with_that_secret() -> None:
    """A copied row is worth nothing."""
    kept = Sealed("a" * 32).seal(NUMBER, "t1")
    assert Sealed("a" * 32).open(kept, "t1") == NUMBER
    for secret, place in (("b" * 32, "t1"), ("a" * 32, "t2")):
        with pytest.raises(NotFound):
            Sealed(secret).open(kept, place)
    with pytest.raises(InvalidSettings):
        Sealed("")
