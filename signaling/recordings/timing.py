"""When each packet of a recording was made, on one clock: the media worker's.

Arrivals tell it within the network's jitter, sender reports exactly, and both of one publisher alike, so that sound and
picture keep together. Where the RTP clock has stood still (a `lap` of the spool) nothing is carried over from before it.
Pure; see `media.core.track` for what makes a lap.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from heapq import heappop, heappush

from msgspec import Struct, field

from rvw.clock import Instant, Seconds
from rvw.protocol.spool import REPORT, Entry, Kind, Source, read_source
from signaling.recordings.pictures import Piece

REORDER_S: Seconds = 3.0
"""How long a hole is waited for: what is repeated has come by then, or never will."""

FAR_S: Seconds = 1.0
"""A sender report that puts a packet so far from where the ones before have put it is not believed: clocks drift, and do
not jump."""

Number = tuple[str, int]
"""A track: the reel that it is on, and its number there."""


class Lap(Struct):
    """A stretch of one track in which its RTP clock ran."""

    first: int
    """The sequence number with which it begins."""
    timestamp: int
    arrival: Instant
    reports: list[tuple[int, Instant]] = field(default_factory=list)
    """Ticks since `timestamp`, and the instant they stand for; in their order."""

    def ticks(self, timestamp: int) -> int:
        """Return how far a timestamp is from the lap's first: up to six hours of picture either way."""
        return (timestamp - self.timestamp + 0x80000000 & 0xFFFFFFFF) - 0x80000000

    def report(self, timestamp: int, at: Instant, clock_rate: int) -> None:
        """Take a sender report, unless it cannot be."""
        if abs(at - self.at(timestamp, clock_rate)) < FAR_S:
            self.reports.append((self.ticks(timestamp), at))

    def at(self, timestamp: int, clock_rate: int) -> Instant:
        """Return when a packet with that timestamp was made."""
        ticks = self.ticks(timestamp)
        if not self.reports:
            return self.arrival + ticks / clock_rate
        place = max(0, bisect_right(self.reports, ticks, key=lambda one: one[0]) - 1)
        known, at = self.reports[place]
        return at + (ticks - known) / clock_rate


class Course(Struct):
    """One track: what it is, and how its clock ran."""

    source: Source
    laps: dict[int, Lap] = field(default_factory=dict)
    waiting: dict[int, list[Entry]] = field(default_factory=dict)
    """Reports that came before the first packet of their lap."""

    def learn(self, entry: Entry) -> None:
        """Take an entry of the first reading."""
        rate = self.source.clock_rate
        if entry.kind == Kind.PACKET and entry.lap not in self.laps:
            lap = self.laps[entry.lap] = Lap(entry.sequence, entry.timestamp, entry.arrival)
            for report in self.waiting.pop(entry.lap, []):
                lap.report(report.timestamp, REPORT.unpack(report.payload)[0], rate)
        elif entry.kind == Kind.REPORT and entry.lap in self.laps:
            self.laps[entry.lap].report(entry.timestamp, REPORT.unpack(entry.payload)[0], rate)
        elif entry.kind == Kind.REPORT:
            self.waiting.setdefault(entry.lap, []).append(entry)

    def at(self, entry: Entry) -> Instant:
        """Return when a packet was made. One that came late, after a break of the clock, is of the lap before."""
        number = entry.lap
        while number - 1 in self.laps and entry.sequence < self.laps[number].first:
            number -= 1
        return self.laps[number].at(entry.timestamp, self.source.clock_rate)


class Overview(Struct):
    """The first reading of a whole recording."""

    courses: dict[Number, Course] = field(default_factory=dict)
    spans: list[tuple[Instant, Instant]] = field(default_factory=list)
    """From when until when it was recorded, in order, without what lies between holds."""
    lost: int = 0
    """Packets for which the worker had no room."""


LONGEST_GAP_S: Seconds = 2.5
"""Beats further apart than this have a time between them in which nothing was recorded."""


def survey(entries: Iterable[tuple[str, Entry]]) -> Overview:
    """Read a recording for the first time, entry by entry with its reel. Raises `NotWhole`."""
    found = Overview()
    marks: list[tuple[Instant, Instant]] = []
    losses: dict[str, int] = {}
    begun: dict[str, Instant] = {}
    for reel, entry in entries:
        if entry.kind == Kind.TRACK:
            found.courses.setdefault((reel, entry.track), Course(read_source(entry)))
        elif entry.kind == Kind.BEAT:
            marks.append((begun.pop(reel, entry.arrival), entry.arrival))
            losses[reel] = max(losses.get(reel, 0), entry.sequence)
        elif (course := found.courses.get((reel, entry.track))) is not None:
            begun.setdefault(reel, entry.arrival)
            course.learn(entry)
    found.spans = _joined(sorted(marks))
    found.lost = sum(losses.values())
    return found


def _joined(marks: list[tuple[Instant, Instant]]) -> list[tuple[Instant, Instant]]:
    spans: list[tuple[Instant, Instant]] = []
    for begin, end in marks:
        if spans and begin - spans[-1][1] <= LONGEST_GAP_S:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((begin, end))
    return spans


class Reordered:
    """One track's packets in their order, each once; a hole is waited for, and then given up."""

    def __init__(self, course: Course) -> None:
        self._course = course
        self._heap: list[tuple[int, Entry]] = []
        self._next = -1

    def take(self, entry: Entry) -> Iterator[Piece]:
        """Yield what can go on."""
        if entry.sequence >= self._next:
            heappush(self._heap, (entry.sequence, entry))
        while self._heap and (
            self._heap[0][0] <= self._next or entry.arrival - self._heap[0][1].arrival > REORDER_S or len(self._heap) > 4096
        ):
            yield from self._pop()

    def rest(self) -> Iterator[Piece]:
        """Yield what is left at the end."""
        while self._heap:
            yield from self._pop()

    def _pop(self) -> Iterator[Piece]:
        sequence, entry = heappop(self._heap)
        if sequence >= self._next:
            self._next = sequence + 1
            yield Piece(sequence, entry.timestamp, entry.marker, entry.payload, self._course.at(entry))
