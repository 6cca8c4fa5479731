"""Who may watch what was recorded of a visit: its officer and its supervisors, and nobody else."""

import pytest

from rvw.domain.people import SYSTEM, Actor, Role
from rvw.domain.policy import may_watch

OFFICER = Actor("li", Role.OFFICER, "李示例", "pudong")


@pytest.mark.parametrize(
    ("actor", "may"),
    [
        (OFFICER, True),
        (Actor("zhou", Role.OFFICER, "周示例", "pudong"), False),
        (Actor("li", Role.HOST, "同名", "pudong", hall="hall"), False),
        (Actor("kiosk", Role.KIOSK, "一号终端", "pudong", hall="hall"), False),
        (Actor("guest:1", Role.GUEST, "专家", ""), False),
        (Actor("feng", Role.SUPERVISOR, "冯督导", "pudong"), True),
        (Actor("wu", Role.SUPERVISOR, "吴督导", "shanghai", oversees=("huangpu", "pudong")), True),
        (Actor("qin", Role.SUPERVISOR, "秦督导", "huangpu"), False),
        (SYSTEM, False),
    ],
    ids=lambda one: f"{one.role} {one.id}" if isinstance(one, Actor) else str(one),
)
def test_only_who_has_a_task_that_needs_it(actor: Actor, may: bool) -> None:
    """Li of Pudong answered the visit."""
    assert may_watch(actor, "li", "pudong") is may


def test_a_visit_that_nobody_answered_has_no_officer() -> None:
    """An account without a name would otherwise be its officer."""
    assert not may_watch(Actor("", Role.OFFICER, "", "pudong"), "", "pudong")
