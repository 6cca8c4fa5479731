"""What goes over HTTP at the end of a visit and after it: closing, rating, what could not be done, the summary, a case."""

from typing import Annotated

from msgspec import Meta, Struct

from rvw.clock import Instant
from rvw.domain.closing import Missing
from rvw.domain.commands.ending import Tag
from rvw.domain.events import Outcome, RatingLevel, Urgency
from rvw.domain.task import Stage, TaskOutcome
from rvw.domain.visit import State
from rvw.protocol.rest import Promise

Ticket = Annotated[str, Meta(min_length=1, max_length=128)]
Number = Annotated[str, Meta(pattern=r"^(\+?[0-9]{5,15})?$")]
Origin = Annotated[str, Meta(pattern=r"^https?://[A-Za-z0-9.:\[\]-]{1,255}$")]


class ClosingView(Struct, frozen=True, forbid_unknown_fields=True):
    """`GET /api/visits/{visit}/closing`, for who may see it: what each outcome still lacks; one not named lacks nothing."""

    lacks: dict[Outcome, tuple[Missing, ...]]
    """`note` and `next-step` are always named where they are demanded: the page knows whether they are written."""


class RatingGiven(Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /api/visits/{visit}/rating`, by the visit's kiosk."""

    level: RatingLevel
    tags: Annotated[tuple[Tag, ...], Meta(max_length=8)] = ()
    text: Annotated[str, Meta(max_length=500)] = ""
    number: Number = ""
    """Where to call back after a low rating, if the resident wants to be; kept encrypted, and forgotten with the task."""


class TicketRating(Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /api/ratings`, by whoever has the ticket, from any page."""

    ticket: Ticket
    rating: RatingGiven


class RatingTaken(Struct, frozen=True, forbid_unknown_fields=True):
    """The answer to both: it is kept."""

    level: RatingLevel
    called_back: bool
    """Somebody rings the resident."""


class UnresolvedWish(Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /api/unresolved`: something could not be done (办不成事). By anybody signed in, in a visit or outside."""

    ref: Annotated[str, Meta(pattern="^[A-Za-z0-9]{8,64}$")]
    """The page's own: a wish that is repeated, because its answer was lost, is noted once."""
    what: Annotated[str, Meta(min_length=1, max_length=500)]
    urgency: Urgency
    why: Annotated[str, Meta(max_length=500)] = ""
    visit: Annotated[str, Meta(max_length=64)] = ""
    """Empty: from outside a visit."""
    name: Annotated[str, Meta(max_length=50)] = ""
    number: Number = ""


class UnresolvedTaken(Struct, frozen=True, forbid_unknown_fields=True):
    """Its answer: the task, and until when it is to be done."""

    task: str
    deadline: Instant


class MaterialStand(Struct, frozen=True, forbid_unknown_fields=True):
    """A paper of the visit, and how it stands."""

    name: str
    stand: str
    note: str = ""


class FollowedUp(Struct, frozen=True, forbid_unknown_fields=True):
    """Something that could not be done, as the resident may read it."""

    text: str
    stage: Stage
    outcome: TaskOutcome | Annotated[str, Meta(max_length=0)]
    deadline: Instant
    answer: str


class Summary(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the resident takes home of a visit, in their language."""

    visit: str
    ticket: str
    language: str
    matter: str
    region: str
    desk: str
    state: State
    opened_at: Instant
    closed_at: Instant | None
    outcome: str
    next_step: str
    case: str
    receipt: str
    materials: tuple[MaterialStand, ...]
    unresolved: tuple[FollowedUp, ...]
    promises: tuple[Promise, ...]
    """What was promised when nobody could answer: an appointment stands here with its time, to be reminded of."""
    notice: bool
    """There is a notice of what is missing, to be had by the ticket."""
    may_rate: bool
    """The talk is over, there was one, and it has not been rated."""


class SummaryQuestion(Struct, frozen=True, forbid_unknown_fields=True):
    """The question of `GET /api/visits/{visit}/summary`."""

    origin: Origin
    """Where the kiosk's page is served from: the link leads there."""


class SummaryShown(Struct, frozen=True, forbid_unknown_fields=True):
    """Its answer, for the visit's kiosk: the summary, and the way to it from a telephone."""

    summary: Summary
    url: str
    """The ticket's proof stands after `#`, which browsers send to nobody."""
    qr: str
    """The same as a picture: an SVG in a `data:` address."""


class SummaryAsked(Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /api/summaries` and `POST /api/summaries/pdf`, by whoever has the ticket."""

    ticket: Ticket


class SummaryPdf(Struct, frozen=True, forbid_unknown_fields=True):
    """The summary as a page to print."""

    pdf: str
    """Base64."""


class CaseFound(Struct, frozen=True, forbid_unknown_fields=True):
    """`GET /api/cases/{case}`, for a kiosk: what a case number is about, and no more than that."""

    case: str
    matter: str
    region: str


class EarlierVisit(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An earlier visit of the same case."""

    visit: str
    closed_at: Instant
    matter: str
    desk: str
    officer: str
    outcome: str
    note: str
    next_step: str
    receipt: str
    files: tuple[str, ...]
    """What was handed in, by name."""


class EarlierVisits(Struct, frozen=True, forbid_unknown_fields=True):
    """`GET /api/visits/{visit}/earlier`, for the officers of a visit that goes on with a case: the last first."""

    earlier: tuple[EarlierVisit, ...]
