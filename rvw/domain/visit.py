"""A visit: its states, the table of its transitions, and the fold of its events.

`evolve` accepts every event that `decide` can make and raises `NotPossible` for any other; it reads no clock and no
settings, because every deadline is in the events. The snapshot sent to pages is this very struct, so that pages fold
the events after it with the same table (`web/src/visit/fold.ts`; a contract test compares the two).
"""

from enum import StrEnum
from typing import assert_never

import msgspec
from msgspec import Struct

from rvw.clock import Instant
from rvw.domain import events as e
from rvw.domain.people import Role
from rvw.errors import NotPossible

MAX_PARTICIPANTS = 8
"""The most peers in a visit: resident, officer, host, and guests."""

REMEMBERED_REFS = 64
"""How many commands a visit remembers, to recognise repetitions."""

MAX_CHAT_LINES = 1000
"""How many lines of chat a visit takes."""


class State(StrEnum):
    """Where a visit is. `interrupted` is not here: it is a side state, see `Visit.interruptions`."""

    WAITING = "waiting"
    OFFERED = "offered"
    LIVE = "live"
    HELD = "held"
    WRAPPING = "wrapping"
    CLOSED = "closed"


W, O, L, H, P, C = State  # noqa: E741 - letters, so that the table below can be read as one

TRANSITIONS: dict[tuple[State, type[e.VisitEvent]], State] = {
    (W, e.Offered): O,
    (W, e.Departed): W,
    (W, e.Interrupted): W,
    (W, e.Restored): W,
    (W, e.Closed): C,
    (O, e.TurnedDown): W,
    (O, e.Accepted): L,
    (O, e.Departed): O,
    (O, e.Interrupted): O,
    (O, e.Restored): O,
    (O, e.Closed): C,
    (L, e.Entered): L,
    (L, e.Departed): L,
    (L, e.Said): L,
    (L, e.Held): H,
    (L, e.Interrupted): L,
    (L, e.Restored): L,
    (L, e.Requeued): W,
    (L, e.Transferred): W,
    (L, e.Invited): L,
    (L, e.Uninvited): L,
    (L, e.TakenOver): L,
    (L, e.Ended): P,
    (H, e.Entered): H,
    (H, e.Departed): H,
    (H, e.Said): H,
    (H, e.Resumed): L,
    (H, e.Interrupted): H,
    (H, e.Restored): H,
    (H, e.Requeued): W,
    (H, e.Transferred): W,
    (H, e.Invited): H,
    (H, e.Uninvited): H,
    (H, e.Ended): P,
    (P, e.Closed): C,
    (C, e.HandedOver): C,
}
"""`(state, event) → state`. What is not here cannot happen."""


