"""THE write path: load, policy, decide, append, effects. Sockets, HTTP, timers and notifications all come through here.

A step appends to the visit's stream and to the shift of everybody whom the visit binds or frees, or to none: that is why
an officer cannot have two offers and a visit cannot have two officers. When somebody else was faster, the pure functions
run again on what is there now.

The first try decides on what this process remembers of the streams, which saves a read for each: if that was behind, the
append refuses it. A refusal, or that there is nothing to do, follows from a fresh read only.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import msgspec

from rvw.clock import Clock, Instant
from rvw.domain import commands as c
from rvw.domain import events as e
from rvw.domain import notice as notices
from rvw.domain import policy
from rvw.domain import rating as ratings
from rvw.domain import shift as shifts
from rvw.domain import visit as visits
from rvw.domain.board import line
from rvw.domain.catalogue import PLAIN, Catalogue, rules_of
from rvw.domain.companion import Companion, Folded, Scene, audience
from rvw.domain.companions import COMPANIONS, OF_COMMAND
from rvw.domain.decide import Around, Ticket, decide, misses_offer, open_visit
from rvw.domain.fold import evolve
from rvw.domain.people import Actor
from rvw.domain.proofs import evidence
from rvw.domain.shift import Shift
from rvw.domain.terms import Terms
from rvw.domain.visit import State, Visit
from rvw.errors import Conflict, NotPossible, RvwError, Unavailable
from rvw.protocol.codec import encode
from signaling.ledger import Entry, Ledger, Write
from signaling.turns import Turns

MAX_ATTEMPTS = 8
"""How often a step is tried when others are faster."""

KEPT_AFTER_HANDOVER_S = 7 * 86_400
"""How long a visit's stream stays in Redis after its receipt; the record in SQL stays."""

RATING_KEPT_S = 30 * 86_400
"""How long a rating's stream stays in Redis: longer than any visit may still be rated; the row in SQL stays."""

NO_ROW = msgspec.Raw(b"null")
"""Nothing of the stream is on the board: companions never are."""

Effects = Callable[[Visit | None, Visit], Awaitable[None]]
"""What the shell does when a visit has changed: `signaling.effects`."""


