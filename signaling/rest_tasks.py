"""The endpoints of tasks: the list, what one does with a task, and the number of a call-back."""

from msgspec import Struct

from rvw.protocol import rest
from signaling.keeping.audit import Audit
from signaling.routes import Call, Endpoint, signed_in
from signaling.worklist import Worklist


class TaskApi:
    """The handlers, and their table."""

    def __init__(self, worklist: Worklist, audit: Audit) -> None:
        self._worklist = worklist
        self._audit = audit

    def table(self) -> tuple[Endpoint, ...]:
        """Return every endpoint."""
        return (
            Endpoint(
                "GET",
                "/api/tasks",
                "The tasks of one's desks, or of one's authority",
                self.tasks,
                rest.TaskList,
                query=rest.TaskQuery,
                signed_in=True,
            ),
            Endpoint(
                "POST",
                "/api/tasks/{task}",
                "Take a task, put it back, say that nobody was reached, or that it is done",
                self.do,
                rest.TaskDone,
                body=rest.TaskDo,
                signed_in=True,
            ),
            Endpoint(
                "GET",
                "/api/tasks/{task}/number",
                "The telephone number of a call-back, for who has taken it",
                self.number,
                rest.TaskNumber,
                signed_in=True,
            ),
        )

    async def tasks(self, call: Call) -> Struct:
        """Return the caller's list."""
        asked: rest.TaskQuery = call.query
        return rest.TaskList(await self._worklist.list(signed_in(call), done=asked.done))

    async def do(self, call: Call) -> Struct:
        """Carry out a command."""
        body: rest.TaskDo = call.body
        return rest.TaskDone(await self._worklist.do(signed_in(call), call.path["task"], body.command))

    async def number(self, call: Call) -> Struct:
        """Return the number."""
        actor, task = signed_in(call), call.path["task"]
        number = await self._worklist.number(actor, task)
        await self._audit.note(actor, "saw", await self._worklist.visit_of(task), f"telephone number {task}")
        return rest.TaskNumber(number)
