"""Routing keeps its promises on every board: it agrees with the simple one, and serves nobody out of turn."""

from collections.abc import Iterable

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from rvw.domain.board import Board, Line, can_be_offered, in_queue, queue
from rvw.domain.catalogue import Desk
from rvw.domain.routing import Plan, route
from rvw.domain.shift import Shift, is_free, on_duty
from rvw.domain.visit import Refusal, State
from tests.fakes.clock import NOON
from tests.fakes.routing import simple_route, steps

DESKS = {
    name: Desk(name, "a", "310113", name, name, patience_s=patience)
    for name, patience in (("street", 30.0), ("district", 45.0), ("city", 60.0), ("partner", 0.0))
}
CHAINS = (
    ("street", "district", "city"),
    ("district", "city"),
    ("city",),
    ("city", "partner"),
    ("street", "gone", "partner"),
)
OFFICERS = tuple("abcdefgh")
Changes = list[Line | Shift | str]
"""Rows that come, and names of rows that go."""
LONGEST = 20
"""The longest head start here."""
VISITS = tuple(f"v{n:02d}" for n in range(12))
SECONDS = st.integers(0, 240).map(lambda half: half / 2)

refusals = st.lists(
    st.builds(Refusal, st.sampled_from(OFFICERS), SECONDS.map(lambda s: NOON + s)),
    max_size=2,
    unique_by=lambda r: r.officer,
).map(tuple)
lines = st.builds(
    lambda name, state, desks, priority, since, refusals, interrupted: Line(
        id=name, state=state, authority="a", hall="h", kiosk=f"k-{name}", matter="card", region="310113", desks=desks,
        priority=priority, since=NOON + since, refusals=refusals, interrupted=interrupted,
    ),
    st.sampled_from(VISITS), st.sampled_from((State.WAITING,) * 5 + (State.OFFERED, State.LIVE)), st.sampled_from(CHAINS),
    st.sampled_from((0, 0, 10, LONGEST)), SECONDS, refusals, st.sampled_from((False,) * 5 + (True,)),
)  # fmt: skip
shifts = st.builds(
    lambda name, presence, desks, idle, visit: Shift(
        actor=name, presence=presence, desks=desks, idle_since=NOON + idle, visit=visit
    ),
    st.sampled_from(OFFICERS),
    st.sampled_from(("ready", "ready", "ready", "on_break", "serving_here", "signed_out")),
    st.lists(st.sampled_from(tuple(DESKS)), max_size=3, unique=True).map(tuple),
    SECONDS,
    st.sampled_from(("", "", "elsewhere")),
)
gone = st.sampled_from(VISITS + OFFICERS)
changes = st.lists(st.one_of(lines, shifts, lines, shifts, gone), max_size=40)


def put(board: Board, change: Line | Shift | str) -> None:
    """Change the board as the log does."""
    match change:
        case Line():
            board.put(f"visit:{change.id}", change)
        case Shift():
            board.put(f"shift:{change.actor}", change)
        case name:
            board.put(f"{'visit' if name in VISITS else 'shift'}:{name}", None)


def after(changes: Iterable[Line | Shift | str]) -> Board:
    """The board after changes, one by one."""
    board = Board()
    for change in changes:
        put(board, change)
    return board


def carried_out(board: Board, plan: Plan) -> Board:
    """The board when every offer has been made."""
    offered = after([*board.lines.values(), *board.shifts.values()])
    for one in plan.proposals:
        put(offered, msgspec.structs.replace(board.lines[one.visit], state=State.OFFERED, officer=one.officer))
        put(offered, msgspec.structs.replace(board.shifts[one.officer], visit=one.visit))
    return offered


@settings(max_examples=400, deadline=None)
@given(changes, SECONDS)
def test_it_proposes_what_the_simple_one_does(changes: Changes, seconds: float) -> None:
    """After every single change, on boards of all kinds."""
    board = Board()
    for change in changes:
        put(board, change)
        assert simple_route(board, DESKS, NOON + seconds) == route(board, DESKS, NOON + seconds).proposals


@settings(max_examples=200, deadline=None)
@given(changes)
def test_the_board_knows_what_its_rows_say(changes: Changes) -> None:
    """Whatever has come and gone: lanes and staff are those of a board made from the rows."""
    board = after(changes)
    fresh = after([*board.lines.values(), *board.shifts.values()])
    assert (board.waiting.lanes, board.queued.lanes) == (fresh.waiting.lanes, fresh.queued.lanes)
    assert (board.staff.free, board.staff.duty) == (fresh.staff.free, fresh.staff.duty)
    assert sum(map(len, board.waiting.lanes.values())) == sum(map(can_be_offered, board.lines.values()))
    assert sum(map(len, board.queued.lanes.values())) == sum(map(in_queue, board.lines.values()))
    assert {lane for lanes in board.waiting.by_desk.values() for lane in lanes} == set(board.waiting.lanes)


