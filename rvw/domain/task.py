"""A task: work that somebody owes somebody, with an owner, a deadline and a state, until it is done. Nothing of it is lost.

One noun serves every kind: what residents were promised when no officer could come (call-back, message, appointment),
what supervisors must see to (anomaly), and what is followed up by stages (办不成事, low ratings: see `followup`). A task
belongs to a desk, or to an authority when it has no desk. Who takes it is its holder; who cannot go on puts it back; each
step is in its history.

A new kind is one member of `Kind` and one row of `RULES`; who makes one hands an `Owed` to `Worklist.add` in
`signaling.worklist`. Nothing else changes: the table in SQL, the HTTP endpoints, the live list, deadlines and metrics know
no kinds.
Telephone numbers are never in this struct: they are kept beside it, encrypted, and shown to the holder alone
(`may_read_contact`).
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Literal, TypeAlias, assert_never

import msgspec
from msgspec import Meta, Struct

from rvw.clock import Instant, Seconds
from rvw.domain.events import Tagged, Urgency
from rvw.domain.people import Actor, Role
from rvw.domain.policy import authorities
from rvw.errors import NotAllowed, NotPossible

MAX_HISTORY = 100
"""How many steps a task remembers: beyond that the oldest but the first are forgotten."""


class Kind(StrEnum):
    """What is owed."""

    CALL_BACK = "call_back"
    """Somebody rings the resident."""
    MESSAGE = "message"
    """Somebody answers what the resident wrote; the ticket shows the answer."""
    APPOINTMENT = "appointment"
    """The resident comes at `due_at`, to any kiosk, and is served before others."""
    ANOMALY = "anomaly"
    """Something is wrong at the window: a supervisor sees to it."""
    UNRESOLVED = "unresolved"
    """办不成事: something could not be done, and is followed up until the resident has an answer."""
    LOW_RATING = "low_rating"
    """One of the two lowest levels: the resident is called back, and it is mended."""
    KNOWLEDGE = "knowledge"
    """What nobody at the window could answer: somebody finds out, for the next time."""
    MISSED = "missed"
    """The resident has not come to an appointment: the desk rings, and finds another time (`reminders`)."""


class TaskState(StrEnum):
    """Where a task is."""

    OPEN = "open"
    """Nobody has it."""
    TAKEN = "taken"
    """The holder is at it."""
    DONE = "done"


TaskOutcome: TypeAlias = Literal["done", "not_reached", "kept", "missed", "cancelled", "mistaken"]
"""How a task ended: done; not reached after so many tries; the appointment kept, or missed; called off by the resident; a
rating that was a mistake."""

Stage: TypeAlias = Literal["", "noted", "dispatched", "replied", "called_back", "appealed", "checked"]
"""How far something is that is followed up; empty for other kinds."""

Did: TypeAlias = Literal[
    "made", "taken", "put_back", "tried", "done", "expired", "disowned",
    "dispatched", "replied", "called_back", "checked", "sent_back", "appealed", "upheld", "rejected",
]  # fmt: skip


class TaskStep(Struct, frozen=True, forbid_unknown_fields=True):
    """One line of a task's history."""

    at: Instant
    by: str
    name: str
    did: Did
    note: str = ""


