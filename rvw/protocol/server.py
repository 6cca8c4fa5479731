"""What the server says over `/ws`: snapshots, the events after them, and answers."""

from typing import Literal, TypeAlias

from rvw.clock import Instant
from rvw.domain.estimate import Estimate
from rvw.domain.events import Colour, Recorded, Tool
from rvw.domain.notice import Notice
from rvw.domain.people import Actor, Role
from rvw.domain.report import Report
from rvw.domain.shift import Shift
from rvw.domain.visit import Visit
from rvw.protocol.client import Message


class Welcome(Message, frozen=True, tag="welcome"):
    """The answer to `hello`. With `resumed`, keep what you have: the events you missed follow.

    Otherwise forget everything: `visits`, `shifts` and `notices` are all there is for you to see.
    """

    you: Actor
    seq: str
    now: Instant
    """The server's clock, to show times by."""
    resumed: bool
    visits: tuple[Visit, ...]
    shifts: tuple[Shift, ...]
    """The own shift of an officer; every shift of the authority for a supervisor."""
    notices: tuple[Notice, ...]
    """What you are to be shown, each until its time is over."""


class Shown(Message, frozen=True, tag="shown"):
    """A visit that you could not see before, whole. Later events of it follow; older ones are to be skipped."""

    seq: str
    visit: Visit


class Hidden(Message, frozen=True, tag="hidden"):
    """A visit is not yours to see any more."""

    seq: str
    visit: str


class Happened(Message, frozen=True, tag="happened"):
    """An event of a visit or shift that you see. The sender of the command receives the same."""

    seq: str
    recorded: Recorded


class Estimated(Message, frozen=True, tag="estimated"):
    """The place and the wait of your waiting visit have changed. Not an event: never replayed."""

    visit: str
    estimate: Estimate


class TasksChanged(Message, frozen=True, tag="tasks_changed"):
    """Your list of tasks has changed: read it again with `GET /api/tasks`. Not an event: never replayed."""


class Counted(Message, frozen=True, tag="counted"):
    """To a supervisor, when they change, once a second at most: the figures of today, whole. Never replayed."""

    report: Report


class Gestured(Message, frozen=True, tag="gestured"):
    """Where somebody's pointer is: what that page has said in `gesture`. Not an event: never replayed."""

    visit: str
    by: str
    name: str
    surface: str
    tool: Tool | Literal["laser"]
    colour: Colour
    points: str


class Typed(Message, frozen=True, tag="typed"):
    """The line that somebody is writing: what that page has said in `typing`. Not an event: never replayed."""

    visit: str
    by: str
    name: str
    role: Role
    text: str


class Glanced(Message, frozen=True, tag="glanced"):
    """What somebody looks like now, because your line does not carry moving pictures. Not an event: never replayed."""

    visit: str
    by: str
    picture: str
    """A JPEG, in Base64."""


class Joined(Message, frozen=True, tag="joined"):
    """The media server's answer to `join`: a complete SDP."""

    ref: str
    answer: str


class Rejoin(Message, frozen=True, tag="rejoin"):
    """Your media connection is gone or must move: make a new connection and `join` again."""

    reason: Literal["lost", "moved"]


class Quality(Message, frozen=True, tag="quality"):
    """How well a line carries has changed: your own, or that of somebody in your visit. Not an event: never replayed.

    Every line counts as good until it is told otherwise, and again after each `welcome`.
    """

    actor: str
    word: Literal["good", "fair", "poor"]
    paused: bool
    """Pictures to the actor are held back so that sound gets through; they come again by themselves."""


class Done(Message, frozen=True, tag="done"):
    """The command has been carried out; `visit` names the visit that an `open` has made."""

    ref: str
    visit: str = ""


class Refused(Message, frozen=True, tag="refused"):
    """The command was not carried out. `code` is one of `rvw.errors`; `text` is for logs."""

    ref: str
    code: str
    text: str


class Pong(Message, frozen=True, tag="pong"):
    """The answer to `ping`."""

    now: Instant


class Goodbye(Message, frozen=True, tag="goodbye"):
    """The server closes the socket after this.

    `superseded`: the same actor has connected elsewhere, do not reconnect. `slow`: too many messages were waiting,
    reconnect. `not_signed_in`: sign in again. `stopping`: reconnect. `bad_request`: the message could not be understood.
    """

    code: Literal["superseded", "slow", "not_signed_in", "stopping", "bad_request", "too_many"]
    text: str = ""


ServerMessage: TypeAlias = (
    Welcome
    | Shown
    | Hidden
    | Happened
    | Estimated
    | Gestured
    | Typed
    | Glanced
    | TasksChanged
    | Counted
    | Joined
    | Rejoin
    | Quality
    | Done
    | Refused
    | Pong
    | Goodbye
)
