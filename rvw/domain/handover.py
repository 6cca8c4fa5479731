"""The dossier: what is handed over of a visit that is over, as a pure fold of its events.

The same events give the same bytes, in any process and on any day: whoever has the events can make the dossier again and
compare. What happens after the closing (the receipt) is not in it. Out of scope: the files of a visit, and signing.
"""

from collections.abc import Sequence
from typing import Final

import msgspec
from msgspec import Struct

from rvw.clock import Instant, Seconds
from rvw.domain.events import Accepted, Closed, Departed, Ended, Entered, MovedKiosk, Offered, Opened, Recorded, Requeued
from rvw.domain.people import Role
from rvw.domain.visit import ChatLine, State, Visit
from rvw.errors import InvalidInput, NotPossible

SCHEMA: Final = "rvw.dossier/1"
"""The name and version of the format. A field that is added, dropped or means something else raises the number."""


class Party(Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody's presence in the visit, from entering to leaving; who comes twice is in the list twice."""

    actor: str
    role: Role
    name: str
    entered_at: Instant
    left_at: Instant


class Dossier(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Everything a case system is told of a visit."""

    schema: str
    visit: str
    ticket: str
    authority: str
    kiosk: str
    hall: str
    matter: str
    region: str
    language: str
    desk: str
    """The desk that answered last; empty if none has."""
    officer: str
    """The officer who answered last; empty if none has."""
    opened_at: Instant
    answered_at: Instant | None
    ended_at: Instant | None
    closed_at: Instant
    first_answer_s: Seconds | None
    """From the ticket to the first human answer: the figure of 021."""
    reason: str
    outcome: str
    note: str
    parties: tuple[Party, ...]
    chat: tuple[ChatLine, ...]
    events: tuple[Recorded, ...]


def dossier(visit: Visit, events: Sequence[Recorded]) -> Dossier:
    """Return the dossier of a closed visit and all its events in order; those after the closing are left out.

    Raises `NotPossible` if the visit is not closed, `InvalidInput` if the events are not its own, from the first on and
    without a gap.
    """
    if visit.state is not State.CLOSED or visit.closed_at is None:
        raise NotPossible(f"a visit that is {visit.state} has no dossier yet")
    until_closed = _until_closed(visit, events)
    desk, officer = _answered_by(until_closed)
    return Dossier(
        schema=SCHEMA,
        visit=visit.id,
        ticket=visit.ticket,
        authority=visit.authority,
        kiosk=visit.kiosk,
        hall=visit.hall,
        matter=visit.matter,
        region=visit.region,
        language=visit.language,
        desk=desk,
        officer=officer,
        opened_at=visit.opened_at,
        answered_at=visit.answered_at,
        ended_at=visit.ended_at,
        closed_at=visit.closed_at,
        first_answer_s=None if visit.answered_at is None else visit.answered_at - visit.opened_at,
        reason=visit.close_reason,
        outcome=visit.outcome,
        note=visit.note,
        parties=_parties(until_closed),
        chat=visit.chat,
        events=until_closed,
    )


def encode(content: Dossier) -> bytes:
    """Return the dossier as JSON: UTF-8, the fields in the order of the struct, nothing between them."""
    return msgspec.json.encode(content)


def decode(data: bytes) -> Dossier:
    """Return the dossier in `data`. Raises `InvalidInput` that names the field."""
    try:
        return msgspec.json.decode(data, type=Dossier)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidInput(f"this is no dossier: {error}") from error


def _until_closed(visit: Visit, events: Sequence[Recorded]) -> tuple[Recorded, ...]:
    kept: list[Recorded] = []
    for recorded in events:
        if recorded.stream != f"visit:{visit.id}" or recorded.version != len(kept) + 1:
            raise InvalidInput(f"event {recorded.version} of {recorded.stream} is not the next one of visit {visit.id}")
        kept.append(recorded)
        if isinstance(recorded.event, Closed):
            return tuple(kept)
    raise InvalidInput(f"the events of visit {visit.id} do not reach its closing")


class _Attendance:
    """Who is present, and the list of who has been."""

    def __init__(self) -> None:
        self.parties: list[Party] = []
        self._present: dict[str, int] = {}

    def enter(self, actor: str, role: Role, name: str, at: Instant) -> None:
        if actor not in self._present:
            self._present[actor] = len(self.parties)
            self.parties.append(Party(actor, role, name, at, at))

    def leave(self, actor: str, at: Instant) -> None:
        if (place := self._present.pop(actor, None)) is not None:
            self.parties[place] = msgspec.structs.replace(self.parties[place], left_at=at)

    def empty(self, at: Instant) -> None:
        for actor in tuple(self._present):
            self.leave(actor, at)


def _parties(events: Sequence[Recorded]) -> tuple[Party, ...]:
    attendance = _Attendance()
    officer = resident = ""
    for recorded in events:
        match recorded.event:
            case Opened(kiosk=kiosk, kiosk_name=name):
                attendance.enter(kiosk, Role.KIOSK, name, recorded.at)
                resident = kiosk
            case Accepted(officer, name):
                attendance.enter(officer, Role.OFFICER, name, recorded.at)
            case Entered(actor, role, name):
                attendance.enter(actor, role, name, recorded.at)
            case MovedKiosk(kiosk, name):
                attendance.leave(resident, recorded.at)
                attendance.enter(kiosk, Role.KIOSK, name, recorded.at)
                resident = kiosk
            case Departed(actor):
                attendance.leave(actor, recorded.at)
            case Requeued():
                attendance.leave(officer, recorded.at)
            case Ended() | Closed():
                attendance.empty(recorded.at)
    return tuple(attendance.parties)


def _answered_by(events: Sequence[Recorded]) -> tuple[str, str]:
    """Return the desk and the officer of the last acceptance: an offer nobody took is not an answer."""
    offered, desk, officer = "", "", ""
    for recorded in events:
        match recorded.event:
            case Offered():
                offered = recorded.event.desk
            case Accepted():
                desk, officer = offered, recorded.event.officer
    return desk, officer
