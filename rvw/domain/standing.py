"""How desks stand at a moment: open or not, whether anybody there can take a visit, and if not, why. Pure.

What is asked of one moment again and again is remembered for that moment only.
"""

from typing import assert_never

from rvw.clock import Instant
from rvw.domain.board import Board
from rvw.domain.catalogue import Catalogue, Shut, openings
from rvw.domain.events import PassedReason
from rvw.domain.lanes import Lane
from rvw.domain.people import grade

MINUTE = 60.0


class Standing:
    """The desks of a board at one moment."""

    def __init__(self, board: Board, catalogue: Catalogue, now: Instant) -> None:
        self._board = board
        self._catalogue = catalogue
        self._now = now
        self._shut: dict[str, Shut | None] = {}
        self._spoken: dict[tuple[tuple[str, ...], str, str], str] = {}
        self._manned: dict[tuple[str, str, str], bool] = {}

    @property
    def next_minute(self) -> Instant:
        """When desks may open or close next: hours are exact to the minute."""
        return self._now - self._now % MINUTE + MINUTE

    def shut(self, desk: str) -> Shut | None:
        """Return why the desk is closed; `None` for an open one, and for one that the catalogue has forgotten."""
        if desk not in self._shut:
            known = self._catalogue.desks.get(desk)
            self._shut[desk] = openings.shut(known, self._catalogue.days, self._now) if known else None
        return self._shut[desk]

    def grade(self, officer: str, matter: str, language: str) -> int | None:
        """Return how well the officer knows the matter, 1 best; `None` for not at all, or not in this language."""
        shift = self._board.shifts[officer]
        if language and shift.languages and language not in shift.languages:
            return None
        known = self._catalogue.matters.get(matter)
        return grade(shift.skills, matter, known.rules if known else "")

    def manned(self, desk: str, matter: str, language: str) -> bool:
        """Tell whether anybody on duty at the desk can take it, busy or not."""
        key = (desk, matter, language)
        if key not in self._manned:
            there = self._board.staff.duty.get(desk, ())
            self._manned[key] = any(self.grade(name, matter, language) is not None for name in there)
        return self._manned[key]

    def spoken(self, lane: Lane) -> str:
        """Return the language an officer must speak: the visit's, unless nobody on duty along the chain does (empty)."""
        key = (lane.desks, lane.matter, lane.language)
        if key not in self._spoken:
            able = any(self.manned(desk, lane.matter, lane.language) for desk in lane.desks if self.shut(desk) is None)
            self._spoken[key] = lane.language if able else ""
        return self._spoken[key]

    def why_not(self, desk: str, lane: Lane) -> PassedReason:
        """Return why the desk does not serve the lane at once."""
        shut = self.shut(desk)
        match shut:
            case None:
                return "busy" if self.manned(desk, lane.matter, self.spoken(lane)) else "nobody_there"
            case "closed" | "lunch" | "holiday":
                return shut
            case _:
                assert_never(shut)
