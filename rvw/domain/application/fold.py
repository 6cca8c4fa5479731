"""The application after one more event."""

from typing import Any, TypeAlias

import msgspec
from msgspec import Struct

from rvw.domain import events as e
from rvw.domain.application.state import (
    Application,
    ConsentDocument,
    FilledField,
    FormDocument,
    IdentityDecision,
    ShownDocument,
    SignedDocument,
    Signing,
    Verdict,
    document_of,
    shown_of,
)
from rvw.domain.numbers import Subject
from rvw.errors import NotPossible

REMEMBERED_REFS = 64
"""How many commands an application remembers, to recognise repetitions."""

IdentityEvent: TypeAlias = (
    e.IdentityAsked
    | e.IdentityShown
    | e.VerdictAsked
    | e.VerdictCame
    | e.IdentityConfirmed
    | e.IdentityRefused
    | e.NumberRevealed
)
DocumentEvent: TypeAlias = e.FieldFilled | e.FormConfirmed | e.ConsentDocumented
SignatureEvent: TypeAlias = e.SignatureAsked | e.SignatureCancelled | e.SigningLinkMade | e.DocumentSigned


def evolve(application: Application, recorded: e.Recorded) -> Application:
    """Return the application after one more event. Raises `NotPossible` for an event that is not of one."""
    event = recorded.event
    if isinstance(event, IdentityEvent):
        changed = _identity(application, event, recorded)
    elif isinstance(event, DocumentEvent):
        changed = _document(application, event, recorded)
    elif isinstance(event, SignatureEvent):
        changed = _signature(application, event, recorded)
    else:
        raise NotPossible(f"an application cannot have {type(event).__name__}")
    refs = (*application.refs, recorded.ref)[-REMEMBERED_REFS:] if recorded.ref else application.refs
    return msgspec.structs.replace(changed, version=recorded.version, refs=refs)


def _identity(application: Application, event: IdentityEvent, recorded: e.Recorded) -> Application:
    replace = msgspec.structs.replace
    match event:
        case e.IdentityAsked(subject):
            return replace(application, asked=subject)
        case e.IdentityShown():
            shown = ShownDocument(**fields_of(event), at=recorded.at)
            others = tuple(one for one in application.shown if one.subject != event.subject)
            decisions = tuple(one for one in application.decisions if one.subject != event.subject)
            return replace(application, asked=None, shown=(*others, shown), verdict=None, decisions=decisions)
        case e.VerdictAsked(challenge):
            person = shown_of(application, "person")
            return replace(application, verdict=Verdict(challenge=challenge, proof=person.proof if person else ""))
        case e.VerdictCame(_, issuer, same):
            verdict = application.verdict and replace(application.verdict, issuer=issuer, same=same)
            return replace(application, verdict=verdict)
        case e.IdentityConfirmed(subject, proof, name):
            return _decided(application, recorded, subject, name, confirmed=True, proof=proof)
        case e.IdentityRefused(subject, note, name):
            return _decided(application, recorded, subject, name, confirmed=False, note=note)
        case e.NumberRevealed():
            return application


def _decided(
    application: Application,
    recorded: e.Recorded,
    subject: Subject,
    name: str,
    *,
    confirmed: bool,
    proof: str = "",
    note: str = "",
) -> Application:
    decision = IdentityDecision(
        subject=subject, confirmed=confirmed, proof=proof, note=note, by=recorded.by, name=name, at=recorded.at
    )
    others = tuple(one for one in application.decisions if one.subject != subject)
    return msgspec.structs.replace(application, asked=None, decisions=(*others, decision))


def _document(application: Application, event: DocumentEvent, recorded: e.Recorded) -> Application:
    replace = msgspec.structs.replace
    match event:
        case e.FieldFilled():
            filled = FilledField(**fields_of(event), by=recorded.by, at=recorded.at)
            others = tuple(one for one in application.fields if one.field != event.field)
            signing = _signing_other_than(application, application.form)
            return replace(application, fields=(*others, filled), form=None, signing=signing)
        case e.FormConfirmed(sha256, size, title):
            form = FormDocument(sha256=sha256, bytes=size, title=title, at=recorded.at)
            return replace(application, form=form)
        case e.ConsentDocumented():
            consent = ConsentDocument(**fields_of(event), at=recorded.at)
            return replace(application, consent=consent, signing=_signing_other_than(application, application.consent))


def _signing_other_than(application: Application, gone: FormDocument | ConsentDocument | None) -> Signing | None:
    """Return what is to be signed, unless it is the document that is not any more."""
    signing = application.signing
    return None if signing and gone and signing.document == gone.sha256 else signing


def _signature(application: Application, event: SignatureEvent, recorded: e.Recorded) -> Application:
    replace = msgspec.structs.replace
    match event:
        case e.SignatureAsked(document, signer):
            return replace(application, signing=Signing(document=document, signer=signer))
        case e.SignatureCancelled():
            return replace(application, signing=None)
        case e.SigningLinkMade(link, until):
            signing = application.signing and replace(application.signing, link=link, until=until)
            return replace(application, signing=signing)
        case e.DocumentSigned():
            found = document_of(application, event.document)
            title = found.title if found else ""
            shown = shown_of(application, "person") if event.signer == "resident" else None
            proof = shown.proof if shown else ""
            signed = SignedDocument(**fields_of(event), title=title, proof=proof, at=recorded.at)
            return replace(application, signing=None, signed=(*application.signed, signed))


def fields_of(event: Struct) -> dict[str, Any]:
    """Return the fields of a struct, for one that has the same."""
    return {name: getattr(event, name) for name in event.__struct_fields__}
