"""Scenes at the window, on paper: the office, matching and timers over a ledger in memory and a clock that tests move."""

from typing import get_args

import msgspec
import pytest

from rvw.domain import commands as c
from rvw.domain import events as e
from rvw.domain.board import queue
from rvw.domain.effects import Route, routes
from rvw.domain.fold import TRANSITIONS
from rvw.domain.people import SYSTEM, Actor, Role
from rvw.domain.policy import BESIDE, TABLE
from rvw.domain.visit import Reached, State
from rvw.errors import RvwError
from tests.fakes.clock import NOON
from tests.fakes.counter import TERMS, Counter
from tests.fakes.town import (
    EVERYBODY,
    HOST_CHEN,
    HOST_ELSEWHERE,
    KIOSK_ONE,
    KIOSK_TWO,
    LEAD_FENG,
    OFFICER_CITY,
    OFFICER_LI,
    OFFICER_ZHOU,
    answer,
)

MOVE = c.MoveKiosk("kiosk-2", "二号终端", "hall-1")


@pytest.fixture
def counter() -> Counter:
    """A counter with its kiosks switched on and Li ready."""
    made = Counter()
    for actor in (KIOSK_ONE, KIOSK_TWO, OFFICER_LI):
        made.perform(actor, c.SetPresence("ready"))
    return made


def waiting(counter: Counter, kiosk: Actor = KIOSK_ONE) -> str:
    """A resident has taken a ticket."""
    return counter.perform(kiosk, c.Open("card", "310113"))


def live(counter: Counter) -> str:
    """Li has accepted the resident."""
    visit = waiting(counter)
    counter.match()
    counter.perform(OFFICER_LI, c.Accept(), visit)
    return visit


def happened(counter: Counter, visit: str) -> list[str]:
    """The names of the visit's events."""
    return [type(one.event).__name__ for one in counter.ledger.streams[f"visit:{visit}"]]


def test_from_the_ticket_to_the_receipt(counter: Counter) -> None:
    """Open, offered, accepted, a host enters, a line is written, hold, resume, close, receipt."""
    visit = live(counter)
    counter.perform(HOST_CHEN, c.Enter(), visit)
    counter.perform(HOST_CHEN, c.Say("请看这里"), visit)
    counter.perform(OFFICER_LI, c.Hold(), visit)
    counter.perform(OFFICER_LI, c.Resume(), visit)
    counter.perform(OFFICER_LI, c.Close("accepted", "材料齐全"), visit)
    counter.perform(SYSTEM, c.Acknowledge("SL-1"), visit)
    closed = counter.visit(visit)
    assert (closed.state, closed.outcome, closed.receipt) == (State.CLOSED, "accepted", "SL-1")
    assert happened(counter, visit) == [
        *("Opened", "Offered", "Accepted", "ConsentAnswered", "Entered", "Said"),
        *("Held", "Resumed", "Ended", "Closed", "HandedOver"),
    ]
    assert counter.ledger.board.lines == {}
    assert counter.ledger.board.shifts["li"].visit == ""


def test_three_people_see_and_hear_each_other_and_nobody_while_held(counter: Counter) -> None:
    """Each of three is bound to two others; a place does not move when somebody leaves."""
    visit = live(counter)
    counter.perform(HOST_CHEN, c.Enter(), visit)
    bound = routes(counter.visit(visit))
    assert len(bound) == 3 * 2 * 2
    assert Route("chen", "mic", "kiosk-1", "voice2") in bound
    assert Route("kiosk-1", "camera", "chen", "face1") in bound
    counter.perform(OFFICER_LI, c.Hold(), visit)
    assert routes(counter.visit(visit)) == ()
    counter.perform(OFFICER_LI, c.Resume(), visit)
    counter.perform(HOST_CHEN, c.Leave(), visit)
    assert {r.target for r in routes(counter.visit(visit))} == {"kiosk-1", "li"}


def test_a_missed_offer_goes_to_the_next_officer_and_pauses_the_first(counter: Counter) -> None:
    """Li does not answer for 20 seconds; Zhou is offered the visit, Li is paused and told so."""
    visit = waiting(counter)
    counter.match()
    counter.perform(OFFICER_ZHOU, c.SetPresence("ready"))
    counter.clock.pass_(20)
    counter.tick()
    counter.match()
    assert counter.visit(visit).officer == "zhou"
    assert counter.ledger.board.shifts["li"].presence == "paused"


