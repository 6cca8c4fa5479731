"""Routing keeps its promises on every board: it agrees with the simple one, and serves nobody out of turn."""

from collections.abc import Iterable

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from rvw.domain.board import Board, Line, can_be_offered, in_queue, lane, queue
from rvw.domain.catalogue import Catalogue, Desk
from rvw.domain.chains import Chains
from rvw.domain.people import Skill, grade
from rvw.domain.routing import Plan, route
from rvw.domain.shift import Shift, is_free
from rvw.domain.standing import Standing
from rvw.domain.visit import Refusal, State
from tests.fakes.clock import NOON
from tests.fakes.routing import can, simple_route

DESKS = {name: Desk(name, "a", "310113", name, name) for name in ("street", "district", "city", "partner")}
DESKS["partner"] = replace(DESKS["partner"], hours=("mon 22:14-23:59",))
"""The tests begin at 22:13 on a Monday, in the window's own time: the partner opens at the next full minute."""
CATALOGUE = Catalogue({}, {}, DESKS)
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
    lambda name, state, desks, priority, since, refusals, interrupted, matter, language, asked, next_in: Line(
        id=name, state=state, authority="a", hall="h", kiosk=f"k-{name}", matter=matter, region="310113", desks=desks,
        priority=priority, since=NOON + since, refusals=refusals, interrupted=interrupted, language=language,
        asked=min(asked, len(desks)), next_at=NOON + next_in, waits_s=(0.0, 30.0, 45.0)[: len(desks)],
    ),
    st.sampled_from(VISITS), st.sampled_from((State.WAITING,) * 5 + (State.OFFERED, State.LIVE)), st.sampled_from(CHAINS),
    st.sampled_from((0, 0, 10, LONGEST)), SECONDS, refusals, st.sampled_from((False,) * 5 + (True,)),
    st.sampled_from(("card", "card", "shop")), st.sampled_from(("zh", "zh", "en")), st.integers(1, 3), SECONDS,
)  # fmt: skip
skills = st.sampled_from(((), (), (Skill("card", 2),), (Skill("card", 1), Skill("*", 3)), (Skill("shop", 1),)))
shifts = st.builds(
    lambda name, presence, desks, idle, visit, skills, languages: Shift(
        actor=name, presence=presence, desks=desks, idle_since=NOON + idle, visit=visit, skills=skills,
        languages=languages,
    ),
    st.sampled_from(OFFICERS),
    st.sampled_from(("ready", "ready", "ready", "on_break", "serving_here", "signed_out")),
    st.lists(st.sampled_from(tuple(DESKS)), max_size=3, unique=True).map(tuple),
    SECONDS,
    st.sampled_from(("", "", "elsewhere")),
    skills,
    st.sampled_from(((), ("zh",), ("zh", "en"))),
)  # fmt: skip
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
        fast = route(board, CATALOGUE, NOON + seconds).proposals
        assert simple_route(board, CATALOGUE, NOON + seconds) == tuple((p.visit, p.officer, p.desk) for p in fast)


@settings(max_examples=200, deadline=None)
@given(changes)
def test_the_board_knows_what_its_rows_say(changes: Changes) -> None:
    """Whatever has come and gone: lanes and staff are those of a board made from the rows."""
    board = after(changes)
    fresh = after([*board.lines.values(), *board.shifts.values()])
    assert (board.waiting.lanes, board.queued.lanes) == (fresh.waiting.lanes, fresh.queued.lanes)
    assert (board.staff.free, board.staff.duty) == (fresh.staff.free, fresh.staff.duty)
    assert board.turns == fresh.turns
    assert sum(map(len, board.waiting.lanes.values())) == sum(map(can_be_offered, board.lines.values()))
    assert sum(map(len, board.queued.lanes.values())) == sum(map(in_queue, board.lines.values()))
    assert {lane for lanes in board.waiting.by_desk.values() for lane in lanes} == set(board.waiting.lanes)


@settings(max_examples=300, deadline=None)
@given(changes, SECONDS, SECONDS)
def test_before_it_wakes_there_is_nothing_to_do(changes: Changes, seconds: float, later: float) -> None:
    """When all offers are made and nothing happens, the simple one finds nothing before the plan says to look again."""
    board = after(changes)
    plan = route(board, CATALOGUE, NOON + seconds)
    if later >= seconds and NOON + later < plan.wake_at:
        assert simple_route(carried_out(board, plan), CATALOGUE, NOON + later) == ()


