"""好差评: what a resident thinks of a visit. Five levels, once, later too by ticket, and never shown to the officer.

A rating is an event in a stream of its own, `rating:<visit>`, because the visit's is seen by those who took part. The two
lowest levels lead to a task; one that was a mistake is taken out of the figures, not out of the stream.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from msgspec import Struct

from rvw.clock import Instant
from rvw.domain import commands as c
from rvw.domain import events as e
from rvw.domain.visit import State, Visit
from rvw.errors import InvalidInput, NotPossible

GOOD: Final[tuple[str, ...]] = ("patient", "clear", "quick", "solved", "easy")
"""Reasons of a good rating: 耐心热情, 讲得清楚, 办得快, 事情办成, 设备好用."""

BAD: Final[tuple[str, ...]] = ("rude", "unclear", "slow", "unsolved", "many_trips", "more_papers", "bad_line")
"""Reasons of a bad one: 态度不好, 讲不清楚, 等太久, 事没办成, 要我多跑, 多要材料, 画面声音差."""

LEVELS: Final[tuple[e.RatingLevel, ...]] = (5, 4, 3, 2, 1)
LOW: Final = frozenset({1, 2})
"""不满意, 非常不满意: the resident is called back, and it is mended."""

SATISFIED: Final = frozenset({3, 4, 5})
"""What counts as satisfied (满意度) by GB/T 39735."""

DAYS: Final = 8
"""So long after the talk it may be rated: as long as its ticket is good."""


class Rating(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The fold of a rating's stream: none, or one."""

    visit: str
    version: int = 0
    given: e.Rated | None = None
    at: Instant = 0.0
    refs: tuple[str, ...] = ()


def tags_of(level: e.RatingLevel) -> tuple[str, ...]:
    """Return the reasons that may be given for a level."""
    return BAD if level in LOW else GOOD if level > 3 else (*GOOD, *BAD)


def decide(rating: Rating, visit: Visit, command: c.Rate) -> e.Rated:
    """Return the event of a rating. Raises `NotPossible` for a second one, or a visit nobody answered; `InvalidInput`."""
    if rating.given is not None:
        raise NotPossible("this visit has been rated")
    if visit.answered_at is None:
        raise NotPossible("a visit that nobody has answered is not rated")
    if strange := set(command.tags) - set(tags_of(command.level)):
        raise InvalidInput(f"not a reason for this level: {', '.join(sorted(strange))}")
    return e.Rated(
        level=command.level,
        tags=tuple(dict.fromkeys(command.tags)),
        text=command.text.strip(),
        way=command.way,
        authority=visit.authority,
        desk=visit.desk or visit.desks[0],
        officer=visit.officer,
        matter=visit.matter,
        region=visit.region,
    )


def evolve(rating: Rating, recorded: e.Recorded) -> Rating:
    """Return the rating after one more event. Raises `NotPossible` for an event that is none of it, or a second one."""
    if not isinstance(recorded.event, e.Rated) or rating.given is not None:
        raise NotPossible(f"a rating cannot have {type(recorded.event).__name__}")
    refs = (recorded.ref,) if recorded.ref else ()
    return Rating(visit=rating.visit, version=recorded.version, given=recorded.event, at=recorded.at, refs=refs)


def may_be_rated(visit: Visit) -> bool:
    """Tell whether the talk is over, and there was one."""
    return visit.state in (State.WRAPPING, State.CLOSED) and visit.answered_at is not None


class Rated(Struct, frozen=True, forbid_unknown_fields=True):
    """A rating as figures count it."""

    visit: str
    at: Instant
    desk: str
    officer: str
    matter: str
    level: int
    counts: bool = True
    """Not when it was found to be a mistake."""


class Satisfaction(Struct, frozen=True, forbid_unknown_fields=True):
    """How residents have rated: how many of each level, the highest first, and the share of those who are satisfied."""

    levels: tuple[int, int, int, int, int]
    satisfied_share: float | None


class Ratings(Struct, frozen=True, forbid_unknown_fields=True):
    """好差评 of some visits."""

    total: Satisfaction
    desks: dict[str, Satisfaction]
    officers: dict[str, Satisfaction]
    matters: dict[str, Satisfaction]


NONE = Ratings(Satisfaction((0, 0, 0, 0, 0), None), {}, {}, {})


def counted(rated: Iterable[Rated]) -> Ratings:
    """Count ratings; those that were mistakes do not count."""
    good = [one for one in rated if one.counts]
    return Ratings(
        _satisfaction(good),
        _by({one.desk: [] for one in good}, good, "desk"),
        _by({one.officer: [] for one in good}, good, "officer"),
        _by({one.matter: [] for one in good}, good, "matter"),
    )


def _by(groups: dict[str, list[Rated]], rated: Iterable[Rated], name: str) -> dict[str, Satisfaction]:
    for one in rated:
        groups[getattr(one, name)].append(one)
    return _shares(groups)


def _shares(groups: Mapping[str, list[Rated]]) -> dict[str, Satisfaction]:
    return {name: _satisfaction(some) for name, some in sorted(groups.items())}


def _satisfaction(rated: list[Rated]) -> Satisfaction:
    levels = [sum(1 for one in rated if one.level == level) for level in LEVELS]
    satisfied = sum(1 for one in rated if one.level in SATISFIED)
    return Satisfaction((levels[0], levels[1], levels[2], levels[3], levels[4]), satisfied / len(rated) if rated else None)
