"""办不成事 and low ratings: step by step, each by whoever may, until the resident has an answer."""

import pytest

from rvw.domain import task as tasks
from rvw.domain.followup import carry_out, shown_to
from rvw.domain.people import SYSTEM, Actor, Role
from rvw.domain.task import (
    Appeal,
    CalledBack,
    Check,
    Dispatch,
    Finish,
    JudgeAppeal,
    Kind,
    NotReached,
    Owed,
    Reply,
    Take,
    Task,
    TaskCommand,
    TaskState,
    TaskTerms,
)
from rvw.errors import NotAllowed, NotPossible
from tests.fakes.town import LEAD_FENG, OFFICER_LI, OFFICER_ZHOU

TERMS = TaskTerms(retry_s=600, tries=2)
OTHER_LEAD = Actor("shen", Role.SUPERVISOR, "沈督导", "baoshan")


def noted(kind: Kind = Kind.UNRESOLVED, desk: str = "baoshan") -> Task:
    """Return something that could not be done at Baoshan, or a low rating of it."""
    owed = Owed(
        kind=kind,
        authority="baoshan",
        desk=desk,
        visit="v1",
        ticket="A012",
        name="王示例",
        text="2 slow\n等了四十分钟",
        stage="dispatched" if desk else "noted",
        deadline=1000.0,
    )
    return tasks.make(owed, "t1", SYSTEM, 0.0)


def after(task: Task, *steps: tuple[Actor, TaskCommand]) -> Task:
    """Return the task after these steps."""
    for actor, command in steps:
        task = carry_out(task, command, actor, TERMS, 1.0)
    return task


def test_from_the_note_to_the_check() -> None:
    """Dispatched by a supervisor, replied to and called back by an officer, checked by a supervisor."""
    task = after(noted(desk=""), (LEAD_FENG, Dispatch("baoshan")), (OFFICER_LI, Take()), (OFFICER_LI, Reply("已查到")))
    assert (task.stage, task.answer, task.desk) == ("replied", "已查到", "baoshan")
    task = after(task, (OFFICER_LI, CalledBack("已告知")), (LEAD_FENG, Check(True)))
    assert (task.state, task.outcome, task.stage, task.done_at) == (TaskState.DONE, "done", "checked", 1.0)
    assert [one.did for one in task.history] == ["made", "dispatched", "taken", "replied", "called_back", "checked"]


def test_it_is_not_simply_done() -> None:
    """Finish is for what has no stages; no step is left out."""
    task = after(noted(), (OFFICER_LI, Take()))
    for step in (Finish(answer="好了"), CalledBack()):
        with pytest.raises(NotPossible):
            after(task, (OFFICER_LI, step))
    with pytest.raises(NotPossible):
        after(task, (LEAD_FENG, Check(True)))


def test_nobody_checks_the_own_reply() -> None:
    """A supervisor who has replied waits for another one."""
    task = after(noted(), (LEAD_FENG, Take()), (LEAD_FENG, Reply("已查到")), (LEAD_FENG, CalledBack()))
    with pytest.raises(NotAllowed):
        after(task, (LEAD_FENG, Check(True)))
    assert after(task, (OTHER_LEAD, Check(True))).state is TaskState.DONE


def test_what_is_not_good_enough_goes_back_to_the_desk() -> None:
    """Checked and found wanting: open again, and the stages begin anew."""
    task = after(noted(), (OFFICER_LI, Take()), (OFFICER_LI, Reply("不行")), (OFFICER_LI, CalledBack()))
    back = after(task, (LEAD_FENG, Check(False, "说清楚为什么")))
    assert (back.state, back.stage, back.holder) == (TaskState.OPEN, "dispatched", "")


def test_who_cannot_be_reached_is_tried_again_and_not_for_ever() -> None:
    """After the last try a supervisor looks at what was done."""
    task = after(noted(), (OFFICER_LI, Take()), (OFFICER_LI, Reply("已查到")), (OFFICER_LI, NotReached()))
    assert (task.stage, task.tries, task.due_at) == ("replied", 1, 601.0)
    assert after(task, (OFFICER_LI, NotReached())).stage == "called_back"


def test_an_officer_does_not_learn_who_has_rated() -> None:
    """Level and reasons are shown; words, ticket, name and visit are not. A supervisor reads all."""
    seen = shown_to(OFFICER_LI, noted(Kind.LOW_RATING))
    assert (seen.text, seen.ticket, seen.name, seen.visit) == ("2 slow", "", "", "")
    assert shown_to(LEAD_FENG, noted(Kind.LOW_RATING)).text == "2 slow\n等了四十分钟"
    assert shown_to(OFFICER_LI, noted()).ticket == "A012"
    with pytest.raises(NotAllowed):
        after(noted(Kind.LOW_RATING), (OFFICER_LI, Take()))


def test_a_mistaken_rating_is_appealed_and_judged() -> None:
    """The desk says why; upheld it is over and does not count, rejected it is mended all the same."""
    appealed = after(noted(Kind.LOW_RATING), (OFFICER_LI, Appeal("评错了窗口")))
    assert appealed.stage == "appealed"
    with pytest.raises(NotAllowed):
        after(appealed, (OFFICER_ZHOU, JudgeAppeal(True)))
    assert after(appealed, (LEAD_FENG, JudgeAppeal(True, "属实"))).outcome == "mistaken"
    assert after(appealed, (LEAD_FENG, JudgeAppeal(False))).stage == "dispatched"
    with pytest.raises(NotPossible):
        after(noted(), (OFFICER_LI, Appeal("不是我的事")))
