"""The dossier: what is handed over of a visit that is over, as a pure fold of its events and files.

The same events give the same content, in any process and on any day: whoever has a dossier can fold its events again and
compare (`rvw verify` does). What happens to the visit after the closing (the receipt) is not in it; what happens to the
record is: a correction or a removal by law appends an event and makes the next version, which names the one before by hash.
Sealing is in `seal`, the chain in `chain`, what lies beside `dossier.json` in `package`.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Final

import msgspec
from msgspec import Struct

from rvw.clock import Instant, Seconds
from rvw.domain.chain import (
    FIRST,
    HASHED,
    Composed,
    Corrected,
    Link,
    RecordEvent,
    Redacted,
    Removal,
    digest_of,
    link_of,
    salt_of,
)
from rvw.domain.companions import KINDS
from rvw.domain.events import (
    Accepted,
    Closed,
    Departed,
    Ended,
    Entered,
    MovedKiosk,
    Offered,
    Opened,
    Recorded,
    Requeued,
    TakenOver,
    Transferred,
)
from rvw.domain.fold import evolve
from rvw.domain.people import SYSTEM, Role
from rvw.domain.seal import content_of
from rvw.domain.visit import ChatLine, State, Visit
from rvw.errors import InvalidInput, NotFound, NotPossible

SCHEMA: Final = "rvw.dossier/2"
"""The name and version of the format. A field that is dropped or means something else raises the number."""

TEXTS: Final = frozenset(
    {"text", "note", "name", "value", "phone", "words", "masked", "next_step", "question", "what", "title"}
)
"""The fields of events that hold what a person has said or is called: what a removal empties."""


MATERIAL: Final = "material"
"""What a file is that was handed in as a page."""

RECORDING: Final = "recording"
"""What a file is that holds what one party has sent."""

FILM: Final = "film"
"""What the file is that all recorded files were put together into."""

RECORDED: Final = frozenset((RECORDING, FILM))


class FileEntry(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A file of the visit: a still, an upload, a signature, a recording."""

    name: str
    """As people call it; the package has it under its hash."""
    sha256: str
    bytes: int
    type: str
    """The media type."""
    what: str
    """`material`, `mark`, `signature`, `recording`, `film`, …"""
    sent: str = ""
    """The SHA-256 of what was handed in, before it was cleaned: the same where nothing had to be cut out, and empty for
    what nobody has handed in."""
    removed: Removal | None = None


class Names(Struct, frozen=True, forbid_unknown_fields=True):
    """What the codes meant when the visit was closed, in the resident's language: a catalogue changes."""

    matter: str = ""
    region: str = ""
    authority: str = ""
    desk: str = ""


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
    number: int
    """1 for the dossier as handed over first; one more with each correction or removal."""
    supersedes: str
    """The SHA-256 of the version before, sealed; empty for the first."""
    case: str
    """The case number the visit was opened from; empty for a new matter."""
    names: Names
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
    files: tuple[FileEntry, ...]
    events: tuple[Link, ...]
    head: str
    """The link of the last event: it stands for all of them."""
    next_step: str = ""
    """What the resident was told to do, or what will happen."""


def dossier(
    visit: Visit, events: Sequence[Recorded], seed: bytes, files: Iterable[FileEntry] = (), names: Names | None = None
) -> Dossier:
    """Return the first dossier of a closed visit and all its events in order; those after the closing are left out.

    `seed` is secret and random, and kept with the record: the salts of the chain come from it. Raises `NotPossible` if the
    visit is not closed, `InvalidInput` if the events are not its own, from the first on and without a gap.
    """
    if visit.state is not State.CLOSED or visit.closed_at is None:
        raise NotPossible(f"a visit that is {visit.state} has no dossier yet")
    links: list[Link] = []
    for recorded in _until_closed(visit, events):
        links.append(_linked(links, recorded.stream, recorded, seed))
    return fold(links, tuple(files), names or Names(), 1, "")


def corrected(content: Dossier, supersedes: str, change: Corrected, by: str, now: Instant, seed: bytes) -> Dossier:
    """Return the next version, in which the outcome or the note is another."""
    links = _appended(content, change, by, now, seed)
    return fold(links, content.files, content.names, content.number + 1, supersedes)


def redacted(content: Dossier, supersedes: str, order: Redacted, by: str, now: Instant, seed: bytes) -> Dossier:
    """Return the next version, without the texts of the events and without the files that the order names.

    With a recorded file goes the film that it is in.

    Raises `NotFound` if the record does not have one of them, `InvalidInput` for an event that holds no text.
    """
    removal = Removal(now, by, order.reason, order.basis)
    _check_names(order.events, {f"{link.stream}/{link.version}" for link in content.events})
    _check_names(order.files, {file.sha256 for file in content.files})
    order = msgspec.structs.replace(order, files=_with_films(content, order.files))
    links = tuple(
        _emptied(link, removal) if f"{link.stream}/{link.version}" in order.events else link for link in content.events
    )
    files = tuple(
        msgspec.structs.replace(file, name="", removed=removal) if file.sha256 in order.files else file
        for file in content.files
    )
    links = _appended(msgspec.structs.replace(content, events=links), order, by, now, seed)
    return fold(links, files, content.names, content.number + 1, supersedes)


