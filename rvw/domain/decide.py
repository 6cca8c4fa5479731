"""What a command makes happen: pure, so that it can be asked again whenever somebody else was faster.

`decide` is called after `policy.check` and takes its word for who may do what; a command that finds its wish already
fulfilled makes nothing happen.
"""

from collections.abc import Callable
from typing import Any, assert_never

from msgspec import Struct

from rvw.clock import Instant, Seconds
from rvw.domain import closing, consent, recording
from rvw.domain import commands as c
from rvw.domain import events as e
from rvw.domain.catalogue import Catalogue, Step, rules_of, steps
from rvw.domain.fold import TRANSITIONS
from rvw.domain.people import GUEST_PREFIX, Actor, Role
from rvw.domain.shift import Shift
from rvw.domain.terms import NO_HEAD_START, Terms
from rvw.domain.visit import MAX_CHAT_LINES, MAX_PARTICIPANTS, MAX_UNRESOLVED, State, Visit, takes_part
from rvw.errors import NoDesk, NotFound, NotPossible, OfficerBusy, TooMany

REFUSAL_S: Seconds = 60.0
"""How long an officer who turned a visit down is not offered the same one again."""


class Ticket(Struct, frozen=True):
    """What a new visit is given from outside: its code, and the kiosk's place is the actor's."""

    code: str


class Around(Struct, frozen=True, kw_only=True):
    """What a decision looks at beside the visit itself."""

    terms: Terms
    catalogue: Catalogue
    colleague: Shift | None = None
    """The shift of the officer whom `Invite` or `HandTo` names."""
    evidence: closing.Evidence = closing.UNKNOWN
    """What is kept beside the visit, when it is closed."""


Events = tuple[e.VisitEvent, ...]


def open_visit(command: c.Open, actor: Actor, ticket: Ticket, around: Around, now: Instant) -> Events:
    """Return the first events of a visit. Raises `NotFound`, `NoDesk`, or `ConsentNeeded`."""
    consent.check_opening(around.catalogue, command)
    asked = steps(around.catalogue, command.matter, command.region, command.language)
    return (
        e.Opened(
            authority=around.catalogue.desks[asked[0].desk].authority,
            kiosk=actor.id,
            kiosk_name=actor.name,
            hall=actor.hall,
            matter=command.matter,
            region=command.region,
            language=command.language,
            desks=tuple(step.desk for step in asked),
            priority=NO_HEAD_START,
            ticket=ticket.code,
            deadline=now + around.terms.waiting_s,
            waits_s=tuple(step.after_s for step in asked),
            case=command.case,
            recording_rule=rules_of(around.catalogue, command.matter).recording,
        ),
        *(consent.answered(None, answer, actor, around.catalogue) for answer in command.answers),
    )


VisitCommand = (
    c.Leave
    | c.Accept
    | c.Decline
    | c.Enter
    | c.Say
    | c.StartShare
    | c.StopShare
    | c.AllowMarks
    | c.Hold
    | c.Resume
    | c.Prioritise
    | c.Requeue
    | c.Transfer
    | c.Invite
    | c.InviteGuest
    | c.Uninvite
    | c.HandTo
    | c.AnswerConsent
    | c.NoteUnresolved
    | c.End
    | c.Close
    | c.Offer
    | c.Ask
    | c.Expire
    | c.Lose
    | c.Restore
    | c.MoveKiosk
    | c.ReportRecording
    | c.Defer
    | c.Acknowledge
)


def decide(visit: Visit, command: VisitCommand, actor: Actor, around: Around, now: Instant) -> Events:
    """Return the events `command` makes happen to `visit`, in order; none when there is nothing to do."""
    return recording.with_its_end(visit, _decide(visit, command, actor, around, now), now)


