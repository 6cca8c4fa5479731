"""When to wake whom."""

from media.core.agenda import Agenda


def test_the_earliest_comes_first_and_once() -> None:
    """A time that was replaced, earlier or later, does not wake anybody."""
    agenda: Agenda[str] = Agenda()
    assert agenda.next() is None
    for key, at in (("a", 5.0), ("b", 3.0), ("a", 1.0), ("b", 4.0), ("c", 2.0), ("c", 2.0)):
        agenda.set(key, at)
    assert agenda.next() == 1.0
    assert list(agenda.due(2.0)) == ["a", "c"]
    assert agenda.next() == 4.0
    agenda.drop("b")
    assert agenda.next() is None
    assert len(agenda) == 0


def test_one_that_is_set_again_while_due_is_woken_again() -> None:
    """But only when its new time has come."""
    agenda: Agenda[str] = Agenda()
    agenda.set("a", 1.0)
    woken = []
    for key in agenda.due(2.0):
        woken.append(key)
        agenda.set(key, 1.5 if len(woken) == 1 else 9.0)
    assert woken == ["a", "a"]
    assert agenda.next() == 9.0