def test_a_declined_offer_does_not_pause(counter: Counter) -> None:
    """Declining is an answer."""
    visit = waiting(counter)
    counter.match()
    counter.perform(OFFICER_LI, c.Decline(), visit)
    assert counter.ledger.board.shifts["li"].presence == "ready"
    counter.match()
    assert counter.visit(visit).state is State.WAITING, "not the same visit again at once"


def test_the_line_of_a_resident_drops_and_comes_back(counter: Counter) -> None:
    """Both see *interrupted*, and after the return both see that it is over."""
    visit = live(counter)
    counter.perform(SYSTEM, c.Lose("kiosk-1"), visit)
    assert [i.actor for i in counter.visit(visit).interruptions] == ["kiosk-1"]
    counter.perform(SYSTEM, c.Restore("kiosk-1"), visit)
    assert counter.visit(visit).interruptions == ()
    assert counter.visit(visit).state is State.LIVE


def test_a_resident_whose_kiosk_is_dark_waits_on_at_another(counter: Counter) -> None:
    """The same place in the queue, before who came later; the old kiosk is free for the next; nobody was offered a void."""
    visit = waiting(counter)
    counter.perform(SYSTEM, c.Lose("kiosk-1"), visit)
    counter.clock.pass_(300)
    counter.tick()
    counter.match()
    assert counter.visit(visit).state is State.WAITING, "nobody is offered a resident who is not there"
    counter.perform(SYSTEM, MOVE, visit)
    moved = counter.visit(visit)
    assert (moved.kiosk, moved.interruptions, moved.ticket) == ("kiosk-2", (), "A001")
    later = waiting(counter, KIOSK_ONE)
    counter.match()
    assert (counter.visit(visit).state, counter.visit(later).state) == (State.OFFERED, State.WAITING)
    assert counter.refusal(KIOSK_ONE, c.Leave(), visit) == "not_allowed"
    assert counter.refusal(SYSTEM, c.MoveKiosk("kiosk-1", "", ""), visit) == "officer_busy"
    counter.perform(OFFICER_LI, c.Accept(), visit)
    assert {r.target for r in routes(counter.visit(visit))} == {"kiosk-2", "li"}


def test_a_talk_goes_on_at_another_kiosk_and_repeating_it_does_nothing(counter: Counter) -> None:
    """The line of the old kiosk is down; the host of that hall stays behind, the chat does not."""
    visit = live(counter)
    counter.perform(HOST_CHEN, c.Enter(), visit)
    counter.perform(KIOSK_ONE, c.Say("您好"), visit)
    counter.perform(SYSTEM, c.Lose("kiosk-1"), visit)
    counter.perform(SYSTEM, c.MoveKiosk("kiosk-2", "二号终端", "hall-2"), visit)
    counter.perform(SYSTEM, c.MoveKiosk("kiosk-2", "二号终端", "hall-2"), visit)
    moved = counter.visit(visit)
    assert [p.actor for p in moved.participants] == ["kiosk-2", "li"]
    assert (moved.state, moved.hall, moved.interruptions, len(moved.chat)) == (State.LIVE, "hall-2", (), 1)
    assert happened(counter, visit).count("MovedKiosk") == 1
    assert counter.ledger.board.shifts["kiosk-1"].visit == ""
    assert counter.refusal(HOST_CHEN, c.Enter(), visit) == "not_allowed"
    counter.perform(KIOSK_TWO, c.Leave(), visit)
    assert counter.refusal(SYSTEM, MOVE, visit) == "not_possible"


def test_a_place_is_kept_ten_minutes_and_no_longer(counter: Counter) -> None:
    """Then the visit ends, with the reason."""
    visit = waiting(counter)
    counter.perform(SYSTEM, c.Lose("kiosk-1"), visit)
    counter.clock.pass_(599)
    counter.tick()
    assert counter.visit(visit).state is State.WAITING
    counter.clock.pass_(1)
    counter.tick()
    assert (counter.visit(visit).state, counter.visit(visit).close_reason) == (State.CLOSED, "lost")


def test_an_officer_who_does_not_come_back_leaves_the_resident_first_in_the_queue(counter: Counter) -> None:
    """After a minute the visit waits again, before others; whoever is ready takes it over, and the chat is still there."""
    visit = live(counter)
    counter.perform(KIOSK_ONE, c.Say("喂？"), visit)
    other = waiting(counter, KIOSK_TWO)
    counter.perform(SYSTEM, c.Lose("li"), visit)
    counter.clock.pass_(60)
    counter.tick()
    counter.perform(OFFICER_LI, c.SetPresence("signed_out"))
    counter.perform(OFFICER_ZHOU, c.SetPresence("ready"))
    counter.match()
    taken = counter.visit(visit)
    assert (taken.state, taken.officer) == (State.OFFERED, "zhou")
    assert counter.visit(other).state is State.WAITING
    assert [one.text for one in taken.chat] == ["喂？"]


