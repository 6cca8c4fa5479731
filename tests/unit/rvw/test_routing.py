"""Who is offered whom."""

import msgspec
from msgspec.structs import replace

from rvw.domain.board import Board, Line
from rvw.domain.chains import Chains
from rvw.domain.estimate import Pace, estimate
from rvw.domain.people import Skill
from rvw.domain.routing import Proposal, route
from rvw.domain.shift import Shift
from rvw.domain.visit import Refusal, State
from tests.fakes.clock import NOON
from tests.fakes.town import TOWN


def waiting(name: str, desks: tuple[str, ...] = ("baoshan", "city"), since: float = 0.0, priority: int = 0) -> Line:
    """A visit that waits since `since` seconds after noon."""
    return Line(
        id=name,
        state=State.WAITING,
        authority="baoshan",
        hall="hall-1",
        kiosk=f"kiosk-{name}",
        matter="card",
        region="310113",
        desks=desks,
        priority=priority,
        since=NOON + since,
    )


def officer(name: str, desks: tuple[str, ...] = ("baoshan",), idle: float = 0.0, **others: str) -> Shift:
    """An officer who is ready, idle since `idle` seconds after noon."""
    shift = Shift(actor=name, presence="ready", desks=desks, idle_since=NOON + idle)
    return msgspec.structs.replace(shift, **others)


def board(*rows: Line | Shift) -> Board:
    """A board with these rows."""
    made = Board()
    for row in rows:
        made.put(f"visit:{row.id}" if isinstance(row, Line) else f"shift:{row.actor}", row)
    return made


def offers(made: Board, after: float = 10.0) -> list[tuple[str, str]]:
    """Who is offered whom, so many seconds after noon."""
    return [(p.visit, p.officer) for p in route(made, TOWN, NOON + after).proposals]


def test_the_longest_waiting_meets_the_longest_idle() -> None:
    """First come, first served, on both sides."""
    made = board(waiting("b", since=1), waiting("a", since=0), officer("li", idle=5), officer("zhou", idle=1))
    assert offers(made) == [("a", "zhou"), ("b", "li")]


def test_priority_goes_first_and_then_the_longest_waiting() -> None:
    """Within a class nobody overtakes."""
    made = board(waiting("a"), waiting("b", since=2, priority=10), waiting("c", since=1, priority=10), officer("li"))
    assert offers(made) == [("c", "li")]


def test_nobody_is_offered_twice() -> None:
    """One officer of two desks is still one."""
    made = board(waiting("a"), waiting("b", desks=("city",)), officer("zheng", ("baoshan", "city")))
    assert offers(made) == [("a", "zheng")]


def steps(made: Board, after: float) -> list[tuple[str, list[tuple[str, str]]]]:
    """Which desks are asked now, and why not only those before."""
    return [(s.desk, [(p.desk, p.why) for p in s.passed]) for s in Chains().due(made, TOWN, NOON + after)]


def test_the_citys_desk_is_asked_when_patience_is_over() -> None:
    """While an officer of the near desk is on duty, the far one waits 45 seconds; then both may serve."""
    first = msgspec.structs.replace(waiting("a"), next_at=NOON + 45, waits_s=(0.0, 45.0))
    made = board(first, officer("li", visit="other"), officer("zheng", ("city",)))
    assert steps(made, 44) == []
    assert made.next_turn(NOON + 44) == NOON + 45
    assert steps(made, 45) == [("city", [("baoshan", "busy")])]
    assert offers(made, 45) == []
    asked = board(msgspec.structs.replace(first, asked=2, next_at=None), officer("zheng", ("city",)))
    assert route(asked, TOWN, NOON + 45).proposals == (Proposal("a", "zheng", "city", "only_one"),)


