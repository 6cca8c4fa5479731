"""What is told of the figures: to whom they belong, of which desks, and how the last minutes went.

A visit that waits beyond the target is late from that moment on, answered or not: a desk where nobody answers must not look
better than one where somebody does.
"""

from collections.abc import Collection

from msgspec import Struct

from rvw.clock import Instant, Seconds
from rvw.domain.course import SLOT_S, Course, Point
from rvw.domain.figures import TARGET_S, Figures, Load, Rates
from rvw.domain.rating import NONE, Ratings

RECENT_SLOTS = 3
"""How many slots are "now": the one that runs and two before, ten to fifteen minutes."""


class Recent(Struct, frozen=True, forbid_unknown_fields=True):
    """021 of the last minutes."""

    since: Instant
    prompt: int
    judged: int


class Report(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Figures of some desks, for who may see them."""

    since: Instant
    until: Instant
    target_s: Seconds
    """021: within how many seconds a human answers."""
    goal: float
    """The share of those who are to be answered within it."""
    open: int
    """Visits that are not closed."""
    total: Rates
    recent: Recent
    desks: dict[str, Rates]
    """By the nearest desk of a visit's chain."""
    now: dict[str, Recent]
    """021 of the last minutes, by desk."""
    matters: dict[str, Rates]
    officers: dict[str, Load]
    course: tuple[Point, ...]
    """The day in slots; empty for more than one day."""
    ratings: Ratings = NONE
    """好差评 given on these days; only where it was asked for: `counted` leaves it empty."""


def report(
    figures: Figures, desks: Collection[str], authorities: Collection[str], goal: float, until: Instant, *, days: int = 1
) -> Report:
    """Return the figures of the desks, and of the officers at home in the authorities, as they are at `until`."""
    narrowed = figures.narrowed(desks, authorities)
    courses = _with_late(narrowed, until)
    whole = Course()
    for course in courses.values():
        whole.merge(course)
    told = narrowed.statistics()
    return Report(
        since=figures.since,
        until=until,
        target_s=TARGET_S,
        goal=goal,
        open=told.open,
        total=told.total,
        recent=_recent(whole, until),
        desks=told.desks,
        now={desk: _recent(course, until) for desk, course in sorted(courses.items())},
        matters=told.matters,
        officers=told.officers,
        course=tuple(whole.points(until)) if days == 1 else (),
    )


def recents(figures: Figures, until: Instant) -> dict[str, Recent]:
    """Return 021 of the last minutes of every desk."""
    narrowed = figures.narrowed(figures.courses.keys(), ())
    return {desk: _recent(course, until) for desk, course in _with_late(narrowed, until).items()}


def _with_late(narrowed: Figures, until: Instant) -> dict[str, Course]:
    """Count those in who wait beyond the target now. Changes the courses, which are copies."""
    for visit in narrowed.open.values():
        if not visit.answered and until - visit.opened_at > TARGET_S:
            narrowed.course(visit.group[0]).at(visit.opened_at + TARGET_S).late += 1
    return narrowed.courses


def _recent(course: Course, until: Instant) -> Recent:
    first = int(until // SLOT_S) - RECENT_SLOTS + 1
    slots = [slot for number, slot in course.slots.items() if number >= first]
    prompt, late = sum(slot.prompt for slot in slots), sum(slot.late for slot in slots)
    return Recent(first * SLOT_S, prompt, prompt + late)
