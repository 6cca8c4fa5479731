"""The consent as a document: what the resident was told, word by word, and what they answered, laid out and kept by hash.

Made of the events of the answers and of the catalogue, whose words must have the hash that the answer names. It can be
signed as the form can (`signing`): so it can be shown who has agreed, to exactly which words.
"""

from asyncio import to_thread
from collections.abc import Callable, Iterable

from rvw.clock import Instant, for_the_record
from rvw.domain import commands as c
from rvw.domain import events as e
from rvw.domain.application import APPLICATION, Application
from rvw.domain.catalogue import Catalogue
from rvw.domain.catalogue.consent import ConsentText, read_as, wording
from rvw.domain.people import Actor
from rvw.domain.policy import check
from rvw.domain.visit import Visit
from rvw.errors import NotPossible
from rvw.protocol import applications as a
from signaling.applications import sheets
from signaling.applications.forms import applicants
from signaling.applications.kept import Kept
from signaling.applications.words import ANSWERS, LABELS, SUBJECTS, in_language
from signaling.ledger import Ledger
from signaling.office import Office

Answered = dict[e.ConsentSubject, tuple[Instant, e.ConsentAnswered]]
"""The last answer to each question, and when it was given."""


class Consents:
    """Makes documents of consents."""

    def __init__(self, office: Office, ledger: Ledger, kept: Kept, catalogue: Callable[[], Catalogue]) -> None:
        self._office = office
        self._ledger = ledger
        self._kept = kept
        self._catalogue = catalogue

    async def document(self, actor: Actor, visit_id: str) -> a.DocumentMade:
        """Make the PDF of what the resident has answered until now. Raises `NotPossible` for who was never asked."""
        visit = await self._ledger.visit(visit_id)
        check(actor, c.DocumentConsent((), "0" * 64, 0, ""), visit)
        answers = _last(visit, await self._ledger.events(visit_id))
        application = await self._ledger.beside(APPLICATION, visit_id)
        view = consent_view(visit, application, answers, self._catalogue())
        blob = await self._kept.put(visit_id, await to_thread(sheets.consent, view))
        agreed = tuple(e.Agreed(one.subject, one.answer, one.text, one.sha256) for _, one in answers.values())
        await self._office.perform(actor, c.DocumentConsent(agreed, blob.sha256, blob.bytes, view.title), visit_id)
        return a.DocumentMade(blob.sha256, blob.bytes, view.title)


def consent_view(visit: Visit, application: Application, answers: Answered, catalogue: Catalogue) -> sheets.ConsentView:
    """Return what the document says. Raises `NotPossible` for words that the catalogue does not have any more."""
    language = visit.language
    read = [(one, _text(catalogue, one)) for one in {one.sha256: one for _, one in answers.values()}.values()]
    labels = {key: in_language(words, language) for key, words in LABELS.items()}
    desk = catalogue.desks.get(visit.desk)
    return sheets.ConsentView(
        language=language,
        title=labels["consent"],
        authority=(desk.name_en if language == "en" else desk.name) if desk else visit.authority,
        visit=visit.id,
        applicants=applicants(application, language),
        words=tuple(line for one, text in read for line in wording(text, read_as(text, one.sha256)).split("\n")[1:]),
        answers=tuple(_said(*one, language) for one in answers.values()),
        facts=tuple((f"{labels['version']} {one.text}", f"{one.sha256[:32]} {one.sha256[32:]}") for one, _ in read),
        labels=labels,
        answered_at=max(at for at, _ in answers.values()),
    )


def _text(catalogue: Catalogue, answer: e.ConsentAnswered) -> ConsentText:
    """Return the text whose words, in one of its languages, have the hash that the answer names."""
    text = next((one for one in catalogue.texts if read_as(one, answer.sha256)), None)
    if text is None:
        raise NotPossible(f"the words of {answer.text} are not in the catalogue any more")
    return text


def _last(visit: Visit, events: Iterable[e.Recorded]) -> Answered:
    answers: Answered = {}
    for one in events:
        if isinstance(one.event, e.ConsentAnswered) and one.event.actor == visit.kiosk:
            answers[one.event.subject] = (one.at, one.event)
    if not answers:
        raise NotPossible("the resident was asked for no consent")
    return answers


def _said(at: Instant, answer: e.ConsentAnswered, language: str) -> tuple[str, str, str]:
    asked, answered = SUBJECTS[answer.subject], ANSWERS[answer.answer]
    return in_language(asked, language), in_language(answered, language), for_the_record(at)
