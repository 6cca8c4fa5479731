"""A ledger in memory, for tests that ask what is decided and not where it is kept. Same rules, no Redis."""

from collections.abc import Sequence

from rvw.domain import marks
from rvw.domain import notice as notices
from rvw.domain import shift as shifts
from rvw.domain.board import Board
from rvw.domain.events import Recorded
from rvw.domain.fold import evolve
from rvw.domain.marks import Sheet
from rvw.domain.notice import Noticeboard
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
            if not write.entries:
                continue
            self.streams.setdefault(write.stream, []).extend(entry.recorded for entry in write.entries)
            self.log.extend(write.entries)
            if write.stream.startswith("marks:"):
                continue
            self.board.put(write.stream, row_of(write.stream, write.row))
            if write.due is None:
                self.deadlines.pop(write.stream, None)
            else:
                self.deadlines[write.stream] = write.due
            if write.record:
                self.unrecorded.add(write.stream)
        return f"{len(self.log)}-0"

    async def visit(self, visit_id: str, *, remembered: bool = False) -> Visit:
        """Fold the visit's stream."""
        visit: Visit | None = None
        for recorded in self.streams.get(f"visit:{visit_id}", []):
            visit = evolve(visit, recorded)
        if visit is None:
            raise NotFound("there is no such visit")
        return visit

    async def sheet(self, visit_id: str, *, remembered: bool = False) -> Sheet:
        """Fold the visit's marks."""
        del remembered
        sheet = Sheet(visit=visit_id)
        for recorded in self.streams.get(f"marks:{visit_id}", []):
            sheet = marks.evolve(sheet, recorded)
        return sheet

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
