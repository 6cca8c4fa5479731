"""Routing as simply as it can be said: looks at everybody each time. What the fast one must agree with."""

from collections.abc import Iterable

from rvw.clock import Instant
from rvw.domain.board import Board, Line, queue
from rvw.domain.catalogue import Catalogue, shut
from rvw.domain.people import grade
from rvw.domain.shift import Shift, is_free, on_duty
from rvw.domain.visit import State


def simple_route(board: Board, catalogue: Catalogue, now: Instant) -> tuple[tuple[str, str, str], ...]:
    """Return the offers to make now (visit, officer, desk), each officer and each visit at most once."""
    taken: set[str] = set()
    offers = []
    for one in queue(board.lines):
        if one.state is not State.WAITING or one.interrupted:
            continue
        refused = {r.officer for r in one.refusals if r.until > now}
        for desk in one.desks[: one.asked]:
            there = [s for s in officers(board, desk) if is_free(s) and s.actor not in taken | refused]
            able = [s for s in there if can(s, one, board, catalogue, now)]
            if able and not is_shut(desk, catalogue, now):
                best = min(able, key=lambda s: (grade(s.skills, one.matter) or 9, s.idle_since, s.actor))
                taken.add(best.actor)
                offers.append((one.id, best.actor, desk))
                break
    return tuple(offers)


def officers(board: Board, desk: str) -> Iterable[Shift]:
    """Everybody of a desk."""
    return [shift for shift in board.shifts.values() if desk in shift.desks]


def is_shut(desk: str, catalogue: Catalogue, now: Instant) -> bool:
    """Whether the desk is closed now."""
    return desk in catalogue.desks and shut(catalogue.desks[desk], catalogue.days, now) is not None


def speaks(shift: Shift, language: str) -> bool:
    """Whether the officer speaks the language; nothing said: every one."""
    return not shift.languages or language in shift.languages


def can(shift: Shift, one: Line, board: Board, catalogue: Catalogue, now: Instant) -> bool:
    """Whether the officer knows the matter, and speaks the language if anybody on duty along the open chain who does."""
    if grade(shift.skills, one.matter) is None:
        return False
    speakers = [
        s
        for desk in one.desks
        if not is_shut(desk, catalogue, now)
        for s in officers(board, desk)
        if on_duty(s) and speaks(s, one.language) and grade(s.skills, one.matter) is not None
    ]
    return speaks(shift, one.language) or not speakers
