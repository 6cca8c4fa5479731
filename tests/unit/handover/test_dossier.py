"""The dossier is a fold: the same events give the same bytes, and it tells who was there and who answered."""

from collections.abc import Sequence

import msgspec
import pytest

from rvw.domain import events as e
from rvw.domain import handover
from rvw.domain.chain import Corrected, Redacted, canonical
from rvw.domain.handover import SCHEMA, Dossier, Party, corrected, redacted
from rvw.domain.people import Role
from rvw.domain.visit import Visit
from rvw.errors import InvalidInput, NotFound, NotPossible
from tests.fakes.case_system import T0, closed_visit, opened, told

SEED = b"seed" * 8


def dossier(visit: Visit, events: Sequence[e.Recorded]) -> Dossier:
    """Return the dossier, with a seed that is always the same."""
    return handover.dossier(visit, events, SEED)


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
    assert [link.event for link in content.events] == [one.event for one in events]
    assert content.head == content.events[-1].link


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
    assert canonical(dossier(visit, (*events, receipt))) == canonical(dossier(visit, events))


def test_each_event_is_chained_to_the_one_before() -> None:
    """One letter in one event, and its digest and every link from there on are others."""
    visit, events = closed_visit("v1")
    other = msgspec.structs.replace(events[4], event=e.Said("pudong1", "李示例", Role.OFFICER, "再见"))
    one, two = dossier(visit, events), dossier(visit, (*events[:4], other, *events[5:]))
    assert [x.digest == y.digest for x, y in zip(one.events, two.events, strict=True)] == [True] * 4 + [False] + [True] * 3
    assert [x.link == y.link for x, y in zip(one.events, two.events, strict=True)] == [True] * 4 + [False] * 4


def test_two_records_share_no_salt() -> None:
    """The same words in two visits have hashes that tell nothing of each other."""
    first, second = (handover.dossier(*closed_visit("v1"), seed) for seed in (b"1" * 32, b"2" * 32))
    assert not {link.digest for link in first.events} & {link.digest for link in second.events}
    assert first.head != second.head


def test_handed_over_to_another_officer() -> None:
    """The one who took over answered last; the one before left then."""
    visit, events = told(
        "v1",
        [
            opened(),
            e.Offered("pudong1", "pudong", T0 + 30),
            e.Accepted("pudong1", "李示例", T0 + 14_400),
            e.Invited("city1", "郑示例", T0 + 90),
            e.Entered("city1", Role.GUEST, "郑示例", 2, "join"),
            e.TakenOver("city1", "郑示例", "shanghai", T0 + 14_400),
            e.Ended("officer", T0 + 600),
            e.Closed("done", "guided", ""),
        ],
    )
    content = dossier(visit, events)
    assert (content.desk, content.officer) == ("shanghai", "city1")
    assert [(p.actor, p.role.value, p.left_at) for p in content.parties[1:]] == [
        ("pudong1", "officer", T0 + 50),
        ("city1", "guest", T0 + 50),
        ("city1", "officer", T0 + 60),
    ]


def test_a_correction_is_the_next_version() -> None:
    """The outcome is another, the version before is named by its hash, and the chain goes on."""
    first = dossier(*closed_visit("v1"))
    second = corrected(first, "ab" * 32, Corrected("guided", "", "点错了"), "pudong1", T0 + 500, SEED)
    assert (second.number, second.supersedes, second.outcome, second.note) == (2, "ab" * 32, "guided", "已受理")
    assert second.events[:-1] == first.events
    assert (second.events[-1].stream, second.events[-1].version) == ("record:v1", 1)
    third = corrected(second, "cd" * 32, Corrected("", "补充说明", "漏写"), "pudong1", T0 + 600, SEED)
    assert (third.number, third.outcome, third.note, third.events[-1].version) == (3, "guided", "补充说明", 2)


def test_a_removal_leaves_a_hash_and_a_reason() -> None:
    """The words are nowhere in the next version; the digest of the event, and so the head of the visit's chain, stay."""
    first = dossier(*closed_visit("v1"))
    order = Redacted(("visit:v1/5",), (), "涉及他人隐私", "个人信息保护法 第四十七条")
    second = redacted(first, "ab" * 32, order, "lead", T0 + 500, SEED)
    assert "您好".encode() in canonical(first)
    assert "您好".encode() not in canonical(second)
    assert [link.digest for link in second.events[:-1]] == [link.digest for link in first.events]
    removed = second.events[4]
    assert (removed.salt, removed.removed and removed.removed.reason) == ("", "涉及他人隐私")
    assert second.chat[0].text == ""


def test_a_removal_must_name_what_is_there() -> None:
    """No such event, no such file, an event without words: refused, and nothing is lost by a slip of the pen."""
    first = dossier(*closed_visit("v1"))
    for events, files in ((("visit:v1/99",), ()), ((), ("ab" * 32,))):
        with pytest.raises(NotFound):
            redacted(first, "", Redacted(events, files, "r", "b"), "lead", T0, SEED)
    with pytest.raises(InvalidInput):
        redacted(first, "", Redacted(("visit:v1/7",), (), "r", "b"), "lead", T0, SEED)


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
