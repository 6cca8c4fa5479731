"""Consent: who may be recorded, whose sensitive data may be used, and what an answer makes happen.

Nobody is recorded who has not said yes: silence is no consent, so whoever comes in is not recorded before answering.
Without the resident's yes nobody is: the recording is of the resident's visit. Officers are recorded as a term of their
work, by an event that says so. The hash of what was read is checked here, and not believed.
"""

from rvw.domain import commands as c
from rvw.domain import events as e
from rvw.domain.catalogue import Catalogue, rules_of
from rvw.domain.catalogue.consent import ConsentText, Reader, current, digest, read_as
from rvw.domain.people import Actor, Role
from rvw.domain.visit import Consent, Visit
from rvw.errors import ConsentNeeded, NotFound


def may_be_recorded(visit: Visit) -> frozenset[str]:
    """Return whose sound and picture may be recorded now: of those who take part who has agreed, if the resident has."""
    if not consents(visit, visit.kiosk, "recording"):
        return frozenset()
    return frozenset(p.actor for p in visit.participants if consents(visit, p.actor, "recording"))


def may_use_sensitive(visit: Visit) -> bool:
    """Tell whether the resident lets identity number, face, signature and the like be used."""
    return consents(visit, visit.kiosk, "sensitive")


def consents(visit: Visit, actor: str, subject: e.ConsentSubject) -> bool:
    """Tell whether somebody who takes part has agreed, and has not taken it back."""
    last = last_answer(visit, actor, subject)
    return last is not None and last.answer == "given"


def last_answer(visit: Visit, actor: str, subject: e.ConsentSubject) -> Consent | None:
    """Return what somebody has last answered; `None` for who has not."""
    return next((one for one in visit.consents if (one.actor, one.subject) == (actor, subject)), None)


def check_opening(catalogue: Catalogue, command: c.Open) -> None:
    """Raise `ConsentNeeded` when the matter is recorded by rule, and the resident has not agreed."""
    agreed = any(one.subject == "recording" and one.given for one in command.answers)
    if not agreed and command.matter in catalogue.matters and rules_of(catalogue, command.matter).recording == "required":
        raise ConsentNeeded("this matter is recorded by rule: without consent it is done at the counter")


def changes(visit: Visit, answer: c.Answer, actor: Actor, catalogue: Catalogue) -> tuple[e.ConsentAnswered, ...]:
    """Return the event of an answer; none if it is what was said before."""
    event = answered(last_answer(visit, actor.id, answer.subject), answer, actor, catalogue)
    before = last_answer(visit, actor.id, answer.subject)
    return () if before is not None and answer.given == (before.answer == "given") else (event,)


def answered(before: Consent | None, answer: c.Answer, actor: Actor, catalogue: Catalogue) -> e.ConsentAnswered:
    """Return the event of an answer after the one `before`. Raises `NotFound` for words that the actor was not shown."""
    reader: Reader = "resident" if actor.role is Role.KIOSK else "joining"
    text, language = _read(catalogue, reader, answer.sha256)
    took_back = before is not None and before.answer == "given"
    said: e.ConsentAnswer = "given" if answer.given else "withdrawn" if took_back else "refused"
    return e.ConsentAnswered(
        actor.id, actor.name, actor.role, answer.subject, said, "consent", text.version, answer.sha256, language
    )


def by_employment(actor: Actor, catalogue: Catalogue) -> tuple[e.ConsentAnswered, ...]:
    """Return the standing consent of an officer who comes in; none for others, none where no text says that it holds."""
    text = current(catalogue.texts, "staff")
    if actor.role is not Role.OFFICER or text is None:
        return ()
    return (
        e.ConsentAnswered(
            actor.id, actor.name, actor.role, "recording", "given", "employment", text.version, digest(text, "zh"), "zh"
        ),
    )


def _read(catalogue: Catalogue, reader: Reader, sha256: str) -> tuple[ConsentText, str]:
    for text in reversed(catalogue.texts):
        if text.reader == reader and (language := read_as(text, sha256)):
            return text, language
    raise NotFound("nobody here has been shown these words: ask again with those of GET /api/consent")