class Office:
    """Carries out commands."""

    def __init__(
        self,
        ledger: Ledger,
        catalogue: Callable[[], Catalogue],
        terms: Terms,
        clock: Clock,
        new_id: Callable[[], str],
        next_ticket: Callable[[str], Awaitable[str]],
        effects: Effects,
    ) -> None:
        self._ledger = ledger
        self._terms = terms
        self._catalogue = catalogue
        self._clock = clock
        self._new_id = new_id
        self._next_ticket = next_ticket
        self._effects = effects
        self._turns = Turns()

    async def perform(self, actor: Actor, command: c.Command, visit_id: str = "", ref: str = "") -> str:
        """Carry out `command` and return the id of the visit concerned (empty for what concerns none).

        A repeated `ref` does nothing again. Raises the errors of `policy.check` and `decide`; `Conflict` when others
        were faster `MAX_ATTEMPTS` times; `Unavailable` when Redis does not answer.
        """
        remembered = True
        for _ in range(MAX_ATTEMPTS):
            try:
                return await self._try(actor, command, visit_id, ref, remembered)
            except Unavailable:
                raise
            except Conflict:
                remembered = False
            except RvwError:
                if not remembered:
                    raise
                remembered = False
        raise Conflict("others were faster each time: look again")

    async def free(self, actor: str, visit_id: str, by: Actor) -> None:
        """Free somebody of a visit that does not have them. Raises `Conflict`, `Unavailable`."""
        shift = await self._ledger.shift(actor)
        if shift.visit == visit_id:
            event = e.Released(visit_id, pause=False, why="stranded")
            await self._ledger.append([self._shift_write(shift, (event,), by.id, "", self._clock())])

    async def _try(self, actor: Actor, command: c.Command, visit_id: str, ref: str, remembered: bool) -> str:
        """Carry out the command, once. Raises `Conflict` also for nothing to do, when that is only remembered."""
        companion = OF_COMMAND.get(type(command))
        if companion is not None:
            async with self._turns.of(f"{companion.kind}:{visit_id}"):
                return await self._beside(companion, actor, command, visit_id, ref, remembered)
        match command:
            case c.SetPresence():
                return await self._set_presence(actor, command, ref, remembered)
            case c.Open():
                return await self._open(actor, command, ref, remembered)
            case c.Rate():
                return await self._rate(command, actor, visit_id, ref, remembered)
            case c.Announce() | c.Withdraw():
                return await self._notice(actor, command, ref, remembered)
            case _:
                return await self._change(actor, command, visit_id, ref, remembered)

    async def _set_presence(self, actor: Actor, command: c.SetPresence, ref: str, remembered: bool) -> str:
        policy.check(actor, command, None)
        shift = await self._ledger.shift(actor.id, remembered=remembered)
        events = shifts.set_presence(shift, actor, command)
        if events:
            await self._ledger.append([self._shift_write(shift, events, actor.id, ref, self._clock())])
        else:
            _only_if_fresh(remembered)
        return ""

    async def _open(self, actor: Actor, command: c.Open, ref: str, remembered: bool) -> str:
        policy.check(actor, command, None)
        shift = await self._ledger.shift(actor.id, remembered=remembered)
        if shift.visit:
            if ref in (await self._ledger.visit(shift.visit)).refs:
                return shift.visit
            raise NotPossible("this kiosk has an open visit: leave it first")
        visit_id = self._new_id()
        ticket = Ticket(await self._next_ticket(visit_id))
        now = self._clock()
        events = open_visit(command, actor, ticket, self.around(), now)
        await self._append(None, visit_id, events, actor, ref, now, remembered)
        return visit_id

    async def _change(self, actor: Actor, command: c.Command, visit_id: str, ref: str, remembered: bool) -> str:
        visit = await self._ledger.visit(visit_id, remembered=remembered)
        if ref and ref in visit.refs and policy.may_see(actor, visit):
            return visit_id
        policy.check(actor, command, visit)
        named = command.actor if isinstance(command, c.Invite | c.HandTo) else ""
        # Never remembered: the colleague's shift is looked at, and not written, so no append would find it behind.
        around = self.around(await self._ledger.shift(named) if named else None)
        beside = await self._companions(visit_id, remembered) if isinstance(command, c.Close) else {}
        if beside:
            pack = rules_of(around.catalogue, visit.matter) if visit.matter in around.catalogue.matters else PLAIN
            around = msgspec.structs.replace(around, evidence=evidence(beside, pack))
        now = self._clock()
        assert not isinstance(command, c.Open | c.SetPresence | c.Rate | c.CompanionCommand | notices.NoticeCommand)  # noqa: S101 - `perform` has sorted them out
        events = decide(visit, command, actor, around, now)
        if events:
            await self._append(visit, visit_id, events, actor, ref, now, remembered, _unchanged(visit_id, beside))
        else:
            _only_if_fresh(remembered)
        return visit_id

    async def _companions(self, visit_id: str, remembered: bool) -> dict[str, Any]:
        return {one.kind: await self._ledger.beside(one, visit_id, remembered=remembered) for one in COMPANIONS}

    async def _rate(self, command: c.Rate, actor: Actor, visit_id: str, ref: str, remembered: bool) -> str:
        """Append the rating to its own stream, which no page sees, and put the visit on the list of what is to be filed."""
        visit = await self._ledger.visit(visit_id, remembered=remembered)
        before = await self._ledger.rating(visit_id, remembered=remembered)
        if ref and ref in before.refs:
            return visit_id
        policy.check(actor, command, visit)
        event = ratings.decide(before, visit, command)
        recorded = e.Recorded(f"rating:{visit_id}", 1, self._clock(), actor.id, ref, event)
        entry = Entry(recorded, (), (), (), settled=False, row=NO_ROW)
        own = Write(
            stream=recorded.stream,
            expected=0,
            entries=(entry,),
            after=ratings.evolve(before, recorded),
            row=None,
            ttl_s=RATING_KEPT_S,
        )
        closed = visit.state is State.CLOSED
        seen = Write(stream=f"visit:{visit_id}", expected=visit.version, entries=(), after=visit, record=closed)
        await self._ledger.append([seen, own])
        return visit_id

    async def _beside(
        self, companion: Companion[Folded], actor: Actor, command: c.Command, visit_id: str, ref: str, remembered: bool
    ) -> str:
        """Append to a companion of the visit, if the visit is still what was looked at: nothing comes after the closing."""
        visit = await self._ledger.visit(visit_id, remembered=remembered)
        before = await self._ledger.beside(companion, visit_id, remembered=remembered)
        if ref and ref in before.refs and policy.may_see(actor, visit):
            return visit_id
        policy.check(actor, command, visit)
        now = self._clock()
        events = companion.decide(before, command, Scene(visit, actor, self.around(), now))
        if not events:
            _only_if_fresh(remembered)
            return visit_id
        stream, to, after, entries = f"{companion.kind}:{visit_id}", audience(visit), before, []
        for event in events:
            recorded = e.Recorded(stream, after.version + 1, now, actor.id, ref, event)
            entries.append(Entry(recorded, to, (), (), settled=False, row=NO_ROW))
            after = companion.evolve(after, recorded)
        seen = Write(stream=f"visit:{visit_id}", expected=visit.version, entries=(), after=visit)
        own = Write(stream=stream, expected=before.version, entries=tuple(entries), after=after, row=None)
        await self._ledger.append([seen, own])
        return visit_id

    async def _notice(self, actor: Actor, command: notices.NoticeCommand, ref: str, remembered: bool) -> str:
        """Append to the notices of an authority."""
        policy.check(actor, command, None)
        authority = notices.place(command, actor, self._catalogue())
        policy.check_authority(actor, authority)
        board = await self._ledger.noticeboard(authority, remembered=remembered)
        if ref and ref in board.refs:
            return ""
        now = self._clock()
        event = notices.decide(board, command, actor, now)
        recorded = e.Recorded(f"notice:{authority}", board.version + 1, now, actor.id, ref, event)
        after = notices.evolve(board, recorded)
        row = encode(after) if after.notices else b""
        to = tuple(sorted(notices.told(board, event, after)))
        entry = Entry(recorded, to, (), (), settled=True, row=msgspec.Raw(row) if row else NO_ROW)
        write = Write(stream=recorded.stream, expected=board.version, entries=(entry,), after=after, row=row)
        await self._ledger.append([write])
        return ""

    def around(self, colleague: Shift | None = None) -> Around:
        """Return what decisions look at beside the visit itself, as it is now."""
        return Around(terms=self._terms, catalogue=self._catalogue(), colleague=colleague)

    async def _append(
        self,
        before: Visit | None,
        visit_id: str,
        events: Sequence[e.VisitEvent],
        actor: Actor,
        ref: str,
        now: Instant,
        remembered: bool,
        conditions: Sequence[Write] = (),
    ) -> None:
        """Append, if what `conditions` name is still as it was looked at."""
        after, entries = _fold(before, f"visit:{visit_id}", events, actor.id, ref, now)
        bound, freed = visits.engaged(after) - visits.engaged(before), visits.engaged(before) - visits.engaged(after)
        missed = misses_offer(tuple(events))
        writes = [_visit_write(before, after, entries), *conditions, *(await self._companions_kept(after))]
        for name in sorted(bound | freed):
            shift = await self._ledger.shift(name, remembered=remembered)
            changes: tuple[e.ShiftEvent, ...] = (
                shifts.engage(shift, visit_id, invited=name not in (after.officer, after.kiosk))
                if name in bound
                else shifts.release(shift, visit_id, missed=missed and name != after.kiosk, most=self._terms.missed_offers)
            )
            if changes:
                writes.append(self._shift_write(shift, changes, actor.id, "", now))
            else:  # no append would find this shift behind: one engaged by another process would stay so for ever
                _only_if_fresh(remembered)
        # From here to the script's answer nothing is awaited but the script: what was decided is what is appended.
        await self._ledger.append(writes)
        await self._effects(before, after)

    async def _companions_kept(self, visit: Visit) -> list[Write]:
        """Return what lets the companions go when the visit goes."""
        if not visit.receipt:
            return []
        kept = {f"{one.kind}:{visit.id}": await self._ledger.beside(one, visit.id) for one in COMPANIONS}
        return [
            Write(stream=stream, expected=state.version, entries=(), after=state, row=None, ttl_s=KEPT_AFTER_HANDOVER_S)
            for stream, state in kept.items()
        ]

    def _shift_write(self, shift: Shift, events: Sequence[e.ShiftEvent], by: str, ref: str, now: Instant) -> Write:
        stream = f"shift:{shift.actor}"
        recorded = []
        expected = shift.version
        for event in events:
            recorded.append(e.Recorded(stream, shift.version + 1, now, by, ref, event))
            shift = shifts.evolve(shift, recorded[-1])
        to = tuple(sorted({shift.actor, f"authority:{shift.authority}"}))
        row = encode(shift)
        entries = tuple(Entry(one, to, (), (), settled=one is recorded[-1], row=msgspec.Raw(row)) for one in recorded)
        return Write(stream=stream, expected=expected, entries=entries, after=shift, row=row)


