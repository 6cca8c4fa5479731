"""Finds what has no owner, mends what can be mended, and says so: an event, the log, a metric, and a task of a supervisor.

Every process sweeps. Each look reads what is doubtful and the next streams of an endless round, so that in time everything
is looked at and no look is long. What is wrong twice, with nothing having happened in between, is wrong; a mend is refused
when somebody was faster. Detection is `rvw.domain.audit` and `rvw.domain.sweep`; `rvw audit queue` finds the same.
"""

from asyncio import sleep
from collections import Counter
from collections.abc import Awaitable, Callable

import structlog

from rvw.clock import Clock, Seconds
from rvw.domain import notice as notices
from rvw.domain import shift as shifts
from rvw.domain import sweep
from rvw.domain import visit as visits
from rvw.domain.audit import Finding, Store, audit, engaged
from rvw.domain.board import Board, Row, line
from rvw.domain.catalogue import Catalogue
from rvw.domain.events import Recorded
from rvw.domain.fold import evolve
from rvw.domain.notice import Noticeboard
from rvw.domain.people import SWEEPER
from rvw.domain.reckoning import reckon
from rvw.domain.shift import Shift
from rvw.domain.sweep import Orphan
from rvw.domain.task import Kind, Owed
from rvw.domain.visit import State, Visit
from rvw.errors import Conflict, RvwError, Unavailable
from rvw.protocol.codec import encode
from rvw.settings import Operations
from signaling.board import SharedBoard
from signaling.ledger import Ledger, Write
from signaling.office import Office
from signaling.survey import Survey
from signaling.worklist import Worklist

log = structlog.get_logger()

SLICE = 200
"""How many streams of the round are read in a look: some ten milliseconds."""

PAUSE_S: Seconds = 1.5
"""Between the two readings: longer than the tick in which deadlines are noticed."""


