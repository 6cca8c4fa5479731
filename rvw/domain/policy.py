"""Who may do what, when: one literal table, role × command × state. What is not in it is refused.

Two refusals are told apart: `NotAllowed`, this role may never do it to this visit; `NotPossible`, not in this state.
"""

from collections.abc import Mapping

from rvw.domain import commands as c
from rvw.domain import events as e
from rvw.domain.board import Line
from rvw.domain.people import Actor, Role, by_phone, halls_of
from rvw.domain.visit import State, Visit, takes_part
from rvw.errors import NotAllowed, NotPossible

NEW = None
"""The state of a visit that is not there yet."""

W, O, L, H, P, C = State  # noqa: E741 - letters, so that the table below can be read as one
QUEUE = frozenset({W, O})
TALK = frozenset({L, H})
UNENDED = frozenset({W, O, L, H})
UNCLOSED = frozenset({W, O, L, H, P})
ANY = frozenset(State)

States = frozenset[State | None] | frozenset[State] | frozenset[None]

MARKERS: Mapping[Role, States] = {role: frozenset({L}) for role in (Role.KIOSK, Role.HOST, Role.OFFICER)}

HANDING_IN: Mapping[Role, States] = {role: TALK for role in (Role.KIOSK, Role.HOST, Role.OFFICER)}
LOOKING: Mapping[Role, States] = {Role.OFFICER: frozenset({L, H, P})}
"""Papers are decided on in the talk, and while the outcome is written down."""
WRITERS: Mapping[Role, States] = MARKERS
"""Who states what is applied for: the resident, the clerk beside, the officer."""

TABLE: Mapping[type[c.Command], Mapping[Role, States]] = {
    c.Open: {Role.KIOSK: frozenset({NEW})},
    c.Leave: {role: UNENDED for role in (Role.KIOSK, Role.HOST, Role.GUEST, Role.OFFICER, Role.SUPERVISOR)},
    c.Accept: {Role.OFFICER: frozenset({O})},
    c.Decline: {Role.OFFICER: frozenset({O, L, H})},
    c.Enter: {Role.HOST: TALK, Role.OFFICER: TALK, Role.SUPERVISOR: TALK, Role.GUEST: TALK},
    c.Say: {role: TALK for role in (Role.KIOSK, Role.HOST, Role.OFFICER, Role.GUEST, Role.SUPERVISOR)},
    c.StartShare: {role: frozenset({L}) for role in (Role.KIOSK, Role.HOST, Role.OFFICER)},
    c.StopShare: {role: TALK for role in (Role.KIOSK, Role.HOST, Role.OFFICER, Role.GUEST, Role.SUPERVISOR)},
    c.Draw: MARKERS,
    c.Erase: MARKERS,
    c.Redraw: MARKERS,
    c.Clear: {Role.OFFICER: frozenset({L})},
    c.AllowMarks: {Role.OFFICER: frozenset({L})},
    c.AddPage: {**HANDING_IN, Role.GUEST: TALK},
    c.ReplacePage: {**HANDING_IN, Role.GUEST: TALK},
    c.RemovePage: HANDING_IN,
    c.NamePage: {**HANDING_IN, Role.OFFICER: frozenset({L, H, P})},
    c.ShowPage: {Role.OFFICER: TALK, Role.HOST: TALK},
    c.HidePage: {Role.OFFICER: TALK, Role.HOST: TALK},
    c.ReferTo: HANDING_IN,
    c.InvitePhone: HANDING_IN,
    c.DismissPhone: HANDING_IN,
    c.ComeByPhone: {Role.GUEST: TALK},
    c.AskPaper: {Role.OFFICER: TALK, Role.HOST: TALK},
    c.AcceptPaper: LOOKING,
    c.ReturnPaper: LOOKING,
    c.GiveNotice: LOOKING,
    c.AskIdentity: {Role.OFFICER: frozenset({L})},
    c.ShowIdentity: WRITERS,
    c.AskForVerdict: {Role.OFFICER: frozenset({L})},
    c.TakeVerdict: {Role.KIOSK: frozenset({L})},
    c.ConfirmIdentity: {Role.OFFICER: frozenset({L})},
    c.RefuseIdentity: {Role.OFFICER: frozenset({L})},
    c.RevealNumber: {Role.OFFICER: TALK},
    c.FillField: WRITERS,
    c.FillNumber: WRITERS,
    c.ConfirmForm: {Role.KIOSK: frozenset({L})},
    c.DocumentConsent: {Role.OFFICER: frozenset({L})},
    c.AskSignature: {Role.OFFICER: frozenset({L})},
    c.CancelSignature: {Role.KIOSK: frozenset({L}), Role.OFFICER: frozenset({L})},
    c.MakeSigningLink: {Role.KIOSK: frozenset({L}), Role.OFFICER: frozenset({L})},
    c.Sign: {Role.KIOSK: frozenset({L}), Role.OFFICER: frozenset({L}), Role.SYSTEM: frozenset({L})},
    c.Hold: {Role.OFFICER: frozenset({L})},
    c.Resume: {Role.OFFICER: frozenset({H})},
    c.Requeue: {Role.OFFICER: TALK},
    c.Prioritise: {
        Role.KIOSK: QUEUE,
        Role.HOST: QUEUE,
        Role.SUPERVISOR: QUEUE,
        Role.SYSTEM: QUEUE,
    },
    c.Transfer: {Role.OFFICER: TALK, Role.SUPERVISOR: QUEUE},
    c.Invite: {Role.OFFICER: TALK},
    c.InviteGuest: {Role.OFFICER: TALK},
    c.Uninvite: {Role.OFFICER: TALK},
    c.HandTo: {Role.OFFICER: frozenset({L})},
    c.AnswerConsent: {Role.KIOSK: UNENDED, Role.HOST: TALK, Role.GUEST: TALK, Role.SUPERVISOR: TALK},
    c.End: {Role.OFFICER: TALK},
    c.Close: {Role.OFFICER: frozenset({L, H, P}), Role.SUPERVISOR: UNCLOSED},
    c.Offer: {Role.SYSTEM: frozenset({W})},
    c.Ask: {Role.SYSTEM: frozenset({W})},
    c.Expire: {Role.SYSTEM: ANY},
    c.Lose: {Role.SYSTEM: ANY},
    c.Restore: {Role.SYSTEM: ANY},
    c.MoveKiosk: {Role.SYSTEM: UNENDED},
    c.ReportRecording: {Role.SYSTEM: frozenset({L})},
    c.Defer: {Role.SYSTEM: QUEUE},
    c.Acknowledge: {Role.SYSTEM: frozenset({C})},
    c.NoteUnresolved: {Role.SYSTEM: ANY},
    c.Rate: {Role.SYSTEM: frozenset({P, C})},
}

