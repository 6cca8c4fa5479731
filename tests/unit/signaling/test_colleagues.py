"""The directory of colleagues: who is there, nearest first, and who may look."""

import pytest

from rvw.domain.board import Board
from rvw.domain.events import Presence
from rvw.domain.people import Actor, Role
from rvw.domain.shift import Shift
from rvw.errors import NotAllowed
from signaling.rest_api import colleagues_of

LI = Actor("pudong1", Role.OFFICER, "李示例", "pudong", desks=("pudong",))


def shift(actor: str, authority: str, presence: Presence, visit: str = "", role: Role = Role.OFFICER) -> Shift:
    """Return the shift of somebody."""
    return Shift(
        actor=actor, name=actor, authority=authority, presence=presence, visit=visit, role=role, desks=(authority,)
    )


def board(*shifts: Shift) -> Board:
    """Return a board with the shifts."""
    made = Board()
    for one in shifts:
        made.put(f"shift:{one.actor}", one)
    return made


def test_the_others_who_are_there_are_listed_nearest_first() -> None:
    """Own authority first, those who are free before those who are not; neither oneself, nor kiosks, nor who went home."""
    known = board(
        shift("city1", "shanghai", "ready"),
        shift("pudong1", "pudong", "ready", "v1"),
        shift("pudong3", "pudong", "ready", "v2"),
        shift("pudong2", "pudong", "on_break"),
        shift("pudong4", "pudong", "signed_out"),
        shift("kiosk-1", "pudong", "ready", role=Role.KIOSK),
    )
    found = colleagues_of(LI, known).colleagues
    assert [(one.id, one.free) for one in found] == [("pudong2", True), ("pudong3", False), ("city1", True)]


@pytest.mark.parametrize("role", [Role.KIOSK, Role.HOST, Role.GUEST])
def test_a_directory_of_officers_is_not_for_kiosks_and_halls(role: Role) -> None:
    """Names of officers are shown to officers and supervisors."""
    with pytest.raises(NotAllowed):
        colleagues_of(Actor("somebody", role, "", "pudong"), board())
