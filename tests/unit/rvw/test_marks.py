"""Marks: what is drawn, hidden and shown again; places on the wire; and what the record holds of them."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rvw.domain import commands as c
from rvw.domain import events as e
from rvw.domain import marks
from rvw.domain.audit import Store, audit
from rvw.domain.companion import together
from rvw.domain.handover import Dossier, dossier
from rvw.domain.people import SYSTEM, Actor
from rvw.domain.visit import Visit
from rvw.errors import InvalidInput
from rvw.protocol import client
from rvw.protocol.codec import CLIENT, encode
from tests.fakes.counter import Counter, run
from tests.fakes.town import HOST_CHEN, HOST_ELSEWHERE, KIOSK_ONE, LEAD_FENG, OFFICER_LI

LINE = marks.pack([(100, 100), (4000, 4000)])
SURFACE = "share:6"


def pen(points: str = LINE, surface: str = SURFACE) -> c.Draw:
    """A stroke."""
    return c.Draw(surface, "pen", "red", points)


@pytest.fixture
def counter() -> Counter:
    """Kiosk and Li are there."""
    made = Counter()
    for actor in (KIOSK_ONE, OFFICER_LI):
        made.perform(actor, c.SetPresence("ready"))
    return made


@pytest.fixture
def visit(counter: Counter) -> str:
    """Li and the resident talk, the host is with them."""
    visit = counter.perform(KIOSK_ONE, c.Open("card", "310113"))
    counter.match()
    counter.perform(OFFICER_LI, c.Accept(), visit)
    counter.perform(HOST_CHEN, c.Enter(), visit)
    return visit


def seen(counter: Counter, visit: str) -> list[tuple[int, str]]:
    """Which marks are to be seen, by whom."""
    return [(m.id, m.by) for m in run(counter.ledger.beside(marks.MARKS, visit)).marks if not m.hidden]


def test_undo_touches_ones_own_only_and_redo_brings_it_back(counter: Counter, visit: str) -> None:
    """Two draw; each hides and shows what is their own; a clearing by the officer is for good."""
    counter.perform(OFFICER_LI, pen(), visit)
    counter.perform(HOST_CHEN, pen(), visit)
    assert seen(counter, visit) == [(1, "li"), (2, "chen")]
    assert counter.refusal(HOST_CHEN, c.Erase(1), visit) == "not_allowed"
    counter.perform(HOST_CHEN, c.Erase(2), visit)
    assert seen(counter, visit) == [(1, "li")]
    counter.perform(HOST_CHEN, c.Redraw(2), visit)
    counter.perform(OFFICER_LI, c.Draw("page:form/2", "stamp", "red", marks.pack([(1, 1)]), "sign"), visit)
    counter.perform(OFFICER_LI, c.Clear(SURFACE), visit)
    assert seen(counter, visit) == [(5, "li")], "another surface is left alone"
    assert counter.refusal(HOST_CHEN, c.Redraw(2), visit) == "not_possible"
    assert counter.refusal(HOST_CHEN, c.Clear(SURFACE), visit) == "not_allowed"
    assert counter.refusal(OFFICER_LI, c.Erase(99), visit) == "not_found"


def test_the_resident_draws_when_the_officer_allows_it(counter: Counter, visit: str) -> None:
    """Not before, not after, and not on hold; somebody of another hall or a listening supervisor never."""
    assert counter.refusal(KIOSK_ONE, pen(), visit) == "not_allowed"
    counter.perform(OFFICER_LI, c.AllowMarks(True), visit)
    counter.perform(KIOSK_ONE, pen(), visit)
    counter.perform(OFFICER_LI, c.Hold(), visit)
    assert counter.refusal(KIOSK_ONE, pen(), visit) == "not_possible"
    counter.perform(OFFICER_LI, c.Resume(), visit)
    counter.perform(OFFICER_LI, c.AllowMarks(False), visit)
    assert counter.refusal(KIOSK_ONE, pen(), visit) == "not_allowed"
    assert counter.refusal(HOST_ELSEWHERE, pen(), visit) == "not_allowed"
    counter.perform(LEAD_FENG, c.Enter("listen"), visit)
    assert counter.refusal(LEAD_FENG, pen(), visit) == "not_allowed"


def test_a_repeated_stroke_is_drawn_once(counter: Counter, visit: str) -> None:
    """A page that did not hear the answer sends the stroke again."""
    for _ in range(2):
        counter.perform(OFFICER_LI, pen(), visit, ref="stroke-1")
    assert len(seen(counter, visit)) == 1


def test_only_those_who_take_part_are_told(counter: Counter, visit: str) -> None:
    """A supervisor with a hundred visits is not flooded; one who has come in is told."""
    counter.perform(OFFICER_LI, pen(), visit)
    assert counter.ledger.log[-1].to == ("chen", "kiosk-1", "li")
    counter.perform(LEAD_FENG, c.Enter("listen"), visit)
    counter.perform(OFFICER_LI, pen(), visit)
    assert "feng" in counter.ledger.log[-1].to


def test_what_a_tool_does_not_take_is_refused(counter: Counter, visit: str) -> None:
    """Points and words that fit no tool, and more than a visit may have."""
    one = marks.pack([(5, 5)])
    wrong = (
        c.Draw(SURFACE, "arrow", "red", one),
        c.Draw(SURFACE, "pen", "red", LINE, "words"),
        c.Draw(SURFACE, "text", "red", one, "  "),
        c.Draw(SURFACE, "stamp", "red", one, "approved"),
        c.Draw(SURFACE, "pen", "red", "A"),
        c.Draw(SURFACE, "pen", "red", "AAg"),
        c.Draw(SURFACE, "pen", "red", "A" * 2 * (marks.MAX_POINTS + 1)),
    )
    for command in wrong:
        assert counter.refusal(OFFICER_LI, command, visit) == "bad_request", command
    assert seen(counter, visit) == []


@pytest.mark.parametrize("text", ["", "A A", "é", "A" * 6001, "A+"])
def test_the_wire_refuses_points_of_other_characters(text: str) -> None:
    """Before anything is looked at."""
    data = msgspec.json.encode({"type": "draw", "surface": SURFACE, "tool": "pen", "colour": "red", "points": text})
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(data, type=c.Draw)


@pytest.mark.parametrize("points", ["", LINE])
def test_a_pointer_moves_and_is_lifted(points: str) -> None:
    """Both are understood: what is not would close the page's connection."""
    gesture = client.Gesture("v", SURFACE, "laser", "red", points)
    assert CLIENT.decode(encode(gesture)) == gesture


