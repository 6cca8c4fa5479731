"""How a visit changes: the table of its transitions, and the fold of its events.

`evolve` accepts every event that `decide` can make and raises `NotPossible` for any other; it reads no clock and no
settings, because every deadline is in the events. Pages fold the events after a snapshot with the same table
(`web/src/visit/fold.ts`; scenes made from this one hold the two to each other).
"""

from typing import assert_never

import msgspec

from rvw.clock import Instant, Seconds
from rvw.domain import events as e
from rvw.domain.people import Role
from rvw.domain.visit import (
    ChatLine,
    Consent,
    Interruption,
    Invitation,
    Moved,
    Participant,
    Reached,
    Recording,
    Refusal,
    Share,
    State,
    Visit,
)
from rvw.errors import NotPossible

REMEMBERED_REFS = 64
"""How many commands a visit remembers, to recognise repetitions."""

W, O, L, H, P, C = State  # noqa: E741 - letters, so that the table below can be read as one

TRANSITIONS: dict[tuple[State, type[e.VisitEvent]], State] = {
    (W, e.Offered): O,
    (W, e.StepReached): W,
    (W, e.Prioritised): W,
    (W, e.Departed): W,
    (W, e.Interrupted): W,
    (W, e.Restored): W,
    (W, e.MovedKiosk): W,
    (W, e.Closed): C,
    (W, e.Transferred): W,
    (O, e.Transferred): W,
    (O, e.TurnedDown): W,
    (O, e.Accepted): L,
    (O, e.Prioritised): O,
    (O, e.Departed): O,
    (O, e.Interrupted): O,
    (O, e.Restored): O,
    (O, e.MovedKiosk): O,
    (O, e.Closed): C,
    (L, e.Entered): L,
    (L, e.Departed): L,
    (L, e.Said): L,
    (L, e.ShareStarted): L,
    (L, e.ShareStopped): L,
    (L, e.MarksAllowed): L,
    (L, e.Held): H,
    (L, e.Interrupted): L,
    (L, e.Restored): L,
    (L, e.MovedKiosk): L,
    (L, e.Requeued): W,
    (L, e.Transferred): W,
    (L, e.Invited): L,
    (L, e.Uninvited): L,
    (L, e.TakenOver): L,
    (L, e.RecordingStarted): L,
    (L, e.RecordingStalled): L,
    (L, e.RecordingResumed): L,
    (L, e.RecordingStopped): L,
    (L, e.Ended): P,
    (H, e.Entered): H,
    (H, e.Departed): H,
    (H, e.Said): H,
    (H, e.Resumed): L,
    (H, e.Interrupted): H,
    (H, e.Restored): H,
    (H, e.MovedKiosk): H,
    (H, e.Requeued): W,
    (H, e.Transferred): W,
    (H, e.Invited): H,
    (H, e.Uninvited): H,
    (H, e.Ended): P,
    **{(state, e.UnresolvedNoted): state for state in State},
    **{(state, e.ConsentAnswered): state for state in (W, O, L, H)},
    (P, e.Closed): C,
    (C, e.HandedOver): C,
}
"""`(state, event) → state`. What is not here cannot happen."""


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
    assert not isinstance(event, e.Opened | e.ShiftEvent | e.CompanionEvent | e.NoticeEvent | e.RatingEvent)  # noqa: S101 - none is in the table
    return _remember(_of_present(_change(visit, state, event, recorded.at)), recorded)


def _remember(visit: Visit, recorded: e.Recorded) -> Visit:
    refs = visit.refs
    if recorded.ref and recorded.ref not in refs:
        refs = (*refs, recorded.ref)[-REMEMBERED_REFS:]
    return msgspec.structs.replace(visit, version=recorded.version, refs=refs)


