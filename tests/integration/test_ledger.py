"""The ledger on a real Valkey: nobody is overwritten, nothing acknowledged is lost, everybody can follow."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest
import pytest_asyncio

from rvw.domain import commands as c
from rvw.domain.board import Board
from rvw.domain.estimate import Pace
from rvw.domain.events import Recorded
from rvw.domain.fold import evolve
from rvw.domain.people import SYSTEM, Actor
from rvw.domain.shift import Shift
from rvw.domain.visit import State, Visit, due
from rvw.errors import Conflict, NotFound, NotPossible, OfficerBusy, RvwError, Unavailable
from rvw.ids import make_id
from signaling.board import SharedBoard
from signaling.hub import Hub
from signaling.keys import Keys
from signaling.ledger import Client, Entry, Ledger, Write, connect
from signaling.office import Office
from signaling.recent import Recent
from signaling.tail import Tail
from tests.fakes.clock import ManualClock
from tests.fakes.counter import TERMS
from tests.fakes.town import KIOSK_ONE, KIOSK_TWO, LEAD_FENG, OFFICER_LI, OFFICER_ZHOU, TOWN
from tests.fakes.valkey import Valkey, running_valkey

CELLS = itertools.count()


class Process:
    """What one signaling process has of the ledger. Two of them share nothing but Valkey."""

    def __init__(self, ledger: Ledger, shared: SharedBoard, serials: "itertools.count[int]") -> None:
        self.ledger = ledger
        self.shared = shared
        self.clock = ManualClock()
        self._serials = serials
        self.office = Office(ledger, lambda: TOWN, TERMS, self.clock, self._new_id, self._ticket, self._nothing)

    def _new_id(self) -> str:
        return make_id(self.clock(), next(self._serials).to_bytes(8))

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
async def processes(valkey: Valkey, count: int) -> AsyncIterator[list[Process]]:
    """So many processes on one cell of their own, each with its connection."""
    keys, serials = Keys(f"cell-{next(CELLS)}"), itertools.count()
    async with AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(connect(valkey.url)) for _ in range(count)]
        yield [Process(Ledger(client, keys), SharedBoard(client, keys), serials) for client in clients]


async def waiting(process: Process) -> str:
    """A resident waits, and Li and Zhou are ready."""
    for actor in (KIOSK_ONE, KIOSK_TWO, OFFICER_LI, OFFICER_ZHOU):
        await process.office.perform(actor, c.SetPresence("ready"))
    return await process.office.perform(KIOSK_ONE, c.Open("card", "310113"))


async def outcome(work: Coroutine[Any, Any, str]) -> str:
    """`done`, or the code it was refused with."""
    try:
        await work
    except RvwError as error:
        return error.code
    return "done"


async def test_two_processes_cannot_offer_one_visit_twice(valkey: Valkey) -> None:
    """Both offer at the same moment, to two officers: one is done, the other is refused, and one officer is engaged."""
    async with processes(valkey, 2) as (left, right):
        visit = await waiting(left)
        async with asyncio.TaskGroup() as tasks:
            a = tasks.create_task(outcome(left.office.perform(SYSTEM, c.Offer("li", "baoshan"), visit)))
            b = tasks.create_task(outcome(right.office.perform(SYSTEM, c.Offer("zhou", "baoshan"), visit)))
        assert sorted((a.result(), b.result())) == ["done", "not_possible"]
        engaged = [name for name in ("li", "zhou") if (await left.ledger.shift(name)).visit]
        assert engaged == [(await right.ledger.visit(visit)).officer]


async def test_two_processes_cannot_give_one_officer_two_visits(valkey: Valkey) -> None:
    """Two visits, one officer, at the same moment."""
    async with processes(valkey, 2) as (left, right):
        first = await waiting(left)
        second = await left.office.perform(KIOSK_TWO, c.Open("card", "310113"))
        async with asyncio.TaskGroup() as tasks:
            a = tasks.create_task(outcome(left.office.perform(SYSTEM, c.Offer("li", "baoshan"), first)))
            b = tasks.create_task(outcome(right.office.perform(SYSTEM, c.Offer("li", "baoshan"), second)))
        assert sorted((a.result(), b.result())) == ["done", OfficerBusy.code]


async def test_what_was_acknowledged_is_there_after_a_power_cut(valkey: Valkey) -> None:
    """Two hundred lines are written; Valkey is killed at some point; every line that was acknowledged is there after."""
    async with processes(valkey, 1) as (process,):
        visit = await waiting(process)
        await process.office.perform(SYSTEM, c.Offer("li", "baoshan"), visit)
        await process.office.perform(OFFICER_LI, c.Accept(), visit)
        acknowledged: list[str] = []

        async def write() -> None:
            for number in range(200):
                try:
                    await process.office.perform(KIOSK_ONE, c.Say(f"第{number}句"), visit, ref=str(number))
                except Unavailable:
                    return
                acknowledged.append(f"第{number}句")

        async with asyncio.TaskGroup() as tasks:
            writing = tasks.create_task(write())
            while len(acknowledged) < 50 and not writing.done():  # noqa: ASYNC110 - the other task tells nobody
                await asyncio.sleep(0)
            await valkey.kill()
        assert len(acknowledged) >= 50
        await valkey.start()
        chat = [line.text for line in (await process.ledger.visit(visit)).chat]
        assert chat[: len(acknowledged)] == acknowledged
        assert len(chat) <= len(acknowledged) + 1, "at most the one whose answer was lost"
        assert await process.shared.due(due(await process.ledger.visit(visit)) or 0) == [visit]


async def test_a_repeated_command_after_a_lost_answer_is_done_once(valkey: Valkey) -> None:
    """The process that did it died before it answered; the page says it again to another process."""
    async with processes(valkey, 2) as (left, right):
        visit = await waiting(left)
        await left.office.perform(KIOSK_ONE, c.Leave(), visit, ref="leave-1")
        await right.office.perform(KIOSK_ONE, c.Leave(), visit, ref="leave-1")
        assert [type(r.event).__name__ for r in await right.ledger.events(visit)] == ["Opened", "Closed"]


async def test_a_stale_write_is_refused_whole(valkey: Valkey) -> None:
    """Of two streams in one step, one has moved: neither changes."""
    async with processes(valkey, 2) as (left, right):
        visit = await waiting(left)
        captured: list[Sequence[Write]] = []
        append = left.ledger.append

        async def late(writes: Sequence[Write]) -> str:
            captured.append(writes)
            raise Unavailable("the process stops here")

        left.ledger.append = late  # type: ignore[method-assign]
        with pytest.raises(Unavailable):
            await left.office.perform(SYSTEM, c.Offer("li", "baoshan"), visit)
        await right.office.perform(OFFICER_LI, c.SetPresence("on_break"))
        with pytest.raises(Conflict):
            await append(captured[0])
        assert (await right.ledger.visit(visit)).state is State.WAITING
        assert (await right.ledger.shift("li")).visit == ""


async def test_following_the_log_gives_the_same_visit_and_board(valkey: Valkey) -> None:
    """From an empty log: folding its entries gives what the streams and the rows hold."""
    async with processes(valkey, 1) as (process,):
        visit = await waiting(process)
        await process.office.perform(SYSTEM, c.Offer("li", "baoshan"), visit)
        await process.office.perform(OFFICER_LI, c.Accept(), visit)
        entries: list[tuple[str, Entry]] = []
        async for batch in process.ledger.follow("0-0"):
            entries += batch
            if entries and entries[-1][0] == await process.ledger.last_seq():
                break
        folded: Visit | None = None
        for _, entry in entries:
            if entry.recorded.stream == f"visit:{visit}":
                folded = evolve(folded, entry.recorded)
        assert folded == await process.ledger.visit(visit)
        assert (await process.shared.rows()).lines[visit].officer == "li"


async def test_a_new_process_learns_from_the_log_how_long_visits_take(valkey: Valkey) -> None:
    """A visit took a quarter of an hour at the left process; the right one, just started, reads it from the log."""
    async with processes(valkey, 2) as (left, right):
        visit = await waiting(left)
        await left.office.perform(SYSTEM, c.Offer("li", "baoshan"), visit)
        await left.office.perform(OFFICER_LI, c.Accept(), visit)
        left.clock.pass_(900)
        await left.office.perform(OFFICER_LI, c.Close("accepted"), visit)
        pace = Pace()
        for _, entry in await right.ledger.latest(1000):
            pace.add(entry.recorded)
        assert pace.mean_s == {"baoshan": 900.0}
        assert [one.recorded.version for _, one in await right.ledger.latest(1)] == [3], "the last one is Li's release"


async def test_resuming_reaches_back_as_far_as_the_log_and_no_further(valkey: Valkey) -> None:
    """An unknown place, nonsense, or too much to replay: a snapshot instead."""
    async with processes(valkey, 1) as (process,):
        await waiting(process)
        last = await process.ledger.last_seq()
        assert await process.ledger.missed(last, last) == []
        first = await process.ledger.follow("0-0").__anext__()
        missed = await process.ledger.missed(first[0][0], last)
        assert missed is not None
        assert [seq for seq, _ in missed] == [seq for seq, _ in first[1:]]
        for nonsense in ("0-1", "", "x", "1", "9" * 50 + "-0"):
            assert await process.ledger.missed(nonsense, last) is None


async def test_a_page_that_comes_back_is_told_from_memory_what_it_missed(valkey: Valkey) -> None:
    """What the log's reader keeps is what the log has; beyond it a snapshot; a page that is ahead has missed nothing."""
    async with processes(valkey, 1) as (process,):
        await waiting(process)
        entries = await process.ledger.follow("0-0").__anext__()
        hub = Hub(process.ledger, process.shared, Board())
        await hub.begin()
        assert hub.tail.after(entries[0][0]) == entries[1:]
        assert hub.tail.after(hub.seq) == []
        assert hub.tail.after("99999999999999-0") == []
        for unknown in ("0-1", "", "x", "1", "9" * 50 + "-0"):
            assert hub.tail.after(unknown) is None
        few = Tail(2)
        few.become(entries)
        assert few.after(entries[-2][0]) == entries[-1:]
        assert few.after(entries[0][0]) is None


