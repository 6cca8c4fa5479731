"""Events: what has happened. They are the record; states are folds of them and can be made again at any time.

An event names what somebody could not work out later: every deadline is in it as an instant, so that the fold needs no
settings, and an auditor with other settings gets the same state.
"""

from typing import TypeAlias

from msgspec import Struct

from rvw.clock import Instant
from rvw.domain.events.application import (
    Agreed,
    ConsentDocumented,
    DocumentSigned,
    FieldFilled,
    FormConfirmed,
    IdentityAsked,
    IdentityConfirmed,
    IdentityRefused,
    IdentityShown,
    NumberRevealed,
    ShownBy,
    SignatureAsked,
    SignatureCancelled,
    SignedOn,
    Signer,
    SigningLinkMade,
    VerdictAsked,
    VerdictCame,
)
from rvw.domain.events.consent import ConsentAnswered
from rvw.domain.events.ending import Closed, Ended, HandedOver, Rated, UnresolvedNoted
from rvw.domain.events.marks import Cleared, Drawn, Erased, Redrawn
from rvw.domain.events.notices import Announced, Withdrawn
from rvw.domain.events.papers import (
    Licence,
    NoticeGiven,
    PageAdded,
    PageHidden,
    PageNamed,
    PageRemoved,
    PageReplaced,
    PageShown,
    PaperAccepted,
    PaperAsked,
    PaperFile,
    PaperReferred,
    PaperReturned,
    PhoneCame,
    PhoneDismissed,
    PhoneInvited,
    Picture,
    Source,
    Turn,
)
from rvw.domain.events.recording import RecordingResumed, RecordingStalled, RecordingStarted, RecordingStopped
from rvw.domain.events.shifts import Engaged, PresenceSet, Released
from rvw.domain.events.talk import (
    Departed,
    Entered,
    Held,
    Interrupted,
    Invited,
    MarksAllowed,
    Restored,
    Resumed,
    Said,
    ShareStarted,
    ShareStopped,
    TakenOver,
    Uninvited,
)
from rvw.domain.events.waiting import (
    Accepted,
    MovedKiosk,
    Offered,
    Opened,
    Passed,
    Prioritised,
    Requeued,
    StepReached,
    Transferred,
    TurnedDown,
)
from rvw.domain.events.words import (
    Audience,
    CloseReason,
    Colour,
    ConsentAnswer,
    ConsentBasis,
    ConsentSubject,
    EndReason,
    Mode,
    OfferReason,
    Outcome,
    PassedReason,
    Presence,
    PriorityReason,
    RatingLevel,
    RatingWay,
    RecordingRule,
    RecordingTrouble,
    ReleaseReason,
    RequeueReason,
    StopReason,
    Tagged,
    Tool,
    TurnDownReason,
    Urgency,
)

VisitEvent: TypeAlias = (
    Opened
    | StepReached
    | Offered
    | TurnedDown
    | Accepted
    | Entered
    | Departed
    | Said
    | ShareStarted
    | ShareStopped
    | MarksAllowed
    | Held
    | Resumed
    | Interrupted
    | Restored
    | Prioritised
    | MovedKiosk
    | Requeued
    | Transferred
    | Invited
    | Uninvited
    | TakenOver
    | ConsentAnswered
    | RecordingStarted
    | RecordingStalled
    | RecordingResumed
    | RecordingStopped
    | UnresolvedNoted
    | Ended
    | Closed
    | HandedOver
)

MarkEvent: TypeAlias = Drawn | Erased | Redrawn | Cleared

PaperEvent: TypeAlias = (
    PageAdded
    | PageReplaced
    | PageRemoved
    | PageNamed
    | PageShown
    | PageHidden
    | PaperAsked
    | PaperAccepted
    | PaperReturned
    | PaperReferred
    | PhoneInvited
    | PhoneCame
    | PhoneDismissed
    | NoticeGiven
)

NoticeEvent: TypeAlias = Announced | Withdrawn

ShiftEvent: TypeAlias = PresenceSet | Engaged | Released

ApplicationEvent: TypeAlias = (
    IdentityAsked
    | IdentityShown
    | VerdictAsked
    | VerdictCame
    | IdentityConfirmed
    | IdentityRefused
    | NumberRevealed
    | FieldFilled
    | FormConfirmed
    | ConsentDocumented
    | SignatureAsked
    | SignatureCancelled
    | SigningLinkMade
    | DocumentSigned
)

CompanionEvent: TypeAlias = MarkEvent | PaperEvent | ApplicationEvent
"""Of the streams beside a visit's: see `rvw.domain.companion`."""

RatingEvent: TypeAlias = Rated

Event: TypeAlias = VisitEvent | ShiftEvent | CompanionEvent | NoticeEvent | RatingEvent


class Recorded(Struct, frozen=True, forbid_unknown_fields=True):
    """An event with its place in a stream: who, when, and in answer to which command."""

    stream: str
    """`visit:<id>`, `shift:<actor id>`, `notice:<authority>`, `rating:<visit id>`,
    or a companion's: `marks:<visit id>`, `papers:<visit id>`."""
    version: int
    """1 for the first event of a stream, without gaps."""
    at: Instant
    by: str
    ref: str
    """What the sender called the command, so that a repeated one is recognised; empty for the system."""
    event: Event
