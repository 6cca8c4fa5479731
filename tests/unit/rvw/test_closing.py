"""Closing: what the rule pack demands of an outcome, told by name, and another outcome is always possible."""

import msgspec
import pytest

from rvw.domain import commands as c
from rvw.domain import events as e
from rvw.domain.catalogue.rules import Must, RulePack
from rvw.domain.closing import Evidence, check, missing
from rvw.domain.visit import Visit
from rvw.errors import Incomplete
from tests.fakes.counter import Counter
from tests.fakes.town import KIOSK_ONE, OFFICER_LI, TOWN, answer

ALL = Evidence(materials=True, notice=True, form=True, identity=True, signature=True)


def demanding(*accepted: Must, **more: object) -> RulePack:
    """Return the pack of the town's matter by rule, demanding these of `accepted`."""
    return RulePack("by-rule", "须录制", "By rule", accepted=accepted, **more)  # type: ignore[arg-type]


def visit(*answers: c.Answer) -> Visit:
    """Return a talk about the matter by rule, with Li."""
    counter = Counter()
    for actor in (OFFICER_LI, KIOSK_ONE):
        counter.perform(actor, c.SetPresence("ready"))
    opened = counter.perform(KIOSK_ONE, c.Open("by-rule", "310113", answers=(answer(), *answers)))
    counter.match()
    counter.perform(OFFICER_LI, c.Accept(), opened)
    return counter.visit(opened)


def lacks(pack: RulePack, outcome: e.Outcome = "accepted", evidence: Evidence = ALL, *answers: c.Answer) -> tuple[str, ...]:
    """Return what is missing in a town where the matter has this pack."""
    town = msgspec.structs.replace(TOWN, rules={"by-rule": pack})
    return missing(visit(*answers), outcome, town, evidence)


@pytest.mark.parametrize("must", ["materials", "form", "identity", "signature"])
def test_what_is_kept_beside_the_visit_must_be_there(must: Must) -> None:
    """Not accepted yet, and it is missing by its name; there, and it is not."""
    pack = demanding(must)
    assert lacks(pack) == ()
    assert lacks(pack, "accepted", msgspec.structs.replace(ALL, **{must: False})) == (must,)


@pytest.mark.parametrize("outcome", ["guided", "transferred", "unresolved", "left"])
def test_another_outcome_is_always_possible(outcome: e.Outcome) -> None:
    """Nothing is there: the officer is not kept, and neither is the resident."""
    nothing = Evidence(materials=False, notice=False, form=False, identity=False, signature=False)
    assert lacks(demanding("materials", "identity", "signature", "recording"), outcome, nothing) == ()


def test_returned_needs_the_notice_of_what_is_missing() -> None:
    """一次性告知: what a resident must bring is told in writing, once and whole."""
    assert lacks(demanding(), "returned", msgspec.structs.replace(ALL, notice=False)) == ("notice",)
    assert lacks(demanding(), "returned") == ()


def test_an_identity_is_not_verified_without_consent_to_sensitive_data() -> None:
    """The resident has said no to that question: accepted is not possible over the window."""
    pack = demanding("identity", identity="verified")
    assert lacks(pack) == ("sensitive",)
    assert lacks(pack, "accepted", ALL, answer(subject="sensitive")) == ()


def test_a_consent_taken_back_is_missing_at_the_end() -> None:
    """Recorded by rule: who takes it back in the middle is guided, and not accepted."""
    counter = Counter()
    for actor in (OFFICER_LI, KIOSK_ONE):
        counter.perform(actor, c.SetPresence("ready"))
    opened = counter.perform(KIOSK_ONE, c.Open("by-rule", "310113", answers=(answer(),)))
    counter.match()
    counter.perform(OFFICER_LI, c.Accept(), opened)
    counter.perform(KIOSK_ONE, c.AnswerConsent(answer(False)), opened)
    town = msgspec.structs.replace(TOWN, rules={"by-rule": demanding("recording", recording="required")})
    assert missing(counter.visit(opened), "accepted", town, ALL) == ("recording",)


def test_a_desk_of_a_lower_level_guides_and_does_not_accept() -> None:
    """A district's desk, for what only a city may accept."""
    assert lacks(demanding(levels=("city", "province"))) == ("level",)
    assert lacks(demanding(levels=("city", "province")), "guided") == ()


def test_words_come_with_the_closing() -> None:
    """A note and a next step are demanded: with them it closes, without it names both."""
    town = msgspec.structs.replace(TOWN, rules={"by-rule": demanding("note", "next-step")})
    with pytest.raises(Incomplete, match="note, next-step"):
        check(visit(), c.Close("accepted"), town, ALL)
    check(visit(), c.Close("accepted", "已核对", "三天后来取"), town, ALL)


def test_nobody_can_demand_what_nobody_keeps() -> None:
    """A part of the window that is not there is no reason to refuse."""
    assert lacks(demanding("materials", "signature"), "accepted", Evidence()) == ()


def test_next_step_and_question_are_in_the_visit() -> None:
    """The one for the resident, the other for whoever finds out."""
    counter = Counter()
    for actor in (OFFICER_LI, KIOSK_ONE):
        counter.perform(actor, c.SetPresence("ready"))
    opened = counter.perform(KIOSK_ONE, c.Open("card", "310113"))
    counter.match()
    counter.perform(OFFICER_LI, c.Accept(), opened)
    counter.perform(OFFICER_LI, c.Close("guided", "", "带身份证原件再来", "外省参保怎么并"), opened)
    closed = counter.visit(opened)
    assert (closed.next_step, closed.question) == ("带身份证原件再来", "外省参保怎么并")