def test_a_resident_who_does_not_come_back_leaves_the_outcome_to_the_officer(counter: Counter) -> None:
    """The talk ends, the officer writes the outcome; who never does, has it closed for them."""
    visit = live(counter)
    counter.perform(SYSTEM, c.Lose("kiosk-1"), visit)
    counter.clock.pass_(60)
    counter.tick()
    assert counter.visit(visit).state is State.WRAPPING
    assert counter.ledger.board.shifts["kiosk-1"].visit == "", "the kiosk is free for the next resident"
    counter.clock.pass_(600)
    counter.tick()
    assert counter.visit(visit).close_reason == "unwrapped"


def test_a_forgotten_hold_is_not_resumed_by_itself(counter: Counter) -> None:
    """Ten minutes of hold: the resident goes back to the front of the queue; no microphone opens by itself."""
    visit = live(counter)
    counter.perform(OFFICER_LI, c.Hold(), visit)
    counter.clock.pass_(600)
    counter.tick()
    assert (counter.visit(visit).state, counter.visit(visit).priority) == (State.WAITING, 3600)


def test_the_same_command_twice_is_done_once(counter: Counter) -> None:
    """A page that did not hear the answer says it again."""
    visit = live(counter)
    for _ in range(2):
        counter.perform(KIOSK_ONE, c.Say("你好"), visit, ref="page-7")
    assert len(counter.visit(visit).chat) == 1
    counter.perform(KIOSK_TWO, c.Open("card", "310113"), ref="touch-1")
    again = counter.perform(KIOSK_TWO, c.Open("card", "310113"), ref="touch-1")
    assert again == counter.ledger.board.shifts["kiosk-2"].visit


def test_a_kiosk_has_one_open_visit(counter: Counter) -> None:
    """A second ticket is refused until the first is left."""
    waiting(counter)
    assert counter.refusal(KIOSK_ONE, c.Open("card", "310113")) == "not_possible"


def test_others_may_not_touch_a_visit(counter: Counter) -> None:
    """Another kiosk, another hall's host, an officer who was not offered it, a supervisor."""
    visit = live(counter)
    assert counter.refusal(KIOSK_TWO, c.Leave(), visit) == "not_allowed"
    assert counter.refusal(HOST_ELSEWHERE, c.Enter(), visit) == "not_allowed"
    assert counter.refusal(OFFICER_ZHOU, c.Close("accepted"), visit) == "not_allowed"
    assert counter.refusal(LEAD_FENG, c.Hold(), visit) == "not_allowed"
    assert counter.refusal(HOST_CHEN, c.Say("未加入"), visit) == "not_allowed"


def consulted(counter: Counter) -> str:
    """Li has asked Zhou into the visit, and Zhou has come."""
    visit = live(counter)
    counter.perform(OFFICER_ZHOU, c.SetPresence("on_break"))
    counter.perform(OFFICER_LI, c.Invite("zhou"), visit)
    counter.perform(OFFICER_ZHOU, c.Enter(), visit)
    return visit


def test_a_warm_transfer_hands_the_visit_to_the_colleague_who_was_consulted(counter: Counter) -> None:
    """Zhou comes in, three talk, Li hands over and is free; the resident keeps everything."""
    visit = consulted(counter)
    assert len({r.target for r in routes(counter.visit(visit))}) == 3
    counter.perform(OFFICER_LI, c.HandTo("zhou"), visit)
    after = counter.visit(visit)
    assert (after.officer, after.state) == ("zhou", State.LIVE)
    assert [p.actor for p in after.participants] == ["kiosk-1", "zhou"]
    assert counter.ledger.board.shifts["li"].visit == ""
    counter.perform(OFFICER_ZHOU, c.Close("accepted"), visit)
    assert counter.refusal(OFFICER_LI, c.Say("还在吗"), visit) == "not_allowed"


def test_who_is_a_guest_in_a_visit_is_offered_no_other(counter: Counter) -> None:
    """Zhou is ready again, but belongs to Li's visit until leaving it."""
    visit = consulted(counter)
    counter.perform(OFFICER_ZHOU, c.SetPresence("ready"))
    other = waiting(counter, KIOSK_TWO)
    counter.match()
    assert counter.visit(other).state is State.WAITING
    counter.perform(OFFICER_ZHOU, c.Leave(), visit)
    counter.match()
    assert counter.visit(other).officer == "zhou"


