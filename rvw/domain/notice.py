"""A notice: what a supervisor tells kiosks or officers for a while. A stream of its own for each authority, folded into a
`Noticeboard`.

Every notice has an end, written in its event, so none stays because nobody took it down: whoever shows it stops by the
clock, and no timer is needed. A noticeboard holds the few that may still be shown; the stream holds who said what and when.
Out of scope: who has read it. What must be seen to by somebody is a task.
"""

from collections.abc import Iterable
from typing import TypeAlias, assert_never

from msgspec import Struct

from rvw.clock import Instant, Seconds
from rvw.domain import commands as c
from rvw.domain import events as e
from rvw.domain.catalogue import Catalogue
from rvw.domain.people import Actor
from rvw.errors import InvalidInput, NotFound, NotPossible, TooMany

MAX_LIVE = 3
"""How many notices of one authority are shown at a time: more of them would cover what residents came for."""

LONGEST_S: Seconds = 86_400.0
"""How long a notice may be shown: what is true for longer belongs into the catalogue, or onto paper."""

REMEMBERED_REFS = 64
"""How many commands a noticeboard remembers, to recognise repetitions."""

NoticeCommand: TypeAlias = c.Announce | c.Withdraw


class Notice(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is told, to whom, until when, and who says so. `id` is the version of its event in the authority's stream."""

    id: int
    authority: str
    desk: str = ""
    """For those who wait for this desk, and its officers. Empty: for all of the authority."""
    audience: e.Audience
    zh: str
    en: str = ""
    """Empty: the Chinese is shown to everybody."""
    at: Instant
    until: Instant
    by: str
    name: str


class Noticeboard(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The notices of an authority that were not over at its last event, the oldest first."""

    authority: str
    version: int = 0
    notices: tuple[Notice, ...] = ()
    refs: tuple[str, ...] = ()


def place(command: NoticeCommand, actor: Actor, catalogue: Catalogue) -> str:
    """Return the authority on whose board the notice is, or is to be.

    Raises `NotFound` for a desk that is not there.
    """
    if isinstance(command, c.Announce) and command.desk:
        desk = catalogue.desks.get(command.desk)
        if desk is None:
            raise NotFound("there is no such desk")
        return desk.authority
    return command.authority or actor.authority


def decide(board: Noticeboard, command: NoticeCommand, actor: Actor, now: Instant) -> e.NoticeEvent:
    """Return the event that `command` makes happen. `policy` has said yes before.

    Raises `InvalidInput` for a notice without words or with an end that is past or too far, `TooMany` beyond `MAX_LIVE`,
    `NotFound` for one that is not shown any more.
    """
    live = shown(board, now)
    match command:
        case c.Announce(audience, zh, until, en, desk):
            if not zh.strip():
                raise InvalidInput("a notice has words")
            if not now < until <= now + LONGEST_S:
                raise InvalidInput(f"a notice ends within {LONGEST_S:.0f} s from now")
            if len(live) >= MAX_LIVE:
                raise TooMany(f"{MAX_LIVE} notices are shown already: take one back first")
            return e.Announced(audience, _line(zh), _line(en), desk, until, actor.name)
        case c.Withdraw(number):
            if all(one.id != number for one in live):
                raise NotFound("this notice is not shown any more")
            return e.Withdrawn(number, actor.name)
        case _:
            assert_never(command)


def evolve(board: Noticeboard, recorded: e.Recorded) -> Noticeboard:
    """Return the board after one more event. Raises `NotPossible` for an event that is not of notices."""
    kept = shown(board, recorded.at)
    match recorded.event:
        case e.Announced():
            kept = (*kept, _notice(board.authority, recorded.event, recorded))
        case e.Withdrawn(number):
            kept = tuple(one for one in kept if one.id != number)
        case _:
            raise NotPossible(f"a noticeboard cannot have {type(recorded.event).__name__}")
    refs = (*board.refs, recorded.ref)[-REMEMBERED_REFS:] if recorded.ref else board.refs
    return Noticeboard(authority=board.authority, version=recorded.version, notices=kept, refs=refs)


def shown(board: Noticeboard, now: Instant) -> tuple[Notice, ...]:
    """Return the notices that are shown now."""
    return tuple(one for one in board.notices if now < one.until)


def heard(boards: Iterable[Noticeboard], by: frozenset[str], now: Instant) -> tuple[Notice, ...]:
    """Return the notices that are shown now to whoever listens to these topics."""
    return tuple(one for board in boards for one in shown(board, now) if not by.isdisjoint(topics(one)))


def told(board: Noticeboard, event: e.NoticeEvent, after: Noticeboard) -> frozenset[str]:
    """Return who is told of `event`, which has made `after` out of `board`."""
    number = event.notice if isinstance(event, e.Withdrawn) else after.version
    return frozenset().union(*(topics(one) for one in (*board.notices, *after.notices) if one.id == number))


def topics(notice: Notice) -> frozenset[str]:
    """Return who is shown the notice, as the topics that sockets listen to: supervisors always.

    A desk's waits are at kiosks of any authority: all of them hear of it, and show it to whom the desk is asked for.
    """
    found = {f"authority:{notice.authority}"}
    if notice.audience != "officers":
        found.add("kiosks:*" if notice.desk else f"kiosks:{notice.authority}")
    if notice.audience != "kiosks":
        found.add(f"desk:{notice.desk}" if notice.desk else f"officers:{notice.authority}")
    return frozenset(found)


def _notice(authority: str, event: e.Announced, recorded: e.Recorded) -> Notice:
    return Notice(
        id=recorded.version,
        authority=authority,
        desk=event.desk,
        audience=event.audience,
        zh=event.zh,
        en=event.en,
        at=recorded.at,
        until=event.until,
        by=recorded.by,
        name=event.name,
    )


def _line(text: str) -> str:
    """Return the text as one line."""
    return " ".join(text.split())