class Owed(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is owed to whom, as whoever makes a task says it."""

    kind: Kind
    authority: str
    desk: str = ""
    """Whose officers see it. Empty: the supervisors of the authority alone."""
    subject: str = ""
    """What it is about, for programs: a matter's code, or what an anomaly watches (`no_officer`)."""
    visit: str = ""
    ticket: str = ""
    language: str = "zh"
    name: str = ""
    """Who asks, if they said so."""
    text: str = ""
    """What they wrote, or what is wrong, for people."""
    contact: str = ""
    """How the number ends (`****5678`): the number itself is not here."""
    stage: Stage = ""
    urgency: Urgency | Literal[""] = ""
    """How soon something that could not be done is to be."""
    due_at: Instant = 0.0
    """Not before: when to try again, or the time of an appointment. 0: at once."""
    deadline: Instant
    """Until when it is to be done. Later it is overdue, and stays until it is done, unless its rule lets it expire."""


class Task(Owed, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Work that somebody owes."""

    id: str
    version: int
    state: TaskState = TaskState.OPEN
    made_at: Instant
    holder: str = ""
    holder_name: str = ""
    tries: int = 0
    outcome: TaskOutcome | Literal[""] = ""
    answer: str = ""
    """What the resident reads with the ticket."""
    done_at: Instant | None = None
    history: tuple[TaskStep, ...] = ()


class Rule(Struct, frozen=True, kw_only=True):
    """What a kind allows."""

    takers: frozenset[Role]
    outcomes: frozenset[TaskOutcome]
    answered: bool = False
    """To be done needs words: for the resident, or for whoever asks next."""
    staged: bool = False
    """Goes by the stages of `followup`: it is not simply done."""
    expires_as: TaskOutcome | None = None
    """With which outcome the deadline ends it; `None`: it stays until somebody has done it."""


STAFF = frozenset({Role.OFFICER, Role.SUPERVISOR})

RULES: Mapping[Kind, Rule] = {
    Kind.CALL_BACK: Rule(takers=STAFF, outcomes=frozenset({"done"})),
    Kind.MESSAGE: Rule(takers=STAFF, outcomes=frozenset({"done"}), answered=True),
    Kind.APPOINTMENT: Rule(takers=frozenset(), outcomes=frozenset(), expires_as="missed"),
    Kind.ANOMALY: Rule(takers=frozenset({Role.SUPERVISOR}), outcomes=frozenset({"done"})),
    Kind.UNRESOLVED: Rule(takers=STAFF, outcomes=frozenset({"done"}), staged=True),
    Kind.LOW_RATING: Rule(takers=frozenset({Role.SUPERVISOR}), outcomes=frozenset({"done", "mistaken"}), staged=True),
    Kind.KNOWLEDGE: Rule(takers=STAFF, outcomes=frozenset({"done"}), answered=True),
    Kind.MISSED: Rule(takers=STAFF, outcomes=frozenset({"done"})),
}

PROMISES = frozenset({Kind.CALL_BACK, Kind.MESSAGE, Kind.APPOINTMENT})
"""What a resident has been promised, and asks for with the ticket."""

RINGING = frozenset({Kind.CALL_BACK, Kind.MISSED})
"""Where somebody is rung, and may not be reached."""

EXPIRING = tuple(kind for kind, rule in RULES.items() if rule.expires_as is not None)
"""The kinds that their deadline ends."""

Words = Annotated[str, Meta(max_length=1000)]


class Take(Tagged, frozen=True, tag="take"):
    """See to it: the others leave it alone."""


class PutBack(Tagged, frozen=True, tag="put_back"):
    """Give it back to the desk: its holder, or a supervisor when the holder does nothing."""

    note: Words = ""


class NotReached(Tagged, frozen=True, tag="not_reached"):
    """Nobody answered the telephone: again later, or over after so many tries."""

    note: Words = ""


class Finish(Tagged, frozen=True, tag="finish"):
    """It is done. `answer` is for the resident, `note` for colleagues."""

    answer: Words = ""
    note: Words = ""


class Dispatch(Tagged, frozen=True, tag="dispatch"):
    """Give it to a desk: a supervisor, also again to another one."""

    desk: Annotated[str, Meta(min_length=1, max_length=64)]
    note: Words = ""


class Reply(Tagged, frozen=True, tag="reply"):
    """Say how it is done now, or why it cannot be: the resident reads it."""

    answer: Words
    note: Words = ""


class CalledBack(Tagged, frozen=True, tag="called_back"):
    """The resident has been told."""

    note: Words = ""


class Check(Tagged, frozen=True, tag="check"):
    """Close it, or send it back to the desk: a supervisor who has not replied."""

    good: bool
    note: Words = ""


class Appeal(Tagged, frozen=True, tag="appeal"):
    """Say why a low rating is a mistake: an officer of the desk."""

    note: Annotated[str, Meta(min_length=1, max_length=1000)]


class JudgeAppeal(Tagged, frozen=True, tag="judge_appeal"):
    """Decide on an appeal: a rating that was a mistake does not count."""

    upheld: bool
    note: Words = ""


TaskCommand: TypeAlias = Take | PutBack | NotReached | Finish | Dispatch | Reply | CalledBack | Check | Appeal | JudgeAppeal
"""What a page may send."""


class TaskTerms(Struct, frozen=True, kw_only=True):
    """How often and how soon a call-back is tried again, and until when one who did not come is to be rung."""

    retry_s: Seconds = 1800.0
    tries: int = 3
    missed_s: Seconds = 86_400.0


def make(owed: Owed, task_id: str, by: Actor, now: Instant) -> Task:
    """Return the new task with its first line of history."""
    told = {name: getattr(owed, name) for name in Owed.__struct_fields__} | {"due_at": owed.due_at or now}
    return Task(**told, id=task_id, version=1, made_at=now, history=(TaskStep(now, by.id, by.name, "made"),))


def is_overdue(task: Task, now: Instant) -> bool:
    """Tell whether the deadline has passed and the task is not done."""
    return task.state is not TaskState.DONE and task.deadline <= now


def may_see(actor: Actor, task: Task) -> bool:
    """Tell whether the task is in the actor's list: of an own desk, or of the supervisor's authority."""
    match actor.role:
        case Role.SYSTEM:
            return True
        case Role.SUPERVISOR:
            return task.authority in authorities(actor)
        case Role.OFFICER:
            return bool(task.desk) and task.desk in actor.desks
        case _:
            return False


def may_read_contact(actor: Actor, task: Task) -> bool:
    """Tell whether the actor may read the number now: only who has taken the task, and only until it is done."""
    return task.state is TaskState.TAKEN and task.holder == actor.id and may_see(actor, task)


def topics(task: Task) -> frozenset[str]:
    """Return who is told that the task has changed: `may_see`, written as the topics sockets listen to."""
    desk = {f"desk:{task.desk}"} if task.desk else set()
    return frozenset({f"authority:{task.authority}", *desk})


def perform(
    task: Task, command: Take | PutBack | NotReached | Finish, actor: Actor, terms: TaskTerms, now: Instant
) -> Task:
    """Return the task after the command.

    Raises `NotAllowed` when the actor may never do this, `NotPossible` when not now.
    """
    rule = RULES[task.kind]
    if not may_see(actor, task) or actor.role not in rule.takers:
        raise NotAllowed("this task is not one of yours")
    if task.state is TaskState.DONE:
        raise NotPossible("this task is done")
    match command:
        case Take():
            return _taken(task, actor, now)
        case PutBack(note):
            if task.state is not TaskState.TAKEN or (task.holder != actor.id and actor.role is not Role.SUPERVISOR):
                raise NotPossible("only who has taken a task, or a supervisor, puts it back")
            return after(task, actor, "put_back", now, note, state=TaskState.OPEN, holder="", holder_name="")
        case NotReached(note):
            _must_hold(task, actor)
            return _tried(task, actor, terms, note, now)
        case Finish(answer, note):
            _must_hold(task, actor)
            if rule.staged:
                raise NotPossible("this is followed up by stages: reply, call back, have it checked")
            if rule.answered and not answer.strip():
                raise NotPossible("the resident waits for an answer: write one")
            return _done(task, actor, "done", "done", now, note, answer=answer)
        case _:
            assert_never(command)


def close(task: Task, outcome: TaskOutcome, by: Actor, now: Instant, note: str = "") -> Task:
    """Return the task ended by what has happened, not by its holder: the resident came, or called it off.

    Raises `NotPossible` for one that is done.
    """
    if task.state is TaskState.DONE:
        raise NotPossible("this task is done")
    return _done(task, by, outcome, "done", now, note)


def disown(task: Task, by: Actor, now: Instant, why: str) -> Task:
    """Return the task without its desk, which is no more: the authority's supervisors have it, and nobody holds it.

    Raises `NotPossible` for one that is done.
    """
    if task.state is TaskState.DONE:
        raise NotPossible("this task is done")
    return after(task, by, "disowned", now, why, desk="", state=TaskState.OPEN, holder="", holder_name="")


def expire(task: Task, by: Actor, now: Instant) -> Task | None:
    """Return the task after its deadline, when its rule lets it expire; `None` when it stays until it is done."""
    outcome = RULES[task.kind].expires_as
    if outcome is None or not is_overdue(task, now):
        return None
    return _done(task, by, outcome, "expired", now)


def _taken(task: Task, actor: Actor, now: Instant) -> Task:
    if task.holder == actor.id:
        return task
    if task.state is TaskState.TAKEN:
        raise NotPossible(f"{task.holder_name} has taken it")
    return after(task, actor, "taken", now, state=TaskState.TAKEN, holder=actor.id, holder_name=actor.name)


def _must_hold(task: Task, actor: Actor) -> None:
    if task.state is not TaskState.TAKEN or task.holder != actor.id:
        raise NotPossible("take the task first")


def _tried(task: Task, actor: Actor, terms: TaskTerms, note: str, now: Instant) -> Task:
    if task.kind not in RINGING:
        raise NotPossible("only a call-back can fail to reach somebody")
    tried = after(task, actor, "tried", now, note, tries=task.tries + 1)
    if tried.tries >= terms.tries:
        return msgspec.structs.replace(tried, state=TaskState.DONE, outcome="not_reached", done_at=now)
    again = now + terms.retry_s
    return msgspec.structs.replace(
        tried, state=TaskState.OPEN, holder="", holder_name="", due_at=again, deadline=max(task.deadline, again)
    )


def _done(task: Task, actor: Actor, outcome: TaskOutcome, did: Did, now: Instant, note: str = "", answer: str = "") -> Task:
    ended = after(task, actor, did, now, note, state=TaskState.DONE, outcome=outcome)
    return msgspec.structs.replace(ended, done_at=now, answer=answer)


def after(
    task: Task,
    actor: Actor,
    did: Did,
    now: Instant,
    note: str = "",
    **changed: str | int | TaskState,
) -> Task:
    """Return the task with one more line of history, and what has changed."""
    step = TaskStep(now, actor.id, actor.name, did, note)
    history = (*task.history[:1], *task.history[1:][-(MAX_HISTORY - 2) :], step)
    return msgspec.structs.replace(task, version=task.version + 1, history=history, **changed)
