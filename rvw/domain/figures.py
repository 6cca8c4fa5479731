"""The figures of the law, as one fold over the ledger's events: anybody with the events gets the same ones.

Each stream is folded by itself: visits give answers, waits and outcomes, shifts give the time that officers were free.
So the order in which streams are read does not matter, and figures of different streams can be added (`merge`). Nothing
is read from a clock or from settings. A stretch of time counts when it is over. Figures of a day begin at its midnight
(`since`): visits opened before are another day's, and of an officer's time counts what lies after.
"""

from collections.abc import Callable, Collection

from msgspec import Struct, field

from rvw.clock import Instant, Seconds
from rvw.domain import events as e
from rvw.domain.course import Course
from rvw.domain.people import Role
from rvw.domain.spread import Spread

TARGET_S: Seconds = 60.0
"""021: a human answers within one minute."""

SOLVED: frozenset[e.Outcome] = frozenset({"accepted", "guided"})
"""021: the outcomes that count as solved."""

MAX_OPEN = 200_000
"""How many unfinished visits are kept in mind; beyond, the earliest is given up and counted as `forgotten`."""

MAX_GROUPS = 20_000
"""How many pairs of desk and matter are told apart; further ones are counted as `OTHERS`."""

MAX_OFFICERS = 50_000
"""How many officers are told apart; further ones are counted as `OTHERS`."""

OTHERS = "…"


class Tally(Struct):
    """What has been counted of some visits."""

    opened: int = 0
    answered: int = 0
    judged: int = 0
    """Answered, or waited for longer than the target in vain: whoever left before it was over proves nothing."""
    prompt: int = 0
    """Answered within the target."""
    elsewhere: int = 0
    """Answered by another desk than the nearest."""
    abandoned: int = 0
    """Left, or lost, before an answer."""
    unanswered: int = 0
    """Closed by the system before an answer."""
    settled: int = 0
    """Closed after an answer."""
    solved: int = 0
    requeued: int = 0
    transferred: int = 0
    """To another desk, or to another officer who came in."""
    turned_down: int = 0
    answers: Spread = field(default_factory=Spread)
    """From the ticket to the first human answer."""
    waits: Spread = field(default_factory=Spread)
    """Every stretch in the queue, however it ended."""

    def merge(self, other: "Tally") -> None:
        """Count everything that `other` has counted."""
        for name in COUNTS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.answers.merge(other.answers)
        self.waits.merge(other.waits)


COUNTS = tuple(name for name in Tally.__struct_fields__ if name not in ("answers", "waits"))


class Load(Struct):
    """How an officer's time was spent."""

    answered: int = 0
    turned_down: int = 0
    in_visit_s: Seconds = 0.0
    wrapping_s: Seconds = 0.0
    ready_s: Seconds = 0.0
    """Ready, and in no visit."""

    def merge(self, other: "Load") -> None:
        """Add what `other` has."""
        for name in Load.__struct_fields__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


class Rates(Struct, frozen=True, kw_only=True):
    """The figures of some visits. A share or a time of nothing is `None`."""

    opened: int
    answered: int
    elsewhere: int
    requeued: int
    transferred: int
    turned_down: int
    prompt_share: float | None
    """021: first human answer within the target, of those that can be judged."""
    solved_share: float | None
    abandoned_share: float | None
    unanswered: int
    answer_p50_s: Seconds | None
    answer_p90_s: Seconds | None
    wait_p50_s: Seconds | None
    wait_p90_s: Seconds | None


class Statistics(Struct, frozen=True, kw_only=True):
    """All figures at a moment."""

    total: Rates
    desks: dict[str, Rates]
    matters: dict[str, Rates]
    officers: dict[str, Load]
    open: int
    forgotten: int


class _Open(Struct):
    group: tuple[str, str]
    opened_at: Instant
    waits_since: Instant | None
    offered_by: str = ""
    officer: str = ""
    busy_since: Instant = 0.0
    ended: bool = False
    answered: bool = False


class _Shift(Struct):
    free: bool = False
    since: Instant = 0.0
    ready: bool = False
    visit: str = ""
    counts: bool = False