class Participant(Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody who sees and hears the others while the visit is live."""

    actor: str
    role: Role
    name: str
    seat: int
    """0 for the resident, 1 for the first officer, 2 … 7 for the others: fixed while taking part."""
    mode: e.Mode = "join"


class ChatLine(Struct, frozen=True, forbid_unknown_fields=True):
    """A line of chat, with when and by whom."""

    at: Instant
    actor: str
    name: str
    role: Role
    text: str


class Interruption(Struct, frozen=True, forbid_unknown_fields=True):
    """A peer whose connection is lost, and until when its place is kept."""

    actor: str
    deadline: Instant


class Refusal(Struct, frozen=True, forbid_unknown_fields=True):
    """An officer who is not offered this visit again before `until`."""

    officer: str
    until: Instant


class Invitation(Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody who may come in until `deadline`."""

    actor: str
    name: str
    deadline: Instant


class Visit(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One resident's presence at the window, from taking the ticket until hand-over."""

    id: str
    version: int
    state: State
    authority: str
    kiosk: str
    hall: str
    matter: str
    region: str
    language: str
    desks: tuple[str, ...]
    ticket: str
    priority: int
    opened_at: Instant
    waiting_since: Instant
    waiting_deadline: Instant
    deadline: Instant | None
    """When the system acts if nobody else has: no visit but a closed one is without."""
    desk: str = ""
    officer: str = ""
    refusals: tuple[Refusal, ...] = ()
    participants: tuple[Participant, ...] = ()
    interruptions: tuple[Interruption, ...] = ()
    invitations: tuple[Invitation, ...] = ()
    chat: tuple[ChatLine, ...] = ()
    answered_at: Instant | None = None
    """When an officer first accepted: the first human answer of 021."""
    live_at: Instant | None = None
    ended_at: Instant | None = None
    closed_at: Instant | None = None
    end_reason: str = ""
    close_reason: str = ""
    outcome: str = ""
    note: str = ""
    receipt: str = ""
    refs: tuple[str, ...] = ()


def evolve(visit: Visit | None, recorded: e.Recorded) -> Visit:
    """Return the visit after one more event. Raises `NotPossible` for an event its state does not permit."""
    event = recorded.event
    if visit is None:
        if not isinstance(event, e.Opened):
            raise NotPossible(f"a visit begins with opened, not {type(event).__name__}")
        return _remember(_opened(recorded, event), recorded)
    state = TRANSITIONS.get((visit.state, type(event)))  # type: ignore[arg-type]  # a shift's event is simply not in it
    if state is None:
        raise NotPossible(f"a visit that is {visit.state} cannot have {type(event).__name__}")
    assert not isinstance(event, e.Opened | e.PresenceSet | e.Engaged | e.Released)  # noqa: S101 - none is in the table
    return _remember(_change(visit, state, event, recorded.at), recorded)


def _remember(visit: Visit, recorded: e.Recorded) -> Visit:
    refs = visit.refs
    if recorded.ref and recorded.ref not in refs:
        refs = (*refs, recorded.ref)[-REMEMBERED_REFS:]
    return msgspec.structs.replace(visit, version=recorded.version, refs=refs)


def _opened(recorded: e.Recorded, event: e.Opened) -> Visit:
    resident = Participant(event.kiosk, Role.KIOSK, event.kiosk_name, 0)
    return Visit(
        id=recorded.stream.removeprefix("visit:"),
        version=recorded.version,
        state=State.WAITING,
        authority=event.authority,
        kiosk=event.kiosk,
        hall=event.hall,
        matter=event.matter,
        region=event.region,
        language=event.language,
        desks=event.desks,
        ticket=event.ticket,
        priority=event.priority,
        opened_at=recorded.at,
        waiting_since=recorded.at,
        waiting_deadline=event.deadline,
        deadline=event.deadline,
        participants=(resident,),
    )


_OtherEvent = (
    e.Offered
    | e.TurnedDown
    | e.Accepted
    | e.Entered
    | e.Departed
    | e.Said
    | e.Held
    | e.Resumed
    | e.Interrupted
    | e.Restored
    | e.Requeued
    | e.Transferred
    | e.Invited
    | e.Uninvited
    | e.TakenOver
    | e.Ended
    | e.Closed
    | e.HandedOver
)


def _change(visit: Visit, state: State, event: _OtherEvent, at: Instant) -> Visit:  # noqa: C901 - one line an event
    changed = msgspec.structs.replace
    match event:
        case e.Offered(officer, desk, deadline):
            return changed(visit, state=state, officer=officer, desk=desk, deadline=deadline)
        case e.TurnedDown():
            return _turned_down(visit, state, event)
        case e.Accepted():
            return _accepted(visit, state, event, at)
        case e.Entered():
            return _entered(visit, state, event)
        case e.Departed(actor):
            return changed(visit, state=state, participants=_without(visit, actor), interruptions=_healed(visit, actor))
        case e.Said(actor, name, role, text):
            return changed(visit, state=state, chat=(*visit.chat, ChatLine(at, actor, name, role, text)))
        case e.Held(deadline) | e.Resumed(deadline):
            return changed(visit, state=state, deadline=deadline)
        case e.Interrupted(actor, deadline):
            interruptions = (*_healed(visit, actor), Interruption(actor, deadline))
            return changed(visit, state=state, interruptions=interruptions)
        case e.Restored(actor):
            return changed(visit, state=state, interruptions=_healed(visit, actor))
        case e.Requeued():
            return _waiting_again(visit, state, event, visit.desks)
        case e.Transferred():
            return _waiting_again(visit, state, event, event.desks)
        case e.Invited(actor, name, deadline):
            others = _uninvited(visit, actor)
            return changed(visit, state=state, invitations=(*others, Invitation(actor, name, deadline)))
        case e.Uninvited(actor):
            return changed(visit, state=state, invitations=_uninvited(visit, actor))
        case e.TakenOver():
            return _taken_over(visit, state, event)
        case e.Ended(reason, deadline):
            return changed(visit, state=state, ended_at=at, end_reason=reason, deadline=deadline, interruptions=())
        case e.Closed():
            return _closed(visit, state, event, at)
        case e.HandedOver(receipt):
            return changed(visit, state=state, receipt=receipt)
        case _:
            assert_never(event)


def _turned_down(visit: Visit, state: State, event: e.TurnedDown) -> Visit:
    refusals = tuple(r for r in visit.refusals if r.officer != event.officer)
    return msgspec.structs.replace(
        visit,
        state=state,
        officer="",
        desk="",
        deadline=visit.waiting_deadline,
        refusals=(*refusals, Refusal(event.officer, event.until)),
        interruptions=_healed(visit, event.officer),
    )


def _accepted(visit: Visit, state: State, event: e.Accepted, at: Instant) -> Visit:
    return msgspec.structs.replace(
        visit,
        state=state,
        deadline=event.deadline,
        answered_at=at if visit.answered_at is None else visit.answered_at,
        live_at=at,
        participants=(*visit.participants, Participant(event.officer, Role.OFFICER, event.name, 1)),
    )


def _entered(visit: Visit, state: State, event: e.Entered) -> Visit:
    entered = Participant(event.actor, event.role, event.name, event.seat, event.mode)
    return msgspec.structs.replace(
        visit,
        state=state,
        participants=(*_without(visit, event.actor), entered),
        invitations=_uninvited(visit, event.actor),
    )


def _waiting_again(visit: Visit, state: State, event: e.Requeued | e.Transferred, desks: tuple[str, ...]) -> Visit:
    """The resident keeps everything but the officer: hosts stay, guests were the officer's and go."""
    refusals = tuple(r for r in visit.refusals if r.officer != visit.officer)
    if isinstance(event, e.Requeued):
        refusals = (*refusals, Refusal(visit.officer, event.until))
    staying = tuple(p for p in visit.participants if p.role in (Role.KIOSK, Role.HOST))
    names = {p.actor for p in staying}
    return msgspec.structs.replace(
        visit,
        state=state,
        priority=event.priority,
        officer="",
        desk="",
        desks=desks,
        deadline=event.deadline,
        waiting_deadline=event.deadline,
        refusals=refusals,
        participants=staying,
        interruptions=tuple(i for i in visit.interruptions if i.actor in names),
        invitations=(),
    )


def _taken_over(visit: Visit, state: State, event: e.TakenOver) -> Visit:
    others = tuple(
        msgspec.structs.replace(p, role=Role.OFFICER) if p.actor == event.officer else p
        for p in _without(visit, visit.officer)
    )
    return msgspec.structs.replace(
        visit,
        state=state,
        officer=event.officer,
        desk=event.desk,
        deadline=event.deadline,
        participants=others,
        interruptions=_healed(visit, visit.officer),
    )


def _closed(visit: Visit, state: State, event: e.Closed, at: Instant) -> Visit:
    return msgspec.structs.replace(
        visit,
        state=state,
        deadline=None,
        interruptions=(),
        invitations=(),
        closed_at=at,
        close_reason=event.reason,
        outcome=event.outcome,
        note=event.note,
    )


def _without(visit: Visit, actor: str) -> tuple[Participant, ...]:
    return tuple(p for p in visit.participants if p.actor != actor)


def _uninvited(visit: Visit, actor: str) -> tuple[Invitation, ...]:
    return tuple(i for i in visit.invitations if i.actor != actor)


def _healed(visit: Visit, actor: str) -> tuple[Interruption, ...]:
    return tuple(i for i in visit.interruptions if i.actor != actor)


def due(visit: Visit) -> Instant | None:
    """Return when the visit's next deadline passes; `None` for a closed one, and only for it."""
    instants = [i.deadline for i in visit.interruptions] + [i.deadline for i in visit.invitations]
    if visit.deadline is not None:
        instants.append(visit.deadline)
    return min(instants, default=None)


def engaged(visit: Visit | None) -> frozenset[str]:
    """Return the actors who belong to this visit and can belong to no other: its kiosk, its officer, its guests."""
    if visit is None or visit.state is State.CLOSED:
        return frozenset()
    over = visit.state is State.WRAPPING
    kiosk = {visit.kiosk} if not over else set()
    officer = {visit.officer} if visit.officer else set()
    guests = {p.actor for p in visit.participants if p.role is Role.GUEST} if not over else set()
    return frozenset(kiosk | officer | guests)


def takes_part(visit: Visit, actor: str) -> bool:
    """Tell whether `actor` is one of those who see and hear each other."""
    return any(p.actor == actor for p in visit.participants)