def _of_present(visit: Visit) -> Visit:
    """Forget the answers of those who have left."""
    present = {p.actor for p in visit.participants}
    if all(c.actor in present for c in visit.consents):
        return visit
    return msgspec.structs.replace(visit, consents=tuple(c for c in visit.consents if c.actor in present))


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
        case=event.case,
        desks=event.desks,
        waits_s=event.waits_s,
        recording_rule=event.recording_rule,
        next_at=_next_at(event.waits_s, recorded.at),
        ticket=event.ticket,
        priority=event.priority,
        opened_at=recorded.at,
        waiting_since=recorded.at,
        waiting_deadline=event.deadline,
        deadline=event.deadline,
        participants=(resident,),
    )


def _next_at(waits_s: tuple[Seconds, ...], at: Instant) -> Instant | None:
    """Return when the second desk of a new chain is asked."""
    return at + waits_s[1] if len(waits_s) > 1 else None


_OtherEvent = (
    e.StepReached
    | e.Offered
    | e.TurnedDown
    | e.Accepted
    | e.Entered
    | e.Departed
    | e.Said
    | e.ShareStarted
    | e.ShareStopped
    | e.MarksAllowed
    | e.Held
    | e.Resumed
    | e.Interrupted
    | e.Restored
    | e.Prioritised
    | e.MovedKiosk
    | e.Requeued
    | e.Transferred
    | e.Invited
    | e.Uninvited
    | e.TakenOver
    | e.ConsentAnswered
    | e.UnresolvedNoted
    | e.RecordingStarted
    | e.RecordingStalled
    | e.RecordingResumed
    | e.RecordingStopped
    | e.Ended
    | e.Closed
    | e.HandedOver
)


def _change(visit: Visit, state: State, event: _OtherEvent, at: Instant) -> Visit:  # noqa: C901 - one line an event
    changed = msgspec.structs.replace
    match event:
        case e.StepReached(desk, passed, until):
            asked = max(visit.asked, visit.desks.index(desk) + 1 if desk in visit.desks else 0)
            return changed(visit, state=state, asked=asked, next_at=until, step=Reached(desk, passed, at))
        case e.Offered(officer, desk, deadline, reason):
            return changed(visit, state=state, officer=officer, desk=desk, deadline=deadline, offer_reason=reason)
        case e.TurnedDown():
            return _turned_down(visit, state, event)
        case e.Accepted():
            return _accepted(visit, state, event, at)
        case e.Entered():
            return _entered(visit, state, event)
        case e.Departed(actor):
            staying = _without(visit, actor)
            healed = _healed(visit, actor)
            return changed(visit, state=state, participants=staying, interruptions=healed, share=_shared(visit, staying))
        case e.Said(actor, name, role, text):
            return changed(visit, state=state, chat=(*visit.chat, ChatLine(at, actor, name, role, text)))
        case e.ShareStarted(actor, name):
            return changed(visit, state=state, share=Share(actor, name, at, f"share:{visit.version + 1}"))
        case e.ShareStopped():
            return changed(visit, state=state, share=None)
        case e.MarksAllowed(allowed):
            return changed(visit, state=state, kiosk_marks=allowed)
        case e.Held(deadline) | e.Resumed(deadline):
            return changed(visit, state=state, deadline=deadline, share=None)
        case e.Interrupted(actor, deadline):
            interruptions = (*_healed(visit, actor), Interruption(actor, deadline))
            return changed(visit, state=state, interruptions=interruptions)
        case e.Restored(actor):
            return changed(visit, state=state, interruptions=_healed(visit, actor))
        case e.Prioritised(reason, _, priority):
            settled = reason == "none"
            return changed(visit, state=state, priority=priority, priority_reason=reason, priority_settled=settled)
        case e.MovedKiosk():
            return _moved_kiosk(visit, state, event)
        case e.Requeued():
            return _waiting_again(visit, state, event, visit.desks)
        case e.Transferred():
            again = _waiting_again(visit, state, event, event.desks)
            return changed(again, waits_s=event.waits_s, asked=1, next_at=_next_at(event.waits_s, at), step=None)
        case e.Invited(actor, name, deadline):
            others = _uninvited(visit, actor)
            return changed(visit, state=state, invitations=(*others, Invitation(actor, name, deadline)))
        case e.Uninvited(actor):
            return changed(visit, state=state, invitations=_uninvited(visit, actor))
        case e.ConsentAnswered(actor, subject=subject, answer=answer, basis=basis, text=text):
            other = tuple(c for c in visit.consents if (c.actor, c.subject) != (actor, subject))
            return changed(visit, state=state, consents=(*other, Consent(actor, subject, answer, basis, text, at)))
        case e.TakenOver():
            return _taken_over(visit, state, event)
        case e.RecordingStarted() | e.RecordingResumed():
            return changed(visit, state=state, recording=Recording("running", at))
        case e.RecordingStalled(trouble):
            return changed(visit, state=state, recording=Recording("stalled", at, trouble))
        case e.RecordingStopped():
            return changed(visit, state=state, recording=Recording("stopped", at))
        case e.UnresolvedNoted(task):
            return changed(visit, state=state, unresolved=(*visit.unresolved, task))
        case e.Ended():
            return _ended(visit, state, event, at)
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


