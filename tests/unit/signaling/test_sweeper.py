"""What has no owner is found in a real Valkey, mended if it can be, and told once."""

import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from rvw.domain import commands as c
from rvw.domain import events as e
from rvw.domain.people import SYSTEM
from rvw.domain.task import Kind, Owed, TaskTerms
from rvw.domain.visit import State, Visit
from rvw.protocol.codec import encode
from rvw.settings import Operations
from signaling.board import SharedBoard
from signaling.keys import Keys
from signaling.ledger import Client, Ledger, connect
from signaling.office import Office
from signaling.sealed import Sealed
from signaling.survey import Survey
from signaling.sweeper import Sweeper
from signaling.timers import Timers
from signaling.worklist import Worklist
from tests.fakes.clock import ManualClock
from tests.fakes.counter import TERMS
from tests.fakes.stores import empty_store
from tests.fakes.town import KIOSK_ONE, KIOSK_TWO, LEAD_FENG, OFFICER_LI, OFFICER_ZHOU, TOWN
from tests.fakes.valkey import Valkey, running_valkey

CELLS = itertools.count()
BELL = Owed(kind=Kind.CALL_BACK, authority="baoshan", desk="gone", subject="card", deadline=0.0)


class Scene:
    """Li is in a visit with the resident at the first kiosk, another waits at the second, one has left."""

    def __init__(self, client: Client, keys: Keys, worklist: Worklist, clock: ManualClock) -> None:
        self.redis, self.keys, self.worklist, self.clock = client, keys, worklist, clock
        self._serials = itertools.count(1)
        self.ledger, self.shared, self.survey = Ledger(client, keys), SharedBoard(client, keys), Survey(client, keys)
        self.office = Office(self.ledger, lambda: TOWN, TERMS, clock, self._id, self._ticket, self._nothing)
        self.live = self.waiting = self.closed = ""

    async def play(self) -> None:
        """Let it come to that."""
        for actor in (KIOSK_ONE, KIOSK_TWO, OFFICER_LI, OFFICER_ZHOU):
            await self.office.perform(actor, c.SetPresence("ready"))
        self.closed = await self.office.perform(KIOSK_ONE, c.Open("card", "310113"))
        await self.office.perform(KIOSK_ONE, c.Leave(), self.closed)
        self.live = await self.office.perform(KIOSK_ONE, c.Open("card", "310113"))
        self.waiting = await self.office.perform(KIOSK_TWO, c.Open("shop", "310113"))
        await self.office.perform(SYSTEM, c.Offer("li", "baoshan"), self.live)
        await self.office.perform(OFFICER_LI, c.Accept(), self.live)
        await self.shared.renew([one.id for one in (KIOSK_ONE, KIOSK_TWO, OFFICER_LI, OFFICER_ZHOU)], self.clock() + 15)
        await self.office.perform(LEAD_FENG, c.Announce("both", "停电检修", self.clock() + 900))

    async def sweeper(self) -> Sweeper:
        """One process that begins now. SQL holds nothing; between two readings no time passes."""
        board = await self.shared.rows()

        async def recorded(_visit: str) -> bool:
            return False

        async def pause(_seconds: float) -> None:
            """No time passes."""

        parts = (self.survey, self.ledger, self.office, self.shared, board, self.worklist)
        return Sweeper(*parts, lambda: TOWN, recorded, Operations(), self.clock, pause)

    async def add(self, stream: str, version: int, event: e.Event) -> None:
        """Write an event past every rule."""
        recorded = e.Recorded(stream, version, self.clock(), "nobody", "", event)
        await self.redis.xadd(self.keys.stream(stream), {"r": encode(recorded)}, id=f"{version}-0")

    async def told(self) -> list[str]:
        """What Feng is asked to see to."""
        return [task.subject for task in await self.worklist.list(LEAD_FENG) if task.kind is Kind.ANOMALY]

    def _id(self) -> str:
        return f"visit-{next(self._serials)}"

    async def _ticket(self, _visit: str) -> str:
        return "A001"

    async def _nothing(self, _before: Visit | None, _after: Visit) -> None:
        """Media is another test's."""


@pytest_asyncio.fixture(scope="module")
async def valkey() -> AsyncIterator[Valkey]:
    """One server for all scenes; each has a cell of its own."""
    async with running_valkey() as server:
        yield server


@pytest_asyncio.fixture
async def scene(valkey: Valkey, tmp_path: Path) -> AsyncIterator[Scene]:
    """A queue in good order."""
    keys, clock, serial = Keys(f"sweep-{next(CELLS)}"), ManualClock(), itertools.count()
    async with connect(valkey.url) as client, empty_store(tmp_path) as store:
        shared = SharedBoard(client, keys)
        worklist = Worklist(store.tasks, shared, Sealed("a" * 32), TaskTerms(), clock, lambda: f"task-{next(serial)}")
        made = Scene(client, keys, worklist, clock)
        await made.play()
        yield made


async def row_gone(scene: Scene) -> str:
    await scene.redis.hdel(scene.keys.of("board"), f"visit:{scene.waiting}")
    return f"row/visit:{scene.waiting}"


async def notice_gone(scene: Scene) -> str:
    await scene.redis.hdel(scene.keys.of("board"), "notice:baoshan")
    return "row/notice:baoshan"


