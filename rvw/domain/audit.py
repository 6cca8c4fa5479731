"""Is anybody lost? What an auditor asks of the live store, with a small reckoning of its own.

`Seen` follows a visit by a page of rules of its own, not by the fold that the product runs on; where the two disagree, that
is a finding too. Kinds of events that the auditor has never heard of are left to the fold alone. Nothing is read from a
clock or from settings: every deadline is in the events.
"""

from collections.abc import Iterable, Iterator, Mapping

import msgspec
from msgspec import Struct

from rvw.clock import Instant, Seconds
from rvw.domain import events as e
from rvw.domain import notice as notices
from rvw.domain import shift as shifts
from rvw.domain import visit as visits
from rvw.domain.board import line
from rvw.domain.companions import KINDS, visit_of
from rvw.domain.fold import evolve
from rvw.domain.marks import MARKS
from rvw.domain.notice import Noticeboard
from rvw.domain.reckoning import ROUNDING_S, Kind, Seen, reckon
from rvw.domain.shift import Shift
from rvw.domain.visit import Visit
from rvw.errors import NotPossible

GRACE_S: Seconds = 10.0
"""How late the system may act on a deadline: a restart gives four seconds, a tick half of one."""


class Finding(Struct, frozen=True):
    """Something that must not be."""

    kind: Kind
    stream: str
    words: str


class Store(Struct, kw_only=True):
    """What the live store holds, as it was read. `None`: this source does not have it."""

    streams: dict[str, list[tuple[int, e.Recorded | None]]]
    """The entries of each stream with their versions; `None` for one that cannot be read."""
    rows: dict[str, object] | None = None
    """The board's rows, as plain data."""
    deadlines: dict[str, float] | None = None
    unrecorded: frozenset[str] | None = None
    recorded: frozenset[str] | None = None
    """Closed visits without receipt that SQL holds."""


def audit(store: Store, now: Instant, grace: Seconds = GRACE_S) -> tuple[Finding, ...]:
    """Return every finding, in the order of streams."""
    found: list[Finding] = []
    seen: dict[str, Seen] = {}
    for stream, entries in sorted(store.streams.items()):
        events = [recorded for _, recorded in entries if recorded is not None]
        found += _gaps(stream, entries)
        if stream.startswith("visit:"):
            found += _visit(stream, events, store, seen, now - grace)
        elif visit_of(stream):
            found += _companion(stream, events, store)
        elif stream.startswith("rating:"):
            found += _rating(stream, events, store)
        elif stream.startswith("notice:"):
            found += _notices(stream, events, store)
        else:
            found += _shift(stream, events, store)
    found += _belonging(store, seen)
    found += _strays(store, seen)
    return tuple(found)


def _gaps(stream: str, entries: Iterable[tuple[int, e.Recorded | None]]) -> Iterator[Finding]:
    expected = 0
    for version, recorded in entries:
        expected += 1
        if recorded is None:
            yield Finding("unreadable", stream, f"entry {version} cannot be read")
        elif recorded.version != version or recorded.stream != stream:
            yield Finding("gap", stream, f"entry {version} says that it is {recorded.stream} {recorded.version}")
        if version != expected:
            yield Finding("gap", stream, f"entry {expected} is missing: {version} follows {expected - 1}")
            expected = version


def _visit(stream: str, events: list[e.Recorded], store: Store, seen: dict[str, Seen], late: Instant) -> Iterator[Finding]:
    own, doubts = reckon(events)
    yield from (Finding(kind, stream, words) for kind, words in doubts)
    folded: Visit | None = None
    try:
        for recorded in events:
            folded = evolve(folded, recorded)
    except NotPossible as error:
        yield Finding("impossible", stream, str(error))
    else:
        if folded is not None:
            yield from _compared(stream, own, folded)
            yield from _row(stream, line(folded), store)
    seen[stream] = own
    if own.state != "closed":
        yield from _open(stream, own, store, late)
    elif not own.receipt and _is_lost(stream, store):
        yield Finding("unrecorded", stream, "closed, in no record, and not on the list of those to be recorded")
    if own.state == "closed" and store.deadlines is not None and stream in store.deadlines:
        yield Finding("no_deadline", stream, "closed, and still has a deadline")


def _is_lost(closed: str, store: Store) -> bool:
    if store.unrecorded is None or store.recorded is None:
        return False
    return closed not in store.unrecorded and closed not in store.recorded


