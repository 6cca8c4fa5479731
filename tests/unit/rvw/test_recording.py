"""The recording of a visit, on paper: it runs when a disk says so, stalls when none does, and ends before the talk does."""

import pytest
from msgspec.structs import replace

from rvw.domain import commands as c
from rvw.domain import events as e
from rvw.domain.events import VisitEvent
from rvw.domain.fold import TRANSITIONS
from rvw.domain.people import SYSTEM
from rvw.domain.recording import STOPS, Slot, recordable, recorded, standing
from rvw.domain.visit import Recording, State
from tests.fakes.counter import Counter
from tests.fakes.town import HOST_CHEN, JOINING, KIOSK_ONE, LEAD_FENG, OFFICER_LI, answer

RUNS, FAILS = c.ReportRecording(runs=True), c.ReportRecording(runs=False, trouble="full")


@pytest.fixture
def counter() -> Counter:
    made = Counter()
    for actor in (KIOSK_ONE, OFFICER_LI):
        made.perform(actor, c.SetPresence("ready"))
    return made


def live(counter: Counter) -> str:
    """Li has accepted the resident."""
    visit = counter.perform(KIOSK_ONE, c.Open("card", "310113", answers=(answer(),)))
    counter.match()
    counter.perform(OFFICER_LI, c.Accept(), visit)
    return visit


def happened(counter: Counter, visit: str) -> list[VisitEvent]:
    """What has happened of the recording and what ends talks."""
    kinds = (e.RecordingStarted, e.RecordingStalled, e.RecordingResumed, e.RecordingStopped, *STOPS)
    return [one.event for one in counter.ledger.streams[f"visit:{visit}"] if isinstance(one.event, kinds)]


def test_it_runs_only_by_the_word_of_a_disk(counter: Counter) -> None:
    """Due at once, running with the first bytes, stalled, running again; told twice, it happens once."""
    visit = live(counter)
    assert standing(counter.visit(visit)) == "due"
    assert counter.visit(visit).recording is None
    for word in (RUNS, RUNS, FAILS, FAILS, RUNS):
        counter.clock.pass_(1)
        counter.perform(SYSTEM, word, visit)
    assert happened(counter, visit) == [
        e.RecordingStarted(("kiosk-1", "li")),
        e.RecordingStalled("full"),
        e.RecordingResumed(),
    ]
    assert counter.visit(visit).recording == Recording("running", counter.clock())
    assert counter.refusal(OFFICER_LI, RUNS, visit) == "not_allowed"


def test_one_that_never_began_is_told_too(counter: Counter) -> None:
    """The failure nobody hears of is the one from the start."""
    visit = live(counter)
    counter.perform(SYSTEM, FAILS, visit)
    assert counter.visit(visit).recording == Recording("stalled", counter.clock(), "full")
    assert counter.ledger.board.lines[visit].recording == "stalled"


def test_it_stops_before_the_talk_does(counter: Counter) -> None:
    """On hold, and at the end, also when the officer closes at once; a report that comes late changes nothing."""
    visit = live(counter)
    counter.perform(SYSTEM, RUNS, visit)
    counter.perform(OFFICER_LI, c.Hold(), visit)
    assert counter.refusal(SYSTEM, FAILS, visit) == "not_possible"
    assert recorded(counter.visit(visit)) == ()
    counter.perform(OFFICER_LI, c.Resume(), visit)
    assert standing(counter.visit(visit)) == "due"
    counter.perform(SYSTEM, RUNS, visit)
    counter.perform(OFFICER_LI, c.Close("accepted"), visit)
    kinds = [type(one) for one in happened(counter, visit)]
    once = [e.RecordingStarted, e.RecordingStopped]
    assert kinds == [*once, e.Held, *once, e.Ended]
    stops = [one.reason for one in happened(counter, visit) if isinstance(one, e.RecordingStopped)]
    assert stops == ["held", "ended"]


def test_whatever_ends_a_talk_ends_its_recording() -> None:
    """No transition out of a talk is forgotten."""
    assert {kind for (state, kind), to in TRANSITIONS.items() if state is State.LIVE is not to} == set(STOPS)


def test_what_is_recorded_is_what_all_see_and_hear(counter: Counter) -> None:
    """Voice and picture of each, and the screen that is shown; nothing of a supervisor who only listens."""
    visit = live(counter)
    counter.perform(HOST_CHEN, c.Enter(), visit)
    counter.perform(LEAD_FENG, c.Enter("listen"), visit)
    counter.perform(HOST_CHEN, c.StartShare(), visit)
    here = counter.visit(visit)
    assert recordable(here) == {"kiosk-1", "li"}
    assert Slot("chen", "share") not in recorded(here)
    counter.perform(HOST_CHEN, c.AnswerConsent(answer(text=JOINING)), visit)
    here = counter.visit(visit)
    assert recordable(here) == {"kiosk-1", "li", "chen"}
    faces = {Slot(actor, out) for actor in ("kiosk-1", "li", "chen") for out in ("mic", "camera")}
    assert set(recorded(here)) == faces | {Slot("chen", "share")}


def test_consent_that_is_withdrawn_ends_it(counter: Counter) -> None:
    """At once, in the same step; and nobody is recorded while the resident has not agreed, whoever else has."""
    visit = live(counter)
    counter.perform(SYSTEM, RUNS, visit)
    counter.perform(KIOSK_ONE, c.AnswerConsent(answer(False)), visit)
    assert happened(counter, visit)[-1] == e.RecordingStopped("withdrawn")
    assert recorded(counter.visit(visit)) == ()
    counter.perform(SYSTEM, RUNS, visit)
    assert happened(counter, visit)[-1] == e.RecordingStopped("withdrawn")
    counter.perform(KIOSK_ONE, c.AnswerConsent(answer()), visit)
    counter.perform(SYSTEM, RUNS, visit)
    assert happened(counter, visit)[-1] == e.RecordingStarted(("kiosk-1", "li"))


def test_a_matter_that_is_not_recorded(counter: Counter) -> None:
    """Its rule pack says so: nothing is due, and a disk's word is no event."""
    visit = live(counter)
    events = counter.ledger.streams[f"visit:{visit}"]
    opened = events[0].event
    assert isinstance(opened, e.Opened)
    assert opened.recording_rule == "allowed"
    plain = counter.visit(visit)
    assert recordable(replace(plain, recording_rule="none")) == frozenset()
    assert standing(replace(plain, recording_rule="none")) == ""
