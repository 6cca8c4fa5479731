"""The form as a document: what was filled in, laid out, kept by hash, and confirmed by the resident in one step."""

from asyncio import to_thread
from base64 import b64encode
from collections.abc import Callable, Iterator

from rvw.domain import commands as c
from rvw.domain.application import APPLICATION, Application, ShownDocument
from rvw.domain.catalogue import Catalogue, Field, RulePack, rules_of
from rvw.domain.people import Actor
from rvw.domain.policy import check, may_see
from rvw.domain.visit import Visit
from rvw.errors import NotFound, NotPossible
from rvw.protocol import applications as a
from signaling.applications import sheets
from signaling.applications.kept import Kept
from signaling.applications.words import CONFIRMED, LABELS, SHOWN_BY, YES_NO, in_language
from signaling.ledger import Ledger
from signaling.office import Office


class Forms:
    """Makes documents of forms, and shows them."""

    def __init__(self, office: Office, ledger: Ledger, kept: Kept, catalogue: Callable[[], Catalogue]) -> None:
        self._office = office
        self._ledger = ledger
        self._kept = kept
        self._catalogue = catalogue

    async def confirm(self, actor: Actor, visit_id: str, seen: a.FormSeen) -> a.DocumentMade:
        """Make the PDF of the form as the resident has seen it, and confirm it. Raises `NotPossible` if it has changed."""
        visit = await self._ledger.visit(visit_id)
        check(actor, c.ConfirmForm(seen.version, "0" * 64, 0, ""), visit)
        application = await self._ledger.beside(APPLICATION, visit_id)
        if application.version != seen.version:
            raise NotPossible("the form has changed meanwhile: look at it again")
        view = form_view(visit, application, self._catalogue())
        blob = await self._kept.put(visit_id, await to_thread(sheets.form, view))
        await self._office.perform(actor, c.ConfirmForm(seen.version, blob.sha256, blob.bytes, view.title), visit_id)
        return a.DocumentMade(blob.sha256, blob.bytes, view.title)

    async def pages(self, actor: Actor, visit_id: str, sha256: str) -> a.DocumentPages:
        """Return a document's pages as pictures. Raises `NotFound` unless the actor may see it."""
        title = await self._title(actor, visit_id, sha256)
        pdf = await self._kept.get(visit_id, sha256)
        return a.DocumentPages(title, await to_thread(sheets.pages, pdf))

    async def file(self, actor: Actor, visit_id: str, sha256: str) -> a.DocumentFile:
        """Return a document as it is."""
        title = await self._title(actor, visit_id, sha256)
        return a.DocumentFile(title, b64encode(await self._kept.get(visit_id, sha256)).decode())

    async def _title(self, actor: Actor, visit_id: str, sha256: str) -> str:
        visit = await self._ledger.visit(visit_id)
        application = await self._ledger.beside(APPLICATION, visit_id)
        titles = {one.signed: one.title for one in application.signed}
        titles |= {one.document: one.title for one in application.signed}
        titles |= {one.sha256: one.title for one in (application.form, application.consent) if one}
        if sha256 not in titles or not may_see(actor, visit):
            raise NotFound("there is no such document")
        return titles[sha256]


def form_view(visit: Visit, application: Application, catalogue: Catalogue) -> sheets.FormView:
    """Return what the form says: never a whole number."""
    language, pack = visit.language, rules_of(catalogue, visit.matter)
    matter = catalogue.matters[visit.matter]
    desk = catalogue.desks.get(visit.desk)
    name = matter.name_en if language == "en" else matter.name
    return sheets.FormView(
        language=language,
        title=f"{name} {in_language(LABELS['form'], language)}" if language == "en" else f"{name}申请表",
        matter=name,
        authority=(desk.name_en if language == "en" else desk.name) if desk else visit.authority,
        visit=visit.id,
        applicants=applicants(application, language),
        rows=tuple(_rows(application, pack, language)),
        labels={key: in_language(words, language) for key, words in LABELS.items()},
        opened_at=visit.opened_at,
    )


def applicants(application: Application, language: str) -> tuple[tuple[str, str, str], ...]:
    """Return who applies: name, masked number, and how it is assured."""
    shown = tuple(_applicant(application, one, language) for one in application.shown)
    return shown or ((in_language(LABELS["nobody"], language), "", ""),)


def _applicant(application: Application, shown: ShownDocument, language: str) -> tuple[str, str, str]:
    assured = [in_language(SHOWN_BY[shown.shown_by], language)]
    if any(one.confirmed and one.proof == shown.proof for one in application.decisions):
        assured.append(in_language(CONFIRMED, language))
    return shown.name, shown.masked, (", " if language == "en" else "，").join(assured)


def _rows(application: Application, pack: RulePack, language: str) -> Iterator[tuple[str, str]]:
    filled = {one.field: one.value for one in application.fields}
    for field in pack.fields:
        yield (field.name_en if language == "en" else field.name), _read(field, filled.get(field.id, ""), language)


def _read(field: Field, value: str, language: str) -> str:
    if value in field.choices and language == "en":
        return field.choices_en[field.choices.index(value)]
    return in_language(YES_NO[value], language) if field.kind == "yes-no" and value else value