def _compared(stream: str, own: Seen, folded: Visit) -> Iterator[Finding]:
    if own.foreign:
        own.state, own.officer, own.deadline = str(folded.state), folded.officer, folded.deadline
        own.away = {i.actor: i.deadline for i in folded.interruptions}
        own.guests = set(visits.engaged(folded)) - {folded.kiosk, folded.officer}
        return
    officer = folded.officer if own.state != "closed" else own.officer
    if (own.state, own.officer, own.due) != (str(folded.state), officer, visits.due(folded)):
        words = f"reckoned {own.state} {own.officer} until {own.due}, folded {folded.state} {folded.officer}"
        yield Finding("disagreement", stream, f"{words} until {visits.due(folded)}")


def _open(stream: str, own: Seen, store: Store, late: Instant) -> Iterator[Finding]:
    if own.state in ("offered", "live", "held", "wrapping") and not own.officer:
        yield Finding("no_owner", stream, f"{own.state}, and no officer has it")
    if own.due is None:
        yield Finding("no_deadline", stream, f"{own.state}, without a deadline in its events")
        return
    if own.due < late:
        yield Finding(
            "overdue", stream, f"{own.state}, and nothing has happened {late - own.due:.0f} s past deadline and grace"
        )
    if store.deadlines is None:
        return
    kept = store.deadlines.get(stream)
    if kept is None:
        yield Finding("no_deadline", stream, f"{own.state}, and no timer knows of it")
    elif abs(kept - own.due) > ROUNDING_S:
        yield Finding("no_deadline", stream, f"due at {own.due:.2f}, but the timer says {kept:.2f}")


def _shift(stream: str, events: list[e.Recorded], store: Store) -> Iterator[Finding]:
    shift = Shift(actor=stream.removeprefix("shift:"))
    visit = ""
    for recorded in events:
        match recorded.event:
            case e.Engaged(other):
                if visit:
                    yield Finding("two_visits", stream, f"engaged for {other} while engaged for {visit}")
                visit = other
            case e.Released():
                visit = ""
        try:
            shift = shifts.evolve(shift, recorded)
        except NotPossible as error:
            yield Finding("impossible", stream, str(error))
            return
    yield from _row(stream, shift, store)


def _companion(stream: str, events: list[e.Recorded], store: Store) -> Iterator[Finding]:
    """A companion belongs to a visit, holds events of its own kind alone, and has none after the closing."""
    kind = stream.partition(":")[0]
    visit = [r for _, r in store.streams.get(f"visit:{visit_of(stream)}", ()) if r is not None]
    if not visit:
        yield Finding("row", stream, f"{kind}, and no visit that they are of")
    elif (
        isinstance(visit[-1].event, e.Closed)
        and visit[-1].at + ROUNDING_S < max((r.at for r in events), default=0.0) - GRACE_S
    ):
        yield Finding("impossible", stream, f"{kind} after the visit was closed")
    for recorded in events:
        if not isinstance(recorded.event, KINDS[kind].events):
            yield Finding("impossible", stream, f"{type(recorded.event).__name__} among {kind}")
    if kind == MARKS.kind:
        yield from _marks(stream, events)


def _marks(stream: str, events: list[e.Recorded]) -> Iterator[Finding]:
    """Marks are hidden by their authors alone, or all at once."""
    authors: dict[int, str] = {}
    for recorded in events:
        match recorded.event:
            case e.Drawn():
                authors[recorded.version] = recorded.by
            case e.Erased(mark) | e.Redrawn(mark) if authors.get(mark) != recorded.by:
                yield Finding("impossible", stream, f"{recorded.by} has hidden or shown mark {mark}, which is another's")


def _rating(stream: str, events: list[e.Recorded], store: Store) -> Iterator[Finding]:
    """A visit is rated once, after its talk, by the resident: through the system, and by nobody who could be rated."""
    visit = [r for _, r in store.streams.get(f"visit:{stream.removeprefix('rating:')}", ()) if r is not None]
    ended = next((r.at for r in visit if isinstance(r.event, e.Ended | e.Closed)), None)
    for recorded in events:
        if not isinstance(recorded.event, e.Rated) or recorded.version > 1:
            yield Finding("impossible", stream, f"{type(recorded.event).__name__} {recorded.version} in a rating")
        elif visit and (ended is None or recorded.at + ROUNDING_S < ended):
            yield Finding("impossible", stream, "rated before the talk was over")


