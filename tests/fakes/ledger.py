"""A ledger in memory, for tests that ask what is decided and not where it is kept. Same rules, no Redis."""

from collections.abc import Sequence

from rvw.domain import notice as notices
from rvw.domain import rating as ratings
from rvw.domain import shift as shifts
from rvw.domain.board import Board
from rvw.domain.companion import Companion, State, together
from rvw.domain.companions import COMPANIONS
from rvw.domain.events import Recorded
from rvw.domain.fold import evolve
from rvw.domain.notice import Noticeboard
from rvw.domain.rating import Rating
from rvw.domain.shift import Shift
from rvw.domain.visit import Visit
from rvw.errors import Conflict, NotFound
from signaling.board import row_of
from signaling.ledger import Entry, Write


class MemoryLedger:
    """Does what `append.lua` and `signaling.ledger.Ledger` do."""

    def __init__(self) -> None:
        self.streams: dict[str, list[Recorded]] = {}
        self.log: list[Entry] = []
        self.board = Board()
        self.deadlines: dict[str, float] = {}
        self.unrecorded: set[str] = set()

    async def append(self, writes: Sequence[Write]) -> str:
        """Append all or none."""
        for write in writes:
            if len(self.streams.get(write.stream, [])) != write.expected:
                raise Conflict(f"somebody else has changed {write.stream}")
        for write in writes:
            if write.record:
                self.unrecorded.add(write.stream)
            if not write.entries:
                continue
            self.streams.setdefault(write.stream, []).extend(entry.recorded for entry in write.entries)
            self.log.extend(write.entries)
            if write.row is None:
                continue
            self.board.put(write.stream, row_of(write.stream, write.row))
            if write.due is None:
                self.deadlines.pop(write.stream, None)
            else:
                self.deadlines[write.stream] = write.due
        return f"{len(self.log)}-0"

    async def visit(self, visit_id: str, *, remembered: bool = False) -> Visit:
        """Fold the visit's stream."""
        visit: Visit | None = None
        for recorded in self.streams.get(f"visit:{visit_id}", []):
            visit = evolve(visit, recorded)
        if visit is None:
            raise NotFound("there is no such visit")
        return visit

    async def events(self, visit_id: str) -> list[Recorded]:
        """Return all events of the visit and of its companions."""
        own = self.streams.get(f"visit:{visit_id}", [])
        return together(own, *(self.streams.get(f"{one.kind}:{visit_id}", []) for one in COMPANIONS))

    async def beside(self, companion: Companion[State], visit_id: str, *, remembered: bool = False) -> State:
        """Fold a companion of the visit."""
        del remembered
        state = companion.empty(visit_id)
        for recorded in self.streams.get(f"{companion.kind}:{visit_id}", []):
            state = companion.evolve(state, recorded)
        return state

    async def rating(self, visit_id: str, *, remembered: bool = False) -> Rating:
        """Fold the visit's rating."""
        del remembered
        rating = Rating(visit=visit_id)
        for recorded in self.streams.get(f"rating:{visit_id}", []):
            rating = ratings.evolve(rating, recorded)
        return rating

    async def noticeboard(self, authority: str, *, remembered: bool = False) -> Noticeboard:
        """Fold the authority's notices."""
        del remembered
        board = Noticeboard(authority=authority)
        for recorded in self.streams.get(f"notice:{authority}", []):
            board = notices.evolve(board, recorded)
        return board

    async def shift(self, actor: str, *, remembered: bool = False) -> Shift:
        """Fold the shift's stream."""
        shift = Shift(actor=actor)
        for recorded in self.streams.get(f"shift:{actor}", []):
            shift = shifts.evolve(shift, recorded)
        return shift
