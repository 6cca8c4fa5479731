"""An anomaly is raised once, after its time, and is over only when all has been well for a while: it never flaps."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from rvw.domain.anomalies import CLEAR_S, Anomaly, Signs, Watch, Wrong, signs
from rvw.domain.board import Board, line
from rvw.domain.catalogue import Catalogue
from rvw.domain.commands import Open, SetPresence
from rvw.domain.report import Recent
from tests.fakes.counter import Counter
from tests.fakes.town import KIOSK_ONE, OFFICER_LI, TOWN

AFTER: dict[Wrong, float] = {
    "prompt_low": 300.0,
    "no_officer": 120.0,
    "overdue": 0.0,
    "recording_stalled": 0.0,
    "promise_late": 0.0,
}
LOW = Anomaly("prompt_low", "baoshan", "baoshan")
ALONE = Anomaly("no_officer", "baoshan", "baoshan")
BAD, BAND, WELL = "bad", "band", "well"
TUESDAY_NOON = 1_795_492_800.0


def shown(what: str, one: Anomaly) -> Signs:
    """Return a moment that shows one anomaly so."""
    return Signs(frozenset({one} if what == BAD else ()), frozenset({one} if what == WELL else ()))


@given(st.lists(st.tuples(st.sampled_from((BAD, BAD, BAND, WELL)), st.floats(1, 200)), max_size=60))
def test_it_begins_and_ends_only_after_its_time_without_a_break(moments: list[tuple[str, float]]) -> None:
    """Whatever comes: begun and over take turns, each with the whole of its time behind it."""
    watch, now, raised = Watch(AFTER), 1000.0, False
    bad_since: float | None = None
    well_since: float | None = None
    for what, pause in moments:
        now += pause
        bad_since = (bad_since or now) if what == BAD else None
        well_since = (well_since or now) if what == WELL else None
        begun, over = watch.look(shown(what, LOW), now)
        if begun:
            assert not raised
            assert bad_since is not None
            assert now - bad_since >= AFTER["prompt_low"]
        elif not raised:
            assert bad_since is None or now - bad_since < AFTER["prompt_low"]
        if over:
            assert raised
            assert well_since is not None
            assert now - well_since >= CLEAR_S
        raised = (raised or bool(begun)) and not over
        assert (LOW in watch.raised) is raised
        if begun or over:
            bad_since = well_since = None


@given(st.lists(st.sampled_from((BAD, BAND, WELL)), min_size=1, max_size=100))
def test_what_goes_to_and_fro_faster_than_its_times_changes_nothing(moments: list[str]) -> None:
    """Well for less than a minute at a time, and it stays as it is."""
    watch = Watch(AFTER)
    watch.adopt(LOW)
    for number, what in enumerate(moments):
        now = 1000.0 + 20.0 * number
        assert watch.look(shown(BAD if number % 3 == 0 else what, LOW), now) == ((), ())
    assert LOW in watch.raised


def test_one_that_was_raised_before_a_restart_ends_by_itself() -> None:
    """A process that begins adopts it: nothing is raised again, and it is over when all has been well."""
    watch = Watch(AFTER)
    watch.adopt(ALONE)
    assert watch.look(shown(BAD, ALONE), 0.0) == ((), ())
    assert watch.look(shown(WELL, ALONE), 500.0) == ((), ())
    assert watch.look(shown(WELL, ALONE), 500.0 + CLEAR_S) == ((), (ALONE,))


@pytest.fixture
def counter() -> Counter:
    """A counter where one waits and Li is not there."""
    made = Counter()
    made.perform(KIOSK_ONE, SetPresence("ready"))
    made.perform(KIOSK_ONE, Open("card", "310113"))
    return made


def told(board: Board, catalogue: Catalogue, recent: dict[str, Recent], now: float, *overdue: str) -> Signs:
    """Return the signs of a moment, asked about both."""
    return signs(board, recent, overdue, catalogue, 0.9, (LOW, ALONE), now)


def test_nobody_on_duty_is_wrong_where_somebody_waits_or_the_desk_is_open(counter: Counter) -> None:
    """Without hours a desk counts while somebody waits; with hours, while it is open."""
    now = counter.clock()
    assert told(counter.ledger.board, TOWN, {}, now).bad == {ALONE}
    assert ALONE in told(Board(), TOWN, {}, now).well
    hours = {**TOWN.desks, "baoshan": replace(TOWN.desks["baoshan"], hours=("mon-fri 09:00-17:00",))}
    open_at = replace(TOWN, desks=hours)
    assert told(Board(), open_at, {}, TUESDAY_NOON).bad == {ALONE}
    assert told(Board(), open_at, {}, TUESDAY_NOON + 8 * 3600).bad == frozenset()
    counter.perform(OFFICER_LI, SetPresence("ready"))
    assert told(counter.ledger.board, TOWN, {}, now).bad == frozenset()


def test_a_share_is_wrong_below_the_goal_and_well_only_above_the_band() -> None:
    """Nine of ten is neither; of two nothing can be said."""
    for prompt, judged, bad, well in (
        (8, 10, True, False),
        (9, 10, False, False),
        (10, 10, False, True),
        (0, 2, False, True),
    ):
        seen = told(Board(), TOWN, {"baoshan": Recent(0.0, prompt, judged)}, 0.0)
        assert (LOW in seen.bad, LOW in seen.well) == (bad, well), (prompt, judged)


def test_a_visit_past_its_deadline_is_wrong_while_it_is_there(counter: Counter) -> None:
    """The timers name it; one that has gone from the board is nothing."""
    visit = next(iter(counter.ledger.board.lines))
    assert line(counter.visit(visit)) is not None
    counter.perform(OFFICER_LI, SetPresence("ready"))
    assert told(counter.ledger.board, TOWN, {}, 0.0, visit, "gone").bad == {Anomaly("overdue", "baoshan", "baoshan", visit)}
