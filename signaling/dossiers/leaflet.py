"""The summary of a visit as a page to print, in large type and the resident's language."""

from pathlib import Path
from typing import Any, Final

from rvw.clock import Instant, to_the_minute, wall
from rvw.domain.task import TaskState
from rvw.protocol.endings import Summary
from rvw.protocol.rest import Promise
from signaling.dossiers.words import LEAFLET, OUTCOMES, STANDS, Words, word
from signaling.typesetting import typeset

TEMPLATE: Final = (Path(__file__).parent / "leaflet.typ").read_bytes()


def render(summary: Summary) -> bytes:
    """Return the PDF of a summary."""
    return typeset(TEMPLATE, _view(summary), summary.opened_at)


def _view(summary: Summary) -> dict[str, Any]:
    language = summary.language

    def say(table: dict[str, Words] | Any, key: str) -> str:
        return word(table, key, language)

    facts = [
        (say(LEAFLET, "ticket"), summary.ticket),
        (say(LEAFLET, "matter"), summary.matter),
        (say(LEAFLET, "desk"), summary.desk),
        (say(LEAFLET, "when"), to_the_minute(summary.opened_at)),
        (say(LEAFLET, "receipt"), summary.receipt),
    ]
    return {
        "language": language,
        "product": say(LEAFLET, "product"),
        "title": say(LEAFLET, "title"),
        "ticket": summary.ticket,
        "outcome": _outcome(summary),
        "next_step": summary.next_step,
        "labels": {name: say(LEAFLET, name) for name in ("next_step", "materials", "unresolved")},
        "facts": [fact for fact in facts if fact[1]],
        "materials": [
            (one.name, say(STANDS, one.stand) + (f"：{one.note}" if one.note else "")) for one in summary.materials
        ],
        "unresolved": [
            (one.text, one.answer or f"{say(LEAFLET, 'until')} {_day(one.deadline)}") for one in summary.unresolved
        ],
        "promises": [_promise(one, language) for one in summary.promises],
    }


def _outcome(summary: Summary) -> str:
    if summary.promises:
        return word(LEAFLET, "promised", summary.language)
    if summary.outcome:
        return word(OUTCOMES, summary.outcome, summary.language)
    return word(LEAFLET, "not_yet", summary.language)


def _promise(one: Promise, language: str) -> str:
    said = word(LEAFLET, one.kind, language)
    told = said.format(at=to_the_minute(one.due_at), contact=one.contact, until=to_the_minute(one.deadline))
    return f"{told}（{word(LEAFLET, 'over', language)}）" if one.state is TaskState.DONE else told


def _day(at: Instant) -> str:
    """Return the last day that is within: deadlines end at midnight."""
    return f"{wall(at - 1):%Y-%m-%d}"