@settings(max_examples=200, deadline=None)
@given(changes, SECONDS, st.integers(0, 3))
def test_a_short_plan_is_the_beginning_of_the_long_one(changes: Changes, seconds: float, most: int) -> None:
    """And asks to be continued at once."""
    board = after(changes)
    whole, part = route(board, CATALOGUE, NOON + seconds), route(board, CATALOGUE, NOON + seconds, most)
    assert part.proposals == whole.proposals[:most]
    assert part.wake_at <= NOON + seconds or len(whole.proposals) <= most


@settings(max_examples=300, deadline=None)
@given(changes, SECONDS)
def test_nobody_gets_what_is_not_theirs(changes: Changes, seconds: float) -> None:
    """Free officers of an open desk that is asked, who can do it; nobody twice; nobody who has refused."""
    board, now = after(changes), NOON + seconds
    plan = route(board, CATALOGUE, now)
    for one in plan.proposals:
        visit, officer = board.lines[one.visit], board.shifts[one.officer]
        assert can_be_offered(visit)
        assert is_free(officer)
        assert one.desk in officer.desks
        assert one.desk in visit.desks[: visit.asked]
        assert one.desk != "partner" or now >= NOON - NOON % 60 + 60, "a closed desk is offered nothing"
        assert grade(officer.skills, visit.matter) is not None
        assert can(officer, visit, board, CATALOGUE, now)
        assert not any(r.officer == one.officer and r.until > now for r in visit.refusals)
    assert len({one.visit for one in plan.proposals}) == len({one.officer for one in plan.proposals}) == len(plan.proposals)


@settings(max_examples=300, deadline=None)
@given(changes, SECONDS)
def test_nobody_is_overtaken_in_a_class(changes: Changes, seconds: float) -> None:
    """Of two with one chain and one priority, the later one is offered only if the earlier one is, or was refused."""
    board, now = after(changes), NOON + seconds
    offered = {one.visit: one.officer for one in route(board, CATALOGUE, now).proposals}
    order = [one for one in queue(board.lines) if can_be_offered(one)]
    for number, late in enumerate(order):
        for early in order[:number]:
            same = lane(early) == lane(late) and early.priority == late.priority
            if same and late.id in offered and early.id not in offered:
                assert any(r.officer == offered[late.id] and r.until > now for r in early.refusals)


@settings(max_examples=300, deadline=None)
@given(changes, SECONDS)
def test_nobody_is_overtaken_for_ever(changes: Changes, seconds: float) -> None:
    """Whatever the classes: of two with one chain, one who came later by the longest head start is not served before."""
    board, now = after(changes), NOON + seconds
    offered = {one.visit: one.officer for one in route(board, CATALOGUE, now).proposals}
    waiting = [one for one in board.lines.values() if can_be_offered(one)]
    for late in waiting:
        for early in waiting:
            if lane(late) == lane(early) and late.since > early.since + LONGEST and late.id in offered:
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
        for one in route(board, CATALOGUE, now).proposals:
            put(board, one.visit)
    assert not any(can_be_offered(one) for one in board.lines.values())


def a_line(name: str, since: float, priority: int = 0, desks: tuple[str, ...] = ("city",), **more: object) -> Line:
    """A visit that waits, and asks for nothing special."""
    one = Line(
        id=name, state=State.WAITING, authority="a", hall="h", kiosk=f"k-{name}", matter="card", region="310113",
        desks=desks, priority=priority, since=since,
    )  # fmt: skip
    return replace(one, **more)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.lists(st.sampled_from((0, 10, LONGEST)), max_size=3), min_size=1, max_size=40))
def test_nobody_starves_while_others_keep_coming(coming: list[list[int]]) -> None:
    """One officer serves one a second, up to three come in each, with any head start: all are served, and nobody after one
    who came later by more than the longest head start."""
    board, served, came = Board(), list[str](), dict[str, int]()
    board.put("shift:z", Shift(actor="z", presence="ready", desks=("city",), idle_since=NOON))
    second = 0
    while second < len(coming) or board.lines:
        for priority in coming[second] if second < len(coming) else []:
            name = f"w{len(came):03d}"
            came[name] = second
            board.put(f"visit:{name}", a_line(name, NOON + second, priority))
        for one in route(board, CATALOGUE, NOON + second).proposals:
            served.append(one.visit)
            board.put(f"visit:{one.visit}", None)
        second += 1
        assert second <= len(coming) + len(came) + 1, "somebody waits though the officer is free"
    assert sorted(served) == sorted(came)
    for number, early in enumerate(served):
        assert all(came[late] <= came[early] + LONGEST for late in served[:number])