def test_a_guest_is_not_the_officer(counter: Counter) -> None:
    """A guest may speak and leave; closing, holding and sending on are the officer's. The officer does not just leave."""
    visit = consulted(counter)
    for command in (c.Hold(), c.Close("accepted"), c.Transfer("city", "x"), c.Requeue("x"), c.End()):
        assert counter.refusal(OFFICER_ZHOU, command, visit) == "not_allowed"
    assert counter.refusal(OFFICER_LI, c.Leave(), visit) == "not_allowed"


def test_an_invitation_may_be_declined_and_does_not_last_for_ever(counter: Counter) -> None:
    """Declined, or over after a minute; who was not asked may not come in."""
    visit = live(counter)
    counter.perform(OFFICER_ZHOU, c.SetPresence("ready"))
    assert counter.refusal(OFFICER_ZHOU, c.Enter(), visit) == "not_allowed"
    counter.perform(OFFICER_LI, c.Invite("zhou"), visit)
    counter.perform(OFFICER_ZHOU, c.Decline(), visit)
    counter.perform(OFFICER_LI, c.Invite("zhou"), visit)
    counter.clock.pass_(60)
    counter.tick()
    assert counter.visit(visit).invitations == ()
    assert happened(counter, visit)[-3:] == ["Uninvited", "Invited", "Uninvited"]
    assert counter.refusal(OFFICER_ZHOU, c.Enter(), visit) == "not_allowed"


def test_an_invitation_ends_with_the_talk(counter: Counter) -> None:
    """Nobody may come in any more, and no deadline of an invitation is left to pass."""
    visit = live(counter)
    counter.perform(OFFICER_ZHOU, c.SetPresence("ready"))
    counter.perform(OFFICER_LI, c.Invite("zhou"), visit)
    counter.perform(OFFICER_LI, c.End(), visit)
    assert counter.visit(visit).invitations == ()
    counter.clock.pass_(60)
    counter.tick()
    assert happened(counter, visit)[-1] == "Ended"


def test_a_cold_transfer_goes_to_the_front_of_the_other_desk(counter: Counter) -> None:
    """Same visit, same ticket, with the reason; the desks are those from the new one on."""
    visit = live(counter)
    counter.perform(OFFICER_LI, c.Transfer("city", "市级事项"), visit)
    after = counter.visit(visit)
    assert (after.state, after.desks, after.priority, after.officer) == (State.WAITING, ("city",), 3600, "")
    assert counter.refusal(OFFICER_LI, c.Transfer("city", "x"), visit) == "not_allowed"
    other = live_elsewhere(counter)
    assert counter.refusal(OFFICER_LI, c.Transfer("nowhere", "x"), other) == "not_found"
    assert counter.refusal(OFFICER_LI, c.Transfer("pudong", "x"), other) == "no_desk"


def live_elsewhere(counter: Counter) -> str:
    """Li is in a visit about a shop, which Pudong's desk does not take."""
    visit = counter.perform(KIOSK_TWO, c.Open("shop", "310113"))
    counter.match()
    counter.perform(OFFICER_LI, c.Accept(), visit)
    return visit


def test_who_puts_a_resident_back_is_not_offered_the_same_at_once(counter: Counter) -> None:
    """The reason stays in the record; the next officer is another one."""
    visit = live(counter)
    counter.perform(OFFICER_LI, c.Requeue("要换一位同事"), visit)
    counter.match()
    assert counter.visit(visit).state is State.WAITING
    counter.perform(OFFICER_ZHOU, c.SetPresence("ready"))
    counter.match()
    assert counter.visit(visit).officer == "zhou"


def test_the_city_is_asked_too_and_the_visit_says_why(counter: Counter) -> None:
    """Li is busy for 45 seconds, then the city is asked as well, and Zheng is offered the visit; it is written why."""
    live(counter)
    visit = waiting(counter, KIOSK_TWO)
    counter.perform(OFFICER_CITY, c.SetPresence("serving_here"))
    counter.clock.pass_(44)
    counter.match()
    assert counter.visit(visit).step is None
    counter.clock.pass_(1)
    counter.match()
    assert counter.visit(visit).step == Reached("city", (e.Passed("baoshan", "busy"),), counter.clock())
    assert counter.visit(visit).asked == 2
    counter.perform(OFFICER_CITY, c.SetPresence("ready"))
    counter.match()
    assert (counter.visit(visit).officer, counter.visit(visit).offer_reason) == ("zheng", "only_one")


