"""Tasks, carried out: who may see and do what is asked of `rvw.domain.task`, kept in SQL, and told to the pages.

Pages are told that their list has changed, not what: they read it again over HTTP, where it is decided what they may see.
A notice that is lost costs nothing: a page reads its list whenever it connects.
"""

from asyncio import sleep
from collections import Counter
from collections.abc import Callable

import msgspec
import structlog

from rvw.clock import Clock, Instant, Seconds
from rvw.domain import task as tasks
from rvw.domain.followup import carry_out, shown_to
from rvw.domain.people import SWEEPER, SYSTEM, Actor, Role
from rvw.domain.policy import authorities
from rvw.domain.reminders import missed
from rvw.domain.task import Kind, Owed, Task, TaskCommand, TaskOutcome, TaskTerms
from rvw.errors import Conflict, NotAllowed, NotFound, RvwError, Unavailable
from signaling.board import SharedBoard
from signaling.records.tasks import TaskCount
from signaling.records.tasks import Tasks as Rows
from signaling.sealed import Sealed

log = structlog.get_logger()

TICK_S: Seconds = 5.0
"""How late a deadline of a task may be noticed: they are hours long."""

MAX_ATTEMPTS = 8
"""How often a step is tried when others are faster."""


class Worklist:
    """Makes tasks, shows them, and does what pages want with them. Also one owned task, for deadlines."""

    def __init__(
        self,
        rows: Rows,
        shared: SharedBoard,
        sealed: Sealed,
        terms: TaskTerms,
        clock: Clock,
        new_id: Callable[[], str],
    ) -> None:
        self._rows = rows
        self._shared = shared
        self._sealed = sealed
        self._terms = terms
        self._clock = clock
        self._new_id = new_id
        self._count = TaskCount({}, {})

    async def add(
        self, owed: Owed, by: Actor = SYSTEM, number: str = "", *, once: bool = False, key: str = ""
    ) -> Task | None:
        """Make a task and return it. `number` is the telephone number, which nobody but its holder reads.

        With `once` nothing is made, and `None` returned, while one of the same kind, authority, desk and subject is not
        done: for what is noticed again and again. `key` says by what else there may be only one. Raises `Unavailable`.
        """
        task_id = self._new_id()
        shown = msgspec.structs.replace(owed, contact=masked(number)) if number else owed
        task = tasks.make(shown, task_id, by, self._clock())
        same = "/".join((task.kind, task.authority, task.desk, task.subject)) if once else key or None
        if not await self._rows.add(task, self._sealed.seal(number, task_id) if number else None, same):
            return None
        log.info("task_made", task=task.id, kind=task.kind, desk=task.desk)
        await self._tell(task)
        return task

    async def ring_at(self, key: str, number: str) -> None:
        """Give the number to a task that was made without: whoever made it did not know it yet. Raises `Unavailable`."""
        for _ in range(MAX_ATTEMPTS):
            task = await self._rows.of_key(key)
            if task is None or task.contact:
                return
            after = msgspec.structs.replace(task, version=task.version + 1, contact=masked(number))
            try:
                await self._rows.change(task, after, self._sealed.seal(number, task.id))
            except Conflict:
                continue
            return await self._tell(after)

    async def of_key(self, key: str) -> Task | None:
        """Return the task of which there may be only one, while it is not done."""
        return await self._rows.of_key(key)

    async def book(self, owed: Owed, by: Actor, places: int, number: str = "") -> Task | None:
        """Make an appointment in one of the desk's `places` at that time; `None` if none is free. Raises `Unavailable`."""
        for place in range(places):
            key = f"{owed.kind}/{owed.desk}/{owed.due_at:.0f}/{place}"
            if (task := await self.add(owed, by, number, key=key)) is not None:
                return task
        return None

    async def booked(self, desk: str, begin: Instant, end: Instant) -> Counter[Instant]:
        """Return how many appointments a desk has at each time."""
        return Counter(one.due_at for one in await self._rows.at(desk, Kind.APPOINTMENT, begin, end))

    async def list(self, actor: Actor, *, done: bool = False) -> tuple[Task, ...]:
        """Return the tasks the actor may see, the next deadline first; with `done`, those that are over.

        Raises `NotAllowed` for who has none.
        """
        match actor.role:
            case Role.SUPERVISOR:
                return await self._rows.of(authorities=sorted(authorities(actor)), done=done)
            case Role.OFFICER:
                return tuple(shown_to(actor, task) for task in await self._rows.of(desks=actor.desks, done=done))
            case _:
                raise NotAllowed(f"a {actor.role} has no list of tasks")

    async def do(self, actor: Actor, task_id: str, command: TaskCommand) -> Task:
        """Carry out a command. Raises what `carry_out` raises, `NotFound`, `Conflict`, `Unavailable`."""

        def step(task: Task, now: Instant) -> Task:
            if not tasks.may_see(actor, task):
                raise NotFound("there is no such task")
            return carry_out(task, command, actor, self._terms, now)

        return shown_to(actor, await self._change(task_id, step))

    async def close(self, task_id: str, outcome: TaskOutcome, by: Actor = SYSTEM, note: str = "") -> Task:
        """End a task by what has happened elsewhere. Raises `NotPossible` for one that is done, `NotFound`."""
        return await self._change(task_id, lambda task, now: tasks.close(task, outcome, by, now, note))

    async def disown(self, task_id: str, why: str) -> Task:
        """Give a task of a desk that is no more to the supervisors. Raises `NotPossible` for one that is done."""
        return await self._change(task_id, lambda task, now: tasks.disown(task, SWEEPER, now, why))

    async def number(self, actor: Actor, task_id: str) -> str:
        """Return the telephone number. Raises `NotAllowed` for anybody but the holder, `NotFound` without a number."""
        task = await self._rows.task(task_id)
        if not tasks.may_read_contact(actor, task):
            raise NotAllowed("who has taken the call-back reads the number")
        if not (number := await self._number_of(task_id)):
            raise NotFound("this task has no number")
        return number

    async def visit_of(self, task_id: str) -> str:
        """Return the visit that a task comes from; empty for none. Raises `NotFound`."""
        return (await self._rows.task(task_id)).visit

    async def open_of(self, kind: Kind) -> tuple[Task, ...]:
        """Return the tasks of a kind that are not done."""
        return await self._rows.open_of(kind)

    async def of_visit(self, visit: str) -> tuple[Task, ...]:
        """Return the tasks that a visit has led to."""
        return await self._rows.of_visit(visit)

    def statistics(self) -> TaskCount:
        """Return how many tasks are not done, as last counted."""
        return self._count

    async def run(self) -> None:
        """Let deadlines pass until cancelled."""
        while True:
            try:
                await self.expire()
                self._count = await self._rows.count(self._clock())
            except Unavailable as error:
                log.warning("tasks wait", reason=str(error))
            await sleep(TICK_S)

    async def late(self) -> tuple[Task, ...]:
        """Return what residents were promised and the desk has let pass."""
        return await self._rows.overdue(sorted(tasks.PROMISES - set(tasks.EXPIRING)), self._clock())

    async def expire(self) -> None:
        """End the tasks that their deadline ends. What is owed for one is made first: its number is forgotten with it."""
        for task in await self._rows.overdue(tasks.EXPIRING, self._clock()):
            try:
                await self._owe_for(task)
                await self._change(task.id, lambda one, now: tasks.expire(one, SYSTEM, now) or one)
            except Unavailable:
                raise
            except RvwError as error:
                log.info("nothing to expire", task=task.id, code=error.code)

    async def _owe_for(self, task: Task) -> None:
        owed = missed(task, self._terms, self._clock())
        if owed is not None:
            await self.add(owed, SYSTEM, await self._number_of(task.id), key=f"{owed.kind}/{task.id}")

    async def _number_of(self, task_id: str) -> str:
        sealed = await self._rows.contact(task_id)
        return "" if sealed is None else self._sealed.open(sealed, task_id)

    async def _change(self, task_id: str, step: Callable[[Task, Instant], Task]) -> Task:
        for _ in range(MAX_ATTEMPTS):
            before = await self._rows.task(task_id)
            after = step(before, self._clock())
            if after is before:
                return before
            try:
                await self._rows.change(before, after)
            except Conflict:
                continue
            log.info("task_changed", task=task_id, kind=after.kind, did=after.history[-1].did)
            await self._tell(after)
            return after
        raise Conflict("others were faster each time: look again")

    async def _tell(self, task: Task) -> None:
        try:
            await self._shared.tell(sorted(tasks.topics(task)))
        except Unavailable as error:
            log.debug("a changed task is not told", task=task.id, reason=str(error))


def masked(number: str) -> str:
    """Return what everybody may read of a number: how it ends, and of a very short one nothing."""
    return "****" + (number[-4:] if len(number) >= SHORTEST_SHOWN else "")


SHORTEST_SHOWN = 8
"""Of a shorter number the last four digits would be half of it."""
