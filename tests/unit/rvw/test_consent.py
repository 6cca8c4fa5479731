"""Consent at the window: who is recorded, who is asked, what is refused, what an auditor finds."""

from hashlib import sha256

import msgspec
import pytest

from rvw.domain import commands as c
from rvw.domain import events as e
from rvw.domain.catalogue import consent as texts
from rvw.domain.consent import last_answer, may_be_recorded, may_use_sensitive
from rvw.domain.people import SYSTEM
from rvw.domain.reckoning import reckon
from tests.fakes.counter import Counter
from tests.fakes.town import (
    HOST_CHEN,
    JOINING,
    KIOSK_ONE,
    KIOSK_TWO,
    LEAD_FENG,
    OFFICER_LI,
    OFFICER_ZHOU,
    RESIDENTS,
    STAFF,
    answer,
)

BOTH = (answer(), answer(subject="sensitive"))


@pytest.fixture
def counter() -> Counter:
    """An office where Li and Zhou are ready."""
    one = Counter()
    for actor in (OFFICER_LI, OFFICER_ZHOU, KIOSK_ONE, KIOSK_TWO):
        one.perform(actor, c.SetPresence("ready"))
    return one


def live(counter: Counter, *answers: c.Answer) -> str:
    """Return a talk of a resident who has said this, with Li."""
    visit = counter.perform(KIOSK_ONE, c.Open("card", "310113", answers=answers))
    counter.match()
    counter.perform(OFFICER_LI, c.Accept(), visit)
    return visit


def said(counter: Counter, visit: str) -> list[e.ConsentAnswered]:
    """Return every answer in the visit's events."""
    happened = [recorded.event for recorded in counter.ledger.streams[f"visit:{visit}"]]
    return [event for event in happened if isinstance(event, e.ConsentAnswered)]


def test_what_was_read_is_in_the_event(counter: Counter) -> None:
    """Version, language and hash: who has the file computes the same hash with nothing but SHA-256."""
    visit = live(counter, c.Answer("recording", True, texts.digest(RESIDENTS, "en")))
    event = said(counter, visit)[0]
    words = "resident-2026-11\nWho: This office.\nRecord?\nUse?"
    assert (event.text, event.language, event.answer) == ("resident-2026-11", "en", "given")
    assert event.sha256 == sha256(words.encode()).hexdigest()


def test_silence_is_no_consent(counter: Counter) -> None:
    """Nobody was asked at this kiosk: the talk goes on, and not even the officer is recorded."""
    visit = counter.visit(live(counter))
    assert may_be_recorded(visit) == frozenset()
    assert not may_use_sensitive(visit)


def test_two_questions_have_two_answers(counter: Counter) -> None:
    """Recording yes, sensitive data no."""
    visit = counter.visit(live(counter, answer(), answer(False, "sensitive")))
    assert may_be_recorded(visit) == {KIOSK_ONE.id, OFFICER_LI.id}
    assert not may_use_sensitive(visit)


def test_an_officer_is_recorded_as_the_post_demands(counter: Counter) -> None:
    """The event says so, with the text for staff; it counts for nothing when the resident has said no."""
    visit = live(counter, answer(False))
    standing = said(counter, visit)[-1]
    assert (standing.actor, standing.basis, standing.text) == (OFFICER_LI.id, "employment", STAFF.version)
    assert may_be_recorded(counter.visit(visit)) == frozenset()


def test_who_comes_in_is_not_recorded_before_answering(counter: Counter) -> None:
    """A clerk and a supervisor come in: neither is recorded; the clerk agrees and is, the supervisor does not."""
    visit = live(counter, *BOTH)
    counter.perform(HOST_CHEN, c.Enter(), visit)
    counter.perform(LEAD_FENG, c.Enter("join"), visit)
    assert may_be_recorded(counter.visit(visit)) == {KIOSK_ONE.id, OFFICER_LI.id}
    counter.perform(HOST_CHEN, c.AnswerConsent(answer(text=JOINING)), visit)
    counter.perform(LEAD_FENG, c.AnswerConsent(answer(False, text=JOINING)), visit)
    assert may_be_recorded(counter.visit(visit)) == {KIOSK_ONE.id, OFFICER_LI.id, HOST_CHEN.id}
    assert said(counter, visit)[-1].answer == "refused"


def test_taken_back_in_the_middle(counter: Counter) -> None:
    """One touch: nobody is recorded from then on; given again, everybody is who had agreed."""
    visit = live(counter, *BOTH)
    counter.perform(KIOSK_ONE, c.AnswerConsent(answer(False)), visit)
    assert said(counter, visit)[-1].answer == "withdrawn"
    assert may_be_recorded(counter.visit(visit)) == frozenset()
    counter.perform(KIOSK_ONE, c.AnswerConsent(answer()), visit)
    assert may_be_recorded(counter.visit(visit)) == {KIOSK_ONE.id, OFFICER_LI.id}


