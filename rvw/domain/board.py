"""The board: every open visit and every shift, as short lines, kept current by the same entries that pages receive.

A board is made from a snapshot and the entries after it; each process keeps one. It holds what routing, estimates and
the operations page need, and nothing of a visit's content.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Mapping

from msgspec import Struct, field

from rvw.clock import Instant, Seconds
from rvw.domain.lanes import Lane, Lanes, Place, Staff
from rvw.domain.notice import Noticeboard
from rvw.domain.recording import Word, standing
from rvw.domain.shift import Shift, is_free, on_duty
from rvw.domain.visit import Refusal, State, Visit

LAST = "\uffff"
"""After every id."""


class Line(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An open visit, as the board shows it."""

    id: str
    state: State
    authority: str
    hall: str
    kiosk: str
    matter: str
    region: str
    language: str = ""
    desks: tuple[str, ...]
    priority: int
    """The head start in seconds."""
    since: Instant
    """Since when the resident waits: never reset, so that nobody loses the place by being offered in vain."""
    waits_s: tuple[Seconds, ...] = ()
    asked: int = 1
    """So many desks of the chain are asked."""
    next_at: Instant | None = None
    """When the next one is, at the latest."""
    officer: str = ""
    others: tuple[str, ...] = ()
    """Hosts, guests and supervisors who take part."""
    invited: tuple[str, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    interrupted: bool = False
    """The resident's own connection is lost."""
    recording: Word = ""


def line(visit: Visit) -> Line | None:
    """Return the visit's line; a closed visit has none."""
    if visit.state is State.CLOSED:
        return None
    return Line(
        id=visit.id,
        state=visit.state,
        authority=visit.authority,
        hall=visit.hall,
        kiosk=visit.kiosk,
        matter=visit.matter,
        region=visit.region,
        language=visit.language,
        waits_s=visit.waits_s,
        asked=visit.asked,
        next_at=visit.next_at,
        desks=visit.desks,
        priority=visit.priority,
        since=visit.waiting_since,
        officer=visit.officer,
        others=tuple(p.actor for p in visit.participants if p.actor not in (visit.kiosk, visit.officer)),
        invited=tuple(i.actor for i in visit.invitations),
        refusals=visit.refusals,
        interrupted=any(i.actor == visit.kiosk for i in visit.interruptions),
        recording=standing(visit),
    )


Row = Line | Shift | Noticeboard
"""What the board shows of one stream."""


class Board(Struct):
    """The lines and shifts now. Change them by `put` and `become` only: what routing reads is kept beside them."""

    lines: dict[str, Line] = field(default_factory=dict)
    shifts: dict[str, Shift] = field(default_factory=dict)
    notices: dict[str, Noticeboard] = field(default_factory=dict)
    """By authority."""
    waiting: Lanes = field(default_factory=Lanes)
    """Visits that can be offered: they wait, and the resident is there."""
    queued: Lanes = field(default_factory=Lanes)
    """Visits that have a place in the queue: also those on offer, or with a resident whose line is down."""
    staff: Staff = field(default_factory=Staff)
    turns: list[Place] = field(default_factory=list)
    """When the next desk of a chain is asked, for each visit that can be offered; the earliest first."""

    def put(self, stream: str, row: Row | None) -> None:
        """Replace the row of `visit:<id>`, `shift:<actor>` or `notice:<authority>`; `None` takes it away."""
        kind, _, name = stream.partition(":")
        match kind:
            case "visit":
                assert row is None or isinstance(row, Line)  # noqa: S101 - the stream's kind decides the row's
                self._put_line(name, row)
            case "notice":
                assert row is None or isinstance(row, Noticeboard)  # noqa: S101 - the same
                self.notices.pop(name, None)
                if row is not None:
                    self.notices[name] = row
            case _:
                assert row is None or isinstance(row, Shift)  # noqa: S101 - the same
                self._put_shift(name, row)

    def become(self, other: "Board") -> None:
        """Take over everything of another board, which is not used any more."""
        self.lines, self.shifts, self.notices = other.lines, other.shifts, other.notices
        self.waiting, self.queued, self.staff = other.waiting, other.queued, other.staff
        self.turns = other.turns

    def lane_of(self, visit: str) -> Lane:
        """Return in which lane a visit on the board stands."""
        return lane(self.lines[visit])

    def turns_between(self, after: Instant, until: Instant) -> list[str]:
        """Return the visits whose next desk is to be asked after the one instant and up to the other."""
        first = bisect_right(self.turns, (after, LAST))
        return [visit for _, visit in self.turns[first : bisect_right(self.turns, (until, LAST))]]

    def next_turn(self, now: Instant) -> Instant | None:
        """Return when the next desk of some chain is to be asked, after now."""
        first = bisect_right(self.turns, (now, LAST))
        return self.turns[first][0] if first < len(self.turns) else None

    def _put_line(self, name: str, row: Line | None) -> None:
        before = self.lines.pop(name, None)
        if before is not None and in_queue(before):
            self.queued.remove(lane(before), place(before))
            if can_be_offered(before):
                self.waiting.remove(lane(before), place(before))
                if (turn := _turn(before)) is not None:
                    del self.turns[bisect_left(self.turns, turn)]
        if row is None:
            return
        self.lines[name] = row
        if in_queue(row):
            self.queued.add(lane(row), place(row))
            if can_be_offered(row):
                self.waiting.add(lane(row), place(row))
                if (turn := _turn(row)) is not None:
                    insort(self.turns, turn)

    def _put_shift(self, name: str, row: Shift | None) -> None:
        before = self.shifts.pop(name, None)
        if before is not None and is_free(before):
            self.staff.remove_free(before.desks, (before.idle_since, name))
        if row is not None:
            self.shifts[name] = row
        was, is_ = _duty(before), _duty(row)
        if was != is_:
            if before is not None and was is not None:
                self.staff.remove_duty(before.desks, name)
            if row is not None and is_ is not None:
                self.staff.add_duty(row.desks, name)
        if row is not None and is_free(row):
            self.staff.add_free(row.desks, (row.idle_since, name))


def visit_of(board: Board, actor: str) -> str:
    """Return the id of the open visit the actor takes part in; empty for none."""
    shift = board.shifts.get(actor)
    if shift is not None:
        return shift.visit
    return next((line.id for line in board.lines.values() if actor in line.others), "")


def in_queue(one: Line) -> bool:
    """Tell whether the visit has a place in the queue."""
    return one.state is State.WAITING or one.state is State.OFFERED


def can_be_offered(one: Line) -> bool:
    """Tell whether the visit waits and the resident is there."""
    return one.state is State.WAITING and not one.interrupted


def lane(one: Line) -> Lane:
    """Return in which lane the visit stands."""
    return Lane(one.desks, one.asked, one.matter, one.language)


def place(one: Line) -> Place:
    """Return where in its lane the visit stands."""
    return (one.since - one.priority, one.id)


def _turn(one: Line) -> Place | None:
    """Return when the next desk is asked for the visit; `None` when there is none."""
    return (one.next_at, one.id) if one.next_at is not None and one.asked < len(one.desks) else None


def _duty(shift: Shift | None) -> tuple[object, ...] | None:
    """Return what the officer is on duty for; `None` for one who is not there."""
    return (shift.desks, shift.languages, shift.skills) if shift is not None and on_duty(shift) else None


def queue(lines: Mapping[str, Line]) -> list[Line]:
    """Return the visits that wait, or are on offer, in the order of service: the longest waiting, head starts counted."""
    waiting = [one for one in lines.values() if one.state in (State.WAITING, State.OFFERED)]
    return sorted(waiting, key=place)