def _decide(visit: Visit, command: VisitCommand, actor: Actor, around: Around, now: Instant) -> Events:  # noqa: C901
    terms = around.terms
    match command:
        case c.Accept():
            return (e.Accepted(actor.id, actor.name, now + terms.live_s), *consent.by_employment(actor, around.catalogue))
        case c.Decline():
            if visit.state is not State.OFFERED:
                return (e.Uninvited(actor.id, "declined"),)
            return (e.TurnedDown(actor.id, "declined", now + REFUSAL_S),)
        case c.Leave():
            return _leave(visit, actor, terms, now)
        case c.Enter(mode):
            return _enter(visit, actor, mode, around.catalogue)
        case c.Say(text):
            return _say(visit, actor, text)
        case c.StartShare():
            return _start_share(visit, actor)
        case c.StopShare():
            return (e.ShareStopped(visit.share.actor),) if visit.share else ()
        case c.AllowMarks(allowed):
            return () if visit.kiosk_marks is allowed else (e.MarksAllowed(allowed),)
        case c.Hold():
            return (e.Held(now + terms.hold_s),)
        case c.Resume():
            return (e.Resumed(now + terms.live_s),)
        case c.Requeue(note):
            return (_requeued(visit, "officer", note, terms, now),)
        case c.Prioritise(reason, note):
            return _prioritise(visit, actor, reason, note, terms)
        case c.Transfer(desk, note):
            return (_transferred(visit, _onward(visit, desk, around.catalogue), note, terms, now),)
        case c.Invite():
            return _invite(visit, around, now)
        case c.InviteGuest(link, name):
            return _invite_guest(visit, link, name, terms, now)
        case c.Uninvite(asked):
            return (e.Uninvited(asked, "revoked"),) if any(i.actor == asked for i in visit.invitations) else ()
        case c.HandTo():
            return _hand_to(visit, around, now)
        case c.AnswerConsent(answer):
            return consent.changes(visit, answer, actor, around.catalogue)
        case c.End():
            return (e.Ended("officer", now + terms.wrapping_s),)
        case c.Close():
            return _close(visit, actor, command, around, now)
        case c.NoteUnresolved(task, urgency, by_role, what):
            return _note_unresolved(visit, e.UnresolvedNoted(task, urgency, by_role, what))
        case c.Offer(officer, desk, reason):
            if desk not in visit.desks[: visit.asked]:
                raise NotPossible(f"the desk {desk} is not asked for this visit")
            return (e.Offered(officer, desk, now + terms.offer_s, reason),)
        case c.Ask(desk, passed):
            return _ask(visit, desk, passed, now)
        case c.Expire():
            return _expire(visit, terms, now)
        case c.Lose(lost):
            return _lose(visit, lost, terms, now)
        case c.Restore(restored):
            return (e.Restored(restored),) if any(i.actor == restored for i in visit.interruptions) else ()
        case c.MoveKiosk(kiosk, name, hall):
            return () if visit.kiosk == kiosk else (e.MovedKiosk(kiosk, name, hall),)
        case c.ReportRecording(runs, trouble):
            return recording.reported(visit, runs=runs, trouble=trouble)
        case c.Defer():
            return (e.Closed("promised", "unresolved", ""),)
        case c.Acknowledge(receipt):
            return () if visit.receipt else (e.HandedOver(receipt),)
        case _:
            assert_never(command)


def _note_unresolved(visit: Visit, noted: e.UnresolvedNoted) -> Events:
    if noted.task in visit.unresolved:
        return ()
    if len(visit.unresolved) >= MAX_UNRESOLVED:
        raise TooMany(f"at most {MAX_UNRESOLVED} things are noted as not done in one visit")
    return (noted,)


def _close(visit: Visit, actor: Actor, command: c.Close, around: Around, now: Instant) -> Events:
    """An officer closes the own talk; a supervisor any visit, and says why. What the matter demands must be there."""
    by_lead, terms = actor.role is Role.SUPERVISOR, around.terms
    if by_lead and not command.note.strip():
        raise NotPossible("say why you close this visit")
    closing.check(visit, command, around.catalogue, around.evidence)
    said = (command.outcome, command.note, command.next_step.strip(), command.question.strip())
    closed = e.Closed("supervisor" if by_lead else "done", *said)
    if visit.state not in (State.LIVE, State.HELD):
        return (closed,)
    return (e.Ended("supervisor" if by_lead else "officer", now + terms.wrapping_s), closed)


def _leave(visit: Visit, actor: Actor, terms: Terms, now: Instant) -> Events:
    if actor.role is not Role.KIOSK:
        return (e.Departed(actor.id, "left"),) if takes_part(visit, actor.id) else ()
    if visit.state in (State.WAITING, State.OFFERED):
        return (e.Closed("left", "left", ""),)
    return (e.Ended("resident_left", now + terms.wrapping_s),)


