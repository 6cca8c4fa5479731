"""Whatever parties do, the film has each of them in one place at a time, whole, and beside the others."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.recordings.scenes import HEIGHT, LINE, WIDTH, Place, Scene, Stretch, fitted, scenes, seats

SECONDS = 120.0
POSITIONS = st.floats(0, SECONDS, allow_nan=False)
STRETCHES = st.lists(st.tuples(POSITIONS, POSITIONS).map(lambda two: (min(two), max(two))), max_size=4)
PEOPLE = st.dictionaries(st.sampled_from([f"p{number}" for number in range(12)]), STRETCHES, max_size=12)


def within(inner: Place, outer: Place) -> bool:
    """Tell whether a place is in another."""
    return (
        outer.x <= inner.x
        and outer.y <= inner.y
        and inner.x + inner.width <= outer.x + outer.width
        and inner.y + inner.height <= outer.y + outer.height
    )


def apart(one: Place, other: Place) -> bool:
    """Tell whether two places have no point in common."""
    return (
        one.x + one.width <= other.x
        or other.x + other.width <= one.x
        or one.y + one.height <= other.y
        or other.y + other.height <= one.y
    )


def at(shown: tuple[Scene, ...], position: float) -> Scene:
    """Return what is seen at a position."""
    return next(scene for scene in shown if scene.begin <= position < scene.end)


def faces(scene: Scene) -> list[str]:
    """Return whose faces are seen."""
    return [seat.actor for seat in scene.seats if seat.out == "camera"]


@given(PEOPLE, PEOPLE, STRETCHES)
def test_scenes_follow_each_other_and_nobody_covers_anybody(
    people: dict[str, list[Stretch]], screens: dict[str, list[Stretch]], spans: list[Stretch]
) -> None:
    """From begin to end without a gap; places are even, in the picture, above the line and apart."""
    shown = scenes(people, screens, spans, SECONDS)
    assert [scene.begin for scene in shown] == [0.0, *[scene.end for scene in shown[:-1]]]
    assert shown[-1].end == SECONDS
    for scene in shown:
        places = [place for seat in scene.seats for place in (seat.place, seat.caption)]
        assert all(number % 2 == 0 for place in places for number in place)
        assert all(within(place, Place(0, 0, WIDTH, HEIGHT - LINE)) and place.height > 0 for place in places)
        assert all(apart(one, other) for n, one in enumerate(places) for other in places[:n])
        assert max(Counter((seat.actor, seat.out) for seat in scene.seats).values(), default=1) == 1
        assert sum(seat.out == "share" for seat in scene.seats) <= 1


@given(st.integers(1, 8), st.booleans())
def test_a_screen_is_larger_than_any_face(count: int, shared: bool) -> None:
    """Up to eight faces are all there; the screen has more room than all of them."""
    seated = seats([f"p{number}" for number in range(count)], "p0" if shared else "")
    areas = {(seat.actor, seat.out): seat.place.width * seat.place.height for seat in seated}
    assert len(areas) == count + shared
    if shared:
        screen = areas.pop(("p0", "share"))
        assert screen > max(areas.values())


@given(st.integers(1, 8), st.integers(2, 4000), st.integers(2, 4000))
def test_a_picture_is_fitted_whole(count: int, width: int, height: int) -> None:
    """Of any size and shape: it lies in its place, and touches two of its sides."""
    place = seats([f"p{number}" for number in range(count)])[-1].place
    found = fitted(place, width, height)
    assert within(found, place)
    assert all(number % 2 == 0 for number in found)
    assert abs(found.width - place.width) <= 2 or abs(found.height - place.height) <= 2


def test_who_rejoins_keeps_the_place_and_who_leaves_gives_it_up() -> None:
    """A page is loaded anew in four seconds; the other party goes at a minute; a hold shows nobody."""
    people = {"kiosk": [(0.4, 20.0), (24.0, 80.0), (95.0, 119.0)], "officer": [(0.0, 60.0)]}
    shown = scenes(people, {"officer": [(30.0, 50.0)]}, [(0.0, 80.0), (95.0, 119.5)], SECONDS)
    for position, expected in ((0.1, 2), (22.0, 2), (40.0, 2), (61.0, 1), (119.2, 1)):
        assert len(faces(at(shown, position))) == expected, position
    assert [seat.out for seat in at(shown, 40.0).seats] == ["share", "camera", "camera"]
    for position in (81.0, 94.0, 119.9):
        assert at(shown, position) == Scene(at(shown, position).begin, at(shown, position).end, (), recorded=False)


@pytest.mark.parametrize("spans", [[], [(0.0, SECONDS)]])
def test_of_two_screens_the_later_is_seen(spans: list[Stretch]) -> None:
    """One begins to share before the other's last picture has come."""
    shown = scenes({"a": [(0, SECONDS)]}, {"a": [(10.0, 30.2)], "b": [(30.0, 50.0)]}, spans, SECONDS)
    assert [seat.actor for seat in at(shown, 30.1).seats if seat.out == "share"] == ["b"]
