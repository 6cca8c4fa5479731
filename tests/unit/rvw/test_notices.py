"""Notices: said for a while, shown to whom they concern, taken back, over by the clock; who said what is kept."""

import msgspec
import pytest

from rvw.domain import commands as c
from rvw.domain import events as e
from rvw.domain import notice
from rvw.domain.audit import Store, audit
from rvw.domain.people import Actor, Role
from rvw.domain.policy import listens_to
from rvw.errors import InvalidInput
from rvw.protocol.codec import CLIENT, encode
from tests.fakes.counter import Counter, run
from tests.fakes.town import HOST_CHEN, KIOSK_ONE, LEAD_FENG, OFFICER_CITY, OFFICER_LI

KIOSK_JIAXING = Actor("kiosk-9", Role.KIOSK, "嘉兴一号终端", "jiaxing", hall="hall-2")
OFFICER_PUDONG = Actor("sun", Role.OFFICER, "孙示例", "pudong", desks=("pudong",))
LEAD_CITY = Actor("city-lead", Role.SUPERVISOR, "秦督导", "shanghai", oversees=("baoshan", "pudong"))
WORDS = "社保系统维护，请稍候"


@pytest.fixture
def counter() -> Counter:
    """An office, and nothing said yet."""
    return Counter()


def say(
    counter: Counter, audience: e.Audience = "both", minutes: float = 15, desk: str = "", authority: str = ""
) -> c.Announce:
    """A notice for so many minutes."""
    return c.Announce(audience, WORDS, counter.clock() + 60 * minutes, "Maintenance", desk, authority)


def shown_to(counter: Counter, actor: Actor) -> list[int]:
    """The numbers of what a page of the actor shows after a reload."""
    boards = counter.ledger.board.notices.values()
    return [one.id for one in notice.heard(boards, listens_to(actor), counter.clock())]


@pytest.mark.parametrize(
    ("audience", "desk", "who"),
    [
        ("both", "", {KIOSK_ONE, OFFICER_LI, LEAD_FENG, LEAD_CITY}),
        ("kiosks", "", {KIOSK_ONE, LEAD_FENG, LEAD_CITY}),
        ("officers", "", {OFFICER_LI, LEAD_FENG, LEAD_CITY}),
        ("officers", "baoshan", {OFFICER_LI, OFFICER_CITY, LEAD_FENG, LEAD_CITY}),
        ("kiosks", "baoshan", {KIOSK_ONE, KIOSK_JIAXING, LEAD_FENG, LEAD_CITY}),
    ],
)
def test_it_is_shown_to_whom_it_concerns(counter: Counter, audience: e.Audience, desk: str, who: set[Actor]) -> None:
    """An authority's own people, or those of a desk, wherever its residents wait; live and after a reload alike."""
    counter.perform(LEAD_FENG, say(counter, audience, desk=desk))
    everybody = {KIOSK_ONE, KIOSK_JIAXING, OFFICER_LI, OFFICER_CITY, OFFICER_PUDONG, HOST_CHEN, LEAD_FENG, LEAD_CITY}
    assert {one for one in everybody if shown_to(counter, one)} == who
    told = set(counter.ledger.log[-1].to)
    assert {one for one in everybody if listens_to(one) & told} == who
    counter.perform(LEAD_FENG, c.Withdraw(1))
    assert set(counter.ledger.log[-1].to) == told, "who was told hears that it is taken back"


def test_it_ends_by_the_clock_or_is_taken_back(counter: Counter) -> None:
    """The time is over at the end and not before; taken back it is gone at once; the board keeps nothing of either."""
    counter.perform(LEAD_FENG, say(counter, minutes=1))
    counter.perform(LEAD_FENG, say(counter, minutes=60))
    counter.clock.pass_(59)
    assert shown_to(counter, KIOSK_ONE) == [1, 2]
    counter.clock.pass_(1)
    assert shown_to(counter, KIOSK_ONE) == [2]
    assert counter.refusal(LEAD_FENG, c.Withdraw(1)) == "not_found"
    counter.perform(LEAD_FENG, c.Withdraw(2))
    assert shown_to(counter, KIOSK_ONE) == []
    assert counter.ledger.board.notices == {}
    assert counter.refusal(LEAD_FENG, c.Withdraw(2)) == "not_found"
    said = [(one.by, one.event) for one in counter.ledger.streams["notice:baoshan"]]
    assert [by for by, _ in said] == ["feng", "feng", "feng"]
    assert said[2][1] == e.Withdrawn(2, "冯督导")