def _enter(visit: Visit, actor: Actor, mode: e.Mode, catalogue: Catalogue) -> Events:
    """Give the actor a seat; a supervisor who is there may change the mode and keeps it. Officers need not be asked."""
    own = next((p for p in visit.participants if p.actor == actor.id), None)
    if own is not None:
        return () if own.mode == mode else (e.Entered(own.actor, own.role, own.name, own.seat, mode),)
    taken = {p.seat for p in visit.participants}
    free = [seat for seat in range(2, MAX_PARTICIPANTS) if seat not in taken]
    if not free:
        raise TooMany(f"a visit has at most {MAX_PARTICIPANTS} participants")
    role = Role.GUEST if actor.role is Role.OFFICER else actor.role
    return (e.Entered(actor.id, role, actor.name, free[0], mode), *consent.by_employment(actor, catalogue))


def _ask(visit: Visit, desk: str, passed: tuple[e.Passed, ...], now: Instant) -> Events:
    """Ask a desk further along the chain; one that is asked already, by another process perhaps, changes nothing."""
    if desk not in visit.desks[visit.asked :]:
        return ()
    after = visit.desks.index(desk) + 1
    return (e.StepReached(desk, passed, now + visit.waits_s[after] if after < len(visit.waits_s) else None),)


def _transferred(visit: Visit, onward: tuple[Step, ...], note: str, terms: Terms, now: Instant) -> e.Transferred:
    desks, waits_s = tuple(step.desk for step in onward), (0.0, *(step.after_s for step in onward[1:]))
    return e.Transferred(desks, note, _moved_priority(visit, terms), now + terms.waiting_s, waits_s)


def _onward(visit: Visit, desk: str, catalogue: Catalogue) -> tuple[Step, ...]:
    """Return the desk and those after it in the chain of its region. Raises `NotFound` or `NoDesk`."""
    wanted = catalogue.desks.get(desk)
    if wanted is None:
        raise NotFound(f"there is no desk {desk}")
    asked = steps(catalogue, visit.matter, wanted.region)
    names = [step.desk for step in asked]
    if desk not in names:
        raise NoDesk(f"the desk {desk} does not answer for this matter")
    return asked[names.index(desk) :]


def _invite(visit: Visit, around: Around, now: Instant) -> Events:
    colleague = around.colleague
    if colleague is None or colleague.role is not Role.OFFICER or colleague.presence == "signed_out":
        raise NotPossible("this colleague is not there")
    if colleague.visit:
        raise OfficerBusy(f"{colleague.name} is in a visit")
    if takes_part(visit, colleague.actor) or len(visit.invitations) >= MAX_PARTICIPANTS:
        return ()
    return (e.Invited(colleague.actor, colleague.name, now + around.terms.invitation_s),)


def _invite_guest(visit: Visit, link: str, name: str, terms: Terms, now: Instant) -> Events:
    """The link's hash is the guest's id: coming in uses the invitation up, so a link opens the door once."""
    guest = f"{GUEST_PREFIX}{link}"
    if not name.strip():
        raise NotPossible("say whom the link is for")
    if len(visit.invitations) + len(visit.participants) >= MAX_PARTICIPANTS:
        raise TooMany(f"a visit has at most {MAX_PARTICIPANTS} participants")
    if takes_part(visit, guest) or any(i.actor == guest for i in visit.invitations):
        return ()
    return (e.Invited(guest, name.strip(), now + terms.guest_link_s),)


def _hand_to(visit: Visit, around: Around, now: Instant) -> Events:
    colleague = around.colleague
    if colleague is None or not takes_part(visit, colleague.actor) or colleague.role is not Role.OFFICER:
        raise NotPossible("a visit is handed to an officer who has come in")
    if colleague.actor == visit.officer:
        return ()
    desk = colleague.desks[0] if colleague.desks else visit.desk
    return (e.TakenOver(colleague.actor, colleague.name, desk, now + around.terms.live_s),)


def _say(visit: Visit, actor: Actor, text: str) -> Events:
    if len(visit.chat) >= MAX_CHAT_LINES:
        raise TooMany(f"a visit has at most {MAX_CHAT_LINES} lines of chat")
    if not text.strip():
        raise NotPossible("an empty line says nothing")
    return (e.Said(actor.id, actor.name, actor.role, text),)


def _start_share(visit: Visit, actor: Actor) -> Events:
    """One at a time: the officer of the visit takes over, others wait until nobody shares."""
    started = e.ShareStarted(actor.id, actor.name)
    if visit.share is None:
        return (started,)
    if visit.share.actor == actor.id:
        return ()
    if visit.officer != actor.id:
        raise NotPossible(f"{visit.share.name} shares the screen already")
    return (e.ShareStopped(visit.share.actor), started)