@settings(max_examples=300, deadline=None)
@given(changes, SECONDS, SECONDS)
def test_before_it_wakes_there_is_nothing_to_do(changes: Changes, seconds: float, later: float) -> None:
    """When all offers are made and nothing happens, the simple one finds nothing before the plan says to look again."""
    board = after(changes)
    plan = route(board, DESKS, NOON + seconds)
    if later >= seconds and NOON + later < plan.wake_at:
        assert simple_route(carried_out(board, plan), DESKS, NOON + later) == ()


@settings(max_examples=200, deadline=None)
@given(changes, SECONDS, st.integers(0, 3))
def test_a_short_plan_is_the_beginning_of_the_long_one(changes: Changes, seconds: float, most: int) -> None:
    """And asks to be continued at once."""
    board = after(changes)
    whole, part = route(board, DESKS, NOON + seconds), route(board, DESKS, NOON + seconds, most)
    assert part.proposals == whole.proposals[:most]
    assert part.wake_at <= NOON + seconds or len(whole.proposals) <= most


@settings(max_examples=300, deadline=None)
@given(changes, SECONDS)
def test_nobody_gets_what_is_not_theirs(changes: Changes, seconds: float) -> None:
    """Free officers of a desk of the chain whose time has come; nobody twice; nobody who has refused."""
    board, now = after(changes), NOON + seconds
    plan = route(board, DESKS, now)
    duty = {desk: 1 for one in board.shifts.values() if on_duty(one) for desk in one.desks}
    for one in plan.proposals:
        visit, officer = board.lines[one.visit], board.shifts[one.officer]
        assert can_be_offered(visit)
        assert is_free(officer)
        assert one.desk in officer.desks
        assert one.desk in visit.desks
        assert dict(reversed(list(steps(visit, DESKS, duty))))[one.desk] <= now
        assert not any(r.officer == one.officer and r.until > now for r in visit.refusals)
    assert len({one.visit for one in plan.proposals}) == len({one.officer for one in plan.proposals}) == len(plan.proposals)


@settings(max_examples=300, deadline=None)
@given(changes, SECONDS)
def test_nobody_is_overtaken_in_a_class(changes: Changes, seconds: float) -> None:
    """Of two with one chain and one priority, the later one is offered only if the earlier one is, or was refused."""
    board, now = after(changes), NOON + seconds
    offered = {one.visit: one.officer for one in route(board, DESKS, now).proposals}
    order = [one for one in queue(board.lines) if can_be_offered(one)]
    for number, late in enumerate(order):
        for early in order[:number]:
            same = (early.desks, early.priority) == (late.desks, late.priority)
            if same and late.id in offered and early.id not in offered:
                assert any(r.officer == offered[late.id] and r.until > now for r in early.refusals)


@settings(max_examples=300, deadline=None)
@given(changes, SECONDS)
def test_nobody_is_overtaken_for_ever(changes: Changes, seconds: float) -> None:
    """Whatever the classes: of two with one chain, one who came later by the longest head start is not served before."""
    board, now = after(changes), NOON + seconds
    offered = {one.visit: one.officer for one in route(board, DESKS, now).proposals}
    waiting = [one for one in board.lines.values() if can_be_offered(one)]
    for late in waiting:
        for early in waiting:
            if late.desks == early.desks and late.since > early.since + LONGEST and late.id in offered:
                refused = any(r.officer == offered[late.id] and r.until > now for r in early.refusals)
                assert early.id in offered or refused


@settings(max_examples=100, deadline=None)
@given(changes)
def test_nobody_starves(changes: Changes) -> None:
    """With the refusals over and an officer at a desk of the chain who comes back again and again, everybody is served."""
    board, now = after(changes), NOON + 1_000
    put(board, Shift(actor="z", presence="ready", desks=tuple(DESKS), idle_since=now))
    waiting = [one.id for one in board.lines.values() if can_be_offered(one)]
    for _ in range(len(waiting)):
        for one in route(board, DESKS, now).proposals:
            put(board, one.visit)
    assert not any(can_be_offered(one) for one in board.lines.values())


@given(SECONDS)
def test_the_steps_of_a_chain_are_asked_in_order_with_their_times(seconds: float) -> None:
    """While street and district are on duty but busy, the district is asked after 30 s, the city after 75."""
    busy = [Shift(actor=n, presence="ready", desks=(d,), visit="x") for n, d in (("a", "street"), ("b", "district"))]
    free = [Shift(actor=n, presence="ready", desks=(d,), idle_since=NOON) for n, d in (("c", "district"), ("d", "city"))]
    one = Line(
        id="v00", state=State.WAITING, authority="a", hall="h", kiosk="k", matter="card", region="310113",
        desks=CHAINS[0], priority=0, since=NOON,
    )  # fmt: skip
    both = route(after([one, *busy, *free]), DESKS, NOON + seconds).proposals
    assert [p.desk for p in both] == (["district"] if seconds >= 30 else [])
    far = route(after([one, *busy, free[1]]), DESKS, NOON + seconds).proposals
    assert [p.desk for p in far] == (["city"] if seconds >= 75 else [])