def test_only_supervisors_speak_and_only_for_what_they_oversee(counter: Counter) -> None:
    """A kiosk, an officer, a host may not; a district's lead speaks for the district, the city's lead for both."""
    for actor in (KIOSK_ONE, OFFICER_LI, HOST_CHEN):
        assert counter.refusal(actor, say(counter)) == "not_allowed"
        assert counter.refusal(actor, c.Withdraw(1)) == "not_allowed"
    assert counter.refusal(LEAD_FENG, say(counter, authority="pudong")) == "not_allowed"
    assert counter.refusal(LEAD_FENG, say(counter, desk="pudong")) == "not_allowed"
    assert counter.refusal(LEAD_FENG, say(counter, desk="nowhere")) == "not_found"
    counter.perform(LEAD_CITY, say(counter, desk="pudong"))
    counter.perform(LEAD_CITY, say(counter, authority="baoshan"))
    assert counter.refusal(LEAD_FENG, c.Withdraw(1, "pudong")) == "not_allowed"
    counter.perform(LEAD_FENG, c.Withdraw(1))
    assert shown_to(counter, OFFICER_PUDONG) == [1]


def test_the_bounds_have_names(counter: Counter) -> None:
    """So many at a time, so long, and with words in it."""
    for minutes in (0, -1, notice.LONGEST_S / 60 + 1):
        assert counter.refusal(LEAD_FENG, say(counter, minutes=minutes)) == "bad_request"
    empty = c.Announce("both", "  ", counter.clock() + 60)
    assert counter.refusal(LEAD_FENG, empty) == "bad_request"
    for _ in range(notice.MAX_LIVE):
        counter.perform(LEAD_FENG, say(counter))
    assert counter.refusal(LEAD_FENG, say(counter)) == "too_many"
    counter.clock.pass_(900)
    counter.perform(LEAD_FENG, say(counter))
    spoken = {"type": "announce", "audience": "both", "until": 1.0}
    for words in ("字" * 81, ""):
        with pytest.raises(InvalidInput):
            CLIENT.decode(encode({"type": "do", "ref": "1", "command": spoken | {"zh": words}}))


def test_said_twice_with_one_ref_it_is_said_once(counter: Counter) -> None:
    """A page that does not know whether it was done says it again."""
    for _ in range(2):
        counter.perform(LEAD_FENG, say(counter), ref="r1")
    assert shown_to(counter, KIOSK_ONE) == [1]
    for _ in range(2):
        counter.perform(LEAD_FENG, c.Withdraw(1), ref="r2")
    assert len(counter.ledger.streams["notice:baoshan"]) == 2


def test_the_board_is_the_fold_and_the_auditor_compares(counter: Counter) -> None:
    """What a process that starts now shows is what the stream says; a foreign, an early and a doubled event are named."""
    counter.perform(LEAD_FENG, say(counter))
    counter.perform(LEAD_FENG, say(counter, "kiosks"))
    counter.perform(LEAD_FENG, c.Withdraw(1))
    assert counter.ledger.board.notices["baoshan"] == run(counter.ledger.noticeboard("baoshan"))
    stream, board = "notice:baoshan", counter.ledger.board.notices["baoshan"]
    entries: list[tuple[int, e.Recorded | None]] = [(one.version, one) for one in counter.ledger.streams[stream]]

    def kinds(*more: e.Event, rows: dict[str, object] | None = None) -> list[str]:
        extra = [(4 + n, e.Recorded(stream, 4 + n, counter.clock(), "feng", "", one)) for n, one in enumerate(more)]
        store = Store(streams={stream: [*entries, *extra]}, rows=rows)
        return [one.kind for one in audit(store, counter.clock())]

    shown: dict[str, object] = {stream: msgspec.json.decode(encode(board))}
    assert kinds(rows=shown) == []
    assert kinds(rows={}) == ["row"]
    assert kinds(e.Withdrawn(1, "冯督导")) == ["impossible"]
    assert kinds(e.Announced("both", WORDS, "", "", counter.clock(), "冯督导")) == ["impossible"]
    assert kinds(e.Engaged("v1")) == ["impossible"]
