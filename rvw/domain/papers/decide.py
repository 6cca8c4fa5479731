"""Which events a command about papers makes happen. `policy.check` has said yes before."""

from typing import Final, TypeAlias, assert_never

from rvw.domain import commands as c
from rvw.domain import events as e
from rvw.domain.catalogue import RulePack, rules_of
from rvw.domain.companion import Scene
from rvw.domain.papers.checklist import checklist
from rvw.domain.papers.fold import OTHER, PaperPage, Papers
from rvw.domain.papers.phones import phone_of
from rvw.domain.people import by_phone
from rvw.errors import Conflict, NotAllowed, NotFound, NotPossible, TooMany

MAX_EVENTS: Final = 2_000
"""How often papers of one visit may change."""

MAX_PAGES: Final = 120
"""How many pages and files a visit has at a time."""

MAX_EXTRAS: Final = 20
"""How many materials an officer asks for besides those of the rule pack."""

MAX_PHONES: Final = 3
"""How many telephones at a time."""

MAX_NOTICES: Final = 20
MAX_BYTES: Final = 500 * 1024 * 1024
"""How much all files of one visit may take, also those that were replaced: they are kept until it is over."""

PHONE_S: Final = 1800.0
"""How long a telephone's link is good: half an hour, and never longer than the visit."""

PaperCommand: TypeAlias = (
    c.AddPage
    | c.ReplacePage
    | c.RemovePage
    | c.NamePage
    | c.ShowPage
    | c.HidePage
    | c.AskPaper
    | c.AcceptPaper
    | c.ReturnPaper
    | c.ReferTo
    | c.InvitePhone
    | c.ComeByPhone
    | c.DismissPhone
    | c.GiveNotice
)
Events: TypeAlias = tuple[e.PaperEvent, ...]


def decide(papers: Papers, command: PaperCommand, scene: Scene) -> Events:
    """Return the event `command` makes happen, or none.

    Raises `NotFound` for a page, material or link that is not there, `NotAllowed` for a telephone whose time is over,
    `NotPossible` and `Conflict` for what has changed meanwhile, `TooMany` beyond the bounds of a visit.
    """
    if papers.version >= MAX_EVENTS:
        raise TooMany("the papers of this visit have changed as often as they may")
    pack = rules_of(scene.around.catalogue, scene.visit.matter)
    match command:
        case c.AddPage() | c.ReplacePage() | c.RemovePage() | c.NamePage():
            return _handed_in(papers, command, scene, pack)
        case c.AskPaper() | c.AcceptPaper() | c.ReturnPaper() | c.ReferTo() | c.GiveNotice():
            return _looked_at(papers, command, pack, scene.actor.name)
        case c.ShowPage():
            return _shown(papers, command, scene.actor.name)
        case c.HidePage():
            return (e.PageHidden(scene.actor.name),) if papers.shown else ()
        case c.InvitePhone() | c.ComeByPhone() | c.DismissPhone():
            return _phone(papers, command, scene)
        case _:
            assert_never(command)


def _handed_in(
    papers: Papers, command: c.AddPage | c.ReplacePage | c.RemovePage | c.NamePage, scene: Scene, pack: RulePack
) -> Events:
    match command:
        case c.AddPage() | c.ReplacePage():
            return _taken(papers, command, scene, pack)
        case c.RemovePage(number):
            _page(papers, number)
            return (e.PageRemoved(number, scene.actor.name),)
        case c.NamePage():
            return _named(papers, command, pack, scene.actor.name)


def _looked_at(
    papers: Papers,
    command: c.AskPaper | c.AcceptPaper | c.ReturnPaper | c.ReferTo | c.GiveNotice,
    pack: RulePack,
    name: str,
) -> Events:
    match command:
        case c.AskPaper():
            return _asked(papers, command, pack, name)
        case c.AcceptPaper(material, seen):
            return _accepted(papers, material, seen, pack, name)
        case c.ReturnPaper(material, note):
            _known(papers, material, pack)
            return (e.PaperReturned(material, note, name),)
        case c.ReferTo(material, licence):
            _refers(papers, material, licence, pack)
            return (e.PaperReferred(material, licence, name),)
        case c.GiveNotice(missing, file):
            if len(papers.notices) >= MAX_NOTICES:
                raise TooMany(f"a visit has at most {MAX_NOTICES} notices")
            return (e.NoticeGiven(missing, file, name),)