PRESENCE_ROLES = frozenset({Role.OFFICER, Role.KIOSK})
"""Whose shifts there are: who may send `SetPresence`."""

BESIDE: Mapping[type[c.Command], frozenset[Role]] = {
    c.SetPresence: PRESENCE_ROLES,
    c.Announce: frozenset({Role.SUPERVISOR}),
    c.Withdraw: frozenset({Role.SUPERVISOR}),
}
"""What concerns no visit: who may send it, at any time."""


def check(actor: Actor, command: c.Command, visit: Visit | None) -> None:
    """Raise `NotAllowed` or `NotPossible` unless `actor` may send `command` to `visit` now."""
    name = type(command).__name__.lower()
    beside = BESIDE.get(type(command))
    if beside is not None:
        if actor.role not in beside:
            raise NotAllowed(f"a {actor.role} may not {name}")
        return
    states = TABLE[type(command)].get(actor.role)
    if states is None:
        raise NotAllowed(f"a {actor.role} may not {name}")
    if visit is not None and not may_see(actor, visit) and not (by_phone(actor.id) and isinstance(command, BY_PHONE)):
        raise NotAllowed(f"this visit is not one of {actor.id}'s")
    if (visit.state if visit else NEW) not in states:
        raise NotPossible(f"cannot {name} a visit that is {visit.state if visit else 'not there'}")
    if visit is not None:
        _check_part(actor, command, visit)
        _check_beside(actor, command, visit)


def check_authority(actor: Actor, authority: str) -> None:
    """Raise `NotAllowed` unless the actor speaks for the authority: the own one, or one below it."""
    if authority not in authorities(actor):
        raise NotAllowed("this authority is not one of yours")