def test_a_visit_has_a_bound_of_marks(counter: Counter, visit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond it even undo is refused; what is there stays."""
    monkeypatch.setattr(marks, "MAX_EVENTS", 3)
    for _ in range(3):
        counter.perform(OFFICER_LI, pen(), visit)
    assert counter.refusal(OFFICER_LI, pen(), visit) == "too_many"
    assert len(seen(counter, visit)) == 3


PLACES = st.tuples(st.integers(0, marks.FULL), st.integers(0, marks.FULL))


@given(st.lists(PLACES, min_size=1, max_size=50))
def test_places_survive_packing(points: list[tuple[int, int]]) -> None:
    """And are counted without being unpacked."""
    packed = marks.pack(points)
    assert marks.unpack(packed) == points
    assert marks.count(packed) == len(points)


@given(st.text(st.sampled_from("ABgz09-_"), max_size=40))
def test_any_text_is_points_or_refused(text: str) -> None:
    """Never anything outside what is drawn on."""
    try:
        found = marks.unpack(text)
    except InvalidInput:
        return
    assert all(0 <= x <= marks.FULL and 0 <= y <= marks.FULL for x, y in found)


def test_a_hundred_points_of_a_hand_are_under_600_bytes(counter: Counter, visit: str) -> None:
    """The whole message that a page receives."""
    from rvw.cli.bench.annotation import stroke
    from rvw.protocol.server import Happened

    for seed in range(20):
        counter.perform(OFFICER_LI, pen(marks.pack(stroke(100, seed))), visit, ref="0123456789abcdef01234567")
        entry = counter.ledger.log[-1]
        assert len(encode(Happened("1763829000000-123", entry.recorded))) <= 600


def test_the_record_holds_the_marks_in_order(counter: Counter, visit: str) -> None:
    """Between the lines of chat where they were drawn, none after the closing; the auditor agrees."""
    script: tuple[tuple[Actor, c.Command], ...] = (
        (OFFICER_LI, c.Say("请看这里")),
        (OFFICER_LI, pen()),
        (KIOSK_ONE, c.Say("看到了")),
        (OFFICER_LI, c.Erase(1)),
        (OFFICER_LI, c.Close("guided")),
    )
    for actor, command in script:
        counter.clock.pass_(1)
        counter.perform(actor, command, visit)
    assert counter.refusal(OFFICER_LI, pen(), visit) == "not_possible"
    streams = counter.ledger.streams
    events = together(streams[f"visit:{visit}"], streams[f"marks:{visit}"])
    record = dossier(counter.visit(visit), events, bytes(32))
    assert msgspec.json.decode(encode(record), type=Dossier) == record, "whoever verifies it reads the marks too"
    kinds = [type(one.event) for one in record.events]
    assert kinds[-6:] == [e.Said, e.Drawn, e.Said, e.Erased, e.Ended, e.Closed]
    assert len(kinds) == len(streams[f"visit:{visit}"]) + 2
    entries: dict[str, list[tuple[int, e.Recorded | None]]] = {
        name: [(r.version, r) for r in found] for name, found in streams.items()
    }
    assert audit(Store(streams=entries), counter.clock()) == ()
    stolen = e.Recorded(f"marks:{visit}", 3, counter.clock(), "chen", "", e.Redrawn(1))
    entries[f"marks:{visit}"].append((3, stolen))
    assert [f.kind for f in audit(Store(streams=entries), counter.clock())] == ["impossible"]


def test_a_mark_is_refused_when_the_visit_has_changed_meanwhile(counter: Counter, visit: str) -> None:
    """The append is conditional on the visit: nothing is drawn into a visit that has just been closed."""
    before: Visit = counter.visit(visit)
    counter.perform(OFFICER_LI, c.Close("guided"), visit)

    async def stale(_id: str, *, remembered: bool = False) -> Visit:
        return before if remembered else await original(_id)

    original, counter.ledger.visit = counter.ledger.visit, stale  # type: ignore[method-assign, assignment]
    assert counter.refusal(OFFICER_LI, pen(), visit) == "not_possible"
    counter.perform(SYSTEM, c.Acknowledge("SL-1"), visit)