def _lose(visit: Visit, lost: str, terms: Terms, now: Instant) -> Events:
    """A lost connection is an interruption first: the place is kept until its deadline."""
    concerned = takes_part(visit, lost) or lost == visit.officer
    known = any(i.actor == lost for i in visit.interruptions)
    if not concerned or known or (visit.state, e.Interrupted) not in TRANSITIONS:
        return ()
    waits = lost == visit.kiosk and visit.state in (State.WAITING, State.OFFERED)
    return (e.Interrupted(lost, now + (terms.absence_s if waits else terms.interruption_s)),)


def _expire(visit: Visit, terms: Terms, now: Instant) -> Events:
    for interruption in visit.interruptions:
        if interruption.deadline <= now:
            return _give_up(visit, interruption.actor, terms, now)
    for invitation in visit.invitations:
        if invitation.deadline <= now:
            return (e.Uninvited(invitation.actor, "missed"),)
    if visit.deadline is None or visit.deadline > now:
        return ()
    return _OVERDUE[visit.state](visit, terms, now)


def _give_up(visit: Visit, actor: str, terms: Terms, now: Instant) -> Events:
    """Somebody whose connection was lost has not come back in time."""
    waiting = visit.state in (State.WAITING, State.OFFERED)
    if actor == visit.kiosk:
        return (e.Closed("lost", "left", ""),) if waiting else (e.Ended("resident_lost", now + terms.wrapping_s),)
    if actor != visit.officer:
        return (e.Departed(actor, "lost"),)
    if waiting:
        return (e.TurnedDown(actor, "lost", now + REFUSAL_S),)
    return (_requeued(visit, "officer_lost", "", terms, now),)


def _requeued(visit: Visit, reason: e.RequeueReason, note: str, terms: Terms, now: Instant) -> e.Requeued:
    """An officer who puts somebody back is not offered the same at once; one whose line broke may be."""
    until = now + REFUSAL_S if reason == "officer" else now
    return e.Requeued(reason, note, until, _returned(visit, terms), now + terms.waiting_s)


def _returned(visit: Visit, terms: Terms) -> int:
    """Return the head start of one who was face to face already: it takes nothing away."""
    return max(visit.priority, terms.head_starts["returned"])


def _moved_priority(visit: Visit, terms: Terms) -> int:
    """Return the head start at another desk: who has been face to face goes first, who waits keeps what there was."""
    return visit.priority if visit.state in (State.WAITING, State.OFFERED) else _returned(visit, terms)


def _prioritise(visit: Visit, actor: Actor, reason: e.PriorityReason, note: str, terms: Terms) -> Events:
    """A resident's word adds to what is known and takes nothing away; others may also correct it."""
    seconds = terms.head_starts[reason]
    if reason == "other" and not note.strip():
        raise NotPossible("say why this visit goes first")
    if (visit.priority_reason, visit.priority) == (reason, seconds):
        return ()
    if actor.role is Role.KIOSK and visit.priority_settled:
        raise NotPossible("somebody has looked already: ask the clerk")
    if actor.role is Role.KIOSK and seconds <= visit.priority:
        return ()
    return (e.Prioritised(reason, note.strip(), seconds),)


_OVERDUE: dict[State, Callable[[Visit, Terms, Instant], Events]] = {
    State.WAITING: lambda _visit, _terms, _now: (e.Closed("unanswered", "unresolved", ""),),
    State.OFFERED: lambda visit, _terms, now: (e.TurnedDown(visit.officer, "missed", now + REFUSAL_S),),
    State.LIVE: lambda _visit, terms, now: (e.Ended("limit", now + terms.wrapping_s),),
    # Not resumed by itself: a microphone that opens while its owner is elsewhere would break the trust in the hold.
    State.HELD: lambda visit, terms, now: (_requeued(visit, "hold_limit", "", terms, now),),
    State.WRAPPING: lambda _visit, _terms, _now: (e.Closed("unwrapped", "unresolved", ""),),
    State.CLOSED: lambda _visit, _terms, _now: (),
}


def misses_offer(events: tuple[Any, ...]) -> bool:
    """Tell whether the officer who is freed by `events` has not answered an offer."""
    return any(isinstance(event, e.TurnedDown) and event.reason in ("missed", "lost") for event in events)