REASONS: Mapping[Role, frozenset[e.PriorityReason]] = {
    Role.KIOSK: frozenset({"elder", "disability", "pregnancy"}),
    Role.HOST: frozenset({"none", "elder", "disability", "pregnancy", "appointment"}),
    Role.SUPERVISOR: frozenset({"none", "elder", "disability", "pregnancy", "appointment", "other"}),
    Role.SYSTEM: frozenset({"appointment"}),
}
"""For which reasons somebody may give a head start. `returned` follows from what has happened, and is nobody's to give."""

PAPERS = (
    c.AddPage,
    c.ReplacePage,
    c.RemovePage,
    c.ShowPage,
    c.HidePage,
    c.ReferTo,
    c.InvitePhone,
    c.DismissPhone,
    c.AskPaper,
)
"""What only those who take part may do about papers: the resident, the host and officers who are there."""

BY_PHONE = (c.AddPage, c.ReplacePage, c.ComeByPhone)
"""What a telephone may send to a visit that it does not see: whether its link is good is asked of the papers."""

DECIDING = (
    c.AskIdentity,
    c.AskForVerdict,
    c.ConfirmIdentity,
    c.RefuseIdentity,
    c.RevealNumber,
    c.DocumentConsent,
    c.AskSignature,
)
APPLYING = (*DECIDING, c.ShowIdentity, c.FillField, c.FillNumber, c.CancelSignature, c.MakeSigningLink, c.Sign)
ASKING = (c.Invite, c.InviteGuest, c.Uninvite)
OWN = (
    c.Accept,
    c.Clear,
    c.AllowMarks,
    c.AcceptPaper,
    c.ReturnPaper,
    c.GiveNotice,
    c.Hold,
    c.Resume,
    c.Requeue,
    c.Transfer,
    *ASKING,
    *DECIDING,
    c.HandTo,
    c.End,
    c.Close,
)
"""What of officers only the officer of the visit may do, not one who was invited into it."""


PART = (c.Say, c.StartShare, c.AnswerConsent)
"""What only those do who take part, not all who may see."""


def _check_part(actor: Actor, command: c.Command, visit: Visit) -> None:
    """Tell the officer of the visit from one who is a guest in it, and those who take part from those who may see."""
    if isinstance(command, OWN) and actor.role is Role.OFFICER and visit.officer != actor.id:
        raise NotAllowed("only the officer of the visit may do this")
    if isinstance(command, c.Decline) and not is_asked(visit, actor.id):
        raise NotAllowed("only who is asked may decline")
    if isinstance(command, c.Leave) and visit.officer == actor.id:
        raise NotAllowed("the officer ends, transfers or hands over the visit, and does not leave it")
    if isinstance(command, c.Enter) and command.mode != "join" and actor.role is not Role.SUPERVISOR:
        raise NotAllowed("only a supervisor listens or whispers")
    if isinstance(command, c.Prioritise) and command.reason not in REASONS[actor.role]:
        raise NotAllowed(f"a {actor.role} may not say {command.reason}")
    if isinstance(command, PART) and not takes_part(visit, actor.id):
        raise NotAllowed("only those who take part may do this")
    if isinstance(command, c.AnswerConsent) and command.answer.subject == "sensitive" and actor.role is not Role.KIOSK:
        raise NotAllowed("the resident alone is asked about sensitive data")
    if isinstance(command, c.StopShare) and not may_stop(actor, visit):
        raise NotAllowed("the owner, the officer of the visit or a supervisor ends the sharing")


def _check_beside(actor: Actor, command: c.Command, visit: Visit) -> None:
    """The same for what stands beside the visit: marks, papers, and the application."""
    if isinstance(command, c.Draw | c.Erase | c.Redraw):
        check_marking(actor, visit)
    if isinstance(command, PAPERS) and not by_phone(actor.id) and not takes_part(visit, actor.id):
        raise NotAllowed("only those who take part may hand papers in")
    if isinstance(command, APPLYING) and actor.role is not Role.SYSTEM and not joins(actor, visit):
        raise NotAllowed("only those who take part may do this")


