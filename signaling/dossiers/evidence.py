"""The evidence: a sealed dossier as PDF/A-3b, to be read and printed, with `dossier.json` inside.

The same dossier gives the same bytes. One takes 50 ms, without the interpreter's lock: call it in a thread.
"""

from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import msgspec
import pikepdf

from rvw.clock import Instant, for_the_record, wall
from rvw.domain.chain import Link
from rvw.domain.companions import visit_of
from rvw.domain.handover import Dossier, FileEntry, Party
from rvw.domain.seal import Seal
from rvw.errors import NotWhole
from signaling.dossiers.words import CONSENT_ANSWERS, CONSENT_BASES, CONSENT_SUBJECTS, EVENTS, LABELS, OUTCOMES, ROLES, word
from signaling.typesetting import typeset

TEMPLATE: Final = (Path(__file__).parent / "evidence.typ").read_bytes()


def render(content: Dossier, seal: Seal, sealed: bytes) -> bytes:
    """Return the PDF of a dossier; `sealed` is the very `dossier.json` that goes inside."""
    return typeset(TEMPLATE, _view(content, seal), seal.statement.sealed_at, {"dossier": sealed.decode()})


def attached(pdf: bytes) -> Mapping[str, bytes]:
    """Return the files inside a PDF, by name. Raises `NotWhole` if it cannot be read as one."""
    try:
        with pikepdf.open(BytesIO(pdf)) as document:
            return {name: spec.get_file().read_bytes() for name, spec in document.attachments.items()}
    except (pikepdf.PdfError, ValueError, KeyError, RuntimeError) as error:
        raise NotWhole(f"this cannot be read as a PDF with files inside: {type(error).__name__}") from error


def _view(content: Dossier, seal: Seal) -> dict[str, Any]:
    language = content.language
    labels = {name: word(LABELS, name, language) for name in LABELS}
    names = {party.actor: party.name for party in content.parties}
    return {
        "language": language,
        "labels": labels,
        "visit": content.visit,
        "number": content.number,
        "authority": content.names.authority or content.authority,
        "summary": summary(content),
        "facts": _facts(content, labels),
        "parties_head": ["", "", labels["from"], labels["until"]],
        "parties": [_party(party, labels, language) for party in content.parties],
        "events": [_event(link, names, language) for link in content.events if not visit_of(link.stream)],
        "files": [_file(file, labels) for file in content.files],
        "proof": [
            [labels["head"], content.head],
            [labels["key"], f"{seal.statement.algorithm} {seal.statement.key}"],
            [labels["sealed"], for_the_record(seal.statement.sealed_at)],
            ["SHA-256", seal.statement.sha256],
        ],
    }


def summary(content: Dossier) -> str:
    """Return in two sentences what happened, in the resident's language."""
    matter = content.names.matter or content.matter
    at = wall(content.opened_at)
    outcome = word(OUTCOMES, content.outcome, content.language)
    officers = [party.name for party in content.parties if party.actor == content.officer and party.name]
    officer = officers[-1] if officers else content.officer
    if content.language == "en":
        answered = f"Answered by {officer}." if officer else "Nobody answered."
        return f"{matter}, on {at:%Y-%m-%d} at {at:%H:%M}. {answered} Outcome: {outcome}."
    answered = f"由{officer}接待" if officer else "无人接听"
    return f"{at.year}年{at.month}月{at.day}日 {at:%H:%M}，办理“{matter}”，{answered}。结果：{outcome}。"


def _halves(hexadecimal: str) -> str:
    """Write a hash so that it can be broken in the middle of its line."""
    return f"{hexadecimal[:32]} {hexadecimal[32:]}"


def _facts(content: Dossier, labels: Mapping[str, str]) -> list[list[str]]:
    facts = [
        [labels["visit"], content.visit],
        [labels["ticket"], content.ticket],
        [labels["case"], content.case],
        [labels["matter"], f"{content.names.matter} ({content.matter})" if content.names.matter else content.matter],
        [labels["region"], f"{content.names.region} ({content.region})" if content.names.region else content.region],
        [labels["authority"], content.names.authority or content.authority],
        [labels["opened"], for_the_record(content.opened_at)],
        [labels["answered"], labels["nobody"] if content.answered_at is None else for_the_record(content.answered_at)],
        [labels["closed"], for_the_record(content.closed_at)],
        [labels["outcome"], word(OUTCOMES, content.outcome, content.language)],
        [labels["next_step"], content.next_step],
        [labels["note"], content.note],
    ]
    return [fact for fact in facts if fact[1]]


def _party(party: Party, labels: Mapping[str, str], language: str) -> list[str]:
    role = word(ROLES, party.role, language)
    return [party.name or labels["removed"], role, _clock(party.entered_at), _clock(party.left_at)]


def _event(link: Link, names: Mapping[str, str], language: str) -> list[str]:
    event = msgspec.to_builtins(link.event)
    who = names.get(str(event.get("actor") or event.get("officer") or link.by)) or link.by
    text = _consent(event, language) if event["type"] == "consent_answered" else _words(event)
    if link.removed is not None:
        text = f"{word(LABELS, 'removed', language)}：{link.removed.reason}（{link.removed.basis}）"
    return [_clock(link.at), word(EVENTS, event["type"], language), who, text]


def _words(event: Mapping[str, Any]) -> str:
    return str(event.get("text") or event.get("note") or event.get("what") or "") or _paper(event)


def _consent(event: Mapping[str, Any], language: str) -> str:
    """Say what was answered to which words: whoever doubts it finds them by their version, and compares the hash."""
    said = [
        word(CONSENT_SUBJECTS, event["subject"], language),
        word(CONSENT_ANSWERS, event["answer"], language),
        word(CONSENT_BASES, event["basis"], language),
        f"{event['text']} {event['sha256'][:16]}…",
    ]
    return " · ".join(one for one in said if one)


def _paper(event: Mapping[str, Any]) -> str:
    """Name a page that was handed in by the first half of its hash: the whole is among the files."""
    words = [event.get("material"), event.get("title")]
    file = event.get("file")
    return " ".join(str(word) for word in (*words, file["sha256"][:32] if file else "") if word)


def _file(file: FileEntry, labels: Mapping[str, str]) -> list[str]:
    """Name a file by its hash, and by that of what was handed in where cleaning has changed it."""
    hashes = [_halves(file.sha256)]
    if file.sent not in ("", file.sha256):
        hashes.append(f"{labels['sent']} {_halves(file.sent)}")
    return [file.name or labels["removed"], f"{file.bytes:,} B", "\n".join(hashes)]


def _clock(at: Instant) -> str:
    return f"{wall(at):%H:%M:%S}"
