"""The figures of a small day, worked out by hand."""

import pytest

from rvw.domain import commands as c
from rvw.domain import figures as module
from rvw.domain.figures import Figures
from rvw.domain.people import SYSTEM
from tests.fakes.counter import Counter
from tests.fakes.town import KIOSK_ONE, KIOSK_TWO, OFFICER_LI


def folded(counter: Counter) -> Figures:
    """Fold what has happened so far."""
    figures = Figures()
    for entry in counter.ledger.log:
        figures.add(entry.recorded)
    return figures


def a_day() -> Counter:
    """One is answered after 10 s, talks 5 minutes and is written up in 1; another waits 90 s and leaves."""
    counter = Counter()
    for actor in (KIOSK_ONE, KIOSK_TWO, OFFICER_LI):
        counter.perform(actor, c.SetPresence("ready"))
    counter.clock.pass_(30)
    first = counter.perform(KIOSK_ONE, c.Open("card", "310113"))
    counter.perform(SYSTEM, c.Offer("li", "baoshan"), first)
    counter.clock.pass_(10)
    counter.perform(OFFICER_LI, c.Accept(), first)
    second = counter.perform(KIOSK_TWO, c.Open("shop", "310113"))
    counter.clock.pass_(90)
    counter.perform(KIOSK_TWO, c.Leave(), second)
    counter.clock.pass_(210)
    counter.perform(OFFICER_LI, c.End(), first)
    counter.clock.pass_(60)
    counter.perform(OFFICER_LI, c.Close("accepted"), first)
    return counter


def test_the_figures_of_a_small_day() -> None:
    """Half of those who can be judged were answered in time; the one answered was solved."""
    told = folded(a_day()).statistics()
    assert (told.total.opened, told.total.answered, told.open) == (2, 1, 0)
    assert (told.total.prompt_share, told.total.solved_share, told.total.abandoned_share) == (0.5, 1.0, 0.5)
    assert (told.total.answer_p50_s, told.total.wait_p90_s) == (10.5, 90.5)
    assert told.matters["card"].prompt_share == 1.0
    assert told.matters["shop"].prompt_share == 0.0
    assert told.desks["baoshan"].opened == 2
    load = told.officers["li"]
    assert (load.in_visit_s, load.wrapping_s, load.ready_s) == (300, 60, 30)


def test_who_leaves_within_the_minute_is_not_held_against_the_desk() -> None:
    """Nobody can say whether an answer would have come in time."""
    counter = Counter()
    counter.perform(KIOSK_ONE, c.SetPresence("ready"))
    visit = counter.perform(KIOSK_ONE, c.Open("card", "310113"))
    counter.clock.pass_(59)
    counter.perform(KIOSK_ONE, c.Leave(), visit)
    told = folded(counter).statistics().total
    assert (told.prompt_share, told.abandoned_share) == (None, 1.0)


def test_the_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the limits the earliest visit is forgotten, and said so; further officers are the others."""
    monkeypatch.setattr(module, "MAX_OPEN", 0)
    monkeypatch.setattr(module, "MAX_GROUPS", 1)
    figures = folded(a_day())
    assert figures.statistics().forgotten == 2
    assert set(figures.groups) == {("baoshan", "card"), (module.OTHERS, module.OTHERS)}