def _notices(stream: str, events: list[e.Recorded], store: Store) -> Iterator[Finding]:
    """A notice ends after it was said, and only one that is there is taken back; the board shows what the events say."""
    until: dict[int, Instant] = {}
    board = Noticeboard(authority=stream.removeprefix("notice:"))
    for recorded in events:
        match recorded.event:
            case e.Announced():
                until[recorded.version] = recorded.event.until
                if recorded.event.until <= recorded.at:
                    yield Finding("impossible", stream, f"notice {recorded.version} ends before it begins")
            case e.Withdrawn(number):
                if until.pop(number, 0.0) + GRACE_S < recorded.at:
                    yield Finding("impossible", stream, f"notice {number} is taken back, and was not shown")
        try:
            board = notices.evolve(board, recorded)
        except NotPossible as error:
            yield Finding("impossible", stream, str(error))
            return
    yield from _row(stream, board if board.notices else None, store)


def _row(stream: str, expected: object, store: Store) -> Iterator[Finding]:
    if store.rows is None:
        return
    wanted = msgspec.json.decode(msgspec.json.encode(expected))
    actual = store.rows.get(stream)
    if wanted == actual:
        return
    if wanted is None or actual is None:
        words = "open, and not on the board" if actual is None else "closed, and still on the board"
    else:
        assert isinstance(wanted, dict)  # noqa: S101 - rows are structs
        keys = [key for key in wanted if not isinstance(actual, dict) or actual.get(key) != wanted[key]]
        words = f"the board's row differs from the events in {', '.join(keys) or 'fields that events do not have'}"
    yield Finding("row", stream, words)


def _belonging(store: Store, seen: Mapping[str, Seen]) -> Iterator[Finding]:
    """Nobody belongs to two visits, no visit to two officers, and visits and shifts agree."""
    owner: dict[str, str] = {}
    for stream, own in seen.items():
        if own.officer and own.state != "closed":
            if own.officer in owner:
                yield Finding("two_visits", stream, f"{own.officer} also has {owner[own.officer]}")
            owner[own.officer] = stream
    yield from _engagements(store, seen, owner)


def _engagements(store: Store, seen: Mapping[str, Seen], owner: Mapping[str, str]) -> Iterator[Finding]:
    bound: dict[str, list[str]] = {}
    for stream, entries in sorted(store.streams.items()):
        visit = engaged([recorded for _, recorded in entries]) if stream.startswith("shift:") else ""
        if visit:
            actor, own_visit = stream.removeprefix("shift:"), seen.get(f"visit:{visit}", Seen())
            yield from _engagement(stream, actor, visit, own_visit)
            if actor not in (own_visit.kiosk, *own_visit.guests):
                bound.setdefault(f"visit:{visit}", []).append(actor)
    for stream, actors in bound.items():
        if len(actors) > 1:
            yield Finding("two_officers", stream, f"{' and '.join(actors)} are engaged for it")
    for actor, stream in owner.items():
        if f"shift:{actor}" in store.streams and actor not in bound.get(stream, ()):
            yield Finding("shift", f"shift:{actor}", f"not engaged for {stream}, which has this officer")


def _engagement(stream: str, actor: str, visit: str, own: Seen) -> Iterator[Finding]:
    if own.state in ("new", "closed"):
        yield Finding("shift", stream, f"engaged for {visit}, which is {'closed' if own.kiosk else 'not there'}")
    elif actor not in (own.kiosk, own.officer, *own.guests):
        yield Finding("shift", stream, f"engaged for {visit}, which has {own.officer or 'no officer'}")


def _strays(store: Store, seen: Mapping[str, Seen]) -> Iterator[Finding]:
    """What the store keeps of visits that have no events."""
    for stream in sorted(store.rows or ()):
        if stream not in store.streams:
            yield Finding("row", stream, "on the board, and has no events")
    for stream in sorted(store.deadlines or ()):
        if stream not in seen:
            yield Finding("no_deadline", stream, "has a timer, and no events")


def engaged(events: Iterable[e.Recorded | None]) -> str:
    """Return the visit that a shift's events leave its actor engaged for; empty for none."""
    visit = ""
    for recorded in events:
        if recorded is not None and isinstance(recorded.event, e.Engaged):
            visit = recorded.event.visit
        elif recorded is not None and isinstance(recorded.event, e.Released):
            visit = ""
    return visit
