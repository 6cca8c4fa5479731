"""How well lines carry, as the media workers judge it, told to whom it concerns: the one at the line, and the others there.

Not a part of the record: nothing is kept but what holds now, and only of lines that are not good. A process that has just
started knows nothing until a line's word changes.
"""

from collections.abc import Iterable

from rvw.domain import events as e
from rvw.domain.board import Board
from rvw.protocol import media
from rvw.protocol.server import Quality
from signaling.hub import Hub
from signaling.ledger import Entry


class Qualities:
    """What holds for each actor's line. The workers say only what changes, so nothing here needs a limit of rate."""

    def __init__(self, hub: Hub, board: Board) -> None:
        self._hub = hub
        self._board = board
        self._held: dict[str, Quality] = {}

    def take(self, told: media.Quality) -> None:
        """Hold it, and tell everybody of this process whom it concerns."""
        quality = Quality(told.peer, told.word, told.paused)
        before = self._held.pop(told.peer, None) or Quality(told.peer, "good", paused=False)
        if quality.word != "good" or quality.paused:
            self._held[told.peer] = quality
        if quality != before:
            self._tell(quality, self._together(told.peer))

    def about(self, actor: str) -> list[Quality]:
        """Return what an actor who has just connected should know."""
        return [self._held[one] for one in sorted(self._together(actor)) if one in self._held]

    def paused(self, actor: str) -> bool:
        """Tell whether pictures to the actor are held back."""
        held = self._held.get(actor)
        return held is not None and held.paused

    def watch(self, entry: Entry) -> None:
        """Look at an entry of the log: who comes together learns of each other's lines."""
        if isinstance(entry.recorded.event, e.Accepted | e.Entered):
            there = self._in(entry.recorded.stream.removeprefix("visit:"))
            for actor in there & self._held.keys():
                self._tell(self._held[actor], there)

    def _tell(self, quality: Quality, actors: Iterable[str]) -> None:
        for actor in actors:
            listener = self._hub.of(actor)
            if listener is not None:
                listener.send(quality)

    def _together(self, actor: str) -> set[str]:
        """Return the actor, and who is in a visit with them."""
        shift = self._board.shifts.get(actor)
        visit = shift.visit if shift else next((one.id for one in self._board.lines.values() if actor in one.others), "")
        return {actor} | self._in(visit)

    def _in(self, visit: str) -> set[str]:
        line = self._board.lines.get(visit)
        return {one for one in (line.kiosk, line.officer, *line.others) if one} if line else set()
