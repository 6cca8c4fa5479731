"""Marks: what is drawn on what is shown. A stream of its own for each visit, beside the visit's, folded into a `Sheet`.

A visit's snapshot is copied at each change and sent whole, so thousands of strokes must not be in it. Marks are immutable
and ordered by the ledger; undo and redo are events that hide a mark and show it again. Whoever comes later folds the same
events, or is given the sheet. Places are relative to what is drawn on, so that a mark is on the same word on every screen.
Out of scope: the laser pointer and strokes under way, which are relayed and forgotten.
"""

import re
from typing import Final, TypeAlias, get_args

import msgspec
from msgspec import Struct

from rvw.clock import Instant
from rvw.domain import commands as c
from rvw.domain import events as e
from rvw.domain.companion import Companion
from rvw.domain.people import Actor
from rvw.errors import InvalidInput, NotAllowed, NotFound, NotPossible, TooMany

MAX_EVENTS = 4_000
"""How many marks, erasures and clearings one visit takes: two hours of drawing without a pause, two seconds a stroke."""

MAX_BYTES = 1_500_000
"""How much all marks of one visit may take, as JSON: they are in its record."""

MAX_POINTS = 600
"""The most points of one mark: six seconds at 100 a second. A page begins another stroke then."""

CONTINUES = "ghijklmnopqrstuvwxyz0123456789-_"
"""The characters of a number that is not over yet: those whose highest bit of six is set."""

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef" + CONTINUES
_DROP = str.maketrans("", "", CONTINUES)
_POINTS_OF: dict[str, tuple[int, int]] = {
    "pen": (1, MAX_POINTS), "highlighter": (1, MAX_POINTS), "arrow": (2, 2), "box": (2, 2), "ellipse": (2, 2),
    "text": (1, 1), "stamp": (1, 1),
}  # fmt: skip
STAMPS = frozenset({"sign", "revise", "checked"})
"""此处签字, 请修改, 已核对: the pages write them in the reader's language."""