def check_marking(actor: Actor, visit: Visit) -> None:
    """Raise `NotPossible` or `NotAllowed` unless the actor may draw now: strokes under way ask the same."""
    if visit.state is not State.LIVE:
        raise NotPossible(f"nobody draws in a visit that is {visit.state}")
    if not joins(actor, visit) or actor.role not in MARKERS:
        raise NotAllowed("only those who take part may draw")
    if actor.role is Role.KIOSK and not visit.kiosk_marks:
        raise NotAllowed("the officer has not let the resident draw")


def joins(actor: Actor, visit: Visit) -> bool:
    """Tell whether the actor takes part among all, and does not only listen or whisper."""
    return any(p.actor == actor.id and p.mode == "join" for p in visit.participants)


def may_stop(actor: Actor, visit: Visit) -> bool:
    """Tell whether the actor may end the sharing of the screen that is shown."""
    own = visit.share is None or visit.share.actor == actor.id
    return own or visit.officer == actor.id or actor.role is Role.SUPERVISOR


def is_asked(visit: Visit, actor: str) -> bool:
    """Tell whether the visit is on offer to the actor, or the actor is invited into it."""
    offered = visit.state is State.OFFERED and visit.officer == actor
    return offered or any(i.actor == actor for i in visit.invitations)


def may_see(actor: Actor, visit: Visit) -> bool:
    """Tell whether the visit is one of the actor's: theirs, of their hall, offered to them, or of their authority."""
    match actor.role:
        case Role.SYSTEM:
            return True
        case Role.KIOSK:
            return visit.kiosk == actor.id
        case Role.OFFICER:
            invited = any(i.actor == actor.id for i in visit.invitations)
            return visit.officer == actor.id or invited or takes_part(visit, actor.id)
        case Role.HOST:
            return bool(visit.hall) and visit.hall in halls_of(actor)
        case Role.GUEST:
            return takes_part(visit, actor.id) or any(i.actor == actor.id for i in visit.invitations)
        case Role.SUPERVISOR:
            return visit.authority in authorities(actor)


def may_watch(actor: Actor, officer: str, authority: str) -> bool:
    """Tell whether the actor may watch the recording of a visit: the officer who answered last, and its supervisors.

    An officer who had it before a transfer, a clerk or a guest has no task that needs it (个人信息保护法 art. 6).
    """
    match actor.role:
        case Role.OFFICER:
            return bool(officer) and actor.id == officer
        case Role.SUPERVISOR:
            return authority in authorities(actor)
        case _:
            return False


def authorities(actor: Actor) -> frozenset[str]:
    """Return whose visits, officers and figures a supervisor sees: the own authority's, and those below it."""
    return frozenset({actor.authority, *actor.oversees})


def concerns(actor: Actor, line: Line) -> bool:
    """Tell the same as `may_see` from the board's line of an open visit, without reading the visit."""
    match actor.role:
        case Role.HOST:
            return bool(line.hall) and line.hall in halls_of(actor)
        case Role.SUPERVISOR:
            return line.authority in authorities(actor)
        case Role.GUEST:
            return actor.id in (*line.others, *line.invited)
        case Role.SYSTEM:
            return True
        case Role.KIOSK:
            return line.kiosk == actor.id
        case Role.OFFICER:
            return actor.id in (line.officer, *line.others, *line.invited)


def topics(visit: Visit | None) -> frozenset[str]:
    """Return who is told of the visit's events: `may_see`, written as the topics sockets listen to."""
    if visit is None:
        return frozenset()
    people = {visit.kiosk, *(p.actor for p in visit.participants), *(i.actor for i in visit.invitations)}
    people |= {visit.officer} if visit.officer else set()
    hall = {f"hall:{visit.hall}"} if visit.hall else set()
    return frozenset(people | hall | {f"authority:{visit.authority}"})


def listens_to(actor: Actor) -> frozenset[str]:
    """Return the topics of an actor's socket."""
    match actor.role:
        case Role.HOST:
            return frozenset({actor.id, *(f"hall:{one}" for one in halls_of(actor))})
        case Role.SUPERVISOR:
            return frozenset({actor.id, *(f"authority:{one}" for one in authorities(actor))})
        case Role.OFFICER:
            return frozenset({actor.id, f"officers:{actor.authority}", *(f"desk:{desk}" for desk in actor.desks)})
        case Role.KIOSK:
            return frozenset({actor.id, f"kiosks:{actor.authority}", "kiosks:*"})
        case _:
            return frozenset({actor.id})