def _taken(papers: Papers, command: c.AddPage | c.ReplacePage, scene: Scene, pack: RulePack) -> Events:
    name, source = scene.actor.name, command.source
    if by_phone(scene.actor.id):
        if phone_of(papers, scene.actor.id, scene.now) is None:
            raise NotAllowed("this link is over")
        source = "phone"
    if papers.bytes + command.file.bytes > MAX_BYTES:
        raise TooMany(f"the files of a visit have at most {MAX_BYTES:,} bytes")
    if isinstance(command, c.ReplacePage):
        page = _page(papers, command.page)
        if by_phone(scene.actor.id) and page.by != scene.actor.id:
            raise NotAllowed("only the own pictures may be taken again")
        return (e.PageReplaced(command.page, source, command.file, name),)
    if len(papers.pages) >= MAX_PAGES:
        raise TooMany(f"a visit has at most {MAX_PAGES} pages and files")
    _known(papers, command.material, pack)
    return (e.PageAdded(command.material, command.title, source, command.file, name),)


def _named(papers: Papers, command: c.NamePage, pack: RulePack, name: str) -> Events:
    page = _page(papers, command.page)
    _known(papers, command.material, pack)
    if (page.material, page.title) == (command.material, command.title):
        return ()
    return (e.PageNamed(command.page, command.material, command.title, name),)


def _shown(papers: Papers, command: c.ShowPage, name: str) -> Events:
    if command.picture >= len(_page(papers, command.page).file.pictures):
        raise NotFound("the file has not so many pages")
    now = papers.shown and (papers.shown.page, papers.shown.picture, papers.shown.turn)
    if now == (command.page, command.picture, command.turn):
        return ()
    return (e.PageShown(command.page, command.picture, command.turn, name),)


def _asked(papers: Papers, command: c.AskPaper, pack: RulePack, name: str) -> Events:
    if command.material:
        _known(papers, command.material, pack)
        return (e.PaperAsked(command.material, "", command.note.strip(), name),)
    title = command.title.strip()
    if not title:
        raise NotPossible("say which paper is asked for")
    if len(papers.extras) >= MAX_EXTRAS:
        raise TooMany(f"at most {MAX_EXTRAS} further papers are asked for")
    return (e.PaperAsked("", title, command.note.strip(), name),)


def _accepted(papers: Papers, material: str, seen: int, pack: RulePack, name: str) -> Events:
    _known(papers, material, pack)
    if any(page.material == material and page.changed > seen for page in papers.pages):
        raise Conflict("this paper has changed meanwhile: look at it again")
    if any(one.material == material and one.accepted for one in papers.verdicts):
        return ()
    return (e.PaperAccepted(material, name),)


def _refers(papers: Papers, material: str, licence: e.Licence, pack: RulePack) -> None:
    wanted = next((one for one in pack.materials if one.id == material), None)
    if wanted is None or not wanted.licence or wanted.licence != licence.kind:
        raise NotPossible("no electronic licence stands for this paper")
    if any(one.material == material and one.accepted for one in papers.verdicts):
        raise NotPossible("this paper has been accepted already")


def _phone(papers: Papers, command: c.InvitePhone | c.ComeByPhone | c.DismissPhone, scene: Scene) -> Events:
    known = next((one for one in papers.phones if one.link == command.link), None)
    match command:
        case c.InvitePhone(link):
            alive = [one for one in papers.phones if one.until > scene.now]
            if len(alive) >= MAX_PHONES:
                raise TooMany(f"at most {MAX_PHONES} telephones at a time")
            return () if known else (e.PhoneInvited(link, scene.now + PHONE_S, scene.actor.name),)
        case c.ComeByPhone(link):
            if known is None or known.came or known.until <= scene.now:
                raise NotFound("this link is used, over, or was taken back: ask for a new one")
            return (e.PhoneCame(link),)
        case c.DismissPhone(link):
            return (e.PhoneDismissed(link),) if known else ()


def _page(papers: Papers, number: int) -> PaperPage:
    page = next((one for one in papers.pages if one.id == number), None)
    if page is None:
        raise NotFound("there is no such page")
    return page


def _known(papers: Papers, material: str, pack: RulePack) -> None:
    if material != OTHER and all(one.material.id != material for one in checklist(pack, papers)):
        raise NotFound(f"this matter asks for no {material}")
