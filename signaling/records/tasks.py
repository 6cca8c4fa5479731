"""Tasks as rows: what may happen to one is decided in `rvw.domain.task`, this remembers.

A row changes only if nobody was faster (`version`); a telephone number goes with the task, encrypted, and is forgotten with
the step that ends it. What is said in a task is encrypted under the key of the visit that it comes from.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import ColumnElement, UnaryExpression, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from rvw.clock import Instant
from rvw.domain.task import Kind, Task, TaskState
from rvw.errors import Conflict, NotFound
from signaling.keeping.visit_keys import VisitKeys, seal, unseal
from signaling.records.database import Database
from signaling.records.models import TaskRow

MAX_LISTED = 200
"""How many tasks a list has: those whose deadline is next."""

TASK: msgspec.json.Decoder[Task] = msgspec.json.Decoder(Task)


class TaskCount(Struct, frozen=True):
    """How many tasks there are that are not done."""

    open: dict[Kind, int]
    overdue: dict[Kind, int]


class Tasks:
    """The rows. All methods raise `Unavailable`."""

    def __init__(self, database: Database, keys: VisitKeys) -> None:
        self._database = database
        self._keys = keys

    async def add(self, task: Task, contact: bytes | None = None, once: str | None = None) -> bool:
        """Write a new task; tell whether it is there now, which it is not when an open one with the same `once` is."""
        dialect_insert = postgres_insert if self._database.locks_rows else sqlite_insert
        values = {**await self._columns(task), "id": task.id, "visit": task.visit, "once": once}
        values["contact"] = await self._wrapped(task, contact)
        added = dialect_insert(TaskRow).values(values).on_conflict_do_nothing().returning(TaskRow.id)
        async with self._database.writing() as connection:
            return (await connection.execute(added)).first() is not None

    async def task(self, task_id: str) -> Task:
        """Return one task. Raises `NotFound`."""
        found = await self._found(TaskRow.id == task_id)
        if not found:
            raise NotFound("there is no such task")
        return found[0]

    async def of_key(self, key: str) -> Task | None:
        """Return the task that is not done of which there may be only one, by its key."""
        found = await self._found(TaskRow.once == key)
        return found[0] if found else None

    async def change(self, before: Task, after: Task, contact: bytes | None = None) -> None:
        """Replace the task, and its number if one is given. Raises `Conflict` when somebody was faster."""
        values = await self._columns(after)
        if contact is not None:
            values["contact"] = await self._wrapped(after, contact)
        if after.state is TaskState.DONE:
            values |= {"once": None, "contact": None}
        row = TaskRow
        changed = update(row).where(row.id == before.id, row.version == before.version).values(values)
        async with self._database.writing() as connection:
            if (await connection.execute(changed)).rowcount == 0:
                raise Conflict("somebody else has changed this task")

    async def of(
        self, authorities: Sequence[str] = (), desks: Sequence[str] = (), *, done: bool = False
    ) -> tuple[Task, ...]:
        """Return the open tasks of authorities or of desks, the next deadline first; with `done`, the last ones done."""
        row = TaskRow
        whose = or_(row.authority.in_(authorities), row.desk.in_([desk for desk in desks if desk]))
        over = row.state == TaskState.DONE.value
        order = row.deadline.desc() if done else row.deadline.asc()
        return await self._found(whose, over if done else ~over, order=order)

    async def open_of(self, kind: Kind) -> tuple[Task, ...]:
        """Return all tasks of a kind that are not done."""
        return await self._found(TaskRow.kind == kind.value, TaskRow.state != TaskState.DONE.value, limit=None)

    async def of_visit(self, visit: str) -> tuple[Task, ...]:
        """Return all tasks that a visit has led to, the oldest first."""
        return await self._found(TaskRow.visit == visit, order=TaskRow.id.asc())

    async def at(self, desk: str, kind: Kind, begin: Instant, end: Instant) -> tuple[Task, ...]:
        """Return the open tasks of a desk that are due in the time."""
        row = TaskRow
        there = (row.desk == desk, row.kind == kind.value, row.due_at >= begin, row.due_at < end)
        return await self._found(*there, row.state != TaskState.DONE.value, order=row.due_at.asc(), limit=None)

    async def overdue(self, kinds: Sequence[Kind], now: Instant) -> tuple[Task, ...]:
        """Return tasks of these kinds that are not done and whose deadline has passed."""
        row = TaskRow
        these = row.kind.in_([kind.value for kind in kinds])
        return await self._found(these, row.state != TaskState.DONE.value, row.deadline <= now)

    async def contact(self, task_id: str) -> bytes | None:
        """Return the encrypted number of a task that is not done."""
        wanted = select(TaskRow.visit, TaskRow.encrypted, TaskRow.contact).where(TaskRow.id == task_id)
        async with self._database.reading() as connection:
            found = (await connection.execute(wanted)).first()
        if found is None or found.contact is None or not found.encrypted:
            return None if found is None else found.contact
        return unseal(await self._keys.of(found.visit), _place(task_id, "contact"), found.contact)

    async def count(self, now: Instant) -> TaskCount:
        """Return how many are open, and how many of them overdue, of each kind."""
        row = TaskRow
        late = row.deadline <= now
        wanted = select(row.kind, late, func.count()).where(row.state != TaskState.DONE.value).group_by(row.kind, late)
        opened: Counter[Kind] = Counter()
        overdue: Counter[Kind] = Counter()
        async with self._database.reading() as connection:
            for kind, is_late, number in await connection.execute(wanted):
                opened[Kind(kind)] += number
                overdue[Kind(kind)] += number if is_late else 0
        return TaskCount(dict(opened), dict(overdue))

    async def protect(self) -> int:
        """Encrypt what was written before there were keys of visits; return how many tasks that were."""
        row, count = TaskRow, 0
        while True:
            wanted = select(row.body, row.contact).where(row.visit != "", ~row.encrypted).limit(MAX_LISTED)
            async with self._database.reading() as connection:
                found = (await connection.execute(wanted)).all()
            if not found:
                return count
            for body, contact in found:
                task = TASK.decode(body)
                sealed = {**await self._columns(task), "contact": await self._wrapped(task, contact)}
                values = {name: sealed[name] for name in ("body", "contact", "encrypted")}
                same = update(row).where(row.id == task.id, row.version == task.version, ~row.encrypted)
                async with self._database.writing() as connection:
                    count += (await connection.execute(same.values(values))).rowcount

    async def _found(
        self,
        *where: ColumnElement[bool],
        order: UnaryExpression[Any] | None = None,
        limit: int | None = MAX_LISTED,
    ) -> tuple[Task, ...]:
        wanted = (
            select(TaskRow.id, TaskRow.visit, TaskRow.encrypted, TaskRow.body)
            .where(*where)
            .order_by(TaskRow.deadline if order is None else order, TaskRow.id)
        )
        async with self._database.reading() as connection:
            rows = (await connection.execute(wanted.limit(limit))).all()
        keys = await self._keys.many({one.visit for one in rows if one.encrypted})
        return tuple(_task(one, keys) for one in rows if not one.encrypted or one.visit in keys)

    async def _columns(self, task: Task) -> dict[str, object]:
        body = msgspec.json.encode(task)
        if task.visit:
            body = seal(await self._keys.made(task.visit), _place(task.id, "body"), body)
        return {
            "version": task.version,
            "kind": task.kind.value,
            "state": task.state.value,
            "authority": task.authority,
            "desk": task.desk,
            "due_at": task.due_at,
            "deadline": task.deadline,
            "body": body,
            "encrypted": bool(task.visit),
        }

    async def _wrapped(self, task: Task, contact: bytes | None) -> bytes | None:
        if contact is None or not task.visit:
            return contact
        return seal(await self._keys.made(task.visit), _place(task.id, "contact"), contact)


def _task(row: Any, keys: Mapping[str, bytes]) -> Task:
    return TASK.decode(unseal(keys[row.visit], _place(row.id, "body"), row.body) if row.encrypted else row.body)


def _place(task_id: str, column: str) -> str:
    return f"tasks/{task_id}/{column}"