def _moved_kiosk(visit: Visit, state: State, event: e.MovedKiosk) -> Visit:
    """The resident takes the own seat at the new kiosk; hosts who stood beside them in another hall stay behind."""
    resident = Participant(event.kiosk, Role.KIOSK, event.kiosk_name, 0)
    others = _without(visit, visit.kiosk)
    staying = tuple(p for p in others if p.role is not Role.HOST or event.hall == visit.hall)
    names = {p.actor for p in staying}
    return msgspec.structs.replace(
        visit,
        state=state,
        kiosk=event.kiosk,
        hall=event.hall,
        participants=(resident, *staying),
        consents=tuple(
            msgspec.structs.replace(c, actor=event.kiosk) if c.actor == visit.kiosk else c for c in visit.consents
        ),
        interruptions=tuple(i for i in visit.interruptions if i.actor in names | {visit.officer}),
    )


def _waiting_again(visit: Visit, state: State, event: e.Requeued | e.Transferred, desks: tuple[str, ...]) -> Visit:
    """The resident keeps everything but the officer: hosts stay, guests were the officer's and go."""
    refusals = tuple(r for r in visit.refusals if r.officer != visit.officer)
    if isinstance(event, e.Requeued):
        refusals = (*refusals, Refusal(visit.officer, event.until))
    staying = tuple(p for p in visit.participants if p.role in (Role.KIOSK, Role.HOST))
    names = {p.actor for p in staying}
    why = event.reason if isinstance(event, e.Requeued) else "transferred"
    return msgspec.structs.replace(
        visit,
        state=state,
        priority=event.priority,
        priority_reason=visit.priority_reason if event.priority == visit.priority else "returned",
        officer="",
        desk="",
        desks=desks,
        deadline=event.deadline,
        waiting_deadline=event.deadline,
        refusals=refusals,
        participants=staying,
        interruptions=tuple(i for i in visit.interruptions if i.actor in names),
        invitations=(),
        share=None,
        kiosk_marks=False,
        moved=Moved(why, event.note),
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
        share=_shared(visit, others),
    )


def _ended(visit: Visit, state: State, event: e.Ended, at: Instant) -> Visit:
    return msgspec.structs.replace(
        visit,
        state=state,
        ended_at=at,
        end_reason=event.reason,
        deadline=event.deadline,
        interruptions=(),
        invitations=(),
        share=None,
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
        next_step=event.next_step,
        question=event.question,
    )


def _without(visit: Visit, actor: str) -> tuple[Participant, ...]:
    return tuple(p for p in visit.participants if p.actor != actor)


def _shared(visit: Visit, staying: tuple[Participant, ...]) -> Share | None:
    """Return the screen that is shown, unless its owner has gone."""
    return visit.share if visit.share and any(p.actor == visit.share.actor for p in staying) else None


def _uninvited(visit: Visit, actor: str) -> tuple[Invitation, ...]:
    return tuple(i for i in visit.invitations if i.actor != actor)


def _healed(visit: Visit, actor: str) -> tuple[Interruption, ...]:
    return tuple(i for i in visit.interruptions if i.actor != actor)