class Figures(Struct):
    """The fold. `add` each event once, each stream's in order."""

    since: Instant = 0.0
    """What happened before is passed over, but for where officers were."""
    groups: dict[tuple[str, str], Tally] = field(default_factory=dict)
    """By the nearest desk of the visit's chain, and the matter."""
    courses: dict[str, Course] = field(default_factory=dict)
    """By the nearest desk."""
    officers: dict[str, Load] = field(default_factory=dict)
    homes: dict[str, str] = field(default_factory=dict)
    """The authority of each officer."""
    open: dict[str, _Open] = field(default_factory=dict)
    shifts: dict[str, _Shift] = field(default_factory=dict)
    forgotten: int = 0

    def add(self, recorded: e.Recorded) -> None:
        """Count one more event. Events of a visit whose beginning was not seen are passed over."""
        event = recorded.event
        if isinstance(event, e.PresenceSet | e.Engaged | e.Released):
            self._shift(recorded.stream, event, recorded.at)
        elif isinstance(event, e.Opened):
            if recorded.at >= self.since:
                self._opened(recorded.stream, event, recorded.at)
        elif (visit := self.open.get(recorded.stream)) is not None:
            step = _STEPS.get(type(event))
            if step is not None:
                step(self, visit, event, recorded.at)
            if isinstance(event, e.Closed):
                del self.open[recorded.stream]

    def merge(self, other: "Figures") -> None:
        """Count everything that `other`, which has folded other streams, has counted."""
        for group, tally in other.groups.items():
            self.tally(group).merge(tally)
        for desk, course in other.courses.items():
            self.course(desk).merge(course)
        for officer, load in other.officers.items():
            self.load(officer).merge(load)
        self.homes.update(other.homes)
        self.open.update(other.open)
        self.shifts.update(other.shifts)
        self.forgotten += other.forgotten

    def tally(self, group: tuple[str, str]) -> Tally:
        """Return the counts of a desk and a matter."""
        if group not in self.groups and len(self.groups) >= MAX_GROUPS:
            group = (OTHERS, OTHERS)
        return self.groups.setdefault(group, Tally())

    def course(self, desk: str) -> Course:
        """Return how the day of a desk goes."""
        if desk not in self.courses and len(self.courses) >= MAX_GROUPS:
            desk = OTHERS
        return self.courses.setdefault(desk, Course())

    def following(self, since: Instant) -> "Figures":
        """Return the figures of the day that begins now: nothing is counted yet, officers are where they were."""
        return Figures(since=since, homes=self.homes, shifts=self.shifts)

    def narrowed(self, desks: Collection[str], authorities: Collection[str]) -> "Figures":
        """Return the figures of these desks, and of the officers at home in these authorities. Not to be added to."""
        courses = {desk: Course() for desk in desks if desk in self.courses}
        for desk, course in courses.items():
            course.merge(self.courses[desk])
        return Figures(
            since=self.since,
            groups={group: tally for group, tally in self.groups.items() if group[0] in desks},
            courses=courses,
            officers={one: load for one, load in self.officers.items() if self.homes.get(one) in authorities},
            homes=self.homes,
            open={stream: one for stream, one in self.open.items() if one.group[0] in desks},
            forgotten=self.forgotten,
        )

    def load(self, officer: str) -> Load:
        """Return the load of an officer."""
        if officer not in self.officers and len(self.officers) >= MAX_OFFICERS:
            officer = OTHERS
        return self.officers.setdefault(officer, Load())

    def statistics(self) -> Statistics:
        """Return the figures now."""
        total, desks, matters = Tally(), dict[str, Tally](), dict[str, Tally]()
        for (desk, matter), tally in sorted(self.groups.items()):
            for one in (total, desks.setdefault(desk, Tally()), matters.setdefault(matter, Tally())):
                one.merge(tally)
        return Statistics(
            total=share(total),
            desks={name: share(one) for name, one in desks.items()},
            matters={name: share(one) for name, one in sorted(matters.items())},
            officers=dict(sorted(self.officers.items())),
            open=len(self.open),
            forgotten=self.forgotten,
        )

    def _opened(self, stream: str, event: e.Opened, at: Instant) -> None:
        group = (event.desks[0], event.matter)
        self.open[stream] = _Open(group, at, at)
        self.tally(group).opened += 1
        self.course(group[0]).at(at).came += 1
        if len(self.open) > MAX_OPEN:
            del self.open[next(iter(self.open))]
            self.forgotten += 1

    def _shift(self, stream: str, event: e.ShiftEvent, at: Instant) -> None:
        shift, actor = self.shifts.setdefault(stream, _Shift()), stream.partition(":")[2]
        if shift.free and shift.counts and at > self.since:
            self.load(actor).ready_s += at - max(shift.since, self.since)
        match event:
            case e.PresenceSet():
                shift.ready, shift.counts = event.presence == "ready", event.role is Role.OFFICER
                if shift.counts and (actor in self.homes or len(self.homes) < MAX_OFFICERS):
                    self.homes[actor] = event.authority
            case e.Engaged(visit):
                shift.visit = visit
            case e.Released(_, pause):
                shift.visit, shift.ready = "", shift.ready and not pause
        shift.free, shift.since = shift.ready and not shift.visit, at
        if not shift.ready and not shift.visit:
            del self.shifts[stream]


