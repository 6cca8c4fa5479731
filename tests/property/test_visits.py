"""Whatever anybody does, in whatever order: nobody is lost, nobody has two offers, and every page can follow."""

from typing import Any

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule

from rvw.domain import commands as c
from rvw.domain import events as e
from rvw.domain import policy
from rvw.domain import shift as shifts
from rvw.domain import visit as visits
from rvw.domain.board import line
from rvw.domain.consent import may_be_recorded
from rvw.domain.effects import routes
from rvw.domain.fold import evolve
from rvw.domain.people import SYSTEM, Actor, Role
from rvw.domain.visit import State, Visit
from rvw.errors import NotAllowed, NotFound, NotPossible, OfficerBusy, RvwError, TooMany
from rvw.protocol.codec import SHIFT, encode
from tests.fakes.counter import Counter
from tests.fakes.town import EVERYBODY, HOST_CHEN, JOINING, KIOSKS, OFFICERS, RESIDENTS, answer

COMMANDS: st.SearchStrategy[c.Command] = st.one_of(
    st.just(c.Leave()),
    st.just(c.Accept()),
    st.just(c.Decline()),
    st.builds(c.Enter, st.sampled_from(("join", "listen", "whisper"))),
    st.builds(c.Requeue, st.just("换人")),
    st.builds(c.Prioritise, st.sampled_from(("none", "elder", "appointment", "other")), st.sampled_from(("", "原因"))),
    st.builds(c.Transfer, st.sampled_from(("city", "baoshan", "pudong", "nowhere")), st.just("转办")),
    st.builds(c.Invite, st.sampled_from([a.id for a in EVERYBODY])),
    st.builds(c.HandTo, st.sampled_from([a.id for a in EVERYBODY])),
    st.builds(c.Say, st.text(min_size=1, max_size=20)),
    st.just(c.StartShare()),
    st.just(c.StopShare()),
    st.builds(c.AllowMarks, st.booleans()),
    st.builds(c.Draw, st.just("share:1"), st.just("pen"), st.just("red"), st.just("AAAA")),
    st.builds(c.Erase, st.integers(1, 5)),
    st.builds(c.Redraw, st.integers(1, 5)),
    st.just(c.Clear("share:1")),
    st.builds(
        c.AnswerConsent,
        st.builds(
            answer, st.booleans(), st.sampled_from(("recording", "sensitive")), st.sampled_from((RESIDENTS, JOINING))
        ),
    ),
    st.builds(c.NoteUnresolved, st.sampled_from(("t1", "t2")), st.just("soon"), st.just(Role.KIOSK), st.just("查不到")),
    st.builds(c.Rate, st.sampled_from((5, 3, 1)), st.just(()), st.just("")),
    st.just(c.Hold()),
    st.just(c.Resume()),
    st.just(c.End()),
    st.builds(c.Close, st.sampled_from(("accepted", "guided", "unresolved")), st.text(max_size=10)),
    st.builds(c.Offer, st.sampled_from([o.id for o in OFFICERS]), st.sampled_from(("baoshan", "baoshan", "city"))),
    st.builds(c.Ask, st.sampled_from(("city", "baoshan", "nowhere")), st.just(())),
    st.just(c.Expire()),
    st.builds(c.Lose, st.sampled_from([a.id for a in EVERYBODY])),
    st.builds(c.Restore, st.sampled_from([a.id for a in EVERYBODY])),
    st.builds(c.MoveKiosk, st.sampled_from([k.id for k in KIOSKS]), st.just("终端"), st.sampled_from(("hall-1", "hall-2"))),
    st.just(c.Defer()),
    st.just(c.Acknowledge("SL-1")),
)
PRESENCES = ("ready", "ready", "ready", "serving_here", "on_break", "signed_out")
VISIT: msgspec.json.Decoder[Visit] = msgspec.json.Decoder(Visit)


TO_TWO = c.MoveKiosk("kiosk-2", "二号终端", "hall-2")

PLAUSIBLE: dict[State, tuple[c.Command, ...]] = {
    State.WAITING: (
        c.AnswerConsent(answer()),
        c.Offer("li", "baoshan"),
        c.Offer("zhou", "baoshan"),
        c.Lose("kiosk-1"),
        c.Leave(),
        TO_TWO,
    ),
    State.OFFERED: (c.Accept(), c.Accept(), c.Decline(), c.Lose("li"), c.Expire()),
    State.LIVE: (
        c.Say("您好"),
        c.AnswerConsent(answer()),
        c.AnswerConsent(answer(False)),
        c.AnswerConsent(answer(text=JOINING)),
        c.StartShare(),
        c.Draw("share:1", "arrow", "blue", "AAAA"),
        c.Hold(),
        c.Enter(),
        c.Lose("li"),
        c.Lose("kiosk-1"),
        c.Restore("li"),
        c.Close("accepted"),
        c.Invite("zhou"),
        c.Invite("zheng"),
        c.HandTo("zhou"),
        c.Transfer("city", "转办"),
        TO_TWO,
    ),
    State.HELD: (c.Resume(), c.Resume(), c.Lose("zhou"), c.Leave(), c.Say("稍等")),
    State.WRAPPING: (c.Close("guided", "note", "明天再来", "不知道"), c.Expire(), c.Rate(5), c.Close("accepted")),
    State.CLOSED: (c.Acknowledge("SL-1"), c.Rate(1, ("rude",)), c.NoteUnresolved("t1", "soon", Role.KIOSK, "查不到")),
}
"""What the people of a visit would do next: chosen as often as anything else, so that visits get to their end."""


