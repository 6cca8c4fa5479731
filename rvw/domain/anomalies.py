"""What is wrong at the window, and from when until when it counts: a supervisor is asked once, and not every minute anew.

`signs` looks at the board, the figures and the deadlines of a moment. `Watch` follows the signs: an anomaly is raised when
its sign has been there without a break for the time of its kind, and is over when all has been well for `CLEAR_S`. Between
bad and well lies a band in which nothing changes. No clock, no settings, and nothing of who is told: `signaling.alarms`.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Literal, TypeAlias

from msgspec import Struct, field

from rvw.clock import Instant, Seconds
from rvw.domain.board import Board
from rvw.domain.catalogue import Catalogue, shut
from rvw.domain.report import Recent
from rvw.domain.task import Task

Wrong: TypeAlias = Literal["prompt_low", "no_officer", "overdue", "recording_stalled", "promise_late"]
"""`recording_stalled`: what should be recorded does not come to a disk.
`promise_late`: a call-back or an answer that a resident was promised has not been given in time.
`prompt_low`: fewer than the goal are answered in time. `no_officer`: nobody is on duty at an open desk. `overdue`: the
system has not acted on the deadline of a visit."""

CLEAR_S: Seconds = 60.0
"""How long all must be well before an anomaly is over."""

FEWEST_JUDGED = 3
"""Of fewer visits a share says nothing."""

BAND = 0.05
"""An anomaly of `prompt_low` is over only when the share is by so much above the goal, or at the top."""


class Anomaly(Struct, frozen=True):
    """Something wrong, by which it is told from others."""

    wrong: Wrong
    authority: str
    desk: str
    visit: str = ""


class Signs(Struct, frozen=True):
    """What a moment shows. What is in neither is in the band between."""

    bad: frozenset[Anomaly]
    well: frozenset[Anomaly]
    """Of those asked about, what is not wrong at all."""


class Watch(Struct):
    """The anomalies that are raised, and the signs that may become one. Bounded by what is wrong at one moment."""

    after: Mapping[Wrong, Seconds]
    """How long a sign must be there."""
    since: dict[Anomaly, Instant] = field(default_factory=dict)
    raised: dict[Anomaly, Instant | None] = field(default_factory=dict)
    """With the instant since which all has been well; `None` while it has not."""

    def adopt(self, anomaly: Anomaly) -> None:
        """Know of one that was raised before, by this process or another."""
        self.raised.setdefault(anomaly, None)

    def look(self, signs: Signs, now: Instant) -> tuple[tuple[Anomaly, ...], tuple[Anomaly, ...]]:
        """Return which anomalies begin now, and which are over."""
        self.since = {one: self.since.get(one, now) for one in signs.bad if one not in self.raised}
        begun = [one for one, since in self.since.items() if now - since >= self.after[one.wrong]]
        over = []
        for one in list(self.raised):
            well_since = self.raised[one] if one in signs.well else None
            if one in signs.well and well_since is None:
                well_since = now
            self.raised[one] = well_since
            if well_since is not None and now - well_since >= CLEAR_S:
                del self.raised[one]
                over.append(one)
        for one in begun:
            del self.since[one]
            self.raised[one] = None
        return tuple(sorted(begun, key=_order)), tuple(sorted(over, key=_order))


def signs(
    board: Board,
    recent: Mapping[str, Recent],
    overdue: Collection[str],
    catalogue: Catalogue,
    goal: float,
    asked: Iterable[Anomaly],
    now: Instant,
    promises: Iterable[Task] = (),
) -> Signs:
    """Return what is wrong now, and which of those `asked` about are not.

    `recent` is 021 of the last minutes by desk; `overdue` are the visits whose deadline the system has let pass, `promises`
    the tasks that residents were promised and desks have let pass.
    """
    bad = frozenset(
        (
            *_unanswered(recent, catalogue, goal),
            *_unattended(board, catalogue, now),
            *_overdue(board, overdue, catalogue),
            *_unrecorded(board, catalogue),
            *(Anomaly("promise_late", one.authority, one.desk, one.visit) for one in promises),
        )
    )
    near = frozenset(_unanswered(recent, catalogue, min(1.0, goal + BAND)))
    return Signs(bad, frozenset(one for one in asked if one not in bad and one not in near))


def _unanswered(recent: Mapping[str, Recent], catalogue: Catalogue, goal: float) -> Iterator[Anomaly]:
    for desk, one in recent.items():
        if one.judged >= FEWEST_JUDGED and one.prompt < goal * one.judged and desk in catalogue.desks:
            yield Anomaly("prompt_low", catalogue.desks[desk].authority, desk)


def _unattended(board: Board, catalogue: Catalogue, now: Instant) -> Iterator[Anomaly]:
    """Yield open desks without anybody. A desk that says no hours counts as open while somebody waits for it."""
    waited_for = {lane.desks[0] for lane in board.queued.lanes if lane.desks}
    for desk in catalogue.desks.values():
        is_open = shut(desk, catalogue.days, now) is None and (bool(desk.hours) or desk.id in waited_for)
        if is_open and not board.staff.duty.get(desk.id):
            yield Anomaly("no_officer", desk.authority, desk.id)


def _overdue(board: Board, overdue: Collection[str], catalogue: Catalogue) -> Iterator[Anomaly]:
    for visit in overdue:
        line = board.lines.get(visit)
        if line is not None:
            desk = line.desks[0] if line.desks and line.desks[0] in catalogue.desks else ""
            yield Anomaly("overdue", line.authority, desk, visit)


def _unrecorded(board: Board, catalogue: Catalogue) -> Iterator[Anomaly]:
    for line in board.lines.values():
        if line.recording == "stalled":
            desk = line.desks[0] if line.desks and line.desks[0] in catalogue.desks else ""
            yield Anomaly("recording_stalled", line.authority, desk, line.id)


def _order(one: Anomaly) -> tuple[str, str, str]:
    return one.desk, one.wrong, one.visit
