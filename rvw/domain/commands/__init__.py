"""Commands: what somebody wants. Each is refused with a code, or done; a repeated one is done once.

Those in `system` belong to the system alone: `policy` refuses them from anybody else, and the browsers' protocol
does not contain them. Nor those that go over HTTP.
"""

from typing import TypeAlias

from rvw.domain.commands.application import (
    AskForVerdict,
    AskIdentity,
    AskSignature,
    CancelSignature,
    ConfirmForm,
    ConfirmIdentity,
    DocumentConsent,
    FillField,
    FillNumber,
    MakeSigningLink,
    RefuseIdentity,
    RevealNumber,
    Sha256,
    ShowIdentity,
    Sign,
    TakeVerdict,
)
from rvw.domain.commands.bounds import Code, Language, Line, Note, NoticeEn, NoticeZh, Points, Reason, Surface, Words
from rvw.domain.commands.consent import Answer, AnswerConsent
from rvw.domain.commands.ending import NoteUnresolved, Rate
from rvw.domain.commands.marks import Clear, Draw, Erase, Redraw
from rvw.domain.commands.notices import Announce, Withdraw
from rvw.domain.commands.papers import (
    AcceptPaper,
    AddPage,
    AskPaper,
    ComeByPhone,
    DismissPhone,
    GiveNotice,
    HidePage,
    InvitePhone,
    NamePage,
    ReferTo,
    RemovePage,
    ReplacePage,
    ReturnPaper,
    ShowPage,
)
from rvw.domain.commands.system import Acknowledge, Ask, Defer, Expire, Lose, MoveKiosk, Offer, ReportRecording, Restore
from rvw.domain.commands.talk import (
    AllowMarks,
    Close,
    End,
    Enter,
    HandTo,
    Hold,
    Invite,
    InviteGuest,
    Requeue,
    Resume,
    Say,
    StartShare,
    StopShare,
    Transfer,
    Uninvite,
)
from rvw.domain.commands.waiting import Accept, Decline, Leave, Open, Prioritise, SetPresence

ClientCommand: TypeAlias = (
    Open
    | Leave
    | SetPresence
    | Accept
    | Decline
    | Enter
    | Say
    | StartShare
    | StopShare
    | Draw
    | Erase
    | Redraw
    | Clear
    | AllowMarks
    | RemovePage
    | NamePage
    | ShowPage
    | HidePage
    | AskPaper
    | AcceptPaper
    | ReturnPaper
    | DismissPhone
    | AskIdentity
    | ConfirmIdentity
    | RefuseIdentity
    | FillField
    | AskSignature
    | CancelSignature
    | Announce
    | Withdraw
    | Hold
    | Resume
    | Prioritise
    | Requeue
    | Transfer
    | Invite
    | Uninvite
    | HandTo
    | AnswerConsent
    | End
    | Close
)
"""What a page may send."""

PaperServerCommand: TypeAlias = AddPage | ReplacePage | ReferTo | InvitePhone | ComeByPhone | GiveNotice

ApplicationServerCommand: TypeAlias = (
    ShowIdentity
    | AskForVerdict
    | TakeVerdict
    | RevealNumber
    | FillNumber
    | ConfirmForm
    | DocumentConsent
    | MakeSigningLink
    | Sign
)

ServerCommand: TypeAlias = PaperServerCommand | ApplicationServerCommand
"""What people ask for over HTTP: the server has something to see to first."""

SystemCommand: TypeAlias = (
    InviteGuest
    | NoteUnresolved
    | Rate
    | Offer
    | Ask
    | Expire
    | Lose
    | Restore
    | MoveKiosk
    | ReportRecording
    | Defer
    | Acknowledge
)

PaperCommand: TypeAlias = (
    RemovePage | NamePage | ShowPage | HidePage | AskPaper | AcceptPaper | ReturnPaper | DismissPhone | PaperServerCommand
)

ApplicationCommand: TypeAlias = (
    AskIdentity | ConfirmIdentity | RefuseIdentity | FillField | AskSignature | CancelSignature | ApplicationServerCommand
)

CompanionCommand: TypeAlias = Draw | Erase | Redraw | Clear | PaperCommand | ApplicationCommand
"""Those of the streams beside a visit's: see `rvw.domain.companion`."""

Command: TypeAlias = ClientCommand | ServerCommand | SystemCommand
