"""What is known of a visit's papers, and the fold of their events. The pages fold the same (`web/src/papers/fold.ts`)."""

from typing import Final, assert_never, cast

from msgspec import Struct
from msgspec.structs import replace

from rvw.clock import Instant
from rvw.domain import events as e
from rvw.errors import NotPossible

OTHER: Final = "other"
"""The material of whatever nobody has asked for."""

REMEMBERED_REFS: Final = 64
"""How many commands are remembered, to recognise repetitions."""


class PaperPage(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A page that has come. `id` is the version of the event that added it."""

    id: int
    changed: int
    """The version of the event that last gave it a file or a place."""
    at: Instant
    by: str
    name: str
    material: str
    title: str
    source: e.Source
    file: e.PaperFile
    retakes: int = 0


class PaperVerdict(Struct, frozen=True, forbid_unknown_fields=True):
    """What the officer has decided of a material, as it is now."""

    material: str
    accepted: bool
    note: str
    name: str
    at: Instant


class ExtraPaper(Struct, frozen=True, forbid_unknown_fields=True):
    """A material that the rule pack does not have, and the officer asked for."""

    id: str
    title: str


class WantedPaper(Struct, frozen=True, forbid_unknown_fields=True):
    """The paper that is to be put under the camera now."""

    material: str
    note: str
    name: str
    at: Instant


class ShownPage(Struct, frozen=True, forbid_unknown_fields=True):
    """What all look at together."""

    page: int
    picture: int
    turn: e.Turn
    name: str
    at: Instant


class LicenceReference(Struct, frozen=True, forbid_unknown_fields=True):
    """An electronic licence that stands for a material."""

    material: str
    licence: e.Licence
    name: str
    at: Instant


class PaperPhone(Struct, frozen=True, forbid_unknown_fields=True):
    """A telephone that may send pictures, or whose link waits to be used."""

    link: str
    until: Instant
    name: str
    came: bool = False


class MissingNotice(Struct, frozen=True, forbid_unknown_fields=True):
    """What was missing, as it was told in writing."""

    id: int
    missing: tuple[str, ...]
    file: e.PaperFile
    name: str
    at: Instant


class Papers(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The papers of a visit, in the order in which they came."""

    visit: str
    version: int = 0
    bytes: int = 0
    """How much all files take that have come, also those that were replaced or removed."""
    pages: tuple[PaperPage, ...] = ()
    verdicts: tuple[PaperVerdict, ...] = ()
    extras: tuple[ExtraPaper, ...] = ()
    wanted: WantedPaper | None = None
    referred: tuple[LicenceReference, ...] = ()
    phones: tuple[PaperPhone, ...] = ()
    notices: tuple[MissingNotice, ...] = ()
    shown: ShownPage | None = None
    refs: tuple[str, ...] = ()


def evolve(papers: Papers, recorded: e.Recorded) -> Papers:
    """Return the papers after one more event. Raises `NotPossible` for an event that is not of papers."""
    if not isinstance(recorded.event, e.PaperEvent):
        raise NotPossible(f"papers cannot have {type(recorded.event).__name__}")
    refs = (*papers.refs, recorded.ref)[-REMEMBERED_REFS:] if recorded.ref else papers.refs
    return replace(_after(papers, recorded), version=recorded.version, refs=refs)


def _after(papers: Papers, recorded: e.Recorded) -> Papers:
    match event := cast("e.PaperEvent", recorded.event):
        case e.PageAdded() | e.PageReplaced() | e.PageRemoved() | e.PageNamed():
            return _pages(papers, event, recorded)
        case e.PageShown() | e.PageHidden():
            return replace(papers, shown=_shown(event, recorded.at))
        case e.PaperAsked(material, title, note, name):
            extra = () if material else (ExtraPaper(f"x{recorded.version}", title),)
            wanted = WantedPaper(material or f"x{recorded.version}", note, name, recorded.at)
            return replace(papers, extras=(*papers.extras, *extra), wanted=wanted)
        case e.PaperAccepted(material, name):
            return _decided(papers, PaperVerdict(material, True, "", name, recorded.at))
        case e.PaperReturned(material, note, name):
            return _decided(papers, PaperVerdict(material, False, note, name, recorded.at))
        case e.PaperReferred(material, licence, name):
            others = tuple(one for one in papers.referred if one.material != material)
            open_again = _undecided(papers, material)
            return replace(open_again, referred=(*others, LicenceReference(material, licence, name, recorded.at)))
        case e.PhoneInvited() | e.PhoneCame() | e.PhoneDismissed():
            return replace(papers, phones=_phones(papers.phones, event))
        case e.NoticeGiven(missing, file, name):
            notice = MissingNotice(recorded.version, missing, file, name, recorded.at)
            return replace(papers, notices=(*papers.notices, notice), bytes=papers.bytes + file.bytes)
        case _:
            assert_never(event)


def _phones(
    phones: tuple[PaperPhone, ...], event: e.PhoneInvited | e.PhoneCame | e.PhoneDismissed
) -> tuple[PaperPhone, ...]:
    match event:
        case e.PhoneInvited(link, until, name):
            return (*phones, PaperPhone(link, until, name))
        case e.PhoneCame(link):
            return tuple(replace(one, came=True) if one.link == link else one for one in phones)
        case e.PhoneDismissed(link):
            return tuple(one for one in phones if one.link != link)


def _shown(event: e.PageShown | e.PageHidden, at: Instant) -> ShownPage | None:
    return None if isinstance(event, e.PageHidden) else ShownPage(event.page, event.picture, event.turn, event.name, at)


def _pages(
    papers: Papers, event: e.PageAdded | e.PageReplaced | e.PageRemoved | e.PageNamed, recorded: e.Recorded
) -> Papers:
    """A page that changes opens its material's verdict again, and the one that it moves to."""
    if isinstance(event, e.PageAdded):
        return _added(papers, event, recorded)
    before = next((one for one in papers.pages if one.id == event.page), None)
    if before is None:
        return papers
    match event:
        case e.PageReplaced(source=source, file=file, name=name):
            after = replace(
                before, changed=recorded.version, at=recorded.at, by=recorded.by, name=name, source=source, file=file
            )
            return _put(_hidden(papers, event.page), replace(after, retakes=before.retakes + 1), file.bytes)
        case e.PageNamed(material=material, title=title):
            if material == before.material:
                return _with(papers, replace(before, title=title))
            moved = replace(before, material=material, title=title, changed=recorded.version)
            return _undecided(_put(papers, moved, 0), before.material)
        case e.PageRemoved():
            left = tuple(one for one in papers.pages if one.id != event.page)
            return replace(_undecided(_hidden(papers, event.page), before.material), pages=left)


def _added(papers: Papers, event: e.PageAdded, recorded: e.Recorded) -> Papers:
    page = PaperPage(
        id=recorded.version,
        changed=recorded.version,
        at=recorded.at,
        by=recorded.by,
        name=event.name,
        material=event.material,
        title=event.title,
        source=event.source,
        file=event.file,
    )
    return _put(replace(papers, pages=(*papers.pages, page)), page, event.file.bytes)


def _put(papers: Papers, page: PaperPage, more: int) -> Papers:
    """Show the page as it is now; who was asked for it is asked no more."""
    wanted = None if papers.wanted and papers.wanted.material == page.material else papers.wanted
    papers = replace(_with(papers, page), wanted=wanted, bytes=papers.bytes + more)
    return _undecided(papers, page.material)


def _with(papers: Papers, page: PaperPage) -> Papers:
    return replace(papers, pages=tuple(page if one.id == page.id else one for one in papers.pages))


def _hidden(papers: Papers, page: int) -> Papers:
    """What was looked at is not there any more."""
    return replace(papers, shown=None) if papers.shown and papers.shown.page == page else papers


def _undecided(papers: Papers, material: str) -> Papers:
    return replace(papers, verdicts=tuple(one for one in papers.verdicts if one.material != material))


def _decided(papers: Papers, verdict: PaperVerdict) -> Papers:
    others = tuple(one for one in papers.verdicts if one.material != verdict.material)
    wanted = None if papers.wanted and papers.wanted.material == verdict.material else papers.wanted
    return replace(papers, verdicts=(*others, verdict), wanted=wanted)
