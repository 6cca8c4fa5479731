"""The recording of a visit: who is recorded, what of them, and what the disk's word makes happen.

A visit counts as recorded only while its media worker says that bytes are on the disk. What should be recorded follows
from the visit alone, as its routes do; that it is recorded is an event, and so is that it is not.
"""

from collections.abc import Mapping
from typing import Final, Literal, NamedTuple, TypeAlias

from rvw.clock import Instant
from rvw.domain import events as e
from rvw.domain.consent import may_be_recorded
from rvw.domain.fold import evolve
from rvw.domain.visit import State, Visit

Word: TypeAlias = Literal["", "due", "running", "stalled"]
"""How it stands: nothing is to be recorded; it is, and nobody knows of a byte yet; bytes come; none come any more."""

STOPS: Final[Mapping[type[e.VisitEvent], e.StopReason]] = {
    e.Held: "held",
    e.Requeued: "moved",
    e.Transferred: "moved",
    e.Ended: "ended",
}
"""What ends a talk ends its recording first."""


class Slot(NamedTuple):
    """What somebody sends: the slot `out` of `actor`."""

    actor: str
    out: str


def recordable(visit: Visit) -> frozenset[str]:
    """Return who of those who take part may be recorded now: who has agreed, and is seen by all."""
    if visit.recording_rule == "none":
        return frozenset()
    agreed = may_be_recorded(visit)
    return frozenset(p.actor for p in visit.participants if p.mode == "join" and p.actor in agreed)


def recorded(visit: Visit | None) -> tuple[Slot, ...]:
    """Return what is to be recorded now: voice and picture of each, and the screen that is shown, while they talk."""
    if visit is None or visit.state is not State.LIVE or len(visit.participants) < 2:
        return ()
    actors = recordable(visit)
    faces = (Slot(p.actor, out) for p in visit.participants if p.actor in actors for out in ("mic", "camera"))
    shown = (Slot(visit.share.actor, "share"),) if visit.share and visit.share.actor in actors else ()
    return (*faces, *shown)


def standing(visit: Visit) -> Word:
    """Return how the recording stands."""
    if not recorded(visit):
        return ""
    state = visit.recording.state if visit.recording else "stopped"
    return "due" if state == "stopped" else state


def reported(visit: Visit, *, runs: bool, trouble: e.RecordingTrouble) -> tuple[e.VisitEvent, ...]:
    """Return what follows from the disk's word; nothing if it is known, or if nothing is to be recorded."""
    match standing(visit), runs:
        case "due", True:
            return (e.RecordingStarted(tuple(sorted({slot.actor for slot in recorded(visit)}))),)
        case "stalled", True:
            return (e.RecordingResumed(),)
        case (("due" | "running"), False):
            return (e.RecordingStalled(trouble),)
        case _:
            return ()


def with_its_end(visit: Visit, events: tuple[e.VisitEvent, ...], now: Instant) -> tuple[e.VisitEvent, ...]:
    """Return the events, and among them that the recording stops, if it does: before what ends the talk."""
    if visit.recording is None or visit.recording.state == "stopped":
        return events
    for at, event in enumerate(events):
        if type(event) in STOPS:
            return (*events[:at], e.RecordingStopped(STOPS[type(event)]), *events[at:])
    after = visit
    for event in events:
        after = evolve(after, e.Recorded(f"visit:{visit.id}", after.version + 1, now, "", "", event))
    if recorded(after):
        return events
    withdrawn = any(isinstance(event, e.ConsentAnswered) for event in events)
    return (*events, e.RecordingStopped("withdrawn" if withdrawn else "nobody"))