async def test_a_visit_that_never_was_is_not_found(valkey: Valkey) -> None:
    """And a shift that never began is signed out."""
    async with processes(valkey, 1) as (process,):
        with pytest.raises(NotFound):
            await process.ledger.visit("nobody")
        assert (await process.ledger.shift("nobody")).presence == "signed_out"


def reads_of(process: Process) -> list[str]:
    """Count, from now on, the streams that the process reads."""
    read, streams = process.ledger._read, list[str]()

    async def counted(stream: str, after: int) -> list[Recorded]:
        streams.append(stream)
        return await read(stream, after)

    process.ledger._read = counted  # type: ignore[method-assign]
    return streams


async def test_a_step_after_its_own_is_taken_without_reading(valkey: Valkey) -> None:
    """What a process has written itself it need not read; what it has never seen it reads once."""
    async with processes(valkey, 1) as (process,):
        visit = await waiting(process)
        streams = reads_of(process)
        await process.office.perform(SYSTEM, c.Offer("li", "baoshan"), visit)
        await process.office.perform(OFFICER_LI, c.Accept(), visit)
        assert streams == []


async def test_nobody_is_refused_for_what_a_process_has_not_seen(valkey: Valkey) -> None:
    """The left process remembers a waiting visit; at the right it went on; the left still does what is possible now."""
    async with processes(valkey, 2) as (left, right):
        visit = await waiting(left)
        await right.office.perform(SYSTEM, c.Offer("li", "baoshan"), visit)
        await left.office.perform(OFFICER_LI, c.Accept(), visit)
        await right.office.perform(OFFICER_LI, c.Hold(), visit)
        await left.office.perform(OFFICER_LI, c.Resume(), visit)
        assert (await right.ledger.visit(visit)).state is State.LIVE
        with pytest.raises(NotPossible):
            await right.office.perform(OFFICER_LI, c.Resume(), visit)


