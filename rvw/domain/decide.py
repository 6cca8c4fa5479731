"""What a command makes happen: pure, so that it can be asked again whenever somebody else was faster.

`decide` is called after `policy.check` and takes its word for who may do what; a command that finds its wish already
fulfilled makes nothing happen.
"""

from collections.abc import Callable
from typing import Any, assert_never

from msgspec import Struct

from rvw.clock import Instant, Seconds
from rvw.domain import commands as c
from rvw.domain import events as e
from rvw.domain.catalogue import Catalogue, chain
from rvw.domain.people import Actor, Role
from rvw.domain.visit import MAX_CHAT_LINES, MAX_PARTICIPANTS, TRANSITIONS, State, Visit, takes_part
from rvw.errors import NotPossible, TooMany

NORMAL_PRIORITY = 0
RETURNED_PRIORITY = 10
"""A visit that was answered once and lost its officer goes before those that were not."""

REFUSAL_S: Seconds = 60.0
"""How long an officer who turned a visit down is not offered the same one again."""


class Terms(Struct, frozen=True, kw_only=True):
    """How long each state may last before the system acts by itself, in seconds."""

    offer_s: Seconds = 20.0
    waiting_s: Seconds = 7200.0
    interruption_s: Seconds = 60.0
    hold_s: Seconds = 600.0
    wrapping_s: Seconds = 600.0
    live_s: Seconds = 14_400.0


class Ticket(Struct, frozen=True):
    """What a new visit is given from outside: its code, and the kiosk's place is the actor's."""

    code: str


Events = tuple[e.VisitEvent, ...]


def open_visit(command: c.Open, actor: Actor, ticket: Ticket, catalogue: Catalogue, terms: Terms, now: Instant) -> Events:
    """Return the first event of a visit. Raises `NotFound` or `NoDesk`."""
    desks = chain(catalogue, command.matter, command.region)
    return (
        e.Opened(
            authority=desks[0].authority,
            kiosk=actor.id,
            kiosk_name=actor.name,
            hall=actor.hall,
            matter=command.matter,
            region=command.region,
            language=command.language,
            desks=tuple(desk.id for desk in desks),
            priority=NORMAL_PRIORITY,
            ticket=ticket.code,
            deadline=now + terms.waiting_s,
        ),
    )


VisitCommand = (
    c.Leave
    | c.Accept
    | c.Decline
    | c.Enter
    | c.Say
    | c.Hold
    | c.Resume
    | c.End
    | c.Close
    | c.Offer
    | c.Expire
    | c.Lose
    | c.Restore
    | c.Acknowledge
)


def decide(visit: Visit, command: VisitCommand, actor: Actor, terms: Terms, now: Instant) -> Events:  # noqa: C901
    """Return the events `command` makes happen to `visit`, in order; none when there is nothing to do."""
    match command:
        case c.Accept():
            return (e.Accepted(actor.id, actor.name, now + terms.live_s),)
        case c.Decline():
            return (e.TurnedDown(actor.id, "declined", now + REFUSAL_S),)
        case c.Leave():
            return _leave(visit, actor, terms, now)
        case c.Enter():
            return _enter(visit, actor)
        case c.Say(text):
            return _say(visit, actor, text)
        case c.Hold():
            return (e.Held(now + terms.hold_s),)
        case c.Resume():
            return (e.Resumed(now + terms.live_s),)
        case c.End():
            return (e.Ended("officer", now + terms.wrapping_s),)
        case c.Close(outcome, note):
            ended = () if visit.state is State.WRAPPING else (e.Ended("officer", now + terms.wrapping_s),)
            return (*ended, e.Closed("done", outcome, note))
        case c.Offer(officer, desk):
            return (e.Offered(officer, desk, now + terms.offer_s),)
        case c.Expire():
            return _expire(visit, terms, now)
        case c.Lose(lost):
            return _lose(visit, lost, terms, now)
        case c.Restore(restored):
            return (e.Restored(restored),) if any(i.actor == restored for i in visit.interruptions) else ()
        case c.Acknowledge(receipt):
            return () if visit.receipt else (e.HandedOver(receipt),)
        case _:
            assert_never(command)


def _leave(visit: Visit, actor: Actor, terms: Terms, now: Instant) -> Events:
    if actor.role is not Role.KIOSK:
        return (e.Departed(actor.id, "left"),) if takes_part(visit, actor.id) else ()
    if visit.state in (State.WAITING, State.OFFERED):
        return (e.Closed("left", "left", ""),)
    return (e.Ended("resident_left", now + terms.wrapping_s),)


def _enter(visit: Visit, actor: Actor) -> Events:
    if takes_part(visit, actor.id):
        return ()
    taken = {p.seat for p in visit.participants}
    free = [seat for seat in range(2, MAX_PARTICIPANTS) if seat not in taken]
    if not free:
        raise TooMany(f"a visit has at most {MAX_PARTICIPANTS} participants")
    return (e.Entered(actor.id, actor.role, actor.name, free[0]),)


def _say(visit: Visit, actor: Actor, text: str) -> Events:
    if len(visit.chat) >= MAX_CHAT_LINES:
        raise TooMany(f"a visit has at most {MAX_CHAT_LINES} lines of chat")
    if not text.strip():
        raise NotPossible("an empty line says nothing")
    return (e.Said(actor.id, actor.name, actor.role, text),)


def _lose(visit: Visit, lost: str, terms: Terms, now: Instant) -> Events:
    """A lost connection is an interruption first: the place is kept until its deadline."""
    concerned = takes_part(visit, lost) or lost == visit.officer
    known = any(i.actor == lost for i in visit.interruptions)
    if not concerned or known or (visit.state, e.Interrupted) not in TRANSITIONS:
        return ()
    return (e.Interrupted(lost, now + terms.interruption_s),)


def _expire(visit: Visit, terms: Terms, now: Instant) -> Events:
    for interruption in visit.interruptions:
        if interruption.deadline <= now:
            return _give_up(visit, interruption.actor, terms, now)
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
    return (e.Requeued("officer_lost", RETURNED_PRIORITY, now + terms.waiting_s),)


_OVERDUE: dict[State, Callable[[Visit, Terms, Instant], Events]] = {
    State.WAITING: lambda _visit, _terms, _now: (e.Closed("unanswered", "unresolved", ""),),
    State.OFFERED: lambda visit, _terms, now: (e.TurnedDown(visit.officer, "missed", now + REFUSAL_S),),
    State.LIVE: lambda _visit, terms, now: (e.Ended("limit", now + terms.wrapping_s),),
    # Not resumed by itself: a microphone that opens while its owner is elsewhere would break the trust in the hold.
    State.HELD: lambda _visit, terms, now: (e.Requeued("hold_limit", RETURNED_PRIORITY, now + terms.waiting_s),),
    State.WRAPPING: lambda _visit, _terms, _now: (e.Closed("unwrapped", "unresolved", ""),),
    State.CLOSED: lambda _visit, _terms, _now: (),
}


def releases_with_pause(events: tuple[Any, ...]) -> bool:
    """Tell whether the officer who is freed by `events` has missed an offer, and is to be paused."""
    return any(isinstance(event, e.TurnedDown) and event.reason in ("missed", "lost") for event in events)
