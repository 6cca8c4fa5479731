"""What follows from a visit that is over: once each, however often it is asked, and with the law's deadlines."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import cast

import pytest_asyncio

from rvw.domain import commands as c
from rvw.domain.followup import carry_out
from rvw.domain.people import SYSTEM
from rvw.domain.task import Appeal, JudgeAppeal, Kind, Take, TaskTerms
from rvw.settings import Tasks as Limits
from signaling.aftermath import Aftermath
from signaling.board import SharedBoard
from signaling.ledger import Ledger
from signaling.records import Store, open_store
from signaling.sealed import Sealed
from signaling.worklist import Worklist
from tests.fakes.counter import Counter
from tests.fakes.town import KIOSK_ONE, LEAD_FENG, OFFICER_LI, TOWN

DAY_S = 86_400.0


class _Deaf:
    """A board whose channel nobody listens to."""

    async def tell(self, topics: list[str]) -> None:
        """Tell nobody."""


class Desk:
    """An office, its tasks in SQL, and what follows from its visits."""

    def __init__(self, store: Store) -> None:
        self.counter = Counter()
        self.store = store
        self._serial = 0
        for actor in (OFFICER_LI, KIOSK_ONE):
            self.counter.perform(actor, c.SetPresence("ready"))
        board = cast("SharedBoard", _Deaf())
        self.worklist = Worklist(
            store.tasks, board, Sealed("a secret of tests" * 4), TaskTerms(), self.counter.clock, self._new_id
        )
        ledger = cast("Ledger", self.counter.ledger)
        self.aftermath = Aftermath(ledger, store.ratings, self.worklist, lambda: TOWN, Limits(), self.counter.clock)

    def _new_id(self) -> str:
        self._serial += 1
        return f"t{self._serial}"

    def closed(self, close: c.Close) -> str:
        """Return a visit that Li has closed so."""
        visit = self.counter.perform(KIOSK_ONE, c.Open("card", "310113"))
        self.counter.match()
        self.counter.perform(OFFICER_LI, c.Accept(), visit)
        self.counter.perform(OFFICER_LI, close, visit)
        return visit

    async def settle(self, visit: str, number: str = "") -> None:
        """Let what follows happen, twice: a process may be killed between the steps."""
        for _ in range(2):
            await self.aftermath.settle(self.counter.visit(visit), number)


@pytest_asyncio.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """A desk with a database of its own."""
    async with open_store(f"sqlite:///{tmp_path / 'records.sqlite3'}") as store:
        yield Desk(store)


async def test_filing_was_faster_than_the_request_that_rates(desk: Desk) -> None:
    """The task of a low rating is there without the number: the request brings it, once, and it is read by its holder."""
    visit = desk.closed(c.Close("guided"))
    desk.counter.perform(SYSTEM, c.Rate(1, ("rude",)), visit)
    await desk.settle(visit)
    await desk.settle(visit, "13800007777")
    (low,) = [one for one in await desk.worklist.of_visit(visit) if one.kind is Kind.LOW_RATING]
    assert (low.contact, low.version) == ("****7777", 2)
    await desk.worklist.do(LEAD_FENG, low.id, Take())
    assert await desk.worklist.number(LEAD_FENG, low.id) == "13800007777"


async def test_a_good_rating_is_counted_and_nothing_else_follows(desk: Desk) -> None:
    """Satisfied: one row, no task."""
    visit = desk.closed(c.Close("guided"))
    desk.counter.perform(SYSTEM, c.Rate(4, ("clear",)), visit)
    await desk.settle(visit)
    now = desk.counter.clock()
    rated = await desk.store.ratings.between(now - 60, now + 60, ["baoshan", "city"])
    assert [(one.visit, one.level, one.desk, one.officer, one.counts) for one in rated] == [
        (visit, 4, "baoshan", OFFICER_LI.id, True)
    ]
    assert await desk.worklist.of_visit(visit) == ()


async def test_a_low_rating_is_one_task_and_a_mistake_does_not_count(desk: Desk) -> None:
    """Due in fifteen working days, with the number for the supervisor; upheld, the row stays and does not count."""
    visit = desk.closed(c.Close("guided"))
    desk.counter.perform(SYSTEM, c.Rate(1, ("rude",), "没听我说完"), visit)
    await desk.settle(visit, "13800005678")
    (task,) = await desk.worklist.of_visit(visit)
    assert (task.kind, task.stage, task.contact, task.desk) == (Kind.LOW_RATING, "dispatched", "****5678", "baoshan")
    assert 15 * DAY_S < task.deadline - desk.counter.clock() < 33 * DAY_S
    task = carry_out(task, Appeal("评错了"), OFFICER_LI, TaskTerms(), 1.0)
    assert carry_out(task, JudgeAppeal(True), LEAD_FENG, TaskTerms(), 1.0).outcome == "mistaken"
    await desk.store.ratings.discount(visit)
    await desk.settle(visit)
    now = desk.counter.clock()
    assert [one.counts for one in await desk.store.ratings.between(now - 60, now + 60, ["baoshan"])] == [False]


async def test_what_could_not_be_done_and_what_nobody_knew_are_two_tasks(desk: Desk) -> None:
    """Closed as unresolved, with a question: each is followed up by itself."""
    visit = desk.closed(c.Close("unresolved", "系统查不到", "等我们电话", "外省年限怎么并"))
    await desk.settle(visit)
    found = {task.kind: task for task in await desk.worklist.of_visit(visit)}
    assert set(found) == {Kind.UNRESOLVED, Kind.KNOWLEDGE}
    assert found[Kind.UNRESOLVED].text == "等我们电话"
    assert (found[Kind.KNOWLEDGE].text, found[Kind.KNOWLEDGE].stage) == ("外省年限怎么并", "")


async def test_the_figures_of_another_desk_are_not_mixed(desk: Desk) -> None:
    """Ratings are asked for by desk and time."""
    visit = desk.closed(c.Close("guided"))
    desk.counter.perform(SYSTEM, c.Rate(5), visit)
    await desk.settle(visit)
    now = desk.counter.clock()
    assert await desk.store.ratings.between(now - 60, now + 60, ["city"]) == ()
    assert await desk.store.ratings.between(now + 60, now + 120, ["baoshan"]) == ()