async def test_nothing_to_do_is_said_only_of_what_is_there_now(valkey: Valkey) -> None:
    """The left process remembers Li as ready; at the right Li took a break; ready is said again, and is written."""
    async with processes(valkey, 2) as (left, right):
        await left.office.perform(OFFICER_LI, c.SetPresence("ready"))
        await right.office.perform(OFFICER_LI, c.SetPresence("on_break"))
        await left.office.perform(OFFICER_LI, c.SetPresence("ready"))
        assert (await right.ledger.shift("li")).presence == "ready"


async def test_whom_another_process_has_engaged_is_freed_with_the_visit(valkey: Valkey) -> None:
    """One process saw Li sign in; the other offers and accepts; the first closes, and Li can have the next visit."""
    async with processes(valkey, 2) as (one, other):
        visit = await waiting(one)
        await other.office.perform(SYSTEM, c.Offer("li", "baoshan"), visit)
        await other.office.perform(OFFICER_LI, c.Accept(), visit)
        assert await one.ledger.visit(visit), "the visit is known here as it is, the shift as it was"
        await one.office.perform(OFFICER_LI, c.Close("guided"), visit)
        assert (await one.ledger.shift("li")).visit == ""
        assert (await other.ledger.shift("kiosk-1")).visit == ""


async def test_two_processes_that_remember_never_overwrite_each_other(valkey: Valkey) -> None:
    """A hundred lines from each side at once, in one visit: all are there once, and both sides agree in the end."""
    async with processes(valkey, 2) as (left, right):
        visit = await waiting(left)
        await left.office.perform(SYSTEM, c.Offer("li", "baoshan"), visit)
        await left.office.perform(OFFICER_LI, c.Accept(), visit)

        async def talk(process: Process, who: Actor) -> None:
            for number in range(100):
                ref = f"{who.id}-{number}"
                while await outcome(process.office.perform(who, c.Say(ref), visit, ref)) == Conflict.code:
                    """Others were faster eight times: the page says it again."""

        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(talk(left, KIOSK_ONE))
            tasks.create_task(talk(right, OFFICER_LI))
        seen = await left.ledger.visit(visit)
        assert seen == await right.ledger.visit(visit)
        assert sorted(line.text for line in seen.chat) == sorted(
            f"{who.id}-{number}" for who in (KIOSK_ONE, OFFICER_LI) for number in range(100)
        )
        assert [one.version for one in await left.ledger.events(visit)] == list(range(1, seen.version + 1))


