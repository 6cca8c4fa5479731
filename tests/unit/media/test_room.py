"""Rooms: whole truths, versions, and slots that two rooms want."""

import pytest

from media.core.room import MOST_ENDED, Place, Rooms, Source
from rvw.errors import InvalidInput, TooMany
from rvw.protocol.media import MAX_BINDINGS, Bind, Binding
from tests.unit.media.browser import bound

FACE = Place("kiosk", "face1")
OFFICER = bound("officer", "camera", "kiosk", "face1")
EXPERT = bound("expert", "camera", "kiosk", "face1")


def test_a_bind_replaces_all_bindings_of_its_room() -> None:
    """It says which slots have changed, and only those."""
    rooms = Rooms(5)
    voice = bound("officer", "mic", "kiosk", "voice1")
    assert rooms.bind(Bind("r", 1, (OFFICER, voice))) == (1, {FACE, Place("kiosk", "voice1")})
    assert rooms.bind(Bind("r", 2, (EXPERT, voice))) == (2, {FACE})
    assert rooms.source(FACE) == Source("expert", "camera")
    assert rooms.bind(Bind("r", 3, ())) == (3, {FACE, Place("kiosk", "voice1")})
    assert rooms.source(FACE) is None
    assert len(rooms) == 0


def test_a_late_message_cannot_undo_a_newer_one() -> None:
    """Not even after the room has ended."""
    rooms = Rooms(5)
    rooms.bind(Bind("r", 5, (EXPERT,)))
    assert rooms.bind(Bind("r", 4, (OFFICER,))) == (5, set())
    rooms.bind(Bind("r", 6, ()))
    assert rooms.bind(Bind("r", 5, (EXPERT,))) == (6, set())
    assert rooms.source(FACE) is None


def test_another_room_takes_a_slot_over() -> None:
    """The first room no longer rules it: repeating its message, or ending it, changes nothing there."""
    rooms = Rooms(5)
    rooms.bind(Bind("first", 1, (OFFICER,)))
    assert rooms.bind(Bind("second", 1, (EXPERT,))) == (1, {FACE})
    assert rooms.bind(Bind("first", 1, (OFFICER,))) == (1, set())
    assert rooms.bind(Bind("first", 2, ())) == (2, set())
    assert rooms.source(FACE) == Source("expert", "camera")


@pytest.mark.parametrize(
    "binding",
    [
        bound("a", "mic", "b", "face1"),
        bound("a", "face1", "b", "face1"),
        bound("a", "camera", "b", "camera"),
        bound("a", "nothing", "b", "face1"),
        bound("a", "camera", "b", "face8"),
    ],
)
def test_refuses_what_the_layout_does_not_permit(binding: Binding) -> None:
    """Sound into a picture, into an out-slot, into no slot; and nothing has changed."""
    rooms = Rooms(5)
    with pytest.raises(InvalidInput):
        rooms.bind(Bind("r", 1, (OFFICER, binding)))
    assert rooms.source(FACE) is None


def test_limits_hold() -> None:
    """Bindings of a room, rooms, one source a slot, versions, and what is remembered of ended rooms."""
    rooms = Rooms(1)
    with pytest.raises(TooMany):
        rooms.bind(Bind("r", 1, (OFFICER,) * (MAX_BINDINGS + 1)))
    with pytest.raises(InvalidInput):
        rooms.bind(Bind("r", 1, (OFFICER, EXPERT)))
    with pytest.raises(InvalidInput):
        rooms.bind(Bind("r", -1, (OFFICER,)))
    rooms.bind(Bind("r", 1, (OFFICER,)))
    with pytest.raises(TooMany):
        rooms.bind(Bind("other", 1, (bound("a", "mic", "b", "voice1"),)))
    for number in range(MOST_ENDED + 10):
        rooms.bind(Bind(f"ended{number}", 1, ()))
    assert len(rooms._ended) == MOST_ENDED


def test_knows_what_touches_a_peer() -> None:
    """As a target and as a source: what is wired again when it joins."""
    rooms = Rooms(5)
    rooms.bind(Bind("r", 1, (OFFICER, bound("kiosk", "camera", "officer", "face1"))))
    assert {place for place, _ in rooms.touching("kiosk")} == {FACE, Place("officer", "face1")}
    assert list(rooms.touching("nobody")) == []


def test_a_room_of_one_ends_with_its_peer() -> None:
    """An echo test leaves nothing behind; a room of several is a visit's, and waits for the peer to come back."""
    rooms = Rooms(5)
    echo = Bind("echo", 0, (bound("kiosk", "camera", "kiosk", "face2"),))
    rooms.bind(echo)
    rooms.bind(Bind("r", 1, (OFFICER,)))
    rooms.end_alone("kiosk")
    assert rooms.source(Place("kiosk", "face2")) is None
    assert rooms.source(FACE) == Source("officer", "camera")
    assert len(rooms) == 1
    assert rooms.bind(echo) == (0, {Place("kiosk", "face2")})
