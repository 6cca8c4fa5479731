"""What a browser says over `/ws`: six messages. Everything about a visit is a `Do` with one of the domain's commands."""

from typing import Annotated, Literal, TypeAlias

from msgspec import Meta, Struct

from rvw.domain.commands import ClientCommand, Surface
from rvw.domain.events import Colour, Tool
from rvw.protocol.media import MAX_OFFER_BYTES
from rvw.protocol.rest import Path

MAX_GLANCE = 32_000
"""The longest glance, in characters of Base64: 24 kB, two seconds of a line of 100 kbit/s."""


class Message(Struct, frozen=True, forbid_unknown_fields=True, tag_field="type"):
    """The base of messages: the field `type` names the struct."""


class Hello(Message, frozen=True, tag="hello"):
    """The first message: who I am, and after which `seq` I have seen everything.

    Answered with `welcome`. Without `resume`, or when the log does not reach back so far, the welcome has snapshots;
    otherwise the missed events follow it.
    """

    token: Annotated[str, Meta(max_length=4096)]
    resume: Annotated[str, Meta(max_length=64)] = ""


class Join(Message, frozen=True, tag="join"):
    """Connect my media: an SDP offer with the sections of the layout. Answered with `joined` or `refused`."""

    ref: Annotated[str, Meta(min_length=1, max_length=64)]
    offer: Annotated[str, Meta(max_length=MAX_OFFER_BYTES)]


class Echo(Message, frozen=True, tag="echo"):
    """Connect a second, short-lived media connection that sees and hears itself: a test of the line, or of oneself.

    Answered as `join` is. There is one of each `path`; which way it really takes is the browser's doing.
    """

    ref: Annotated[str, Meta(min_length=1, max_length=64)]
    path: Path
    offer: Annotated[str, Meta(max_length=MAX_OFFER_BYTES)]


class Do(Message, frozen=True, tag="do"):
    """A command. Answered with `done` or `refused` that carry the same `ref`; repeating it with that `ref` is safe."""

    ref: Annotated[str, Meta(min_length=1, max_length=64)]
    command: ClientCommand
    visit: Annotated[str, Meta(max_length=64)] = ""
    """Empty for `open` and for what concerns no visit: `set_presence`, `announce`, `withdraw`."""


class Ping(Message, frozen=True, tag="ping"):
    """I am alive: sent at least every five seconds, answered with `pong`."""


class Gesture(Message, frozen=True, tag="gesture"):
    """Where my pointer is: a stroke under way, whole so far, or the laser pointer. Not answered, not kept, may be lost."""

    visit: Annotated[str, Meta(max_length=64)]
    surface: Surface
    tool: Tool | Literal["laser"]
    colour: Colour
    points: Annotated[str, Meta(pattern="^[A-Za-z0-9_-]*$", max_length=6000)]
    """Packed as those of a mark. Empty: the pointer is lifted."""


class Typing(Message, frozen=True, tag="typing"):
    """The line of chat that I am writing, whole so far, for whoever cannot hear. Not answered, not kept, may be lost."""

    visit: Annotated[str, Meta(max_length=64)]
    text: Annotated[str, Meta(max_length=1000)]
    """Empty: there is no such line any more."""


class Glance(Message, frozen=True, tag="glance"):
    """A small still of my camera, for those whose line carries no moving pictures. Not answered, not kept, may be lost."""

    visit: Annotated[str, Meta(max_length=64)]
    picture: Annotated[str, Meta(pattern="^[A-Za-z0-9+/]+={0,2}$", max_length=MAX_GLANCE)]
    """A JPEG, in Base64."""


ClientMessage: TypeAlias = Hello | Join | Echo | Do | Ping | Gesture | Typing | Glance
