"""The endpoints of tasks: the list, what one does with a task, and the number of a call-back."""

from collections.abc import Awaitable, Callable

from msgspec import Struct

from rvw.domain.catalogue import Catalogue
from rvw.domain.policy import authorities
from rvw.domain.task import Dispatch, Kind
from rvw.errors import NotFound
from rvw.protocol import rest
from signaling.keeping.audit import Audit
from signaling.routes import Call, Endpoint, signed_in
from signaling.worklist import Worklist


class TaskApi:
    """The handlers, and their table."""

    def __init__(
        self,
        worklist: Worklist,
        audit: Audit,
        catalogue: Callable[[], Catalogue],
        discount: Callable[[str], Awaitable[None]],
    ) -> None:
        """`discount` takes the rating of a visit out of the figures."""
        self._worklist = worklist
        self._audit = audit
        self._catalogue = catalogue
        self._discount = discount

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
        """Carry out a command. Raises `NotFound` for a desk that is not there or not the supervisor's to give work to."""
        body: rest.TaskDo = call.body
        actor = signed_in(call)
        if isinstance(body.command, Dispatch):
            desk = self._catalogue().desks.get(body.command.desk)
            if desk is None or desk.authority not in authorities(actor):
                raise NotFound("there is no such desk of yours")
        done = await self._worklist.do(actor, call.path["task"], body.command)
        if done.kind is Kind.LOW_RATING and done.outcome == "mistaken":
            await self._discount(done.visit)
        return rest.TaskDone(done)

    async def number(self, call: Call) -> Struct:
        """Return the number."""
        actor, task = signed_in(call), call.path["task"]
        number = await self._worklist.number(actor, task)
        await self._audit.note(actor, "saw", await self._worklist.visit_of(task), f"telephone number {task}")
        return rest.TaskNumber(number)