def _accepted(figures: Figures, visit: _Open, event: e.Accepted, at: Instant) -> None:
    tally, load = figures.tally(visit.group), figures.load(event.officer)
    _stop_waiting(figures, visit, at)
    visit.officer, visit.busy_since = event.officer, at
    load.answered += 1
    if visit.answered:
        return
    visit.answered = True
    waited = at - visit.opened_at
    tally.answered += 1
    tally.judged += 1
    tally.prompt += waited <= TARGET_S
    _judge(figures, visit, waited, at)
    tally.elsewhere += visit.offered_by != visit.group[0]
    tally.answers.add(waited)


def _offered(_figures: Figures, visit: _Open, event: e.Offered, _at: Instant) -> None:
    visit.offered_by = event.desk


def _turned_down(figures: Figures, visit: _Open, event: e.TurnedDown, _at: Instant) -> None:
    figures.tally(visit.group).turned_down += 1
    figures.load(event.officer).turned_down += 1


def _requeued(figures: Figures, visit: _Open, _event: e.Requeued, at: Instant) -> None:
    _stop_serving(figures, visit, at)
    figures.tally(visit.group).requeued += 1
    _wait_again(figures, visit, at)


def _transferred(figures: Figures, visit: _Open, _event: e.Transferred, at: Instant) -> None:
    _stop_serving(figures, visit, at)
    figures.tally(visit.group).transferred += 1
    if visit.waits_since is None:  # else a supervisor has moved it while it waited: it goes on waiting
        _wait_again(figures, visit, at)


def _taken_over(figures: Figures, visit: _Open, event: e.TakenOver, at: Instant) -> None:
    _stop_serving(figures, visit, at)
    figures.tally(visit.group).transferred += 1
    visit.officer, visit.busy_since = event.officer, at


def _ended(figures: Figures, visit: _Open, _event: e.Ended, at: Instant) -> None:
    officer = visit.officer
    _stop_serving(figures, visit, at)
    visit.officer, visit.busy_since, visit.ended = officer, at, True


def _closed(figures: Figures, visit: _Open, event: e.Closed, at: Instant) -> None:
    tally = figures.tally(visit.group)
    _stop_waiting(figures, visit, at)
    _stop_serving(figures, visit, at)
    if visit.answered:
        tally.settled += 1
        tally.solved += event.outcome in SOLVED
        return
    waited = at - visit.opened_at
    if waited > TARGET_S:
        tally.judged += 1
        _judge(figures, visit, waited, at)
    if event.reason in ("left", "lost"):
        tally.abandoned += 1
    else:
        tally.unanswered += 1


def _judge(figures: Figures, visit: _Open, waited: Seconds, at: Instant) -> None:
    course = figures.course(visit.group[0])
    if waited <= TARGET_S:
        course.at(at).prompt += 1
    else:
        course.at(visit.opened_at + TARGET_S).late += 1


def _wait_again(figures: Figures, visit: _Open, at: Instant) -> None:
    visit.waits_since = at
    figures.course(visit.group[0]).at(at).came += 1


def _stop_waiting(figures: Figures, visit: _Open, at: Instant) -> None:
    if visit.waits_since is not None:
        figures.tally(visit.group).waits.add(at - visit.waits_since)
        figures.course(visit.group[0]).at(at).went += 1
        visit.waits_since = None


def _stop_serving(figures: Figures, visit: _Open, at: Instant) -> None:
    if not visit.officer:
        return
    load, stretch = figures.load(visit.officer), at - visit.busy_since
    if visit.ended:
        load.wrapping_s += stretch
    else:
        load.in_visit_s += stretch
    visit.officer = ""


_STEPS: dict[type, Callable[..., None]] = {
    e.Offered: _offered,
    e.TurnedDown: _turned_down,
    e.Accepted: _accepted,
    e.Requeued: _requeued,
    e.Transferred: _transferred,
    e.TakenOver: _taken_over,
    e.Ended: _ended,
    e.Closed: _closed,
}
"""What each event changes; the others change no figure."""


def share(tally: Tally) -> Rates:
    """Return the figures of what has been counted."""
    return Rates(
        opened=tally.opened,
        answered=tally.answered,
        elsewhere=tally.elsewhere,
        requeued=tally.requeued,
        transferred=tally.transferred,
        turned_down=tally.turned_down,
        prompt_share=_of(tally.prompt, tally.judged),
        solved_share=_of(tally.solved, tally.settled),
        abandoned_share=_of(tally.abandoned, tally.opened),
        unanswered=tally.unanswered,
        answer_p50_s=tally.answers.percentile(0.5),
        answer_p90_s=tally.answers.percentile(0.9),
        wait_p50_s=tally.waits.percentile(0.5),
        wait_p90_s=tally.waits.percentile(0.9),
    )


def _of(part: int, whole: int) -> float | None:
    return part / whole if whole else None