def test_a_desk_is_asked_when_those_before_it_have_nobody(counter: Counter) -> None:
    """At once, and once only, however many processes say so; an offer for a desk that is not asked is refused."""
    counter.perform(OFFICER_LI, c.SetPresence("signed_out"))
    visit = waiting(counter)
    assert counter.refusal(SYSTEM, c.Offer("zheng", "city"), visit) == "not_possible"
    zheng = msgspec.structs.replace(OFFICER_CITY, desks=("city",))
    counter.perform(zheng, c.SetPresence("ready"))
    for _ in range(2):
        counter.perform(SYSTEM, c.Ask("city", ()), visit)
    assert happened(counter, visit) == ["Opened", "StepReached"]
    counter.match()
    assert counter.visit(visit).officer == "zheng"


def test_an_officer_is_paused_after_as_many_missed_offers_as_the_setting_says() -> None:
    """With two: the first is forgiven, an answer in between counts from the beginning."""
    counter = Counter(msgspec.structs.replace(TERMS, missed_offers=2))
    counter.perform(KIOSK_ONE, c.SetPresence("ready"))
    counter.perform(OFFICER_LI, c.SetPresence("ready"))
    visit = waiting(counter)
    for missed, presence in ((1, "ready"), (2, "paused")):
        counter.match()
        counter.clock.pass_(20)
        counter.tick()
        assert (counter.ledger.board.shifts["li"].missed, counter.ledger.board.shifts["li"].presence) == (missed, presence)
        counter.clock.pass_(60)
    counter.perform(OFFICER_LI, c.SetPresence("ready"))
    assert counter.ledger.board.shifts["li"].missed == 0
    assert counter.visit(visit).state is State.WAITING


def test_a_break_has_a_reason(counter: Counter) -> None:
    """Colleagues see it; being ready again has none."""
    counter.perform(OFFICER_LI, c.SetPresence("on_break", "午饭"))
    assert counter.ledger.board.shifts["li"].note == "午饭"
    counter.perform(OFFICER_LI, c.SetPresence("ready", "午饭"))
    assert counter.ledger.board.shifts["li"].note == ""


def test_who_needs_it_goes_first_with_the_reason(counter: Counter) -> None:
    """The resident says so at the kiosk; the host knows of an appointment; the lead corrects; all is in the ledger."""
    counter.perform(OFFICER_LI, c.SetPresence("on_break"))
    first, second = waiting(counter), waiting(counter, KIOSK_TWO)
    counter.perform(KIOSK_TWO, c.Prioritise("elder"), second)
    assert (counter.visit(second).priority, counter.visit(second).priority_reason) == (600, "elder")
    assert [one.id for one in queue(counter.ledger.board.lines)] == [second, first]
    counter.perform(HOST_CHEN, c.Prioritise("appointment", "九点半"), first)
    assert [one.id for one in queue(counter.ledger.board.lines)] == [first, second]
    counter.perform(LEAD_FENG, c.Prioritise("none", "预约是明天"), first)
    counter.perform(OFFICER_LI, c.SetPresence("ready"))
    counter.match()
    assert counter.visit(second).state is State.OFFERED
    assert happened(counter, first) == ["Opened", "Prioritised", "Prioritised"]


def test_who_was_looked_at_does_not_claim_again(counter: Counter) -> None:
    """The host sees that nothing of it is so: the resident's word counts no more, until the host gives a reason again."""
    counter.perform(OFFICER_LI, c.SetPresence("on_break"))
    visit = waiting(counter)
    counter.perform(KIOSK_ONE, c.Prioritise("elder"), visit)
    counter.perform(HOST_CHEN, c.Prioritise("none", "是年轻人"), visit)
    assert counter.visit(visit).priority_settled
    assert counter.refusal(KIOSK_ONE, c.Prioritise("disability"), visit) == "not_possible"
    counter.perform(HOST_CHEN, c.Prioritise("pregnancy"), visit)
    assert (counter.visit(visit).priority_reason, counter.visit(visit).priority_settled) == ("pregnancy", False)


