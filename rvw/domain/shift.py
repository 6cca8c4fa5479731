"""A shift: whether an officer is there and free, and which visit an officer or a kiosk belongs to.

The rule that nobody belongs to two visits at once lives here: `engage` raises `OfficerBusy`, and because a visit's event
and the shift's event are appended together or not at all, no race can break it.
"""

from typing import assert_never

import msgspec
from msgspec import Struct

from rvw.clock import Instant
from rvw.domain import events as e
from rvw.domain.commands.waiting import SetPresence
from rvw.domain.people import Actor, Role, Skill, halls_of
from rvw.errors import NotAllowed, NotPossible, OfficerBusy


class Shift(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the board knows of an officer, or of a kiosk: one that is connected is ready."""

    actor: str
    version: int = 0
    presence: e.Presence = "signed_out"
    name: str = ""
    role: Role = Role.SYSTEM
    """`system` before the first `PresenceSet`."""
    authority: str = ""
    desks: tuple[str, ...] = ()
    """Those that are served today."""
    away: tuple[str, ...] = ()
    """The officer's other desks, of which somebody else has the turn today."""
    hall: str = ""
    """Where the officer sits today, with the own counter."""
    languages: tuple[str, ...] = ()
    skills: tuple[Skill, ...] = ()
    note: str = ""
    """Why the officer is on a break, in the officer's words."""
    missed: int = 0
    """How many offers were missed in a row."""
    visit: str = ""
    idle_since: Instant = 0.0
    """When the officer last became free and ready: the longest idle is offered first."""
    presence_since: Instant = 0.0


def evolve(shift: Shift, recorded: e.Recorded) -> Shift:
    """Return the shift after one more event."""
    event, at = recorded.event, recorded.at
    changed = msgspec.structs.replace
    match event:
        case e.PresenceSet():
            return changed(
                shift,
                version=recorded.version,
                presence=event.presence,
                name=event.name,
                role=event.role,
                authority=event.authority,
                desks=event.desks,
                away=event.away,
                hall=event.hall,
                languages=event.languages,
                skills=event.skills,
                note=event.note,
                missed=shift.missed if shift.presence == event.presence else 0,
                idle_since=at if shift.presence != "ready" else shift.idle_since,
                presence_since=at,
            )
        case e.Engaged(visit):
            return changed(shift, version=recorded.version, visit=visit)
        case e.Released(_, pause, missed):
            presence: e.Presence = "paused" if pause and shift.presence == "ready" else shift.presence
            count = shift.missed + 1 if missed else 0
            return changed(shift, version=recorded.version, visit="", presence=presence, idle_since=at, missed=count)
        case _:
            raise NotPossible(f"a shift cannot have {type(event).__name__}")


def set_presence(shift: Shift, actor: Actor, said: SetPresence) -> tuple[e.PresenceSet, ...]:
    """Return what saying it makes happen: nothing when it says nothing new. Only a break has a note.

    Raises `NotAllowed` for a hall or a desk that is not the actor's, `NotPossible` when no desk would be left.
    """
    note = said.note.strip() if said.presence == "on_break" else ""
    place = (_hall(shift, actor, said.hall), _away(shift, actor, said.away))
    desks = tuple(desk for desk in actor.desks if desk not in place[1])
    profile = (desks, actor.languages, actor.skills, note, *place)
    event = e.PresenceSet(said.presence, actor.name, actor.role, actor.authority, *profile)
    known = (shift.presence, shift.name, shift.desks, shift.languages, shift.skills, shift.note, shift.hall, shift.away)
    return () if known == (said.presence, actor.name, *profile) else (event,)


def _hall(shift: Shift, actor: Actor, said: str | None) -> str:
    """Return where the actor sits: as said, else as today, else the usual hall."""
    own = halls_of(actor)
    if said and said not in own:
        raise NotAllowed("this hall is not one of yours")
    today = said or (shift.hall if shift.presence != "signed_out" else "")
    return today if today in own else next(iter(own), "")


def _away(shift: Shift, actor: Actor, said: tuple[str, ...] | None) -> tuple[str, ...]:
    """Return the own desks that are not served: as said, else as today; a new shift serves all."""
    if said is not None and not set(said) <= set(actor.desks):
        raise NotAllowed("this desk is not one of yours")
    today = said if said is not None else shift.away if shift.presence != "signed_out" else ()
    away = tuple(desk for desk in actor.desks if desk in today)
    if actor.desks and len(away) == len(actor.desks):
        if said is not None:
            raise NotPossible("one desk at least is served: take a break instead")
        return ()  # the desk that was served is not the officer's any more
    return away


def engage(shift: Shift, visit: str, *, invited: bool = False) -> tuple[e.Engaged, ...]:
    """Return the event that binds the actor to `visit`.

    Raises `OfficerBusy` for one who is elsewhere, or is not ready: who was invited comes in also from a break.
    """
    if shift.visit == visit:
        return ()
    if shift.visit:
        raise OfficerBusy(f"{shift.actor} belongs to another visit")
    if shift.presence != "ready" and not invited:
        raise OfficerBusy(f"{shift.actor} is {shift.presence}")
    return (e.Engaged(visit),)


def release(shift: Shift, visit: str, *, missed: bool, most: int) -> tuple[e.Released, ...]:
    """Return the event that frees the actor of `visit`, and pauses after `most` offers missed in a row.

    Nothing when not bound to it.
    """
    pause = missed and shift.missed + 1 >= most
    return (e.Released(visit, pause, missed),) if shift.visit == visit else ()


def is_free(shift: Shift) -> bool:
    """Tell whether the officer can be offered a visit now."""
    return shift.presence == "ready" and not shift.visit


def on_duty(shift: Shift) -> bool:
    """Tell whether the officer is there at all: free, in a visit, or at the own counter."""
    match shift.presence:
        case "ready" | "serving_here":
            return True
        case "on_break" | "paused" | "signed_out":
            return bool(shift.visit)
        case _:
            assert_never(shift.presence)
