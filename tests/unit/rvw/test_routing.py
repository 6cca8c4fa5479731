"""Who is offered whom."""

import msgspec

from rvw.domain.board import Board, Line
from rvw.domain.estimate import estimate
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
    return [(p.visit, p.officer) for p in route(made, TOWN.desks, NOON + after).proposals]


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


def test_the_citys_desk_is_asked_when_patience_is_over() -> None:
    """While an officer of the near desk is on duty, the far one waits 45 seconds, and the plan says until when."""
    made = board(waiting("a"), officer("li", visit="other"), officer("zheng", ("city",)))
    early = route(made, TOWN.desks, NOON + 44)
    assert (early.proposals, early.wake_at) == ((), NOON + 45)
    assert route(made, TOWN.desks, NOON + 45).proposals == (Proposal("a", "zheng", "city"),)


def test_the_citys_desk_is_asked_at_once_when_nobody_is_on_duty() -> None:
    """Nobody waits for an empty desk."""
    made = board(waiting("a"), officer("li", presence="signed_out"), officer("zheng", ("city",)))
    assert offers(made, after=0) == [("a", "zheng")]


def test_who_turned_a_visit_down_is_not_offered_it_again_for_a_while() -> None:
    """And the plan says when to look again."""
    refused = msgspec.structs.replace(waiting("a", desks=("baoshan",)), refusals=(Refusal("li", NOON + 60),))
    made = board(refused, officer("li"))
    plan = route(made, TOWN.desks, NOON + 10)
    assert (plan.proposals, plan.wake_at) == ((), NOON + 60)
    assert offers(made, after=60) == [("a", "li")]


def test_a_resident_whose_line_is_down_is_not_offered() -> None:
    """The place is kept, but no officer is called for nobody."""
    made = board(msgspec.structs.replace(waiting("a"), interrupted=True), officer("li"))
    assert offers(made) == []


def test_the_estimate_is_the_place_and_an_interval() -> None:
    """With a free officer and nobody ahead: at most a minute. Behind others: longer, and never promised too short."""
    minutes = {"card": 10}
    free = estimate(board(waiting("a"), officer("li")), "a", minutes)
    assert free is not None
    assert (free.place, free.low_s, free.high_s, free.on_duty) == (1, 0.0, 60.0, 1)
    third = estimate(
        board(waiting("a"), waiting("b", since=1), waiting("c", since=2), officer("li", visit="x")),
        "c",
        minutes,
    )
    assert third is not None
    assert third.place == 3
    assert third.low_s < 25 * 60 < third.high_s
    nobody = estimate(board(waiting("a")), "a", minutes)
    assert nobody is not None
    assert nobody.on_duty == 0
    assert estimate(board(), "a", minutes) is None