def test_a_head_start_is_given_by_those_who_know(counter: Counter) -> None:
    """A kiosk knows of no appointment; nobody says `returned`; another reason is told in words."""
    counter.perform(OFFICER_LI, c.SetPresence("on_break"))
    visit = waiting(counter)
    assert counter.refusal(KIOSK_ONE, c.Prioritise("appointment"), visit) == "not_allowed"
    assert counter.refusal(LEAD_FENG, c.Prioritise("returned"), visit) == "not_allowed"
    assert counter.refusal(OFFICER_LI, c.Prioritise("elder"), visit) == "not_allowed"
    assert counter.refusal(LEAD_FENG, c.Prioritise("other", " "), visit) == "not_possible"
    counter.perform(HOST_CHEN, c.Prioritise("appointment"), visit)
    counter.perform(KIOSK_ONE, c.Prioritise("elder"), visit)
    assert counter.visit(visit).priority_reason == "appointment", "a resident's word takes nothing away"


def test_a_supervisor_listens_whispers_and_joins_and_the_visit_shows_it(counter: Counter) -> None:
    """A listener is not heard; a whisperer is heard by the officer alone; who joins is heard by all."""
    visit = live(counter)

    def heard_by() -> set[str]:
        return {r.target for r in routes(counter.visit(visit)) if r.source == "feng" and r.out == "mic"}

    counter.perform(LEAD_FENG, c.Enter("listen"), visit)
    assert heard_by() == set()
    assert {r.source for r in routes(counter.visit(visit)) if r.target == "feng"} == {"kiosk-1", "li"}
    counter.perform(LEAD_FENG, c.Enter("whisper"), visit)
    assert heard_by() == {"li"}
    counter.perform(LEAD_FENG, c.Enter("join"), visit)
    assert heard_by() == {"li", "kiosk-1"}
    assert [p.mode for p in counter.visit(visit).participants if p.actor == "feng"] == ["join"]
    assert counter.refusal(HOST_CHEN, c.Enter("listen"), visit) == "not_allowed"


def shared_by(counter: Counter, visit: str) -> tuple[str, set[str]]:
    """Whose screen is shown, and to whom."""
    now = counter.visit(visit)
    reached = {r.target for r in routes(now) if r.out == "share"}
    assert all(r.into == "share" for r in routes(now) if r.out == "share")
    return now.share.actor if now.share else "", reached


def test_a_screen_is_shown_to_all_and_one_at_a_time(counter: Counter) -> None:
    """The kiosk shares; the host may not beside it, the officer takes over; a supervisor who only listens sees it too."""
    visit = live(counter)
    counter.perform(HOST_CHEN, c.Enter(), visit)
    counter.perform(KIOSK_ONE, c.StartShare(), visit)
    assert shared_by(counter, visit) == ("kiosk-1", {"li", "chen"})
    assert counter.refusal(HOST_CHEN, c.StartShare(), visit) == "not_possible"
    assert counter.refusal(HOST_CHEN, c.StopShare(), visit) == "not_allowed"
    counter.perform(LEAD_FENG, c.Enter("listen"), visit)
    counter.perform(OFFICER_LI, c.StartShare(), visit)
    assert happened(counter, visit)[-2:] == ["ShareStopped", "ShareStarted"]
    assert shared_by(counter, visit) == ("li", {"kiosk-1", "chen", "feng"})
    surfaces = {one.surface for one in (counter.visit(visit).share,) if one}
    counter.perform(LEAD_FENG, c.StopShare(), visit)
    assert shared_by(counter, visit) == ("", set())
    counter.perform(OFFICER_LI, c.StartShare(), visit)
    assert not surfaces & {one.surface for one in (counter.visit(visit).share,) if one}, "each sharing is a new surface"
    assert counter.refusal(HOST_ELSEWHERE, c.StopShare(), visit) == "not_allowed"


def test_a_share_ends_with_whatever_ends_its_picture(counter: Counter) -> None:
    """With a hold, when its owner leaves, when the resident is sent on; a lost connection keeps it for its minute."""
    visit = live(counter)
    counter.perform(HOST_CHEN, c.Enter(), visit)
    counter.perform(HOST_CHEN, c.StartShare(), visit)
    counter.perform(SYSTEM, c.Lose("chen"), visit)
    assert shared_by(counter, visit)[0] == "chen"
    counter.clock.pass_(61)
    counter.perform(SYSTEM, c.Expire(), visit)
    assert shared_by(counter, visit)[0] == ""
    for end in (c.Hold(), c.Requeue("换人")):
        counter.perform(OFFICER_LI, c.StartShare(), visit)
        counter.perform(OFFICER_LI, end, visit)
        assert counter.visit(visit).share is None
        if isinstance(end, c.Hold):
            counter.perform(OFFICER_LI, c.Resume(), visit)
            assert shared_by(counter, visit)[0] == ""


