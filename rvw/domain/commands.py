"""Commands: what somebody wants. Each is refused with a code, or done; a repeated one is done once.

Those from `Offer` on belong to the system alone: `policy` refuses them from anybody else, and the browsers' protocol
does not contain them. Nor `InviteGuest`, which an officer asks for over HTTP.
"""

from typing import Annotated, TypeAlias

from msgspec import Meta

from rvw.clock import Instant
from rvw.domain.events import Audience, Colour, Mode, OfferReason, Outcome, Passed, Presence, PriorityReason, Tagged, Tool

Code = Annotated[str, Meta(min_length=1, max_length=64)]
Line = Annotated[str, Meta(min_length=1, max_length=1000)]
Note = Annotated[str, Meta(max_length=4000)]
Reason = Annotated[str, Meta(min_length=1, max_length=500)]
Surface = Annotated[str, Meta(pattern=r"^(share|camera|still|page):[A-Za-z0-9_./-]{1,80}$")]
"""What is drawn on, by kind and name: a screen that is shown, somebody's camera, a still, a page of a document."""

Points = Annotated[str, Meta(pattern="^[A-Za-z0-9_-]+$", max_length=6000)]
"""Packed points: see `rvw.domain.marks.pack`."""

Words = Annotated[str, Meta(max_length=200)]
NoticeZh = Annotated[str, Meta(min_length=1, max_length=80)]
"""A notice is read at a glance, in large type: two lines of a kiosk."""

NoticeEn = Annotated[str, Meta(max_length=200)]
"""English needs two to three letters for a character."""

Language = Annotated[str, Meta(pattern="^(zh|en)$")]


class Open(Tagged, frozen=True, tag="open"):
    """Take a ticket for `matter` in `region`."""

    matter: Code
    region: Code
    language: Language = "zh"


class Leave(Tagged, frozen=True, tag="leave"):
    """Leave the queue or the talk. The resident's leaving ends the talk; the officer then records the outcome."""


class SetPresence(Tagged, frozen=True, tag="set_presence"):
    """Say whether one is available. Concerns the officer's shift, not a visit."""

    presence: Presence
    note: Annotated[str, Meta(max_length=100)] = ""
    """Why, of a break."""


class Accept(Tagged, frozen=True, tag="accept"):
    """Take the visit on offer."""


class Decline(Tagged, frozen=True, tag="decline"):
    """Turn the visit on offer down; it goes to the next officer."""


class Enter(Tagged, frozen=True, tag="enter"):
    """Take part: a host in a visit of the own hall, somebody invited in that visit, a supervisor in one of the authority's.

    `listen` and `whisper` are a supervisor's; others join.
    """

    mode: Mode = "join"


class Say(Tagged, frozen=True, tag="say"):
    """Write a line of chat."""

    text: Line


class StartShare(Tagged, frozen=True, tag="start_share"):
    """Show one's screen to all. One at a time; the officer of the visit takes over from whoever shares."""


class StopShare(Tagged, frozen=True, tag="stop_share"):
    """End the sharing: one's own, or anybody's as the officer of the visit or a supervisor."""


class Draw(Tagged, frozen=True, tag="draw"):
    """Leave a mark on a surface. `words` are those of a text, or the name of a stamp."""

    surface: Surface
    tool: Tool
    colour: Colour
    points: Points
    words: Words = ""


class Erase(Tagged, frozen=True, tag="erase"):
    """Hide a mark of one's own (undo)."""

    mark: int


class Redraw(Tagged, frozen=True, tag="redraw"):
    """Show a mark of one's own again (redo)."""

    mark: int


class Clear(Tagged, frozen=True, tag="clear"):
    """Hide all marks of a surface, whoever has drawn them."""

    surface: Surface


class AllowMarks(Tagged, frozen=True, tag="allow_marks"):
    """Let the kiosk draw too, or not any more."""

    allowed: bool


class Announce(Tagged, frozen=True, tag="announce"):
    """Tell kiosks, officers or both something until an instant. Concerns an authority or one desk, not a visit."""

    audience: Audience
    zh: NoticeZh
    until: Instant
    en: NoticeEn = ""
    """Empty: the Chinese is shown to everybody."""
    desk: Annotated[str, Meta(max_length=64)] = ""
    """To those who wait for this desk, and its officers. Empty: to all of the authority."""
    authority: Annotated[str, Meta(max_length=64)] = ""
    """Whose kiosks and officers, without a desk. Empty: the own."""


