"""The auditor's own reckoning of a visit: a page of rules that is not the fold which the product runs on.

It is kept apart and small on purpose: where it and the fold disagree, `audit` has found something. Kinds of events that it
has never heard of are left to the fold alone.
"""

from collections.abc import Collection, Iterable, Iterator
from typing import Literal

from msgspec import Struct, field

from rvw.clock import Instant, Seconds
from rvw.domain import events as e
from rvw.domain.people import Role

Kind = Literal[
    "unreadable", "gap", "impossible", "disagreement", "no_owner", "no_deadline", "overdue", "two_officers", "two_visits",
    "shift", "row", "unrecorded", "step", "consent",
]  # fmt: skip

ROUNDING_S: Seconds = 0.01
"""Redis keeps scores as text."""


class Seen(Struct):
    """A visit as the auditor reckons it."""

    state: str = "new"
    officer: str = ""
    kiosk: str = ""
    hall: str = ""
    deadline: Instant | None = None
    waits_until: Instant = 0.0
    away: dict[str, Instant] = field(default_factory=dict)
    invited: dict[str, Instant] = field(default_factory=dict)
    hosts: set[str] = field(default_factory=set)
    desks: tuple[str, ...] = ()
    """The chain."""
    asked: int = 0
    next_at: Instant | None = None
    guests: set[str] = field(default_factory=set)
    """Officers who have come in by invitation: they are engaged for the visit too."""
    agreed: dict[tuple[str, str], bool] = field(default_factory=dict)
    """What those who take part have answered, by subject."""
    unresolved: list[str] = field(default_factory=list)
    receipt: str = ""
    foreign: bool = False
    """An event that the auditor does not know has happened."""

    @property
    def due(self) -> Instant | None:
        """When the system must act at the latest."""
        own = [] if self.deadline is None else [self.deadline]
        return min([*self.away.values(), *self.invited.values(), *own], default=None)

    def moves(self, kiosk: str, hall: str) -> None:
        """The resident goes on at another kiosk: hosts of another hall stay behind."""
        gone = {self.kiosk} | (self.hosts if hall != self.hall else set())
        self.away = {actor: until for actor, until in self.away.items() if actor not in gone}
        self.agreed = {(kiosk if who == self.kiosk else who, what): yes for (who, what), yes in self.agreed.items()}
        self.kiosk, self.hall, self.hosts = kiosk, hall, self.hosts - gone
        self.left(gone - {kiosk})

    def waits(self, deadline: Instant) -> None:
        """The visit waits again: hosts stay, the officer and whoever was the officer's go."""
        self.state, self.officer, self.deadline, self.waits_until = "waiting", "", deadline, deadline
        self.away = {actor: until for actor, until in self.away.items() if actor in self.hosts | {self.kiosk}}
        self.invited, self.guests = {}, set()
        self.left({who for who, _ in self.agreed} - self.hosts - {self.kiosk})

    def left(self, actors: Collection[str]) -> None:
        """These take part no longer: who comes again is asked again."""
        self.agreed = {(who, what): yes for (who, what), yes in self.agreed.items() if who not in actors}

    def chain(self, desks: tuple[str, ...], waits_s: tuple[Seconds, ...], at: Instant) -> None:
        """The visit has a new chain: its first desk is asked."""
        self.desks, self.asked = desks, 1
        self.next_at = at + waits_s[1] if len(waits_s) > 1 else None

    def over(self, state: str, deadline: Instant | None) -> None:
        """The talk is over: nobody is waited for, and guests are free."""
        self.state, self.deadline, self.away, self.invited, self.guests = state, deadline, {}, {}, set()


def reckon(events: Iterable[e.Recorded]) -> tuple[Seen, list[tuple[Kind, str]]]:
    """Return the visit as the auditor reckons it, and what cannot have been."""
    own, doubts = Seen(), list[tuple[Kind, str]]()
    for recorded in events:
        event = recorded.event
        if isinstance(event, e.Offered) and own.officer and not own.foreign:
            doubts.append(("two_officers", f"offered to {event.officer} while {own.officer} has it"))
        doubts += _steps(own, recorded)
        doubts += _answers(own, recorded)
        if isinstance(event, e.UnresolvedNoted) and event.task in own.unresolved:
            doubts.append(("impossible", f"{event.task} is noted twice"))
        if own.state == "closed" and not isinstance(event, e.HandedOver | e.UnresolvedNoted) and not own.foreign:
            doubts.append(("impossible", f"{type(event).__name__} after the end"))
        _reckon(own, event, recorded.at)
    return own, doubts


