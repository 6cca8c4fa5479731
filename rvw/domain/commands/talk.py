"""Commands of a talk: who takes part, what is said and shown, where it goes from here."""

from typing import Annotated

from msgspec import Meta

from rvw.domain.commands.bounds import Code, Line, Note, Reason, Words
from rvw.domain.events.words import Mode, Outcome, Tagged


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


class AllowMarks(Tagged, frozen=True, tag="allow_marks"):
    """Let the kiosk draw too, or not any more."""

    allowed: bool


class Hold(Tagged, frozen=True, tag="hold"):
    """Let nobody see or hear anybody for a while."""


class Resume(Tagged, frozen=True, tag="resume"):
    """Go on after a hold."""


class Requeue(Tagged, frozen=True, tag="requeue"):
    """Put the resident back at the front of the queue, with the reason."""

    note: Reason


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
    next_step: Words = ""
    """What the resident is to do now, or what will happen: the resident reads it."""
    question: Words = ""
    """What nobody at the window could answer: it becomes a knowledge item, for somebody to find out."""