FILE = e.PaperFile("0" * 64, 1000, "image/jpeg", (e.Picture(30, 40, "0" * 64, "1" * 64),), "0" * 64)
SAMPLES: dict[type[c.Command], c.Command] = {
    c.Open: c.Open("card", "310113"),
    c.Leave: c.Leave(),
    c.SetPresence: c.SetPresence("ready"),
    c.Accept: c.Accept(),
    c.Decline: c.Decline(),
    c.Enter: c.Enter(),
    c.AnswerConsent: c.AnswerConsent(answer()),
    c.NoteUnresolved: c.NoteUnresolved("t1", "soon", Role.KIOSK, "查不到"),
    c.Rate: c.Rate(5),
    c.Say: c.Say("好"),
    c.Announce: c.Announce("both", "停电检修", NOON + 900),
    c.Withdraw: c.Withdraw(1),
    c.StartShare: c.StartShare(),
    c.StopShare: c.StopShare(),
    c.Draw: c.Draw("share:1", "pen", "red", "AAAA"),
    c.Erase: c.Erase(1),
    c.Redraw: c.Redraw(1),
    c.Clear: c.Clear("share:1"),
    c.AllowMarks: c.AllowMarks(True),
    c.AddPage: c.AddPage("identity-card", "正面", "camera", FILE),
    c.ReplacePage: c.ReplacePage(1, "upload", FILE),
    c.RemovePage: c.RemovePage(1),
    c.NamePage: c.NamePage(1, "other", "正面"),
    c.ShowPage: c.ShowPage(1),
    c.HidePage: c.HidePage(),
    c.AskPaper: c.AskPaper("photo"),
    c.AcceptPaper: c.AcceptPaper("photo", 1),
    c.ReturnPaper: c.ReturnPaper("photo", "看不清"),
    c.ReferTo: c.ReferTo("identity-card", e.Licence("l", "identity-card", "居民身份证", "3101****", "王*", "公安局", "")),
    c.InvitePhone: c.InvitePhone("0" * 32),
    c.ComeByPhone: c.ComeByPhone("0" * 32),
    c.DismissPhone: c.DismissPhone("0" * 32),
    c.GiveNotice: c.GiveNotice(("photo",), FILE),
    c.AskIdentity: c.AskIdentity(subject="person"),
    c.ConfirmIdentity: c.ConfirmIdentity(subject="person"),
    c.RefuseIdentity: c.RefuseIdentity(reason="照片与本人不符", subject="person"),
    c.FillField: c.FillField(field="phone", value="13800000000"),
    c.AskSignature: c.AskSignature(document="4c1d" * 16, signer="resident"),
    c.CancelSignature: c.CancelSignature(),
    c.ShowIdentity: c.ShowIdentity(
        subject="person",
        shown_by="card",
        name="王示例",
        masked="310***********9026",
        proof="b3f1" * 16,
        issuer="",
        photo="9a0e" * 16,
        valid_until="",
    ),
    c.AskForVerdict: c.AskForVerdict(challenge="8f0c6f5b1a"),
    c.TakeVerdict: c.TakeVerdict(challenge="8f0c6f5b1a", issuer="https://verifier.example", same=True),
    c.RevealNumber: c.RevealNumber(proof="b3f1" * 16),
    c.FillNumber: c.FillNumber(field="guardian", masked="310***********9011", proof="b3f1" * 16),
    c.ConfirmForm: c.ConfirmForm(seen=7, sha256="4c1d" * 16, bytes=48211, title="社保卡申领登记表"),
    c.DocumentConsent: c.DocumentConsent(
        agreed=(e.Agreed("recording", "given", "resident-2026-11", "5e2a" * 16),),
        sha256="6d2e" * 16,
        bytes=39102,
        title="个人信息处理告知与同意书",
    ),
    c.MakeSigningLink: c.MakeSigningLink(link="0f4c1b2a9d8e7f60a1b2c3d4e5f60718", until=1795003200.0),
    c.Sign: c.Sign(
        document="4c1d" * 16,
        signer="resident",
        signed_on="touch",
        name="王示例",
        signed="9a0e" * 16,
        bytes=61044,
        statement="77ab" * 16,
        statement_bytes=902,
        link="",
    ),
    c.Hold: c.Hold(),
    c.Resume: c.Resume(),
    c.Prioritise: c.Prioritise("elder"),
    c.Requeue: c.Requeue("需要主管"),
    c.Transfer: c.Transfer("city", "市级事项"),
    c.Invite: c.Invite("zhou"),
    c.InviteGuest: c.InviteGuest("0f4c1b2a9d8e7f60a1b2c3d4e5f60718", "手语翻译"),
    c.Uninvite: c.Uninvite("zhou"),
    c.HandTo: c.HandTo("zhou"),
    c.End: c.End(),
    c.Close: c.Close("guided"),
    c.Offer: c.Offer("zhou", "baoshan"),
    c.Ask: c.Ask("city", ()),
    c.Expire: c.Expire(),
    c.Lose: c.Lose("kiosk-1"),
    c.Restore: c.Restore("kiosk-1"),
    c.MoveKiosk: MOVE,
    c.ReportRecording: c.ReportRecording(runs=True),
    c.Defer: c.Defer(),
    c.Acknowledge: c.Acknowledge("SL-1"),
}
PATHS: dict[State, tuple[tuple[Actor, c.Command], ...]] = {
    State.WAITING: (),
    State.OFFERED: ((SYSTEM, c.Offer("li", "baoshan")),),
    State.LIVE: ((SYSTEM, c.Offer("li", "baoshan")), (OFFICER_LI, c.Accept())),
    State.HELD: ((SYSTEM, c.Offer("li", "baoshan")), (OFFICER_LI, c.Accept()), (OFFICER_LI, c.Hold())),
    State.WRAPPING: ((SYSTEM, c.Offer("li", "baoshan")), (OFFICER_LI, c.Accept()), (OFFICER_LI, c.End())),
    State.CLOSED: ((KIOSK_ONE, c.Leave()),),
}


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("actor", [*EVERYBODY, SYSTEM], ids=lambda a: a.id)
def test_every_command_in_every_state_by_everybody_is_done_or_refused_with_a_code(state: State, actor: Actor) -> None:
    """And the event it makes is one that the table of transitions permits."""
    for command in SAMPLES.values():
        counter = Counter()
        for one in (KIOSK_ONE, OFFICER_LI, OFFICER_ZHOU):
            counter.perform(one, c.SetPresence("ready"))
        visit = waiting(counter)
        for who, step in PATHS[state]:
            counter.perform(who, step, visit)
        assert counter.visit(visit).state is state
        before = happened(counter, visit)
        try:
            counter.perform(actor, command, visit)
        except RvwError:
            assert happened(counter, visit) == before


