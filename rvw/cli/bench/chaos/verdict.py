"""What the run was: from the ledger, the records, and what pages were promised. Pure: a violation can be planted."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from rvw.cli.bench.chaos.page import Seen
from rvw.cli.bench.figures import percentile
from rvw.domain import events as e
from rvw.domain.audit import Finding, Store
from rvw.protocol.codec import encode

_STREAM = re.compile(r"(?:shift|visit):[\w-]+|\b[0-9a-z]{23}\b")
"""What looks like the name of a stream, or of a visit."""

Streams = Mapping[str, Sequence[e.Recorded]]


class Evidence(Struct, frozen=True, kw_only=True):
    """What is there when everything is over."""

    store: Store
    findings: tuple[Finding, ...]
    """Of `rvw audit queue`."""
    filed: frozenset[str]
    """The visits whose record is in SQL."""
    seen: Seen
    complaints: Sequence[str] = ()
    """What the processes have logged as errors."""


def report(found: Evidence) -> dict[str, Any]:
    """Return every figure and every violation; `ok` tells whether there is none."""
    visits = _visits(found.store)
    closed = {name: _last(events, e.Closed) for name, events in visits.items() if _last(events, e.Closed)}
    violations = [f"{one.kind}: {one.stream}: {one.words}" for one in found.findings] + list(_broken(found, visits))
    seen = found.seen
    return {
        "ok": not violations,
        "visits": {
            "opened": len(visits),
            "acknowledged": len(seen.opened),
            "closed": len(closed),
            "filed": len(found.filed & closed.keys()),
            "by_outcome": _counted(one.outcome for one in closed.values() if one),
            "by_reason": _counted(one.reason for one in closed.values() if one),
        },
        "lost": len(seen.opened.keys() - visits.keys()),
        "offered_twice": sum(one.kind == "two_officers" for one in found.findings),
        "without_ending": len(visits.keys() - closed.keys()),
        "offers": _count(visits, e.Offered),
        "requeued": _counted(one.event.reason for one in _all(visits) if isinstance(one.event, e.Requeued)),
        "interrupted": _count(visits, e.Interrupted),
        "first_answer_s": _spread(list(_answers(visits))),
        "reconnects": {"count": len(seen.reconnects_s), "resumed": seen.resumed, "s": _spread(seen.reconnects_s)},
        "refused": dict(seen.refused),
        "turned_away": dict(seen.turned_away),
        "lines_acknowledged": sum(map(len, seen.said.values())),
        "complaints": list(found.complaints),
        "streams_audited": len(found.store.streams),
        "violations": violations,
        "evidence": {stream: _read(found.store, stream) for stream in sorted(set(_STREAM.findall(" ".join(violations))))},
    }


def _broken(found: Evidence, visits: Streams) -> Iterator[str]:
    """Yield what the auditor of the store cannot know: promises to pages that were not kept."""
    for visit, kiosk in sorted(found.seen.opened.items()):
        if visit not in visits:
            yield f"lost: visit:{visit}: {kiosk} was told that it is open, and it is nowhere"
    for visit, events in visits.items():
        if _last(events, e.Closed) is None:
            yield f"open: visit:{visit}: it has no ending"
        elif visit not in found.filed:
            yield f"unfiled: visit:{visit}: it is closed, and there is no record"
    for visit, lines in found.seen.said.items():
        written = Counter(one.event.text for one in visits.get(visit, ()) if isinstance(one.event, e.Said))
        for text in lines:
            if written[text] != lines.count(text):
                yield f"line: visit:{visit}: “{text}” was acknowledged {lines.count(text)} times, is there {written[text]}"
    for gap in found.seen.gaps:
        yield f"gap: a page missed an event: {gap}"


def _read(store: Store, stream: str) -> list[str]:
    """Return the events of a stream that a violation names, one a line."""
    entries = store.streams.get(stream, store.streams.get(f"visit:{stream}", []))
    return [encode(recorded).decode() if recorded else f"entry {version} cannot be read" for version, recorded in entries]


def _visits(store: Store) -> Streams:
    return {
        stream.removeprefix("visit:"): [recorded for _, recorded in entries if recorded is not None]
        for stream, entries in store.streams.items()
        if stream.startswith("visit:")
    }


def _all(visits: Streams) -> Iterator[e.Recorded]:
    for events in visits.values():
        yield from events


def _last(events: Sequence[e.Recorded], kind: type[e.Closed]) -> e.Closed | None:
    return next((one.event for one in reversed(events) if isinstance(one.event, kind)), None)


def _count(visits: Streams, kind: type[e.VisitEvent]) -> int:
    return sum(isinstance(one.event, kind) for one in _all(visits))


def _counted(words: Iterator[str]) -> dict[str, int]:
    return dict(Counter(words).most_common())


def _answers(visits: Streams) -> Iterator[float]:
    """Yield how long each answered visit waited for its first human answer."""
    for events in visits.values():
        answered = next((one.at for one in events if isinstance(one.event, e.Accepted)), None)
        if answered is not None:
            yield answered - events[0].at


def _spread(values: Sequence[float]) -> dict[str, float]:
    return {
        "p50": round(percentile(values, 50), 2),
        "p95": round(percentile(values, 95), 2),
        "max": round(percentile(values, 100), 2),
    }


def table(told: Mapping[str, Any]) -> str:
    """Return what people read."""
    visits, answers, back = told["visits"], told["first_answer_s"], told["reconnects"]
    lines = [
        f"{told['kiosks']} kiosks, {told['officers']} officers, {told['seconds']} s; {told['kills']} kills",
        f"visits     {visits['opened']} opened, {visits['closed']} closed, {visits['filed']} filed  {visits['by_outcome']}",
        f"nobody     lost {told['lost']}, offered twice {told['offered_twice']}, without ending {told['without_ending']}",
        f"offers     {told['offers']}; first answer {answers['p50']} s, p95 {answers['p95']} s, longest {answers['max']} s",
        f"reconnect  {back['count']}, {back['resumed']} resumed; {back['s']['p50']} s, p95 {back['s']['p95']} s, "
        f"longest {back['s']['max']} s",
        f"audit      {told['streams_audited']} streams, {len(told['violations'])} violations",
    ]
    return "\n".join([*lines, *told["violations"]])
