"""What is to be seen at each moment of a film, kept on a canvas: it changes only where something has happened."""

from collections.abc import Mapping, Sequence
from typing import Final

from rvw.clock import Instant, Seconds, to_the_second
from rvw.errors import TooLarge
from rvw.protocol.playback import Tile
from signaling.recordings.canvas import CARD, SOFT_INK, Canvas, Picture
from signaling.recordings.plan import Words
from signaling.recordings.reels import Sight
from signaling.recordings.scenes import (
    HEIGHT,
    LINE,
    SCREEN_STANDS_S,
    STANDS_S,
    WIDTH,
    Place,
    Scene,
    Seat,
    fitted,
)

CLOCK: Final = 300
"""Pixels of the line that the time has."""
SAME: Final = 6
"""Pixels; a picture that would be larger or smaller by no more keeps its place: encoders round."""
MOST_TILES: Final = 10_000

Whose = tuple[str, str]


class Stage:
    """The canvas, and what is on it. `changed` until it is asked."""

    def __init__(
        self, scenes: Sequence[Scene], sights: Mapping[Whose, Sequence[Sight]], words: Words, since: Instant
    ) -> None:
        self.canvas = Canvas(WIDTH, HEIGHT)
        self.tiles: list[Tile] = []
        self._scenes = scenes
        self._at = -1
        self._sights = sights
        self._words = words
        self._since = since
        self._second = -1
        self._shown: dict[Whose, tuple[Seconds, Place]] = {}
        """Whose picture is where, and since when."""
        self._changed = True

    def turn(self, position: Seconds) -> bool:
        """Bring the canvas to a position, to be asked in order; return whether it looks otherwise than before."""
        self._changed = False
        pictures = {whose: self._newest(whose, position) for whose in self._sights}
        while self._at + 1 < len(self._scenes) and self._scenes[self._at + 1].begin <= position:
            self._at += 1
            if self._scenes[self._at].end > position or self._at + 1 == len(self._scenes):
                self._set(self._scenes[self._at], position)
        for seat in self._scenes[self._at].seats if self._at >= 0 else ():
            self._fill(seat, pictures.get((seat.actor, seat.out)), position)
        self._tell_time(position)
        return self._changed

    def end(self, position: Seconds) -> tuple[Tile, ...]:
        """Return where whose picture was, from begin to end."""
        for whose in tuple(self._shown):
            self._take_away(whose, position)
        return tuple(sorted(self.tiles, key=lambda tile: (tile.begin, tile.out, tile.actor)))

    def _newest(self, whose: Whose, position: Seconds) -> Picture | None:
        found = [(sight.seen, picture) for sight in self._sights[whose] if (picture := sight.at(position)) is not None]
        return max(found, key=lambda one: one[0])[1] if found else None

    def _set(self, scene: Scene, position: Seconds) -> None:
        """Begin a scene: captions, and cards where pictures will be."""
        self._changed = True
        for whose in tuple(self._shown):
            self._take_away(whose, position)
        self.canvas.clear(Place(0, 0, WIDTH, HEIGHT - LINE))
        self.canvas.write(Place(0, HEIGHT - LINE, WIDTH - CLOCK, LINE), self._words.title, 20, SOFT_INK)
        for seat in scene.seats:
            self._empty(seat, self._words.no_picture if seat.out == "camera" else "")
        if not scene.recorded:
            self._card(Place(0, 0, WIDTH, HEIGHT - LINE), self._words.not_recorded)

    def _fill(self, seat: Seat, picture: Picture | None, position: Seconds) -> None:
        whose = (seat.actor, seat.out)
        if picture is None:
            seen = max((sight.seen for sight in self._sights.get(whose, ())), default=-1.0)
            stands_s = SCREEN_STANDS_S if seat.out == "share" else STANDS_S
            if whose in self._shown and position - seen > stands_s:
                self._take_away(whose, position)
                self._empty(seat, self._words.no_picture)
            return
        place = fitted(seat.place, picture.width, picture.height)
        if (known := self._shown.get(whose)) and _same(known[1], place):
            place = known[1]
        else:
            if known:
                self._take_away(whose, position)
            for part in (seat.place, seat.caption):
                self.canvas.clear(part)
            self._name(seat, place.y + place.height)
            self._shown[whose] = (position, place)
        self.canvas.paint(place, picture)
        self._changed = True

    def _take_away(self, whose: Whose, position: Seconds) -> None:
        begin, (x, y, width, height) = self._shown.pop(whose)
        if len(self.tiles) == MOST_TILES:
            raise TooLarge("the pictures of this recording change their size too often")
        actor, out = whose
        self.tiles.append(Tile(actor=actor, out=out, begin=begin, end=position, x=x, y=y, width=width, height=height))

    def _empty(self, seat: Seat, text: str) -> None:
        self._card(seat.place, text)
        self._name(seat, seat.caption.y)

    def _name(self, seat: Seat, y: int) -> None:
        """Write whose it is, right below the picture."""
        x, _, width, height = seat.caption
        self.canvas.write(Place(x, y, width, height), self._words.names.get(seat.actor, seat.actor), 18)

    def _card(self, place: Place, text: str) -> None:
        self.canvas.write(place, text, 22, SOFT_INK, CARD, "m")
        self._changed = True

    def _tell_time(self, position: Seconds) -> None:
        second = int(self._since + position)
        if second == self._second:
            return
        self._second, self._changed = second, True
        clock = to_the_second(second)
        self.canvas.write(Place(WIDTH - CLOCK, HEIGHT - LINE, CLOCK, LINE), clock, 22, anchor="r")


def _same(one: Place, other: Place) -> bool:
    return all(abs(a - b) <= SAME for a, b in zip(one, other, strict=True))
