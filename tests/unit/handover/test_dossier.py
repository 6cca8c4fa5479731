"""The dossier is a fold: the same events give the same bytes, and it tells who was there and who answered."""

import pytest

from rvw.domain import events as e
from rvw.domain.handover import SCHEMA, Party, decode, dossier, encode
from rvw.domain.people import Role
from rvw.errors import InvalidInput, NotPossible
from tests.fakes.case_system import T0, closed_visit, opened, told


def test_a_visit_from_ticket_to_closing() -> None:
    """Answered after twenty seconds, the host came and went, the officer closed."""
    visit, events = closed_visit("v1")
    content = dossier(visit, events)
    assert (content.schema, content.visit, content.ticket) == (SCHEMA, "v1", "A001")
    assert (content.authority, content.matter, content.region) == ("pudong", "social-card", "310115")
    assert (content.desk, content.officer) == ("pudong", "pudong1")
    assert content.first_answer_s == 20.0
    assert (content.opened_at, content.answered_at, content.ended_at, content.closed_at) == (
        T0,
        T0 + 20,
        T0 + 60,
        T0 + 70,
    )
    assert (content.reason, content.outcome, content.note) == ("done", "accepted", "已受理")
    assert content.parties == (
        Party("kiosk-pudong-1", Role.KIOSK, "浦东一号终端", T0, T0 + 60),
        Party("pudong1", Role.OFFICER, "李示例", T0 + 20, T0 + 60),
        Party("hall-pudong", Role.HOST, "陈帮办", T0 + 30, T0 + 50),
    )
    assert content.events == events


def test_nobody_answered() -> None:
    """The resident left while the visit was offered: there is no officer, and no first answer."""
    visit, events = told("v1", [opened(), e.Offered("pudong1", "pudong", T0 + 30), e.Closed("left", "left", "")])
    content = dossier(visit, events)
    assert (content.desk, content.officer, content.first_answer_s) == ("", "", None)
    assert [party.actor for party in content.parties] == ["kiosk-pudong-1"]


def test_the_officer_was_lost_and_another_answered() -> None:
    """Both officers are parties; the second one answered last; the first answer counts for 021."""
    visit, events = told(
        "v1",
        [
            opened(),
            e.Offered("pudong1", "pudong", T0 + 30),
            e.Accepted("pudong1", "李示例", T0 + 14_400),
            e.Requeued("officer_lost", "", T0 + 100, 10, T0 + 7200),
            e.Offered("city1", "shanghai", T0 + 90),
            e.Accepted("city1", "郑示例", T0 + 14_400),
            e.Ended("resident_left", T0 + 600),
            e.Closed("done", "guided", ""),
        ],
    )
    content = dossier(visit, events)
    assert (content.desk, content.officer, content.first_answer_s) == ("shanghai", "city1", 20.0)
    assert [(party.actor, party.left_at) for party in content.parties] == [
        ("kiosk-pudong-1", T0 + 60),
        ("pudong1", T0 + 30),
        ("city1", T0 + 60),
    ]


def test_what_comes_after_the_closing_changes_nothing() -> None:
    """The receipt is not part of what was handed over."""
    visit, events = closed_visit("v1")
    receipt = e.Recorded("visit:v1", len(events) + 1, T0 + 99, "system", "", e.HandedOver("SL-1"))
    assert encode(dossier(visit, (*events, receipt))) == encode(dossier(visit, events))


def test_bytes_and_back() -> None:
    """Encoding is the same each time and loses nothing; other bytes are refused."""
    content = dossier(*closed_visit("v1"))
    assert decode(encode(content)) == content
    assert encode(decode(encode(content))) == encode(content)
    for data in (b"", b"{}", b"\xff", encode(content).replace(b'"note"', b'"nota"')):
        with pytest.raises(InvalidInput):
            decode(data)


def test_a_visit_that_goes_on_has_no_dossier() -> None:
    """Only what is closed is handed over."""
    with pytest.raises(NotPossible):
        dossier(*told("v1", [opened()]))


def test_events_with_a_gap_are_no_dossier() -> None:
    """One event missing, one from another visit, or an end missing: refused."""
    visit, events = closed_visit("v1")
    _, others = closed_visit("v2")
    for wrong in (events[1:], events[:3] + events[4:], (*events[:3], others[3], *events[4:]), events[:-1], ()):
        with pytest.raises(InvalidInput):
            dossier(visit, wrong)
