"""The notice of what is missing (一次性告知单): made of the checklist as it is, kept by hash, and told as an event.

It says everything at once: what has not come, what was sent back and why, what need not come again, and how to go on.
"""

from asyncio import to_thread
from collections.abc import Callable

from rvw.clock import Clock, Instant, to_the_minute
from rvw.domain import commands as c
from rvw.domain import events as e
from rvw.domain.catalogue import Catalogue, rules_of
from rvw.domain.papers import PAPERS, Item, checklist, missing
from rvw.domain.people import Actor
from rvw.domain.policy import check
from rvw.domain.visit import Visit
from rvw.errors import Conflict, NotPossible
from rvw.protocol.papers import NoticeMade, NoticeWanted
from signaling.applications.kept import Kept
from signaling.dossiers.sealing import names_of
from signaling.ledger import Ledger
from signaling.office import Office
from signaling.papers import sheet
from signaling.papers.words import KINDS, LABELS, LICENCE, MISSING, RETURNED, Words

NO_FILE = e.PaperFile("", 0, "", (), "")


class MissingNotices:
    """Makes notices, and gives them."""

    def __init__(
        self, office: Office, ledger: Ledger, kept: Kept, catalogue: Callable[[], Catalogue], clock: Clock
    ) -> None:
        self._office = office
        self._ledger = ledger
        self._kept = kept
        self._catalogue = catalogue
        self._clock = clock

    async def give(self, actor: Actor, visit_id: str, wanted: NoticeWanted) -> NoticeMade:
        """Make the notice of the papers as the officer has seen them, and give it.

        Raises `Conflict` if they have changed since, and `NotPossible` when nothing is missing and nothing is to be said.
        """
        visit = await self._ledger.visit(visit_id)
        check(actor, c.GiveNotice((), NO_FILE), visit)
        papers = await self._ledger.beside(PAPERS, visit_id)
        if papers.version != wanted.seen:
            raise Conflict("the papers have changed meanwhile: look at them again")
        items = checklist(rules_of(self._catalogue(), visit.matter), papers)
        lacks = missing(items)
        if not lacks and not wanted.note.strip():
            raise NotPossible("nothing is missing: say what the resident is to be told")
        view = notice_view(visit, items, wanted.note.strip(), actor.name, self._catalogue(), self._clock())
        file = await self._made(visit_id, view)
        told = tuple(one.material.id for one in lacks)
        await self._office.perform(actor, c.GiveNotice(told, file), visit_id)
        given = (await self._ledger.beside(PAPERS, visit_id)).notices
        return NoticeMade(max(one.id for one in given if one.file.sha256 == file.sha256), file)

    async def _made(self, visit: str, view: sheet.NoticeView) -> e.PaperFile:
        pdf = await to_thread(sheet.render, view, self._clock())
        pictures = []
        for page in await to_thread(sheet.painted, pdf):
            shown, small = await self._kept.put(visit, page.view), await self._kept.put(visit, page.thumbnail)
            pictures.append(e.Picture(page.width, page.height, shown.sha256, small.sha256))
        blob = await self._kept.put(visit, pdf)
        return e.PaperFile(blob.sha256, blob.bytes, "application/pdf", tuple(pictures), blob.sha256)


def notice_view(
    visit: Visit, items: tuple[Item, ...], note: str, officer: str, catalogue: Catalogue, now: Instant
) -> sheet.NoticeView:
    """Return what the notice says, in the resident's language."""

    def say(words: Words) -> str:
        return words[1] if visit.language == "en" else words[0]

    labels = {key: say(words) for key, words in LABELS.items()}
    names, desk = names_of(catalogue, visit), catalogue.desks.get(visit.desk)
    lacks = missing(items)
    bring = [labels["again"]]
    counter = (desk.counter_en if visit.language == "en" and desk.counter_en else desk.counter) if desk else ""
    bring += [labels["counter"] + counter] if counter else []
    bring += [labels["phone"] + desk.phone] if desk and desk.phone else []
    facts = (
        ("ticket", visit.ticket),
        ("matter", names.matter or visit.matter),
        ("desk", names.desk),
        ("when", to_the_minute(now)),
        ("officer", officer),
        ("visit", visit.id),
    )
    return sheet.NoticeView(
        language=visit.language,
        desk=names.desk,
        ticket=visit.ticket,
        facts=tuple((labels[key], value) for key, value in facts if value),
        lead=labels["lead" if lacks else "complete"],
        missing=tuple(_row(one, visit.language) for one in lacks),
        note=note,
        accepted=tuple(_name(one, visit.language) for one in items if one.stand == "accepted"),
        bring=tuple(bring),
        labels=labels,
    )


def _name(item: Item, language: str) -> str:
    return item.material.name_en if language == "en" else item.material.name


def _row(item: Item, language: str) -> tuple[str, str, str]:
    at, colon, comma = (1, ": ", ", ") if language == "en" else (0, "：", "，")
    why = RETURNED[at] + colon + item.note if item.stand == "returned" else MISSING[at]
    how = [KINDS[item.material.kind][at]]
    how += [item.material.when_en if language == "en" else item.material.when] if item.material.when else []
    how += [LICENCE[at]] if item.material.licence else []
    return _name(item, language), why, comma.join(how)