class Window(RuleBasedStateMachine):
    """Random people do random things while time passes, the matcher matches and timers fire."""

    visits = Bundle("visits")

    def __init__(self) -> None:
        super().__init__()
        self.counter = Counter()
        self.snapshots: dict[str, Visit] = {}

    @initialize(target=visits)
    def the_day_begins(self) -> Any:
        for actor in (*OFFICERS, *KIOSKS):
            self.counter.perform(actor, c.SetPresence("ready"))
        return multiple(*(self.counter.perform(kiosk, c.Open("card", "310113")) for kiosk in KIOSKS))

    @rule(target=visits, kiosk=st.sampled_from(KIOSKS), matter=st.sampled_from(("card", "shop")), ref=st.text(max_size=3))
    def open(self, kiosk: Actor, matter: str, ref: str) -> Any:
        try:
            return self.counter.perform(kiosk, c.Open(matter, "310113"), ref=ref)
        except (NotPossible, OfficerBusy):
            return multiple()

    @rule(officer=st.sampled_from(OFFICERS), presence=st.sampled_from(PRESENCES))
    def set_presence(self, officer: Actor, presence: Any) -> None:
        self.counter.perform(officer, c.SetPresence(presence))

    @rule(visit=visits, choice=st.integers(0, 9))
    def go_on(self, visit: str, choice: int) -> None:
        """Those whom the visit concerns do what they would do."""
        now = self.counter.visit(visit)
        command = PLAUSIBLE[now.state][choice % len(PLAUSIBLE[now.state])]
        people = {actor.id: actor for actor in EVERYBODY}
        asked = tuple(people[i.actor] for i in now.invitations)
        concerned = (*asked, people.get(now.officer), people[now.kiosk], HOST_CHEN)
        actor = next((a for a in concerned if a and _may(a, command, now)), SYSTEM)
        self._perform(visit, actor, command, "")

    @rule(visit=visits, actor=st.sampled_from((*EVERYBODY, SYSTEM)), command=COMMANDS)
    def do(self, visit: str, actor: Actor, command: c.Command) -> None:
        self._perform(visit, actor, command, "")

    @rule(visit=visits, actor=st.sampled_from(EVERYBODY), command=COMMANDS)
    def do_twice(self, visit: str, actor: Actor, command: c.Command) -> None:
        """A page that did not hear the answer sends the same command again: it is done once."""
        self._perform(visit, actor, command, "once")
        once = self.counter.visit(visit).version
        if "once" in self.counter.visit(visit).refs:
            self._perform(visit, actor, command, "once")
            assert once == self.counter.visit(visit).version

    def _perform(self, visit: str, actor: Actor, command: c.Command, ref: str) -> None:
        before = self.counter.visit(visit).version
        try:
            self.counter.perform(actor, command, visit, ref)
        except (NotAllowed, NotFound, NotPossible, TooMany):
            assert before == self.counter.visit(visit).version, "what is refused changes nothing"

    @rule()
    def match(self) -> None:
        self.counter.match()

    @rule(seconds=st.sampled_from((1.0, 1.0, 1.0, 21.0, 61.0, 601.0, 7201.0)))
    def time_passes(self, seconds: float) -> None:
        self.counter.clock.pass_(seconds)
        self.counter.tick()

    @rule(visit=visits)
    def take_snapshot(self, visit: str) -> None:
        """A page connects: from here on it has the snapshot and folds the events, through the real encoding."""
        self.snapshots[visit] = VISIT.decode(encode(self.counter.visit(visit)))

    @invariant()
    def snapshot_and_events_give_the_later_snapshot(self) -> None:
        for visit_id, snapshot in self.snapshots.items():
            folded: Visit | None = snapshot
            for recorded in self.counter.ledger.streams[f"visit:{visit_id}"][snapshot.version :]:
                folded = evolve(folded, recorded)
            assert folded == self.counter.visit(visit_id)

    @invariant()
    def no_visit_is_without_a_deadline(self) -> None:
        for stream in self._visit_streams():
            visit = self.counter.visit(stream.removeprefix("visit:"))
            due = visits.due(visit)
            assert (due is None) == (visit.state is State.CLOSED)
            assert due == self.counter.ledger.deadlines.get(stream)

    @invariant()
    def nobody_belongs_to_two_visits(self) -> None:
        engaged: dict[str, str] = {}
        for stream in self._visit_streams():
            visit = self.counter.visit(stream.removeprefix("visit:"))
            for actor in visits.engaged(visit):
                assert actor not in engaged, f"{actor} belongs to {engaged[actor]} and {visit.id}"
                engaged[actor] = visit.id
        for shift in self.counter.ledger.board.shifts.values():
            assert shift.visit == engaged.get(shift.actor, "")

    @invariant()
    def an_officer_is_where_the_visit_says(self) -> None:
        for stream in self._visit_streams():
            visit = self.counter.visit(stream.removeprefix("visit:"))
            served = visit.state in (State.OFFERED, State.LIVE, State.HELD, State.WRAPPING)
            assert served == bool(visit.officer) or visit.state is State.CLOSED

    @invariant()
    def the_board_is_the_fold(self) -> None:
        board = self.counter.ledger.board
        for stream, events in self.counter.ledger.streams.items():
            kind, _, name = stream.partition(":")
            if kind in ("marks", "rating"):
                assert not {name for name in board.lines if name.startswith("marks")}
                continue
            if kind == "visit":
                assert line(self.counter.visit(name)) == board.lines.get(name)
                continue
            shift = shifts.Shift(actor=name)
            for recorded in events:
                shift = shifts.evolve(shift, recorded)
            assert shift == SHIFT.decode(encode(board.shifts[name]))

    @invariant()
    def every_closed_visit_will_be_recorded(self) -> None:
        for stream in self._visit_streams():
            closed = self.counter.visit(stream.removeprefix("visit:")).state is State.CLOSED
            assert closed == (stream in self.counter.ledger.unrecorded)

    @invariant()
    def each_place_has_one_source(self) -> None:
        for stream in self._visit_streams():
            bound = [(r.target, r.into) for r in routes(self.counter.visit(stream.removeprefix("visit:")))]
            assert len(bound) == len(set(bound))

    @invariant()
    def a_screen_is_shown_only_while_its_owner_takes_part_in_a_live_talk(self) -> None:
        for stream in self._visit_streams():
            visit = self.counter.visit(stream.removeprefix("visit:"))
            if visit.share:
                assert visit.state is State.LIVE
                assert visits.takes_part(visit, visit.share.actor)

    @invariant()
    def a_visit_is_rated_once_and_not_before_its_end(self) -> None:
        for stream, events in self.counter.ledger.streams.items():
            kind, _, name = stream.partition(":")
            if kind == "rating":
                assert len(events) == 1
                visit = self.counter.visit(name)
                assert visit.answered_at is not None
                # Who goes home while waiting again has not ended the talk: the visit is closed all the same.
                assert visit.ended_at is not None or visit.closed_at is not None
        assert not [entry for entry in self.counter.ledger.log if isinstance(entry.recorded.event, e.Rated) and entry.to]

    @invariant()
    def nobody_is_recorded_who_has_not_last_said_yes(self) -> None:
        """Reckoned from the events alone, by who sits where: a kiosk's answers are the resident's, wherever they go on."""
        for stream in self._visit_streams():
            visit = self.counter.visit(stream.removeprefix("visit:"))
            said: dict[str, str] = {}
            kiosk = ""
            for recorded in self.counter.ledger.streams[stream]:
                match recorded.event:
                    case e.Opened():
                        kiosk = recorded.event.kiosk
                    case e.MovedKiosk():
                        said[recorded.event.kiosk], kiosk = said.pop(kiosk, ""), recorded.event.kiosk
                    case e.ConsentAnswered(subject="recording"):
                        said[recorded.event.actor] = recorded.event.answer
            recorded_ones = may_be_recorded(visit)
            assert all(said.get(actor) == "given" for actor in recorded_ones)
            assert not recorded_ones or visit.kiosk in recorded_ones

    @invariant()
    def who_may_see_a_visit_is_told_of_it(self) -> None:
        """The permission and the fan-out are two functions: they agree on everybody."""
        for stream in self._visit_streams():
            visit = self.counter.visit(stream.removeprefix("visit:"))
            for actor in EVERYBODY:
                told = not policy.listens_to(actor).isdisjoint(policy.topics(visit))
                assert told == policy.may_see(actor, visit), actor.id
                shown = line(visit)
                assert shown is None or policy.concerns(actor, shown) == told, actor.id

    def _visit_streams(self) -> list[str]:
        return [stream for stream in self.counter.ledger.streams if stream.startswith("visit:")]


def _may(actor: Actor, command: c.Command, visit: Visit) -> bool:
    try:
        policy.check(actor, command, visit)
    except RvwError:
        return False
    return True


TestWindow = Window.TestCase
TestWindow.settings = settings(max_examples=200, stateful_step_count=40, deadline=None)
