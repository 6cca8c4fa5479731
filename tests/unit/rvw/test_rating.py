"""好差评: once, after the talk, in a stream that no page sees; counted by desk, officer and matter."""

import pytest

from rvw.domain import commands as c
from rvw.domain import events as e
from rvw.domain.audit import Store, audit
from rvw.domain.people import SYSTEM
from rvw.domain.rating import BAD, GOOD, LEVELS, Rated, counted, may_be_rated, tags_of
from tests.fakes.counter import Counter
from tests.fakes.town import KIOSK_ONE, OFFICER_LI


@pytest.fixture
def counter() -> Counter:
    """An office where Li is ready."""
    one = Counter()
    for actor in (OFFICER_LI, KIOSK_ONE):
        one.perform(actor, c.SetPresence("ready"))
    return one


def talked(counter: Counter) -> str:
    """Return a visit whose talk is over."""
    visit = counter.perform(KIOSK_ONE, c.Open("card", "310113"))
    counter.match()
    counter.perform(OFFICER_LI, c.Accept(), visit)
    counter.perform(KIOSK_ONE, c.Leave(), visit)
    return visit


def test_a_visit_is_rated_once(counter: Counter) -> None:
    """At the kiosk while the officer still writes; with the ticket later it is refused."""
    visit = talked(counter)
    assert may_be_rated(counter.visit(visit))
    counter.perform(SYSTEM, c.Rate(4, ("patient", "patient")), visit)
    given = counter.ledger.streams[f"rating:{visit}"][0].event
    assert isinstance(given, e.Rated)
    assert (given.level, given.tags, given.officer, given.desk) == (4, ("patient",), OFFICER_LI.id, "baoshan")
    assert counter.refusal(SYSTEM, c.Rate(1, way="ticket"), visit) == "not_possible"


def test_no_page_is_told(counter: Counter) -> None:
    """The officer's neither: the visit is the same before and after, and the entry has no audience."""
    visit = talked(counter)
    before = counter.visit(visit)
    counter.perform(SYSTEM, c.Rate(1, ("rude",), "没听我说完"), visit)
    assert counter.visit(visit) == before
    assert counter.ledger.log[-1].to == ()


def test_a_repeated_rating_is_given_once(counter: Counter) -> None:
    """A page that did not hear the answer asks again with the same ref."""
    visit = talked(counter)
    counter.perform(SYSTEM, c.Rate(5), visit, "r1")
    counter.perform(SYSTEM, c.Rate(5), visit, "r1")
    assert len(counter.ledger.streams[f"rating:{visit}"]) == 1


def test_not_before_the_end_and_not_for_nobody(counter: Counter) -> None:
    """In the talk it is too early; a visit that nobody answered has nobody to rate."""
    live = counter.perform(KIOSK_ONE, c.Open("card", "310113"))
    counter.match()
    counter.perform(OFFICER_LI, c.Accept(), live)
    assert counter.refusal(SYSTEM, c.Rate(5), live) == "not_possible"
    counter.perform(KIOSK_ONE, c.Leave(), live)
    counter.perform(OFFICER_LI, c.Close("guided"), live)
    left = counter.perform(KIOSK_ONE, c.Open("card", "310113"))
    counter.perform(KIOSK_ONE, c.Leave(), left)
    assert counter.refusal(SYSTEM, c.Rate(5), left) == "not_possible"


@pytest.mark.parametrize("level", LEVELS)
def test_reasons_fit_the_level(counter: Counter, level: e.RatingLevel) -> None:
    """Nobody is very satisfied because the officer was rude."""
    visit = talked(counter)
    for tag in (*GOOD, *BAD):
        if tag not in tags_of(level):
            assert counter.refusal(SYSTEM, c.Rate(level, (tag,)), visit) == "bad_request"
    counter.perform(SYSTEM, c.Rate(level, tags_of(level)), visit)


def test_an_auditor_finds_a_rating_that_was_too_early(counter: Counter) -> None:
    """Before the talk was over, somebody else must have given it."""
    visit = talked(counter)
    counter.perform(SYSTEM, c.Rate(5), visit)
    streams = {name: list(enumerate(events, 1)) for name, events in counter.ledger.streams.items()}
    assert not audit(Store(streams=dict(streams)), counter.clock())  # type: ignore[arg-type]
    ((version, given),) = streams[f"rating:{visit}"]
    early = e.Recorded(given.stream, version, given.at - 3600, given.by, given.ref, given.event)
    found = audit(Store(streams={**streams, given.stream: [(1, early)]}), counter.clock())  # type: ignore[dict-item]
    assert [one.words for one in found if one.stream == given.stream] == ["rated before the talk was over"]


def test_figures_by_desk_officer_and_matter() -> None:
    """Satisfied are the upper three levels; a rating that was a mistake does not count."""
    rated = [
        Rated("v1", 1.0, "baoshan", "li", "card", 5),
        Rated("v2", 2.0, "baoshan", "li", "shop", 2),
        Rated("v3", 3.0, "city", "zheng", "card", 3),
        Rated("v4", 4.0, "city", "zheng", "card", 1, counts=False),
    ]
    found = counted(rated)
    assert found.total.levels == (1, 0, 1, 1, 0)
    assert found.total.satisfied_share == pytest.approx(2 / 3)
    assert found.desks["baoshan"].levels == (1, 0, 0, 1, 0)
    assert found.officers["zheng"].satisfied_share == 1.0
    assert set(found.matters) == {"card", "shop"}
    assert counted([]).total.satisfied_share is None
