"""What is followed up until the resident has an answer: 办不成事 and low ratings, as tasks in stages.

Noted, dispatched to a desk, replied to, the resident called back, checked by a supervisor who is not the one complained
about, closed: each step by whoever may, in this order. A low rating that is a mistake has a way out (申诉): the desk says
why, a supervisor decides. Officers see of a low rating what was said of the desk, and never of whom it comes.
"""

from collections.abc import Mapping
from typing import TypeAlias, assert_never

import msgspec
from msgspec import Struct

from rvw.clock import Instant
from rvw.domain.people import Actor, Role
from rvw.domain.task import (
    Appeal,
    CalledBack,
    Check,
    Dispatch,
    Finish,
    JudgeAppeal,
    Kind,
    NotReached,
    PutBack,
    Reply,
    Stage,
    Take,
    Task,
    TaskCommand,
    TaskState,
    TaskTerms,
    after,
    may_see,
    perform,
)
from rvw.errors import NotAllowed, NotPossible

FollowUpCommand: TypeAlias = Dispatch | Reply | CalledBack | NotReached | Check | Appeal | JudgeAppeal

STAGED = frozenset({Kind.UNRESOLVED, Kind.LOW_RATING})
"""The kinds that go by stages."""

BEFORE: Mapping[type[FollowUpCommand], frozenset[Stage]] = {
    Dispatch: frozenset({"noted", "dispatched", "replied", "called_back"}),
    Reply: frozenset({"dispatched", "replied"}),
    CalledBack: frozenset({"replied"}),
    NotReached: frozenset({"replied"}),
    Check: frozenset({"called_back"}),
    Appeal: frozenset({"noted", "dispatched"}),
    JudgeAppeal: frozenset({"appealed"}),
}
"""At which stages each step is possible."""


class Who(Struct, frozen=True):
    """Who may take a step."""

    holder: bool
    """Only who has taken the task."""
    roles: frozenset[Role]


LEADS, ALL = frozenset({Role.SUPERVISOR}), frozenset({Role.OFFICER, Role.SUPERVISOR})
BY: Mapping[type[FollowUpCommand], Who] = {
    Dispatch: Who(False, LEADS),
    Reply: Who(True, ALL),
    CalledBack: Who(True, ALL),
    NotReached: Who(True, ALL),
    Check: Who(False, LEADS),
    Appeal: Who(False, frozenset({Role.OFFICER})),
    JudgeAppeal: Who(False, LEADS),
}


def carry_out(task: Task, command: TaskCommand, actor: Actor, terms: TaskTerms, now: Instant) -> Task:
    """Return the task after any command, whether it goes by stages or not. Raises `NotAllowed`, `NotPossible`."""
    if isinstance(command, Take | PutBack | Finish) or (isinstance(command, NotReached) and task.kind not in STAGED):
        return perform(task, command, actor, terms, now)
    return follow_up(task, command, actor, terms, now)


def follow_up(task: Task, command: FollowUpCommand, actor: Actor, terms: TaskTerms, now: Instant) -> Task:
    """Return the task after one more step. Raises `NotAllowed` for who may not, `NotPossible` for what is not next."""
    _check(task, command, actor)
    match command:
        case Dispatch(desk, note):
            return after(task, actor, "dispatched", now, note, desk=desk, stage="dispatched", **_FREE)
        case Reply(answer, note):
            if not answer.strip():
                raise NotPossible("the resident waits for an answer: write one")
            return after(task, actor, "replied", now, note, answer=answer.strip(), stage="replied")
        case CalledBack(note):
            return after(task, actor, "called_back", now, note, stage="called_back", **_FREE)
        case NotReached(note):
            return _not_reached(task, actor, terms, note, now)
        case Appeal(note):
            return after(task, actor, "appealed", now, note, stage="appealed", **_FREE)
        case Check() | JudgeAppeal():
            return _judged(task, command, actor, now)
        case _:
            assert_never(command)


def _not_reached(task: Task, actor: Actor, terms: TaskTerms, note: str, now: Instant) -> Task:
    """Try again later; after so many tries in vain a supervisor looks at what was done."""
    tried = after(task, actor, "tried", now, note, tries=task.tries + 1)
    stage: Stage = "called_back" if tried.tries >= terms.tries else tried.stage
    return msgspec.structs.replace(tried, stage=stage, due_at=now + terms.retry_s)


def _judged(task: Task, command: Check | JudgeAppeal, actor: Actor, now: Instant) -> Task:
    if isinstance(command, Check):
        if not command.good:
            return after(task, actor, "sent_back", now, command.note, stage="dispatched", **_FREE)
        done = after(task, actor, "checked", now, command.note, stage="checked", state=TaskState.DONE, outcome="done")
    elif not command.upheld:
        return after(task, actor, "rejected", now, command.note, stage="dispatched")
    else:
        done = after(task, actor, "upheld", now, command.note, state=TaskState.DONE, outcome="mistaken")
    return msgspec.structs.replace(done, done_at=now)


_FREE: Mapping[str, str | TaskState] = {"state": TaskState.OPEN, "holder": "", "holder_name": ""}


def _check(task: Task, command: FollowUpCommand, actor: Actor) -> None:
    who = BY[type(command)]
    if task.kind not in STAGED or (isinstance(command, Appeal | JudgeAppeal) and task.kind is not Kind.LOW_RATING):
        raise NotPossible("this task has no such step")
    if actor.role not in who.roles or not may_see(actor, task):
        raise NotAllowed("this step is not yours")
    if task.state is TaskState.DONE:
        raise NotPossible("this task is done")
    if task.stage not in BEFORE[type(command)]:
        raise NotPossible(f"not at the stage {task.stage}")
    if who.holder and (task.state is not TaskState.TAKEN or task.holder != actor.id):
        raise NotPossible("take the task first")
    if isinstance(command, Check) and any(one.by == actor.id and one.did == "replied" for one in task.history):
        raise NotAllowed("who has replied does not check the reply")


def shown_to(actor: Actor, task: Task) -> Task:
    """Return the task as the actor may read it: an officer learns of a low rating what was said, not who has said it."""
    if actor.role is not Role.OFFICER or task.kind is not Kind.LOW_RATING:
        return task
    return msgspec.structs.replace(task, visit="", ticket="", name="", contact="", text=task.text.partition("\n")[0])