class Withdraw(Tagged, frozen=True, tag="withdraw"):
    """Take a notice back before its time."""

    notice: int
    authority: Annotated[str, Meta(max_length=64)] = ""
    """Whose notice. Empty: the own authority's."""


class Hold(Tagged, frozen=True, tag="hold"):
    """Let nobody see or hear anybody for a while."""


class Resume(Tagged, frozen=True, tag="resume"):
    """Go on after a hold."""


class Requeue(Tagged, frozen=True, tag="requeue"):
    """Put the resident back at the front of the queue, with the reason."""

    note: Reason


class Prioritise(Tagged, frozen=True, tag="prioritise"):
    """Give a waiting visit the head start of a class, with the reason; `none` takes it away.

    A resident says what the kiosk asks (elder, disability, pregnancy); a host knows appointments too; a supervisor may
    do all, and says why for `other`.
    """

    reason: PriorityReason
    note: Annotated[str, Meta(max_length=500)] = ""


class Transfer(Tagged, frozen=True, tag="transfer"):
    """Send the resident on to another desk, with the reason: same visit, same ticket (cold transfer).

    A supervisor moves who waits.
    """

    desk: Code
    note: Reason


class Invite(Tagged, frozen=True, tag="invite"):
    """Ask another officer, an expert or a partner hall's, to come into the visit (the consultation of a warm transfer)."""

    actor: Code


class InviteGuest(Tagged, frozen=True, tag="invite_guest"):
    """Let whoever has the one-time link come in: an interpreter, a family member, without an account.

    The server makes the link, so pages ask for it over HTTP; here is the hash of its secret alone.
    """

    link: Annotated[str, Meta(pattern="^[0-9a-f]{32}$")]
    name: Annotated[str, Meta(min_length=1, max_length=50)]
    """Whom it is for, in the officer's words: everybody in the visit reads it."""


class Uninvite(Tagged, frozen=True, tag="uninvite"):
    """Ask somebody no more who has not come in yet; a one-time link is worthless from then on."""

    actor: Code


class HandTo(Tagged, frozen=True, tag="hand_to"):
    """Give the visit to an officer who has come in by invitation, and leave it (the end of a warm transfer)."""

    actor: Code


class End(Tagged, frozen=True, tag="end"):
    """End the talk; the outcome is recorded afterwards."""


class Close(Tagged, frozen=True, tag="close"):
    """Record the outcome and close the visit, ending the talk if it still goes on. A supervisor's note is the reason."""

    outcome: Outcome
    note: Note = ""


class Offer(Tagged, frozen=True, tag="offer"):
    """Offer the waiting visit to an officer."""

    officer: Code
    desk: Code
    reason: OfferReason = "longest_idle"


class Ask(Tagged, frozen=True, tag="ask"):
    """Ask a further desk of the chain for the waiting visit."""

    desk: Code
    passed: tuple[Passed, ...]


class Expire(Tagged, frozen=True, tag="expire"):
    """Do what every deadline that has passed demands."""


class Lose(Tagged, frozen=True, tag="lose"):
    """The connection of `actor` is lost."""

    actor: Code


class Restore(Tagged, frozen=True, tag="restore"):
    """The connection of `actor` is back."""

    actor: Code


class MoveKiosk(Tagged, frozen=True, tag="move_kiosk"):
    """Let the resident, whose ticket has been verified, go on at another kiosk."""

    kiosk: Code
    name: str
    hall: str


class Defer(Tagged, frozen=True, tag="defer"):
    """The desk has promised to see to it later (call-back, message, appointment): the resident waits no longer."""


class Acknowledge(Tagged, frozen=True, tag="acknowledge"):
    """The case system has given a receipt."""

    receipt: Code


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
    | End
    | Close
)
"""What a page may send."""

SystemCommand: TypeAlias = InviteGuest | Offer | Ask | Expire | Lose | Restore | MoveKiosk | Defer | Acknowledge

Command: TypeAlias = ClientCommand | SystemCommand
