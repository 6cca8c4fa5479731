"""A shift: whether an officer is there and free, and which visit an officer or a kiosk belongs to.

The rule that nobody belongs to two visits at once lives here: `engage` raises `OfficerBusy`, and because a visit's event
and the shift's event are appended together or not at all, no race can break it.
"""

from typing import assert_never

import msgspec
from msgspec import Struct

from rvw.clock import Instant
from rvw.domain import events as e
from rvw.domain.people import Actor, Role, Skill
from rvw.errors import NotPossible, OfficerBusy


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


def set_presence(shift: Shift, actor: Actor, presence: e.Presence, note: str = "") -> tuple[e.PresenceSet, ...]:
    """Return what saying `presence` makes happen: nothing when it says nothing new. Only a break has a note."""
    note = note.strip() if presence == "on_break" else ""
    profile = (actor.desks, actor.languages, actor.skills, note)
    event = e.PresenceSet(presence, actor.name, actor.role, actor.authority, *profile)
    known = (shift.presence, shift.name, shift.desks, shift.languages, shift.skills, shift.note)
    return () if known == (presence, actor.name, *profile) else (event,)


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