async def test_two_processes_show_the_same_notices_and_a_power_cut_takes_none(valkey: Valkey) -> None:
    """Both sides announce at once until the authority has as many as it may; after the cut a new process has them all."""
    async with processes(valkey, 3) as (left, right, later):
        until = left.clock() + 900

        async def announce(process: Process, number: int) -> str:
            words = c.Announce("both", f"通知{number}", until)
            while (said := await outcome(process.office.perform(LEAD_FENG, words, ref=str(number)))) == Conflict.code:
                """Others were faster eight times: the page says it again."""
            return said

        async with asyncio.TaskGroup() as tasks:
            sides = (left, right) * 3
            said = [tasks.create_task(announce(side, number)) for number, side in enumerate(sides)]
        assert sorted(one.result() for one in said) == ["done"] * 3 + ["too_many"] * 3
        await valkey.kill()
        await valkey.start()
        board = (await later.shared.rows()).notices["baoshan"]
        assert board == await later.ledger.noticeboard("baoshan")
        assert board == await left.ledger.noticeboard("baoshan")
        assert len(board.notices) == 3
        for one in board.notices:
            await later.office.perform(LEAD_FENG, c.Withdraw(one.id))
        assert (await right.shared.rows()).notices == {}
        assert await outcome(right.office.perform(LEAD_FENG, c.Withdraw(board.notices[0].id))) == NotFound.code


def test_what_is_remembered_is_bounded_and_never_goes_back() -> None:
    """The one not asked for longest goes; a slow read does not undo a quick write."""
    recent: Recent[Shift] = Recent(2)
    for name in ("a", "b"):
        recent.put(name, Shift(actor=name, version=2))
    recent.put("a", Shift(actor="a", version=1))
    assert recent.get("a") == Shift(actor="a", version=2)
    recent.put("c", Shift(actor="c", version=1))
    assert (len(recent), recent.get("b")) == (2, None)


async def test_whoever_is_cancelled_ends() -> None:
    """At whatever moment of a command: a task that goes on would be waited for without end when the process stops."""

    async def ask(client: Client) -> None:
        await client.get("somebody")
        await asyncio.Event().wait()

    async with running_valkey() as server, connect(server.url) as client:
        for moment in range(60):
            async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
                task = tasks.create_task(ask(client))
                for _ in range(moment):
                    await asyncio.sleep(0)
                task.cancel()
            assert task.cancelled()