def composed(content: Dossier, supersedes: str, film: FileEntry, seconds: Seconds, now: Instant, seed: bytes) -> Dossier:
    """Return the next version, which has a film of all that was recorded.

    Raises `NotPossible` if a part of the recording was removed by law: it would be in the film.
    """
    if any(file.removed for file in content.files if file.what == RECORDING):
        raise NotPossible("a part of this recording was removed by law: there is no film of it")
    links = _appended(content, Composed(film.sha256, seconds), SYSTEM.id, now, seed)
    return fold(links, (*content.files, film), content.names, content.number + 1, supersedes)


def decode(data: bytes) -> Dossier:
    """Return the dossier in a sealed document, without asking whether the seal fits: `package` does that.

    Raises `InvalidInput` that names the field.
    """
    try:
        return msgspec.convert(content_of("dossier", data), Dossier)
    except msgspec.ValidationError as error:
        raise InvalidInput(f"this is no dossier: {error}") from error


def fold(links: Sequence[Link], files: tuple[FileEntry, ...], names: Names, number: int, supersedes: str) -> Dossier:
    """Return the dossier that these links make. Raises `InvalidInput` or `NotPossible` if they make none."""
    own = events_of(links)
    visit: Visit | None = None
    for recorded in own:
        visit = evolve(visit, recorded)
    if visit is None or visit.closed_at is None:
        raise InvalidInput("the events do not reach the closing of a visit")
    desk, officer = _answered_by(own)
    outcome, note = _now_right(visit, links)
    return Dossier(
        schema=SCHEMA,
        visit=visit.id,
        number=number,
        supersedes=supersedes,
        case=visit.case,
        names=names,
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
        outcome=outcome,
        note=note,
        parties=_parties(own),
        chat=visit.chat,
        files=files,
        events=tuple(links),
        head=links[-1].link,
        next_step=visit.next_step,
    )


def _linked(before: Sequence[Link], stream: str, event: Recorded | Link, seed: bytes) -> Link:
    salt = salt_of(seed, stream, event.version)
    hashed = {name: msgspec.to_builtins(getattr(event, name)) for name in HASHED}
    digest = digest_of(salt, hashed)
    link = link_of(before[-1].link if before else FIRST, digest)
    return Link(**{name: getattr(event, name) for name in HASHED}, salt=salt.hex(), digest=digest, link=link)


def _appended(content: Dossier, event: RecordEvent, by: str, now: Instant, seed: bytes) -> tuple[Link, ...]:
    stream = f"record:{content.visit}"
    version = 1 + sum(1 for link in content.events if link.stream == stream)
    bare = Link(stream=stream, version=version, at=now, by=by, ref="", event=event, salt="", digest="", link="")
    return (*content.events, _linked(content.events, stream, bare, seed))


def events_of(links: Iterable[Link], kind: str = "visit") -> tuple[Recorded, ...]:
    """Return the visit's own events, or those of a companion, as in the ledger; texts of removed ones are empty."""
    return tuple(_recorded(link) for link in links if link.stream.startswith(f"{kind}:"))


def _recorded(link: Link) -> Recorded:
    return Recorded(link.stream, link.version, link.at, link.by, link.ref, link.event)  # type: ignore[arg-type]


def _emptied(link: Link, removal: Removal) -> Link:
    texts = {name: "" for name in link.event.__struct_fields__ if name in TEXTS}
    if not texts:
        raise InvalidInput(f"the event {link.stream}/{link.version} holds no text that could be removed")
    return msgspec.structs.replace(link, event=msgspec.structs.replace(link.event, **texts), salt="", removed=removal)


def _check_names(wanted: Iterable[str], there: Collection[str]) -> None:
    for name in wanted:
        if name not in there:
            raise NotFound(f"the record does not have {name}")


def _with_films(content: Dossier, files: tuple[str, ...]) -> tuple[str, ...]:
    if not any(file.what == RECORDING and file.sha256 in files for file in content.files):
        return files
    films = (file.sha256 for file in content.files if file.what == FILM and file.sha256 not in files)
    return (*files, *films)


def _now_right(visit: Visit, links: Iterable[Link]) -> tuple[str, str]:
    outcome, note = visit.outcome, visit.note
    for link in links:
        if isinstance(link.event, Corrected):
            outcome, note = link.event.outcome or outcome, link.event.note or note
    return outcome, note


def _until_closed(visit: Visit, events: Sequence[Recorded]) -> tuple[Recorded, ...]:
    kept: list[Recorded] = []
    last = {f"{kind}:{visit.id}": 0 for kind in ("visit", *KINDS)}
    for recorded in events:
        if last.get(recorded.stream, -1) + 1 != recorded.version or recorded.stream not in last:
            raise InvalidInput(f"event {recorded.version} of {recorded.stream} is not the next one of visit {visit.id}")
        last[recorded.stream] = recorded.version
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
            case TakenOver(new, name):
                attendance.leave(officer, recorded.at)
                attendance.leave(new, recorded.at)
                attendance.enter(new, Role.OFFICER, name, recorded.at)
                officer = new
            case Requeued() | Transferred():
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
            case TakenOver():
                desk, officer = recorded.event.desk, recorded.event.officer
    return desk, officer