def asked(board: Board, now: float, chains: Chains | None = None) -> list[str]:
    """Ask every desk that is due, as the matcher does, and return the steps taken."""
    taken = []
    for step in (chains or Chains()).due(board, CATALOGUE, now):
        one = board.lines[step.visit]
        at = one.desks.index(step.desk) + 1
        next_at = now + one.waits_s[at] if at < len(one.desks) else None
        put(board, replace(one, asked=at, next_at=next_at))
        taken.append(f"{step.visit}: {step.desk} ({', '.join(f'{p.desk} {p.why}' for p in step.passed)})")
    return taken


def test_the_steps_of_a_chain_are_asked_in_order_with_their_times() -> None:
    """While street and district are on duty but busy, the district is asked after 30 s, the city 45 s later."""
    busy = [Shift(actor=n, presence="ready", desks=(d,), visit="x") for n, d in (("a", "street"), ("b", "district"))]
    city = Shift(actor="d", presence="ready", desks=("city",), visit="x")
    one = Line(
        id="v00", state=State.WAITING, authority="a", hall="h", kiosk="k", matter="card", region="310113",
        desks=CHAINS[0], waits_s=(0.0, 30.0, 45.0), next_at=NOON + 30, priority=0, since=NOON,
    )  # fmt: skip
    board, chains = after([one, *busy, city]), Chains()
    told = {second: asked(board, NOON + second, chains) for second in range(120)}
    assert {second: steps for second, steps in told.items() if steps} == {
        30: ["v00: district (street busy)"],
        75: ["v00: city (district busy)"],
    }


def expected_steps(chain: tuple[str, ...], waits: tuple[float, ...], manned: set[str]) -> list[tuple[float, str]]:
    """When which desk is asked, reckoned by hand: in order, those without anybody left out, each after its own seconds."""
    at, asked_till, steps = 0.0, 1, list[tuple[float, str]]()
    while rest := [desk for desk in chain[asked_till:] if desk in manned]:
        if any(desk in manned for desk in chain[:asked_till]):
            at += waits[asked_till]
        steps.append((at, rest[0]))
        asked_till = chain.index(rest[0]) + 1
    return steps


@settings(max_examples=200, deadline=None)
@given(
    st.permutations(("street", "district", "city", "gone")).flatmap(
        lambda all_: st.sampled_from([all_[:n] for n in (2, 3, 4)])
    ),
    st.tuples(*[st.integers(1, 12).map(float)] * 4),
    st.sets(st.sampled_from(("street", "district", "city"))),
)
def test_any_chain_is_asked_in_its_order_at_its_times(chain: list[str], waits: tuple[float, ...], manned: set[str]) -> None:
    """Whichever desks have somebody, who is busy all the while: each step comes in its very second, and none twice."""
    desks, board, chains = tuple(chain), Board(), Chains()
    for desk in manned:
        board.put(f"shift:{desk}", Shift(actor=desk, presence="ready", desks=(desk,), visit="x"))
    board.put("visit:v00", a_line("v00", NOON, 0, desks, waits_s=(0.0, *waits[1:])[: len(desks)], next_at=NOON + waits[1]))
    told = [(float(second), step) for second in range(60) for step in asked(board, NOON + second, chains)]
    assert [(at, step.split()[1]) for at, step in told] == expected_steps(desks, waits, manned)


@settings(max_examples=300, deadline=None)
@given(changes, SECONDS)
def test_a_step_is_taken_for_a_reason(changes: Changes, seconds: float) -> None:
    """Further along the chain, to a desk that is open and manned; those left out are shut, empty, or had their time."""
    board, now = after(changes), NOON + seconds
    for step in Chains().due(board, CATALOGUE, now):
        one = board.lines[step.visit]
        standing, queue_of = Standing(board, CATALOGUE, now), lane(one)
        at = one.desks.index(step.desk)
        assert at >= one.asked
        assert standing.why_not(step.desk, queue_of) == "busy"
        assert [p.desk for p in step.passed] == list(one.desks[one.asked - 1 : at])
        assert all(p.why == standing.why_not(p.desk, queue_of) for p in step.passed)
        assert all(p.why != "busy" for p in step.passed[1:])
        over = one.next_at is not None and one.next_at <= now
        assert over or all(standing.why_not(desk, queue_of) != "busy" for desk in one.desks[: one.asked])


@settings(max_examples=200, deadline=None)
@given(changes, SECONDS)
def test_looking_often_is_looking_once(changes: Changes, seconds: float) -> None:
    """What one who looks after every change has asked is what one who looks at the end would still ask for: nothing."""
    board, chains = Board(), Chains()
    for change in changes:
        put(board, change)
        asked(board, NOON + seconds, chains)
    while asked(board, NOON + seconds):
        """Several steps in a row, when nobody is there."""
    assert asked(board, NOON + seconds, chains) == []
