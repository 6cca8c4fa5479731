"""Whatever happened: who folds the ledger afterwards, in whatever order of streams, has the figures of who was there."""

from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from rvw.domain import commands as c
from rvw.domain.audit import Store, audit
from rvw.domain.figures import TARGET_S, Figures, Statistics
from rvw.domain.people import SYSTEM, Actor, Role
from rvw.domain.report import Report, report
from rvw.domain.spread import Spread
from rvw.domain.visit import State
from rvw.errors import RvwError
from tests.fakes.counter import Counter
from tests.fakes.town import EVERYBODY, KIOSKS, OFFICERS

BY_STATE: dict[State, tuple[tuple[Role, c.Command], ...]] = {
    State.WAITING: (
        (Role.KIOSK, c.Leave()),
        (Role.SYSTEM, c.Lose("kiosk-1")),
        (Role.SUPERVISOR, c.Transfer("city", "shorter there")),
        (Role.SUPERVISOR, c.Close("guided", "told at the counter")),
    ),
    State.OFFERED: (
        (Role.OFFICER, c.Accept()),
        (Role.OFFICER, c.Accept()),
        (Role.OFFICER, c.Decline()),
        (Role.SUPERVISOR, c.Transfer("city", "shorter there")),
    ),
    State.LIVE: (
        (Role.OFFICER, c.End()),
        (Role.SYSTEM, c.Lose("li")),
        (Role.OFFICER, c.Hold()),
        (Role.OFFICER, c.Requeue("again")),
        (Role.OFFICER, c.Transfer("city", "theirs")),
    ),
    State.HELD: ((Role.OFFICER, c.Resume()), (Role.KIOSK, c.Leave())),
    State.WRAPPING: ((Role.OFFICER, c.Close("accepted")), (Role.OFFICER, c.Close("unresolved"))),
    State.CLOSED: ((Role.SYSTEM, c.Acknowledge("SL-1")),),
}


