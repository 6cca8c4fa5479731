"""What may happen to a task: one table of kinds, scenes with officers, and what nobody may read."""

import pytest

from rvw.domain import task as tasks
from rvw.domain.followup import carry_out
from rvw.domain.people import SYSTEM, Actor, Role
from rvw.domain.task import Finish, Kind, NotReached, Owed, PutBack, Take, Task, TaskCommand, TaskState, TaskTerms
from rvw.errors import NotAllowed, NotPossible
from tests.fakes.town import HOST_CHEN, KIOSK_ONE, LEAD_FENG, OFFICER_CITY, OFFICER_LI, OFFICER_ZHOU

TERMS = TaskTerms(retry_s=600, tries=2)
LEAD_ELSEWHERE = Actor("hu", Role.SUPERVISOR, "胡督导", "jiaxing")


def owed(kind: Kind, desk: str = "baoshan") -> Task:
    """Return a new task of Baoshan, made at 0 and due by 1000."""
    wish = Owed(kind=kind, authority="baoshan", desk=desk, due_at=500.0, deadline=1000.0)
    return tasks.make(wish, "t1", KIOSK_ONE, 0.0)


def do(task: Task, command: TaskCommand, actor: Actor = OFFICER_LI, now: float = 1.0) -> Task:
    """Carry out a command."""
    return carry_out(task, command, actor, TERMS, now)


def test_a_call_back_is_taken_and_done() -> None:
    """Its history tells who, what, when; nobody else may do it in between."""
    taken = do(owed(Kind.CALL_BACK), Take())
    assert (taken.state, taken.holder, taken.holder_name) == (TaskState.TAKEN, "li", "李示例")
    assert do(taken, Take()) is taken
    for command in (Take(), PutBack(), Finish(), NotReached()):
        with pytest.raises(NotPossible):
            do(taken, command, OFFICER_ZHOU)
    done = do(taken, Finish(note="已办"), now=9.0)
    assert (done.state, done.outcome, done.done_at, done.version) == (TaskState.DONE, "done", 9.0, 3)
    assert [(step.did, step.by) for step in done.history] == [("made", "kiosk-1"), ("taken", "li"), ("done", "li")]
    with pytest.raises(NotPossible):
        do(done, Take())


def test_a_call_back_that_nobody_answers_is_tried_again_and_then_over() -> None:
    """After the first try it is everybody's again, later; after the last it ends as not reached."""
    again = do(do(owed(Kind.CALL_BACK), Take()), NotReached("无人接听"), now=900.0)
    assert (again.state, again.holder, again.tries, again.due_at) == (TaskState.OPEN, "", 1, 1500.0)
    assert again.deadline == 1500.0, "it cannot be late before it is due"
    over = do(do(again, Take(), OFFICER_ZHOU), NotReached(), OFFICER_ZHOU, now=1600.0)
    assert (over.state, over.outcome, over.tries) == (TaskState.DONE, "not_reached", 2)


def test_a_message_needs_an_answer() -> None:
    """Blank is none."""
    taken = do(owed(Kind.MESSAGE), Take())
    with pytest.raises(NotPossible, match="answer"):
        do(taken, Finish("  "))
    assert do(taken, Finish("可以。")).answer == "可以。"
    with pytest.raises(NotPossible, match="call-back"):
        do(taken, NotReached())


def test_a_supervisor_puts_back_what_its_holder_leaves_lying() -> None:
    """Then another officer takes it."""
    free = do(do(owed(Kind.MESSAGE), Take()), PutBack("李休假"), LEAD_FENG)
    assert do(free, Take(), OFFICER_ZHOU).holder == "zhou"


@pytest.mark.parametrize("actor", [HOST_CHEN, KIOSK_ONE, LEAD_ELSEWHERE, Actor("x", Role.OFFICER, "", "baoshan")])
@pytest.mark.parametrize("kind", Kind)
def test_a_task_is_nobody_else_s(kind: Kind, actor: Actor) -> None:
    """Hosts, kiosks, other authorities, officers of no desk: not seen, not done, no number."""
    task = owed(kind, desk="")
    assert not tasks.may_see(actor, task)
    assert not tasks.may_read_contact(actor, task)
    with pytest.raises(NotAllowed):
        do(task, Take(), actor)


def test_an_anomaly_is_the_supervisors() -> None:
    """An officer of the desk sees it and cannot end it."""
    anomaly = owed(Kind.ANOMALY)
    assert tasks.may_see(OFFICER_LI, anomaly)
    with pytest.raises(NotAllowed):
        do(anomaly, Take())
    assert do(do(anomaly, Take(), LEAD_FENG), Finish(), LEAD_FENG).outcome == "done"


def test_who_reads_the_number() -> None:
    """The holder, while being at it; not the colleague, not the supervisor, not afterwards."""
    task = owed(Kind.CALL_BACK)
    assert not tasks.may_read_contact(OFFICER_LI, task)
    taken = do(task, Take())
    assert tasks.may_read_contact(OFFICER_LI, taken)
    assert not any(tasks.may_read_contact(one, taken) for one in (OFFICER_ZHOU, OFFICER_CITY, LEAD_FENG, SYSTEM))
    assert not tasks.may_read_contact(OFFICER_LI, do(taken, Finish()))


def test_only_appointments_end_by_their_deadline() -> None:
    """What else is late stays until somebody has done it."""
    for kind in Kind:
        late = tasks.expire(owed(kind), SYSTEM, 1000.0)
        assert tasks.is_overdue(owed(kind), 1000.0)
        assert (late.outcome if late else None) == ("missed" if kind is Kind.APPOINTMENT else None)
    assert tasks.expire(owed(Kind.APPOINTMENT), SYSTEM, 999.0) is None
    assert tasks.close(owed(Kind.APPOINTMENT), "kept", SYSTEM, 1.0).outcome == "kept"


def test_a_history_has_an_end() -> None:
    """The first line stays."""
    task = owed(Kind.MESSAGE)
    for _ in range(tasks.MAX_HISTORY):
        task = do(do(task, Take()), PutBack())
    assert len(task.history) == tasks.MAX_HISTORY
    assert (task.history[0].did, task.history[-1].did) == ("made", "put_back")