def _steps(own: Seen, recorded: e.Recorded) -> Iterator[tuple[Kind, str]]:
    """The chain is gone along in its order, not before the time without a reason, and only who is asked is offered."""
    event = recorded.event
    if isinstance(event, e.Offered) and event.desk not in own.desks[: own.asked]:
        yield "step", f"offered at {event.desk}, which is not asked"
    if not isinstance(event, e.StepReached):
        return
    if event.desk not in own.desks[own.asked :]:
        yield "step", f"asked {event.desk}, which is not further along {' → '.join(own.desks)}"
        return
    passed = own.desks[own.asked - 1 : own.desks.index(event.desk)]
    if tuple(one.desk for one in event.passed) != passed:
        yield "step", f"asked {event.desk} after {' → '.join(passed)}, and the reasons are for others"
    waited = own.next_at is not None and own.next_at <= recorded.at + ROUNDING_S
    if not waited and any(one.why == "busy" for one in event.passed):
        yield "step", f"asked {event.desk} before the time, because a desk was busy"


def _answers(own: Seen, recorded: e.Recorded) -> Iterator[tuple[Kind, str]]:
    """Everybody answers for themselves; what is taken back was given; nobody but officers need not be asked."""
    event = recorded.event
    if not isinstance(event, e.ConsentAnswered):
        return
    if event.actor != recorded.by:
        yield "consent", f"{recorded.by} has answered for {event.actor}"
    if (event.answer == "withdrawn") != own.agreed.get((event.actor, event.subject), False) and event.answer != "given":
        yield "consent", f"{event.actor} has {event.answer} what {'was' if event.answer == 'refused' else 'was not'} given"
    if event.basis == "employment" and event.role is not Role.OFFICER:
        yield "consent", f"{event.actor} is no officer, and counts as one who need not be asked"


def _reckon(own: Seen, event: e.Event, at: Instant) -> None:  # noqa: C901 - the rules, a line or three each
    match event:
        case e.Opened():
            own.state, own.kiosk, own.hall = "waiting", event.kiosk, event.hall
            own.deadline = own.waits_until = event.deadline
            own.chain(event.desks, event.waits_s, at)
        case e.StepReached():
            own.asked = own.desks.index(event.desk) + 1 if event.desk in own.desks else own.asked
            own.next_at = event.until
        case e.Offered():
            own.state, own.officer, own.deadline = "offered", event.officer, event.deadline
        case e.TurnedDown():
            own.state, own.officer, own.deadline = "waiting", "", own.waits_until
            own.away.pop(event.officer, None)
        case e.Accepted():
            own.state, own.deadline = "live", event.deadline
        case e.Held():
            own.state, own.deadline = "held", event.deadline
        case e.Resumed():
            own.state, own.deadline = "live", event.deadline
        case e.Interrupted():
            own.away[event.actor] = event.deadline
        case e.Restored() | e.Departed():
            own.away.pop(event.actor, None)
            if isinstance(event, e.Departed):
                own.guests.discard(event.actor)
                own.hosts.discard(event.actor)
                own.left({event.actor})
        case e.MovedKiosk():
            own.moves(event.kiosk, event.hall)
        case e.Requeued() | e.Transferred():
            own.waits(event.deadline)
            if isinstance(event, e.Transferred):
                own.chain(event.desks, event.waits_s, at)
        case e.Ended():
            own.over("wrapping", event.deadline)
        case e.Closed():
            own.over("closed", None)
        case e.HandedOver():
            own.receipt = event.receipt
        case e.Entered():
            own.invited.pop(event.actor, None)
            (own.guests if event.role is Role.GUEST else own.hosts if event.role is Role.HOST else set()).add(event.actor)
        case e.Invited():
            own.invited[event.actor] = event.deadline
        case e.Uninvited():
            own.invited.pop(event.actor, None)
        case e.TakenOver():
            own.away.pop(own.officer, None)
            own.left({own.officer})
            own.guests.discard(event.officer)
            own.officer, own.deadline = event.officer, event.deadline
        case e.ConsentAnswered():
            own.agreed[event.actor, event.subject] = event.answer == "given"
        case e.RecordingStarted() | e.RecordingStalled() | e.RecordingResumed() | e.RecordingStopped():
            pass
        case e.UnresolvedNoted(task):
            own.unresolved.append(task)
        case e.Said() | e.Prioritised() | e.ShareStarted() | e.ShareStopped() | e.MarksAllowed():
            pass
        case _:
            own.foreign = True