def test_no_command_is_forgotten() -> None:
    """The samples, the policy table and the union name the same commands; each event is in the table of transitions."""
    commands = set(get_args(c.Command))
    assert set(SAMPLES) == commands
    assert set(TABLE) == commands - set(BESIDE)
    assert {event for _, event in TRANSITIONS} == set(get_args(e.VisitEvent)) - {e.Opened}


def test_a_supervisor_moves_who_waits_and_the_place_is_kept(counter: Counter) -> None:
    """On offer to Li, who is free again at once; the city's desk answers now, with the waiting time of before."""
    visit = waiting(counter)
    counter.clock.pass_(30)
    counter.match()
    counter.perform(LEAD_FENG, c.Transfer("city", "宝山今天人多"), visit)
    moved = counter.visit(visit)
    assert (moved.state, moved.desks, moved.officer) == (State.WAITING, ("city",), "")
    assert (moved.waiting_since, moved.priority, moved.priority_reason) == (moved.opened_at, 0, "none")
    assert moved.moved is not None
    assert moved.moved.note == "宝山今天人多"
    assert counter.ledger.board.shifts["li"].visit == ""
    assert counter.ledger.board.shifts["li"].presence == "ready"
    assert counter.refusal(OFFICER_LI, c.Transfer("city", "mine"), visit) == "not_allowed"


def test_a_supervisor_closes_any_visit_with_the_reason(counter: Counter) -> None:
    """Who waits, and who talks: the officer is free, and the reason is in the record; without one it is refused."""
    first = live(counter)
    assert counter.refusal(LEAD_FENG, c.Transfer("city", "in a talk"), first) == "not_possible"
    second = waiting(counter, KIOSK_TWO)
    assert counter.refusal(LEAD_FENG, c.Close("left", " "), second) == "not_possible"
    counter.perform(LEAD_FENG, c.Close("left", "群众已在柜台办完"), second)
    counter.perform(LEAD_FENG, c.Close("unresolved", "终端故障"), first)
    assert happened(counter, second)[-1:] == ["Closed"]
    assert happened(counter, first)[-2:] == ["Ended", "Closed"]
    for visit in (counter.visit(first), counter.visit(second)):
        assert (visit.state, visit.close_reason) == (State.CLOSED, "supervisor")
    assert counter.ledger.board.shifts["li"].visit == ""
