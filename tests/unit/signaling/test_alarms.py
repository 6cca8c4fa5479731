"""What goes wrong becomes one task of a supervisor, and ends by itself."""

import itertools
from collections.abc import AsyncIterator
from pathlib import Path
from typing import cast

import pytest_asyncio

from rvw.domain.commands import Open, SetPresence
from rvw.domain.figures import Figures
from rvw.domain.people import Actor, Role
from rvw.domain.task import Finish, Kind, Owed, Take, TaskState, TaskTerms
from rvw.settings import Operations
from signaling.alarms import CAUSE_GONE, Alarms
from signaling.board import SharedBoard
from signaling.figures import Today
from signaling.records import Store, open_store
from signaling.records.database import sqlite_url
from signaling.sealed import Sealed
from signaling.worklist import Worklist
from tests.fakes.counter import Counter
from tests.fakes.town import KIOSK_ONE, LEAD_FENG, OFFICER_LI, TOWN

LEAD_CITY = Actor("jiang", Role.SUPERVISOR, "蒋督导", "shanghai", oversees=("baoshan", "pudong"))


class Nothing:
    """A board in Redis with no deadline that has passed, and nobody to tell."""

    async def due(self, _now: float) -> list[str]:
        """Return none."""
        return []

    async def tell(self, _topics: list[str]) -> None:
        """Tell nobody."""


class Quiet:
    """The figures of a day on which nothing has happened."""

    figures = Figures()


@pytest_asyncio.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """An empty store in SQLite."""
    async with open_store(sqlite_url(tmp_path)) as one:
        yield one


def watching(store: Store, counter: Counter, serial: "itertools.count[int]") -> tuple[Worklist, Alarms]:
    """Return what one process has."""
    shared = cast("SharedBoard", Nothing())
    terms = TaskTerms()
    worklist = Worklist(store.tasks, shared, Sealed("a" * 32), terms, counter.clock, lambda: f"task-{next(serial)}")
    alarms = Alarms(
        worklist, shared, counter.ledger.board, cast("Today", Quiet()), lambda: TOWN, Operations(), counter.clock
    )
    return worklist, alarms


async def test_nobody_on_duty_is_one_task_that_ends_when_somebody_comes(store: Store) -> None:
    """Two processes look, one begins late: one task; Feng takes it; Li comes, and a minute later it is done by itself."""
    counter, serial = Counter(), itertools.count()
    counter.perform(KIOSK_ONE, SetPresence("ready"))
    counter.perform(KIOSK_ONE, Open("card", "310113"))
    (worklist, first), (_, second) = watching(store, counter, serial), watching(store, counter, serial)
    for _ in range(30):
        await first.look()
        await second.look()
        counter.clock.pass_(5)
    (task,) = await worklist.list(LEAD_FENG)
    assert (task.kind, task.subject, task.desk, task.state) == (Kind.ANOMALY, "no_officer", "baoshan", TaskState.OPEN)
    assert task.deadline - task.made_at == Operations().see_to_s
    assert [one.id for one in await worklist.list(LEAD_CITY)] == [task.id]
    await worklist.do(LEAD_FENG, task.id, Take())

    counter.perform(OFFICER_LI, SetPresence("ready"))
    _, late = watching(store, counter, serial)
    for _ in range(14):
        await late.look()
        counter.clock.pass_(5)
    assert await worklist.list(LEAD_FENG) == ()
    (ended,) = await worklist.list(LEAD_FENG, done=True)
    assert (ended.id, ended.holder, ended.history[-1].note) == (task.id, "feng", CAUSE_GONE)


async def test_what_a_supervisor_has_finished_is_not_made_again_while_it_lasts(store: Store) -> None:
    """Feng has said that it is seen to; the desk is still empty, and nobody is asked twice."""
    counter, serial = Counter(), itertools.count()
    counter.perform(KIOSK_ONE, SetPresence("ready"))
    counter.perform(KIOSK_ONE, Open("card", "310113"))
    worklist, alarms = watching(store, counter, serial)
    for _ in range(30):
        await alarms.look()
        counter.clock.pass_(5)
    (task,) = await worklist.list(LEAD_FENG)
    await worklist.do(LEAD_FENG, task.id, Take())
    await worklist.do(LEAD_FENG, task.id, Finish(note="同事十分钟后到岗"))
    for _ in range(60):
        await alarms.look()
        counter.clock.pass_(5)
    assert await worklist.list(LEAD_FENG) == ()


async def test_a_call_back_that_the_desk_lets_pass_is_a_supervisors_task_until_it_is_done(store: Store) -> None:
    """Nobody rings by the deadline: Feng is told; Li rings at last, and a minute later it is over by itself."""
    counter, serial = Counter(), itertools.count()
    counter.perform(OFFICER_LI, SetPresence("ready"))
    worklist, alarms = watching(store, counter, serial)
    owed = Owed(kind=Kind.CALL_BACK, authority="baoshan", desk="baoshan", visit="v1", deadline=counter.clock() + 600)
    made = await worklist.add(owed)
    assert made is not None
    await alarms.look()
    assert [one.kind for one in await worklist.list(LEAD_FENG)] == [Kind.CALL_BACK]
    counter.clock.pass_(601)
    await alarms.look()
    late = [one for one in await worklist.list(LEAD_FENG) if one.kind is Kind.ANOMALY]
    assert [(one.subject, one.desk, one.visit) for one in late] == [("promise_late/v1", "baoshan", "v1")]
    await worklist.do(OFFICER_LI, made.id, Take())
    await worklist.do(OFFICER_LI, made.id, Finish())
    for _ in range(14):
        await alarms.look()
        counter.clock.pass_(5)
    assert await worklist.list(LEAD_FENG) == ()