def _unchanged(visit_id: str, beside: Mapping[str, Any]) -> tuple[Write, ...]:
    """Return the condition that the companions are still what was looked at."""
    return tuple(
        Write(stream=f"{kind}:{visit_id}", expected=state.version, entries=(), after=state, row=None)
        for kind, state in beside.items()
    )


def _only_if_fresh(remembered: bool) -> None:
    """Raise `Conflict`, to look again, when nothing is to be done as far as is remembered."""
    if remembered:
        raise Conflict("what is remembered may be behind")


def _fold(
    before: Visit | None, stream: str, events: Sequence[e.VisitEvent], by: str, ref: str, now: Instant
) -> tuple[Visit, tuple[Entry, ...]]:
    """Return the visit after `events`, and what the log holds of each."""
    assert events  # noqa: S101 - callers append nothing for no events
    entries = []
    visit = before
    for event in events:
        recorded = e.Recorded(stream, (visit.version if visit else 0) + 1, now, by, ref, event)
        after = evolve(visit, recorded)
        seen, sees = policy.topics(visit), policy.topics(after)
        row = msgspec.Raw(encode(line(after)))
        entries.append(
            Entry(
                recorded,
                to=tuple(sorted(sees)),
                new=tuple(sorted(sees - seen)),
                gone=tuple(sorted(seen - sees)),
                settled=event is events[-1],
                row=row,
            )
        )
        visit = after
    assert visit is not None  # noqa: S101 - there was at least one event
    return visit, tuple(entries)


def _visit_write(before: Visit | None, after: Visit, entries: tuple[Entry, ...]) -> Write:
    shown = line(after)
    return Write(
        stream=f"visit:{after.id}",
        expected=before.version if before else 0,
        entries=entries,
        after=after,
        row=encode(shown) if shown else b"",
        due=visits.due(after),
        record=after.state is State.CLOSED and not after.receipt,
        ttl_s=KEPT_AFTER_HANDOVER_S if after.receipt else None,
    )
