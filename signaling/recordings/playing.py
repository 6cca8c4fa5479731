"""What of a record can be played, as a pure function of the record and of what is known of its recording: files of sound
and picture, and the pages that all have looked at.

What was removed from the record by law is not played; and neither is a film that was made while it was still there.
"""

from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from rvw.domain import events as e
from rvw.domain.handover import MATERIAL, RECORDED, RECORDING, Dossier, events_of
from rvw.domain.papers import PAPERS, PaperPage
from rvw.protocol.playback import Playback, PlayedEvent, PlayedFilm, PlayedSpan, PlayedTrack
from signaling.records.recordings import Film, Recording

FILM_TYPE: Final = "video/mp4"
VIEW_TYPE: Final = "image/jpeg"


class Playable(Struct, frozen=True):
    """A file that may be played."""

    sha256: str
    type: str
    name: str


def playback(content: Dossier, recording: Recording | None) -> Playback:
    """Return what a player needs to know."""
    found = recording or Recording(visit=content.visit, state="lost")
    tracks, film = _tracks(content, found), _film(content, found)
    since = found.since or content.answered_at or content.opened_at
    spans = tuple(PlayedSpan(begin - since, end - since) for begin, end in found.spans)
    ends = [track.end for track in tracks] + [span.end for span in spans]
    ends += [film.seconds] if film else []
    ends += [] if tracks or film else [content.closed_at - since]
    removed = sum(1 for file in content.files if file.what == RECORDING and file.removed)
    return Playback(
        visit=content.visit,
        number=content.number,
        ticket=content.ticket,
        matter=content.matter,
        region=content.region,
        desk=content.desk,
        officer=content.officer,
        outcome=content.outcome,
        case=content.case,
        names=content.names,
        opened_at=content.opened_at,
        closed_at=content.closed_at,
        parties=content.parties,
        state=recording.state if recording else "none",
        since=since,
        seconds=max(ends),
        spans=spans,
        film=film,
        tracks=tracks,
        removed=removed,
        pages=tuple(one.sha256 for one in pages(content)),
        events=_events(content),
    )


def playable(content: Dossier, recording: Recording | None) -> Iterator[Playable]:
    """Yield the files that may be seen: the film, the tracks, and the pages that were shown to all."""
    yield from pages(content)
    if recording is None:
        return
    if film := _film(content, recording):
        yield Playable(film.sha256, film.type, "film.mp4")
    for track in _tracks(content, recording):
        yield Playable(track.sha256, track.type, track.out)


def pages(content: Dossier) -> Iterator[Playable]:
    """Yield the views of the pages that all have looked at, each once; none of a page that is not in the record."""
    there = {file.sha256 for file in content.files if file.what == MATERIAL and not file.removed}
    seen: set[str] = set()
    for page, picture in _shown(content):
        view = page.file.pictures[picture].view
        if page.file.sha256 in there and view not in seen:
            seen.add(view)
            kind = page.file.type if view == page.file.sha256 else VIEW_TYPE
            yield Playable(view, kind, f"page-{page.id}-{picture}")


def _shown(content: Dossier) -> Iterator[tuple[PaperPage, int]]:
    """Yield each page as it was when all looked at it, and which of its pictures that was."""
    papers = PAPERS.empty(content.visit)
    for recorded in events_of(content.events, PAPERS.kind):
        papers = PAPERS.evolve(papers, recorded)
        if isinstance(shown := recorded.event, e.PageShown):
            yield from ((page, shown.picture) for page in papers.pages if page.id == shown.page)


def type_of(recording: Recording | None, sha256: str) -> str | None:
    """Return the media type of a file of a recording; `None` for one that is not of it."""
    if recording is None:
        return None
    if recording.film and recording.film.sha256 == sha256:
        return FILM_TYPE
    return next((file.type for file in recording.files if file.sha256 == sha256), None)


def _tracks(content: Dossier, recording: Recording) -> tuple[PlayedTrack, ...]:
    there = {file.sha256 for file in content.files if file.what == RECORDING and not file.removed}
    return tuple(
        PlayedTrack(sha256=one.sha256, type=one.type, actor=one.actor, out=one.out, begin=one.begin, end=one.seconds)
        for one in recording.files
        if one.sha256 in there
    )


def _film(content: Dossier, recording: Recording) -> PlayedFilm | None:
    film: Film | None = recording.film
    if film is None or any(file.removed for file in content.files if file.what in RECORDED):
        return None
    told = {name: getattr(film, name) for name in ("sha256", "seconds", "width", "height", "tiles")}
    return PlayedFilm(type=FILM_TYPE, **told)


def _events(content: Dossier) -> tuple[PlayedEvent, ...]:
    names = ("stream", "version", "at", "by", "event", "removed")
    return tuple(PlayedEvent(**{name: getattr(link, name) for name in names}) for link in content.events)
