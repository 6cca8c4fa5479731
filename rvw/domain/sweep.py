"""What has no owner, and what can be done about it: findings of the auditor, those that the sweeper mends and the others.

What follows from a stream (its row, its deadline, its place on the list of those to be recorded) is said again; who is
engaged for a visit that does not have them is freed; who is missing unnoticed is lost in the ordinary way, and whatever
they had then ends by its deadline. Streams themselves are never changed: a record that is wrong is for people.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Literal

from msgspec import Struct

from rvw.domain import events as e
from rvw.domain.audit import Finding, Store, engaged
from rvw.domain.board import Board
from rvw.domain.companions import visit_of
from rvw.domain.policy import PRESENCE_ROLES
from rvw.domain.reckoning import reckon
from rvw.domain.task import Task, TaskState
from rvw.domain.visit import State

Mend = Literal["settle", "free", "none"]
"""`settle`: say again what follows from the stream. `free`: release the actor. `none`: only people can."""

BESIDE = frozenset({"row", "no_deadline", "unrecorded"})
"""Findings about what is kept beside a stream."""

BROKEN = frozenset({"unreadable", "gap", "impossible", "disagreement"})
"""Findings after which nothing may follow from a stream."""

HERE = frozenset({State.WAITING, State.OFFERED, State.LIVE, State.HELD})
"""In these states people are in a visit."""


class Orphan(Struct, frozen=True):
    """Something without an owner."""

    kind: str
    """Of the auditor's finding."""
    stream: str
    version: int
    """Of the stream when it was found: what has changed since is looked at anew."""
    mend: Mend
    authority: str
    """Whose supervisors are told; empty when nothing says whose it is."""
    visit: str
    words: str


def orphans(store: Store, findings: Iterable[Finding]) -> tuple[Orphan, ...]:
    """Return the findings with what can be done about each."""
    found = tuple(findings)
    broken = {one.stream for one in found if one.kind in BROKEN}
    return tuple(
        Orphan(
            kind=one.kind,
            stream=one.stream,
            version=len(store.streams.get(one.stream, ())),
            mend="none" if one.stream in broken else _mend(one, store),
            authority=_authority(one.stream, store),
            visit=_visit(one.stream, store),
            words=one.words,
        )
        for one in found
    )


def confirmed(before: Collection[Orphan], now: Collection[Orphan]) -> tuple[Orphan, ...]:
    """Return what is wrong in both readings, with nothing having happened in between."""
    known = {(one.kind, one.stream, one.version) for one in before}
    return tuple(one for one in now if (one.kind, one.stream, one.version) in known)


def expected(board: Board) -> frozenset[str]:
    """Return who should have a lease: everybody on duty, and whoever is in a visit whose line is not down."""
    on_duty = {s.actor for s in board.shifts.values() if s.role in PRESENCE_ROLES and s.presence != "signed_out"}
    lines = [line for line in board.lines.values() if line.state in HERE]
    present = {actor for line in lines for actor in (line.officer, *line.others) if actor}
    return frozenset(on_duty | present | {line.kiosk for line in lines if not line.interrupted})


def unnoticed(absent: Iterable[str], board: Board, store: Store) -> frozenset[str]:
    """Return those of `absent` of whom no visit knows that they are away."""
    away = {actor for name, entries in store.streams.items() if name.startswith("visit:") for actor in _away(entries)}
    on_duty = {s.actor for s in board.shifts.values() if s.presence != "signed_out"}
    return frozenset(actor for actor in absent if actor in on_duty or actor not in away)


def disowned(tasks: Iterable[Task], desks: Collection[str]) -> tuple[Task, ...]:
    """Return the tasks that are not done of desks that are no more: nobody's list of officers has them."""
    return tuple(one for one in tasks if one.state is not TaskState.DONE and one.desk and one.desk not in desks)


def _away(entries: Iterable[tuple[int, e.Recorded | None]]) -> Iterable[str]:
    own, _ = reckon(recorded for _, recorded in entries if recorded is not None)
    return own.away


def _mend(one: Finding, store: Store) -> Mend:
    if visit_of(one.stream):
        return "none"
    if one.kind in BESIDE:
        return "settle"
    if one.kind != "shift" or not one.stream.startswith("shift:"):
        return "none"
    actor = one.stream.removeprefix("shift:")
    visit = engaged([recorded for _, recorded in store.streams[one.stream]])
    own, _ = reckon(recorded for _, recorded in store.streams.get(f"visit:{visit}", ()) if recorded is not None)
    has = own.state != "closed" and actor in (own.kiosk, own.officer, *own.guests)
    return "free" if visit and not has else "none"


def _authority(stream: str, store: Store) -> str:
    if stream.startswith("notice:"):
        return stream.removeprefix("notice:")
    for _, recorded in store.streams.get(stream, ()):
        if recorded is not None and isinstance(recorded.event, e.Opened | e.PresenceSet):
            return recorded.event.authority
    row = (store.rows or {}).get(stream)
    return str(row.get("authority", "")) if isinstance(row, Mapping) else ""


def _visit(stream: str, store: Store) -> str:
    if stream.startswith("visit:"):
        return stream.removeprefix("visit:")
    return engaged([recorded for _, recorded in store.streams.get(stream, ())])
