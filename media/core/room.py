"""Which in-slot is filled by what: the whole truth of every room, and who owns a slot that two rooms want.

Knows names only; connections come and go without a change here.
"""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from rvw.errors import InvalidInput, TooMany
from rvw.protocol.media import LAYOUT, MAX_BINDINGS, MAX_TAPS, Bind, Binding, Tap

MOST_ENDED = 4096
"""Ended rooms whose version is remembered, so that a late message does not bring them back; the oldest is forgotten."""

KEY_CHARACTERS = 44
_FILE_NAME = re.compile(r"[A-Za-z0-9_-]{1,128}", re.ASCII)

_KINDS: Mapping[str, Mapping[str, str]] = {
    direction: {slot.name: slot.kind for slot in LAYOUT if slot.direction == direction} for direction in ("out", "in")
}


class Place(NamedTuple):
    """An in-slot of a peer."""

    peer: str
    slot: str


class Source(NamedTuple):
    """An out-slot of a peer."""

    peer: str
    slot: str


class _Room(NamedTuple):
    version: int
    bindings: tuple[Binding, ...]
    taps: tuple[Tap, ...] = ()
    key: str = ""


class Rooms:
    """All rooms of a worker. At most `most` of them have bindings."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._rooms: dict[str, _Room] = {}
        self._ended: dict[str, int] = {}
        self._filled: dict[Place, tuple[str, Source]] = {}

    def __len__(self) -> int:
        return len(self._rooms)

    def bind(self, bind: Bind) -> tuple[int, set[Place]]:
        """Make `bind` the truth of its room. Returns the version that holds and the in-slots whose source has changed.

        Raises `InvalidInput` for bindings that `LAYOUT` does not permit and `TooMany` beyond the limits; then nothing
        has changed.
        """
        _check(bind)
        current = self._rooms.get(bind.room) or _Room(self._ended.get(bind.room, -1), ())
        if bind.version < current.version or bind == Bind(bind.room, *current):
            return current.version, set()
        if bind.bindings and bind.room not in self._rooms and len(self._rooms) >= self._most:
            raise TooMany(f"this worker has {self._most} rooms already")
        self._remember(bind)
        return bind.version, self._apply(bind)

    def source(self, place: Place) -> Source | None:
        """Return what fills an in-slot."""
        filled = self._filled.get(place)
        return filled[1] if filled else None

    def touching(self, peer: str) -> Iterator[tuple[Place, Source]]:
        """Yield every in-slot that belongs to `peer` or is filled by it."""
        for place, (_, source) in self._filled.items():
            if peer in (place.peer, source.peer):
                yield place, source

    def end_alone(self, peer: str) -> None:
        """End the rooms that bind `peer` to nobody but itself: nobody else could, once it is gone."""
        for name in {room for place, (room, _) in self._filled.items() if place.peer == peer}:
            current = self._rooms[name]
            if all(it.source == it.target == peer for it in current.bindings):
                self._apply(Bind(name, current.version, ()))
                del self._rooms[name]

    def _remember(self, bind: Bind) -> None:
        self._ended.pop(bind.room, None)
        if bind.bindings:
            self._rooms[bind.room] = _Room(bind.version, bind.bindings, bind.taps, bind.key)
            return
        self._rooms.pop(bind.room, None)
        self._ended[bind.room] = bind.version
        if len(self._ended) > MOST_ENDED:
            del self._ended[next(iter(self._ended))]

    def _apply(self, bind: Bind) -> set[Place]:
        wanted = {Place(it.target, it.into): Source(it.source, it.out) for it in bind.bindings}
        before = {place: source for place, (room, source) in self._filled.items() if room == bind.room}
        for place in before.keys() - wanted.keys():
            del self._filled[place]
        changed = before.keys() - wanted.keys()
        for place, source in wanted.items():
            if self.source(place) != source:
                changed = changed | {place}
            self._filled[place] = (bind.room, source)
        return set(changed)


def _check(bind: Bind) -> None:
    if len(bind.bindings) > MAX_BINDINGS:
        raise TooMany(f"a room has at most {MAX_BINDINGS} bindings")
    if bind.version < 0:
        raise InvalidInput("a room's version is not negative")
    for binding in bind.bindings:
        kind = _KINDS["out"].get(binding.out)
        if kind is None or kind != _KINDS["in"].get(binding.into):
            raise InvalidInput(f"the out-slot {binding.out!r} cannot fill the in-slot {binding.into!r}")
    if len({(it.target, it.into) for it in bind.bindings}) != len(bind.bindings):
        raise InvalidInput("an in-slot has one source: the bindings name one twice")
    _check_taps(bind)


def _check_taps(bind: Bind) -> None:
    if len(bind.taps) > MAX_TAPS:
        raise TooMany(f"a room has at most {MAX_TAPS} taps")
    if unknown := [tap.out for tap in bind.taps if tap.out not in _KINDS["out"]]:
        raise InvalidInput(f"{unknown[0]!r} is no out-slot, and cannot be recorded")
    if bind.taps and not (bind.bindings and _FILE_NAME.fullmatch(bind.room) and len(bind.key) == KEY_CHARACTERS):
        raise InvalidInput("a room that is recorded has bindings, a key of 32 bytes in Base64, and a name for a file")