async def row_stays(scene: Scene) -> str:
    row = await scene.redis.hget(scene.keys.of("board"), f"visit:{scene.waiting}")
    await scene.redis.hset(scene.keys.of("board"), f"visit:{scene.closed}", str(row))
    return f"row/visit:{scene.closed}"


async def row_of_nothing(scene: Scene) -> str:
    row = await scene.redis.hget(scene.keys.of("board"), f"visit:{scene.waiting}")
    await scene.redis.hset(scene.keys.of("board"), "visit:ghost", str(row))
    return "row/visit:ghost"


async def no_timer(scene: Scene) -> str:
    await scene.redis.zrem(scene.keys.of("deadlines"), f"visit:{scene.waiting}")
    return f"no_deadline/visit:{scene.waiting}"


async def wrong_timer(scene: Scene) -> str:
    await scene.redis.zadd(scene.keys.of("deadlines"), {f"visit:{scene.live}": scene.clock() + 9e6})
    return f"no_deadline/visit:{scene.live}"


async def unrecorded(scene: Scene) -> str:
    await scene.redis.srem(scene.keys.of("unrecorded"), f"visit:{scene.closed}")
    return f"unrecorded/visit:{scene.closed}"


async def engaged_for_what_is_over(scene: Scene) -> str:
    await scene.add("shift:zhou", 2, e.Engaged(scene.closed))
    shift = await scene.ledger.shift("zhou")
    await scene.redis.hset(scene.keys.of("board"), "shift:zhou", encode(shift).decode())
    return "shift/shift:zhou"


Plant = Callable[[Scene], Awaitable[str]]


async def test_a_queue_in_order_is_left_alone(scene: Scene) -> None:
    """Nothing is written, nobody is told."""
    before = (await scene.survey.whole()).streams
    await (await scene.sweeper()).look()
    assert (await scene.survey.whole()).streams == before
    assert await scene.told() == []


@pytest.mark.parametrize(
    "plant",
    [row_gone, notice_gone, row_stays, row_of_nothing, no_timer, wrong_timer, unrecorded, engaged_for_what_is_over],
)
async def test_an_orphan_is_mended_and_told_once(scene: Scene, plant: Plant) -> None:
    """Two processes look, again and again: all is as it was, and Feng has one task."""
    healthy = await scene.survey.whole()
    subject = await plant(scene)
    for sweeper in (await scene.sweeper(), await scene.sweeper()):
        await sweeper.look()
        await sweeper.look()
    mended = await scene.survey.whole()
    if plant is engaged_for_what_is_over:
        last = mended.streams["shift:zhou"][-1][1]
        assert last is not None
        assert (last.by, last.event) == ("sweeper", e.Released(scene.closed, pause=False, why="stranded"))
        assert (await scene.ledger.shift("zhou")).visit == ""
    else:
        assert (mended.rows, mended.deadlines, mended.unrecorded) == (healthy.rows, healthy.deadlines, healthy.unrecorded)
    assert await scene.told() == [f"orphan/{subject}"]


async def test_a_broken_stream_is_told_and_not_touched(scene: Scene) -> None:
    """What cannot have happened is in the record: that is for people."""
    await scene.add(f"visit:{scene.waiting}", 2, e.Held(scene.clock() + 60))
    sweeper = await scene.sweeper()
    before = (await scene.survey.whole()).streams
    await sweeper.look()
    assert (await scene.survey.whole()).streams == before
    assert f"orphan/impossible/visit:{scene.waiting}" in await scene.told()
    assert sweeper.statistics()["none"] > 0


@pytest.mark.parametrize("who", [KIOSK_TWO.id, OFFICER_LI.id])
async def test_who_is_missing_unnoticed_is_lost_and_the_visit_goes_on_by_its_deadline(scene: Scene, who: str) -> None:
    """The lease vanished with nobody acting on it: the visit would wait for ever for somebody who is not there."""
    await scene.redis.zrem(scene.keys.of("leases"), who)
    sweeper = await scene.sweeper()
    await sweeper.look()
    timers = Timers(scene.office, scene.shared, await scene.shared.rows(), scene.clock, 0.0)
    await timers._step()
    visit = await scene.ledger.visit(scene.waiting if who == KIOSK_TWO.id else scene.live)
    assert [one.actor for one in visit.interruptions] == [who]
    assert await scene.told() == [f"orphan/absent/shift:{who}"]
    scene.clock.pass_(601)
    await scene.shared.renew([one.id for one in (KIOSK_ONE, KIOSK_TWO, OFFICER_ZHOU)], scene.clock() + 15)
    await timers._step()
    after = await scene.ledger.visit(visit.id)
    if who == KIOSK_TWO.id:
        assert (after.state, after.close_reason) == (State.CLOSED, "lost")
    else:
        assert (after.state, after.moved and after.moved.why) == (State.WAITING, "officer_lost")
    again = await scene.sweeper()
    await again.look()
    assert len(await scene.told()) == 1


async def test_a_task_of_a_desk_that_is_gone_is_the_supervisors(scene: Scene) -> None:
    """Who was promised a call is still called."""
    owed = await scene.worklist.add(BELL, number="13800005678")
    assert owed is not None
    for sweeper in (await scene.sweeper(), await scene.sweeper()):
        await sweeper.look()
    (task,) = await scene.worklist.open_of(Kind.CALL_BACK)
    assert (task.desk, task.history[-1].by, task.history[-1].did) == ("", "sweeper", "disowned")
    assert await scene.told() == [f"orphan/task/{owed.id}"]