class Mark(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One thing that was drawn, by whom and when. `id` is the version of its event in the stream."""

    id: int
    at: Instant
    by: str
    name: str
    surface: str
    tool: e.Tool
    colour: e.Colour
    points: str
    words: str = ""
    hidden: int = 0
    """The version of the event that has erased or cleared it; 0 while it is to be seen."""
    cleared: bool = False
    """Hidden with all others of its surface: not for its author to show again."""


class Sheet(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """All marks of a visit, the oldest first."""

    visit: str
    version: int = 0
    bytes: int = 0
    """How much the marks take, against `MAX_BYTES`."""
    marks: tuple[Mark, ...] = ()
    refs: tuple[str, ...] = ()


REMEMBERED_REFS = 64
"""How many commands a sheet remembers, to recognise repetitions."""

MarkCommand: TypeAlias = c.Draw | c.Erase | c.Redraw | c.Clear


def decide(sheet: Sheet, command: MarkCommand, actor: Actor) -> tuple[e.MarkEvent, ...]:
    """Return the event `command` makes happen, or none. `policy.check` has said yes before.

    Raises `InvalidInput` for points or words that the tool does not take, `TooMany` beyond the bounds of a visit,
    `NotFound` and `NotAllowed` for a mark that is not there or not one's own.
    """
    if sheet.version >= MAX_EVENTS or sheet.bytes >= MAX_BYTES:
        raise TooMany("this visit has as many marks as one may have")
    match command:
        case c.Draw():
            return (_drawn(command, actor),)
        case c.Erase(mark):
            return () if _own(sheet, mark, actor).hidden else (e.Erased(mark),)
        case c.Redraw(mark):
            own = _own(sheet, mark, actor)
            if own.cleared:
                raise NotPossible("what was cleared for all does not come back")
            return (e.Redrawn(mark),) if own.hidden else ()
        case c.Clear(surface):
            return (e.Cleared(surface),) if any(m.surface == surface and not m.hidden for m in sheet.marks) else ()


def _drawn(command: c.Draw, actor: Actor) -> e.Drawn:
    least, most = _POINTS_OF[command.tool]
    if not least <= count(command.points) <= most:
        raise InvalidInput(f"a {command.tool} has {least} to {most} points")
    if command.tool == "stamp" and command.words not in STAMPS:
        raise InvalidInput(f"there are the stamps {', '.join(sorted(STAMPS))}")
    if bool(command.words.strip()) != (command.tool in ("text", "stamp")):
        raise InvalidInput("words belong to a text or a stamp, and to nothing else")
    return e.Drawn(command.surface, command.tool, command.colour, command.points, command.words, actor.name)


def _own(sheet: Sheet, number: int, actor: Actor) -> Mark:
    mark = next((m for m in reversed(sheet.marks) if m.id == number), None)
    if mark is None:
        raise NotFound("there is no such mark")
    if mark.by != actor.id:
        raise NotAllowed("only the own marks may be erased or drawn again")
    return mark


def evolve(sheet: Sheet, recorded: e.Recorded) -> Sheet:
    """Return the sheet after one more event. Raises `NotPossible` for an event that is not of marks."""
    event, version = recorded.event, recorded.version
    match event:
        case e.Drawn():
            marks = (*sheet.marks, _mark(event, recorded))
        case e.Erased(number):
            marks = tuple(_with(m, version) if m.id == number else m for m in sheet.marks)
        case e.Redrawn(number):
            marks = tuple(_with(m, 0) if m.id == number else m for m in sheet.marks)
        case e.Cleared(surface):
            marks = tuple(_with(m, m.hidden or version, cleared=True) if m.surface == surface else m for m in sheet.marks)
        case _:
            raise NotPossible(f"a sheet cannot have {type(event).__name__}")
    refs = (*sheet.refs, recorded.ref)[-REMEMBERED_REFS:] if recorded.ref else sheet.refs
    size = sheet.bytes + (_size(event) if isinstance(event, e.Drawn) else 0)
    return Sheet(visit=sheet.visit, version=version, bytes=size, marks=marks, refs=refs)


def _mark(event: e.Drawn, recorded: e.Recorded) -> Mark:
    return Mark(
        id=recorded.version,
        at=recorded.at,
        by=recorded.by,
        name=event.name,
        surface=event.surface,
        tool=event.tool,
        colour=event.colour,
        points=event.points,
        words=event.words,
    )


def _size(event: e.Drawn) -> int:
    return 200 + len(event.points) + 3 * len(event.words)


def _with(mark: Mark, hidden: int, cleared: bool = False) -> Mark:
    return msgspec.structs.replace(mark, hidden=hidden, cleared=cleared or mark.cleared)


def count(points: str) -> int:
    """Return how many points are in packed `points`. Raises `InvalidInput` for what is not packed points.

    Runs in the C library: a stroke is checked in a microsecond, and never unpacked here.
    """
    ends = len(points.translate(_DROP))
    if not points or points[-1] in CONTINUES or ends % 2:
        raise InvalidInput("points are pairs of numbers in Base64 VLQ")
    return ends // 2


def pack(points: list[tuple[int, int]]) -> str:
    """Return points (0 to 10,000 each way) as second differences in Base64 VLQ: a hand moves smoothly, so most are small.

    Base64 VLQ is the coding of source maps (ECMA-426, section 7), with the URL-safe alphabet.
    """
    written: list[str] = []
    before, step = (0, 0), (0, 0)
    for place in points:
        now = (place[0] - before[0], place[1] - before[1])
        written += [_vlq(now[0] - step[0]), _vlq(now[1] - step[1])]
        # The first point is a jump from the corner, not a movement that goes on.
        step = now if len(written) > 2 else (0, 0)
        before = place
    return "".join(written)


def unpack(points: str) -> list[tuple[int, int]]:
    """Return the points of `pack`, kept within 0 to 10,000. Raises `InvalidInput` for what is not packed points."""
    count(points)
    if set(points) - set(_ALPHABET):
        raise InvalidInput("points are pairs of numbers in Base64 VLQ")
    numbers = [_number(digits) for digits in re.findall(f"[{re.escape(CONTINUES)}]*[^{re.escape(CONTINUES)}]", points)]
    found: list[tuple[int, int]] = []
    x = y = dx = dy = 0
    for ddx, ddy in zip(numbers[::2], numbers[1::2], strict=True):
        dx, dy = dx + ddx, dy + ddy
        x, y = x + dx, y + dy
        found.append((min(max(x, 0), FULL), min(max(y, 0), FULL)))
        if len(found) == 1:
            dx = dy = 0
    return found


FULL = 10_000
"""The far corner of whatever is drawn on."""


def _vlq(number: int) -> str:
    rest = (abs(number) << 1) | (number < 0)
    digits = ""
    while True:
        digit, rest = rest & 31, rest >> 5
        digits += _ALPHABET[digit | (32 if rest else 0)]
        if not rest:
            return digits


def _number(digits: str) -> int:
    whole = sum((_ALPHABET.index(one) & 31) << (5 * at) for at, one in enumerate(digits))
    return -(whole >> 1) if whole & 1 else whole >> 1


MARKS: Final[Companion[Sheet]] = Companion(
    kind="marks",
    commands=get_args(MarkCommand),
    events=get_args(e.MarkEvent),
    empty=lambda visit: Sheet(visit=visit),
    decide=lambda sheet, command, scene: decide(sheet, command, scene.actor),
    evolve=evolve,
)
