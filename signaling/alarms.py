"""Makes work of what goes wrong: each anomaly is one task of a supervisor, and ends by itself when its cause is gone.

Every process looks; the table of tasks holds one open task an anomaly, whoever was first. A process that begins adopts what
is open, so that a restart neither repeats a task nor leaves one open for ever.
"""

from asyncio import sleep
from collections.abc import Callable

import structlog

from rvw.clock import Clock, Instant, Seconds
from rvw.domain.anomalies import Anomaly, Signs, Watch, Wrong, signs
from rvw.domain.board import Board
from rvw.domain.catalogue import Catalogue
from rvw.domain.report import recents
from rvw.domain.task import Kind, Owed, Task
from rvw.errors import NotFound, NotPossible, Unavailable
from rvw.settings import Operations
from signaling.board import SharedBoard
from signaling.figures import Today
from signaling.worklist import Worklist

log = structlog.get_logger()

TICK_S: Seconds = 5.0
"""How late an anomaly may be noticed: its times are minutes."""

LATE_S: Seconds = 10.0
"""How late the system may act on a visit's deadline before that is wrong: a restart has four seconds of grace."""

CAUSE_GONE = "the cause is gone"

WRONGS: frozenset[Wrong] = frozenset(("prompt_low", "no_officer", "overdue", "recording_stalled", "promise_late"))


class Alarms:
    """One owned task. Every process runs one."""

    def __init__(
        self,
        worklist: Worklist,
        shared: SharedBoard,
        board: Board,
        today: Today,
        catalogue: Callable[[], Catalogue],
        operations: Operations,
        clock: Clock,
    ) -> None:
        self._worklist = worklist
        self._shared = shared
        self._board = board
        self._today = today
        self._catalogue = catalogue
        self._operations = operations
        self._clock = clock
        after: dict[Wrong, Seconds] = {"overdue": 0.0, "recording_stalled": 0.0, "promise_late": 0.0}
        after |= {"prompt_low": operations.prompt_low_s, "no_officer": operations.no_officer_s}
        self._watch = Watch(after)
        self._begun: dict[Anomaly, None] = {}
        """Raised, and not yet known to be a task."""

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            try:
                await self.look()
            except Unavailable as error:
                log.warning("alarms wait", reason=str(error))
            await sleep(TICK_S)

    async def look(self) -> None:
        """Make a task of what has begun to be wrong, and end those whose cause is gone. Raises `Unavailable`."""
        tasks = {one: task for task in await self._worklist.open_of(Kind.ANOMALY) if (one := anomaly_of(task))}
        for one in tasks:
            self._watch.adopt(one)
        now = self._clock()
        begun, over = self._watch.look(await self._signs(now), now)
        self._begun.update(dict.fromkeys(begun))
        for one in list(self._begun):
            await self._worklist.add(self._owed(one, now), once=True)
            del self._begun[one]
        for one in over:
            if one in tasks:
                await self._end(tasks[one])

    async def _signs(self, now: Instant) -> Signs:
        late = await self._shared.due(now - LATE_S)
        operations, figures = self._operations, self._today.figures
        recent, asked = recents(figures, now), tuple(self._watch.raised)
        promises = await self._worklist.late()
        return signs(self._board, recent, late, self._catalogue(), operations.prompt_share, asked, now, promises)

    def _owed(self, one: Anomaly, now: Instant) -> Owed:
        return Owed(
            kind=Kind.ANOMALY,
            authority=one.authority,
            desk=one.desk,
            subject=f"{one.wrong}/{one.visit}" if one.visit else one.wrong,
            visit=one.visit,
            deadline=now + self._operations.see_to_s,
        )

    async def _end(self, task: Task) -> None:
        try:
            await self._worklist.close(task.id, "done", note=CAUSE_GONE)
        except (NotPossible, NotFound):
            return  # a supervisor, or another process, was faster


def anomaly_of(task: Task) -> Anomaly | None:
    """Return the anomaly a task was made of; `None` for another's."""
    wrong = task.subject.partition("/")[0]
    for one in WRONGS:
        if wrong == one:
            return Anomaly(one, task.authority, task.desk, task.visit)
    return None