def test_the_citys_desk_is_asked_at_once_when_nobody_is_on_duty() -> None:
    """Nobody waits for an empty desk, or for a closed one; with nobody anywhere there is nothing to ask."""
    made = board(waiting("a"), officer("li", presence="signed_out"), officer("zheng", ("city",)))
    assert steps(made, 0) == [("city", [("baoshan", "nobody_there")])]
    closed = replace(TOWN, desks={**TOWN.desks, "baoshan": replace(TOWN.desks["baoshan"], hours=("mon 09:00-10:00",))})
    made = board(waiting("a"), officer("li"), officer("zheng", ("city",)))
    assert [s.passed[0].why for s in Chains().due(made, closed, NOON)] == ["closed"]
    assert route(made, closed, NOON).proposals == ()
    assert steps(board(waiting("a")), 0) == []


def test_who_knows_the_matter_best_is_asked_first_and_then_the_longest_idle() -> None:
    """A grade outweighs idleness; one who cannot do it is not asked; the officer is told why."""
    zhou = msgspec.structs.replace(officer("zhou", idle=5), skills=(Skill("card", 1),))
    li = msgspec.structs.replace(officer("li", idle=1), skills=(Skill("*", 2),))
    wu = msgspec.structs.replace(officer("wu", idle=0), skills=(Skill("shop", 1),))
    assert route(board(waiting("a"), zhou, li, wu), TOWN, NOON).proposals == (
        Proposal("a", "zhou", "baoshan", "best_grade"),
    )
    assert route(board(waiting("a"), li, wu), TOWN, NOON).proposals == (Proposal("a", "li", "baoshan", "only_one"),)
    assert offers(board(waiting("a"), wu)) == []


def test_the_language_of_the_visit_is_respected_as_long_as_somebody_speaks_it() -> None:
    """Li speaks Chinese only: while Zhou is there the English visit is Zhou's; when nobody is, Li is better than nobody."""
    english = msgspec.structs.replace(waiting("a", desks=("baoshan",)), language="en")
    li = msgspec.structs.replace(officer("li", idle=0), languages=("zh",))
    zhou = msgspec.structs.replace(officer("zhou", idle=5), languages=("zh", "en"))
    assert offers(board(english, li, zhou)) == [("a", "zhou")]
    assert offers(board(english, li, msgspec.structs.replace(zhou, visit="other"))) == []
    assert offers(board(english, li)) == [("a", "li")]


def test_who_turned_a_visit_down_is_not_offered_it_again_for_a_while() -> None:
    """And the plan says when to look again."""
    refused = msgspec.structs.replace(waiting("a", desks=("baoshan",)), refusals=(Refusal("li", NOON + 60),))
    made = board(refused, officer("li"))
    plan = route(made, TOWN, NOON + 10)
    assert (plan.proposals, plan.wake_at) == ((), NOON + 60)
    assert offers(made, after=60) == [("a", "li")]


def test_a_resident_whose_line_is_down_is_not_offered() -> None:
    """The place is kept, but no officer is called for nobody."""
    made = board(msgspec.structs.replace(waiting("a"), interrupted=True), officer("li"))
    assert offers(made) == []


def test_the_estimate_is_the_place_and_an_interval() -> None:
    """With a free officer and nobody ahead: at most a minute. Behind others: longer, and never promised too short."""
    minutes = {"card": 10}
    free = estimate(board(waiting("a"), officer("li")), "a", minutes, Pace(), NOON)
    assert free is not None
    assert (free.place, free.low_s, free.high_s, free.on_duty) == (1, 0.0, 60.0, 1)
    third = estimate(
        board(waiting("a"), waiting("b", since=1), waiting("c", since=2), officer("li", visit="x")),
        "c",
        minutes,
        Pace(),
        NOON,
    )
    assert third is not None
    assert third.place == 3
    assert third.low_s < 25 * 60 < third.high_s
    nobody = estimate(board(waiting("a")), "a", minutes, Pace(), NOON)
    assert nobody is not None
    assert nobody.on_duty == 0
    assert estimate(board(), "a", minutes, Pace(), NOON) is None