def test_the_same_answer_again_is_no_event(counter: Counter) -> None:
    """A nervous finger."""
    visit = live(counter, *BOTH)
    before = counter.visit(visit).version
    counter.perform(KIOSK_ONE, c.AnswerConsent(answer()), visit)
    assert counter.visit(visit).version == before


def test_the_resident_goes_on_at_another_kiosk_with_the_answers(counter: Counter) -> None:
    """Who stands there is the same person: nobody is asked twice."""
    visit = live(counter, *BOTH)
    counter.perform(SYSTEM, c.MoveKiosk(KIOSK_TWO.id, KIOSK_TWO.name, KIOSK_TWO.hall), visit)
    assert may_be_recorded(counter.visit(visit)) == {KIOSK_TWO.id, OFFICER_LI.id}
    counter.perform(KIOSK_TWO, c.AnswerConsent(answer(False)), visit)
    assert said(counter, visit)[-1].answer == "withdrawn"


def test_who_comes_again_is_asked_again(counter: Counter) -> None:
    """The clerk leaves and comes back: yesterday's yes is not today's."""
    visit = live(counter, *BOTH)
    counter.perform(HOST_CHEN, c.Enter(), visit)
    counter.perform(HOST_CHEN, c.AnswerConsent(answer(text=JOINING)), visit)
    counter.perform(HOST_CHEN, c.Leave(), visit)
    counter.perform(HOST_CHEN, c.Enter(), visit)
    assert last_answer(counter.visit(visit), HOST_CHEN.id, "recording") is None


def test_words_that_nobody_was_shown_are_no_answer(counter: Counter) -> None:
    """A made-up hash, and the words for somebody else."""
    visit = live(counter)
    made_up = c.AnswerConsent(c.Answer("recording", True, "0" * 64))
    assert counter.refusal(KIOSK_ONE, made_up, visit) == "not_found"
    assert counter.refusal(KIOSK_ONE, c.AnswerConsent(answer(text=JOINING)), visit) == "not_found"


def test_only_the_resident_is_asked_about_sensitive_data(counter: Counter) -> None:
    """The clerk has come in, and an officer is not asked at all."""
    visit = live(counter, *BOTH)
    counter.perform(HOST_CHEN, c.Enter(), visit)
    assert counter.refusal(HOST_CHEN, c.AnswerConsent(answer(subject="sensitive", text=JOINING)), visit) == "not_allowed"
    assert counter.refusal(OFFICER_LI, c.AnswerConsent(answer(False)), visit) == "not_allowed"


def test_a_matter_that_is_recorded_by_rule_is_not_opened_without_a_yes(counter: Counter) -> None:
    """The kiosk is told by the code, and sends the resident to the counter; with a yes it is as any other."""
    assert counter.refusal(KIOSK_ONE, c.Open("by-rule", "310113")) == "consent_needed"
    assert counter.refusal(KIOSK_ONE, c.Open("by-rule", "310113", answers=(answer(False),))) == "consent_needed"
    assert counter.perform(KIOSK_ONE, c.Open("by-rule", "310113", answers=(answer(),)))


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"actor": "somebody"}, "kiosk-1 has answered for somebody"),
        ({"basis": "employment"}, "kiosk-1 is no officer, and counts as one who need not be asked"),
        ({"answer": "withdrawn"}, "kiosk-1 has withdrawn what was not given"),
    ],
)
def test_an_auditor_finds_answers_that_cannot_be(counter: Counter, changed: dict[str, str], words: str) -> None:
    """For somebody else, without being asked, taken back without having been given."""
    visit = live(counter, answer())
    events = list(counter.ledger.streams[f"visit:{visit}"])
    assert reckon(events)[1] == []
    first = events[1]
    events[1] = msgspec.structs.replace(first, event=msgspec.structs.replace(first.event, **changed))
    assert ("consent", words) in reckon(events)[1]


def test_a_text_is_for_whom_its_version_says() -> None:
    """Residents, and they alone, are asked about sensitive data."""
    assert not any(texts.fault(one) for one in (RESIDENTS, JOINING, STAFF))
    assert texts.fault(msgspec.structs.replace(JOINING, sensitive="用吗？", sensitive_en="Use?"))
    assert texts.fault(msgspec.structs.replace(RESIDENTS, sensitive=""))
    assert texts.fault(msgspec.structs.replace(RESIDENTS, reader="staff", sensitive="", sensitive_en=""))


def test_the_last_text_for_a_reader_is_shown() -> None:
    """A new one below the old one; an answer to the new one is none to the old one."""
    newer = msgspec.structs.replace(RESIDENTS, version="resident-2026-12", recording="请问录吗？")
    assert texts.current((RESIDENTS, JOINING, newer), "resident") is newer
    assert texts.read_as(RESIDENTS, texts.digest(newer, "zh")) == ""