class Day(RuleBasedStateMachine):
    """People come, are answered, leave and are lost, while a fold listens to the log."""

    def __init__(self) -> None:
        super().__init__()
        self.counter = Counter()
        self.heard = Figures()
        self._seq = 0
        self._midnight = 0.0

    @initialize()
    def the_day_begins(self) -> None:
        for actor in (*OFFICERS, *KIOSKS):
            self.counter.perform(actor, c.SetPresence("ready"))

    @rule(kiosk=st.sampled_from(KIOSKS), matter=st.sampled_from(("card", "shop")))
    def open(self, kiosk: Actor, matter: str) -> None:
        self._try(kiosk, c.Open(matter, "310113"), "")

    @rule(officer=st.sampled_from(OFFICERS), presence=st.sampled_from(("ready", "ready", "on_break", "signed_out")))
    def set_presence(self, officer: Actor, presence: Any) -> None:
        self.counter.perform(officer, c.SetPresence(presence))

    @rule(seconds=st.sampled_from((0.25, 3.0, 30.0, 61.0, 601.0)))
    def time_passes(self, seconds: float) -> None:
        self.counter.clock.pass_(seconds)
        self.counter.tick()
        self.counter.match()

    @rule(pick=st.integers(0, 7), choice=st.integers(0, 4))
    def go_on(self, pick: int, choice: int) -> None:
        streams = [name for name in self.counter.ledger.streams if name.startswith("visit:")]
        if streams:
            visit = self.counter.visit(streams[-1 - pick % len(streams)].removeprefix("visit:"))
            role, command = BY_STATE[visit.state][choice % len(BY_STATE[visit.state])]
            people = {actor.id: actor for actor in EVERYBODY}
            actor = {Role.KIOSK: visit.kiosk, Role.OFFICER: visit.officer, Role.SUPERVISOR: "feng"}.get(role, "")
            self._try(people.get(actor, SYSTEM), command, visit.id)

    @rule()
    def midnight_strikes(self) -> None:
        self.counter.clock.pass_(1.0)
        self._midnight = self.counter.clock()
        self.heard = self.listen().following(self._midnight)

    @invariant()
    def the_listener_and_the_auditor_agree(self) -> None:
        told = recomputed(self.counter, 1, self._midnight)
        assert same(told.statistics(), self.listen().statistics())
        assert told.courses == self.listen().courses

    @invariant()
    def parts_add_up_to_the_whole(self) -> None:
        told = recomputed(self.counter, 3, self._midnight)
        assert same(told.statistics(), self.listen().statistics())
        assert told.courses == self.listen().courses

    @invariant()
    def the_report_is_of_all_who_came_and_knows_who_waits(self) -> None:
        now = self.counter.clock()
        told = report(self.listen(), {"baoshan", "city"}, {"baoshan", "shanghai"}, 0.9, now)
        assert same(told, self.listen().statistics())
        points = list(told.course)
        today = [v for v in self.listen().open.values() if v.waits_since is not None]
        assert (points[-1].waiting if points else 0) == len(today)
        late = sum(now - v.opened_at > TARGET_S and not v.answered for v in self.listen().open.values())
        groups = self.listen().groups.values()
        assert sum(p.prompt for p in points) == sum(t.prompt for t in groups)
        assert sum(p.late for p in points) == sum(t.judged - t.prompt for t in groups) + late

    @invariant()
    def the_auditor_finds_nothing(self) -> None:
        ledger = self.counter.ledger
        rows = {f"visit:{n}": one for n, one in ledger.board.lines.items()}
        shifts = {f"shift:{n}": one for n, one in ledger.board.shifts.items()}
        store = Store(
            streams={name: [(r.version, r) for r in stream] for name, stream in ledger.streams.items()},
            rows=msgspec.json.decode(msgspec.json.encode({**rows, **shifts})),
            deadlines=dict(ledger.deadlines),
            unrecorded=frozenset(ledger.unrecorded),
            recorded=frozenset(),
        )
        assert audit(store, self.counter.clock()) == ()

    @invariant()
    def nobody_is_counted_twice_or_not_at_all(self) -> None:
        total = self.listen().statistics().total
        groups = self.listen().groups.values()
        ended = sum(t.settled + t.abandoned + t.unanswered for t in groups)
        assert total.opened == ended + len(self.listen().open)
        streams = self.counter.ledger.streams
        opened = [n for n, s in streams.items() if n.startswith("visit:") and s[0].at >= self._midnight]
        assert total.opened == len(opened)
        assert all(t.prompt <= t.judged and t.solved <= t.settled for t in groups)

    def listen(self) -> Figures:
        for entry in self.counter.ledger.log[self._seq :]:
            self.heard.add(entry.recorded)
        self._seq = len(self.counter.ledger.log)
        return self.heard

    def _try(self, actor: Actor, command: c.Command, visit: str) -> None:
        try:
            self.counter.perform(actor, command, visit)
        except RvwError:
            return


def recomputed(counter: Counter, parts: int, since: float) -> Figures:
    """Fold the ledger stream by stream, last stream first, in so many parts that are then added."""
    folds = [Figures(since) for _ in range(parts)]
    for number, stream in enumerate(reversed(counter.ledger.streams.values())):
        for recorded in stream:
            folds[number % parts].add(recorded)
    whole = Figures(since)
    for fold in folds:
        whole.merge(fold)
    return whole


def same(expected: Statistics | Report, actual: Statistics) -> bool:
    """Sums of seconds in another order differ in the last digit; everything else is equal."""
    loads = expected.officers.keys() == actual.officers.keys() and all(
        abs(getattr(load, name) - getattr(actual.officers[officer], name)) < 1e-3
        for officer, load in expected.officers.items()
        for name in ("answered", "turned_down", "in_visit_s", "wrapping_s", "ready_s")
    )
    counts = ("total", "desks", "matters", "open")
    return loads and all(getattr(expected, name) == getattr(actual, name) for name in counts)


TestDay = Day.TestCase
TestDay.settings = settings(max_examples=80, stateful_step_count=30, deadline=None)


@given(st.lists(st.floats(0, 90_000), min_size=1, max_size=200), st.sampled_from((0.5, 0.9, 1.0)))
def test_a_percentile_is_right_to_the_bin(lengths: list[float], share: float) -> None:
    """Nearest rank, within one second up to ten minutes and ten seconds beyond."""
    spread = Spread()
    for length in lengths:
        spread.add(length)
    rank = max(1, -int(-share * len(lengths) // 1))
    exact = min(sorted(lengths)[rank - 1], 86_400)
    found = spread.percentile(share)
    assert found is not None
    assert abs(found - exact) <= (1 if exact < 600 else 10)