class Sweeper:
    """One owned task. Every process runs one."""

    def __init__(
        self,
        survey: Survey,
        ledger: Ledger,
        office: Office,
        shared: SharedBoard,
        board: Board,
        worklist: Worklist,
        catalogue: Callable[[], Catalogue],
        recorded: Callable[[str], Awaitable[bool]],
        operations: Operations,
        clock: Clock,
        pause: Callable[[Seconds], Awaitable[None]] = sleep,
    ) -> None:
        """`recorded` tells whether SQL holds a closed visit."""
        self._survey = survey
        self._ledger = ledger
        self._office = office
        self._shared = shared
        self._board = board
        self._worklist = worklist
        self._catalogue = catalogue
        self._recorded = recorded
        self._operations = operations
        self._clock = clock
        self._pause = pause
        self._cursor = 0
        self._done: Counter[str] = Counter()

    def statistics(self) -> dict[str, int]:
        """Return how often this process has mended in which way; `none`: found, and left to people."""
        return {way: self._done[way] for way in ("settle", "free", "lose", "disown", "none")}

    async def run(self) -> None:
        """Sweep until cancelled."""
        while True:
            await self._pause(self._operations.sweep_s)
            try:
                await self.look()
            except Unavailable as error:
                log.warning("the sweeper waits", reason=str(error))

    async def look(self) -> None:
        """Look once. Raises `Unavailable`."""
        self._cursor, names = await self._survey.next(self._cursor, SLICE)
        absent = await self._absent()
        names += [*await self._survey.doubtful(), *self._bound()]
        found = sweep.orphans(*await self._asked(names))
        if found or absent:
            await self._pause(PAUSE_S)
            store, findings = await self._asked([one.stream for one in found])
            for one in sweep.confirmed(found, sweep.orphans(store, findings)):
                await self._mend(one, store)
            for actor in sorted(absent & await self._absent()):
                await self._lose(actor)
        await self._disown()

    async def _asked(self, names: list[str]) -> tuple[Store, tuple[Finding, ...]]:
        """Return the streams with what is wrong with them."""
        store = await self._survey.some(names)
        closed = [name for name, entries in store.streams.items() if _awaits_receipt(name, entries)]
        unlisted = [name for name in closed if name not in (store.unrecorded or ())]
        held = [name for name in unlisted if await self._recorded(name.removeprefix("visit:"))]
        store.recorded = frozenset(held)
        return store, audit(store, self._clock())

    def _bound(self) -> list[str]:
        """Return the shifts that are engaged for a visit that the board does not have."""
        shifts_now = self._board.shifts.values()
        return [f"shift:{one.actor}" for one in shifts_now if one.visit and one.visit not in self._board.lines]

    async def _absent(self) -> frozenset[str]:
        """Return who is missing without anybody having noticed."""
        absent = await self._shared.unleased(sorted(sweep.expected(self._board)))
        if not absent:
            return absent
        lines = [one for one in self._board.lines.values() if not absent.isdisjoint((one.kiosk, one.officer, *one.others))]
        return sweep.unnoticed(absent, self._board, await self._survey.some([f"visit:{one.id}" for one in lines]))

    async def _mend(self, one: Orphan, store: Store) -> None:
        try:
            match one.mend:
                case "settle":
                    await self._settle(one, store)
                case "free":
                    actor = one.stream.removeprefix("shift:")
                    await self._office.free(actor, engaged([r for _, r in store.streams[one.stream]]), SWEEPER)
        except Conflict:
            return  # it has moved on by itself
        await self._tell(one.mend, one)

    async def _settle(self, one: Orphan, store: Store) -> None:
        """Say again what follows from the stream, also to this process's own board."""
        state = _folded(one.stream, store)
        row = _row(state)
        closed = isinstance(state, Visit) and state.state is State.CLOSED
        write = Write(
            stream=one.stream,
            expected=one.version,
            entries=(),
            after=state,
            row=encode(row) if row is not None else b"",
            due=visits.due(state) if isinstance(state, Visit) else None,
            record=closed and one.kind == "unrecorded",
            again=True,
        )
        await self._ledger.append([write])

    async def _lose(self, actor: str) -> None:
        """Let the timers lose somebody who has no lease at all."""
        await self._shared.overdue_lease(actor, self._clock())
        shift = self._board.shifts.get(actor)
        words = "on the board, and no process holds a lease: taken for lost"
        visit = shift.visit if shift else ""
        authority = shift.authority if shift else ""
        await self._tell("lose", Orphan("absent", f"shift:{actor}", 0, "none", authority, visit, words))

    async def _disown(self) -> None:
        """Give the tasks of desks that are no more to the supervisors."""
        desks = self._catalogue().desks
        for kind in Kind:
            if kind is Kind.ANOMALY:
                continue
            for task in sweep.disowned(await self._worklist.open_of(kind), desks):
                words = f"the desk {task.desk} is no more: the supervisors' now"
                try:
                    await self._worklist.disown(task.id, words)
                except RvwError as error:
                    log.info("not disowned", task=task.id, code=error.code)
                    continue
                await self._tell("disown", Orphan("task", task.id, task.version, "none", task.authority, task.visit, words))

    async def _tell(self, way: str, one: Orphan) -> None:
        """Alarm: once for each orphan, as long as nobody has seen to it."""
        self._done[way] += 1
        log.error("orphan", did=way, kind=one.kind, stream=one.stream, words=one.words)
        owed = Owed(
            kind=Kind.ANOMALY,
            authority=one.authority,
            subject=f"orphan/{one.kind}/{one.stream}",
            visit=one.visit,
            text=f"{way}: {one.words}",
            deadline=self._clock() + self._operations.see_to_s,
        )
        await self._worklist.add(owed, SWEEPER, once=True)


def _awaits_receipt(name: str, entries: list[tuple[int, Recorded | None]]) -> bool:
    own, _ = reckon(recorded for _, recorded in entries if recorded is not None)
    return name.startswith("visit:") and own.state == "closed" and not own.receipt


def _row(state: Visit | Shift | Noticeboard | None) -> Row | None:
    """Return what the board shows of it."""
    match state:
        case Visit():
            return line(state)
        case Noticeboard():
            return state if state.notices else None
        case _:
            return state


def _folded(stream: str, store: Store) -> Visit | Shift | Noticeboard | None:
    """Return the fold of a stream in good order; `None` for one that is not there."""
    events = [recorded for _, recorded in store.streams.get(stream, ()) if recorded is not None]
    if stream.startswith("visit:"):
        visit: Visit | None = None
        for recorded in events:
            visit = evolve(visit, recorded)
        return visit
    if stream.startswith("notice:"):
        board = Noticeboard(authority=stream.removeprefix("notice:"))
        for recorded in events:
            board = notices.evolve(board, recorded)
        return board if events else None
    shift = Shift(actor=stream.removeprefix("shift:"))
    for recorded in events:
        shift = shifts.evolve(shift, recorded)
    return shift if events else None
