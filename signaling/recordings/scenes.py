"""Who is seen in the film of a visit, when and where: a pure function of when each has sent something.

A party is there from the first picture or voice to the last, over a rejoin too; a screen while pictures of it come. Nobody
is there while nothing was recorded.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from msgspec import Struct

from rvw.clock import Seconds

WIDTH: Final = 1280
HEIGHT: Final = 720
LINE: Final = 40
"""At the bottom: what the visit is about, and the time."""
CAPTION: Final = 32
"""Under each picture: whose it is."""
COLUMN: Final = 320
"""What faces have beside a screen."""
MOST_FACES: Final = 8
"""More than may be in a visit at once are not shown; they are heard."""

STANDS_S: Final[Seconds] = 2.5
"""A picture that has not changed for so long is not shown any more: a camera sends some pictures a second."""
SCREEN_STANDS_S: Final[Seconds] = 10.0
"""The same of a screen: browsers repeat one on which nothing moves each second, and lose some of those."""
REJOIN_S: Final[Seconds] = 10.0
"""Who is away no longer keeps the place: a page that is loaded anew is back in three."""
SETTLES_S: Final[Seconds] = 3.0
"""First pictures come one after the other; who comes so soon after all was there from the begin. The same at the end."""

Stretch = tuple[Seconds, Seconds]


class Place(NamedTuple):
    """A rectangle of the film, in pixels; all numbers are even, as its colours have half the points."""

    x: int
    y: int
    width: int
    height: int


class Seat(Struct, frozen=True):
    """Where somebody's picture is, with its caption below; the picture is fitted into it."""

    actor: str
    out: str
    place: Place
    caption: Place


class Scene(Struct, frozen=True):
    """What is seen between two moments."""

    begin: Seconds
    end: Seconds
    seats: tuple[Seat, ...]
    recorded: bool = True


def joined(stretches: Iterable[Stretch], gap: Seconds) -> tuple[Stretch, ...]:
    """Return the stretches in order, as one where no more than `gap` lies between them."""
    made: list[Stretch] = []
    for begin, end in sorted(stretches):
        if made and begin - made[-1][1] <= gap:
            made[-1] = (made[-1][0], max(made[-1][1], end))
        else:
            made.append((begin, end))
    return tuple(made)


def scenes(
    people: Mapping[str, Sequence[Stretch]],
    screens: Mapping[str, Sequence[Stretch]],
    spans: Sequence[Stretch],
    seconds: Seconds,
) -> tuple[Scene, ...]:
    """Return what is seen from 0 to `seconds`, without a gap.

    `people` says when each was there, in the order in which they are seated; `screens` whose screen was shown when, `spans`
    when it was recorded at all.
    """
    spans = spans or ((0.0, seconds),)
    there = {actor: joined((_settled(one, spans) for one in times), REJOIN_S) for actor, times in people.items()}
    edges = {0.0, seconds}
    for times in (*there.values(), *screens.values(), spans):
        edges |= {min(max(0.0, at), seconds) for stretch in times for at in stretch}
    made: list[Scene] = []
    for begin, end in pairwise(sorted(edges)):
        scene = _scene(begin, end, there, screens, spans)
        if made and (made[-1].seats, made[-1].recorded) == (scene.seats, scene.recorded):
            scene = Scene(made.pop().begin, end, scene.seats, scene.recorded)
        made.append(scene)
    return tuple(made)


def seats(faces: Sequence[str], screen: str = "") -> tuple[Seat, ...]:
    """Return where each is: side by side, or in a column beside a screen."""
    faces = faces[:MOST_FACES]
    below = HEIGHT - LINE
    if not screen:
        return _grid("camera", faces, Place(0, 0, WIDTH, below), _columns(len(faces)))
    if not faces:
        return (_seat(screen, "share", Place(0, 0, WIDTH, below)),)
    column = Place(WIDTH - COLUMN, 0, COLUMN, below)
    beside = _grid("camera", faces, column, 1 if len(faces) <= 4 else 2)
    return (_seat(screen, "share", Place(0, 0, WIDTH - COLUMN, below)), *beside)


def fitted(seat: Place, width: int, height: int) -> Place:
    """Return where in a seat a picture of that size is: as large as it can be, whole, and in the middle."""
    scale = min(seat.width / width, seat.height / height)
    wide, high = (max(2, round(length * scale / 2) * 2) for length in (width, height))
    wide, high = min(wide, seat.width), min(high, seat.height)
    return Place(seat.x + (seat.width - wide) // 4 * 2, seat.y + (seat.height - high) // 4 * 2, wide, high)


def _scene(
    begin: Seconds,
    end: Seconds,
    people: Mapping[str, Sequence[Stretch]],
    screens: Mapping[str, Sequence[Stretch]],
    spans: Sequence[Stretch],
) -> Scene:
    middle = (begin + end) / 2
    if not _within(middle, spans):
        return Scene(begin, end, (), recorded=False)
    faces = [actor for actor, times in people.items() if _within(middle, times)]
    shown = [(_within(middle, times), actor) for actor, times in screens.items() if _within(middle, times)]
    _, screen = max(shown, key=lambda one: one[0] or (0.0, 0.0), default=(None, ""))
    return Scene(begin, end, seats(faces, screen))


def _within(at: Seconds, stretches: Sequence[Stretch]) -> Stretch | None:
    return next((one for one in stretches if one[0] <= at < one[1]), None)


def _settled(stretch: Stretch, spans: Sequence[Stretch]) -> Stretch:
    begin, end = stretch
    for first, last in spans:
        if first <= begin <= first + SETTLES_S:
            begin = first
        if last - SETTLES_S <= end <= last:
            end = last
    return begin, end


def _columns(count: int) -> int:
    return 1 if count < 2 else 2 if count <= 4 else 3


def _grid(out: str, actors: Sequence[str], room: Place, columns: int) -> tuple[Seat, ...]:
    """Seat them in rows, no higher than faces are (4 : 3), in the middle from top to bottom."""
    if not actors:
        return ()
    rows = -(-len(actors) // columns)
    width = room.width // columns // 2 * 2
    height = min(width * 3 // 4 + CAPTION, room.height // rows) // 2 * 2
    top = room.y + (room.height - rows * height) // 4 * 2
    return tuple(
        _seat(actor, out, Place(room.x + at % columns * width, top + at // columns * height, width, height))
        for at, actor in enumerate(actors)
    )


def _seat(actor: str, out: str, room: Place) -> Seat:
    picture = Place(room.x, room.y, room.width, room.height - CAPTION)
    return Seat(actor, out, picture, Place(room.x, room.y + picture.height, room.width, CAPTION))
