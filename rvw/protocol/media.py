"""The contract between signaling and a media worker.

Media knows peers, slots and bindings; it has never heard of a visit. Signaling sends whole truths, never changes: `Bind`
replaces all bindings of a room, so that sending it twice, or after a crash, or from two signaling processes, is harmless.
Bindings name peers, not connections: they may name a peer that has not joined yet, and they outlive a rejoin.

Carried over HTTP (`POST /v1/join`, `/v1/bind`, `/v1/leave`, `/v1/drain`, `/v1/discard`, each answering JSON) and one
notification stream (`GET /v1/notifications`, one JSON message a line). What was recorded is listed by `GET /v1/spool`, and
fetched by `GET /v1/spool/<room>/<segment>`, encrypted as it lies on the disk (`rvw.protocol.spool`). Every request carries
`Authorization: Bearer <control secret>`.
"""

from typing import Annotated, Literal, TypeAlias

from msgspec import Meta, Struct

MAX_OTHERS = 7
"""How many other peers one peer can hear and see at once: a visit has at most eight (`DESIGN.md`, section 1)."""

MAX_OFFER_BYTES = 96 * 1024
"""The longest SDP offer taken. Chromium's, with every codec on eighteen media sections, has about 60 kB."""

MAX_BINDINGS = 8 * (2 * MAX_OTHERS + 1)
"""The most bindings one room can have: eight peers, each with every in-slot filled."""


class Slot(Struct, frozen=True):
    """A fixed place in a peer's connection: one media section of its only offer."""

    name: str
    kind: Literal["audio", "video"]
    direction: Literal["out", "in"]
    """`out`: the peer sends (`a=sendonly` in its offer); `in`: the peer receives (`a=recvonly`)."""


LAYOUT: tuple[Slot, ...] = (
    Slot("mic", "audio", "out"),
    Slot("camera", "video", "out"),
    Slot("share", "video", "out"),
    *(Slot(f"voice{n}", "audio", "in") for n in range(1, MAX_OTHERS + 1)),
    *(Slot(f"face{n}", "video", "in") for n in range(1, MAX_OTHERS + 1)),
    Slot("share", "video", "in"),
)
"""The media sections of every offer, in order. An offer with another number, order, kind or direction is refused."""


class Binding(Struct, frozen=True, forbid_unknown_fields=True):
    """What `source` sends in its out-slot `out` appears in the in-slot `into` of `target`."""

    source: str
    out: str
    target: str
    into: str


class Tap(Struct, frozen=True, forbid_unknown_fields=True):
    """What `peer` sends in its out-slot `out` is recorded."""

    peer: str
    out: str


MAX_TAPS = 8 * 3
"""The most taps one room can have: eight peers with three out-slots each."""


class Join(Struct, frozen=True, forbid_unknown_fields=True):
    """Connect `peer`, or connect it afresh: an earlier connection of the same peer is dropped, its bindings stay."""

    peer: str
    offer: str
    """The browser's SDP offer, with the sections of `LAYOUT`."""


class Joined(Struct, frozen=True, forbid_unknown_fields=True):
    """The worker's answer: an ICE-lite, `setup:passive` SDP with every candidate in it. Nothing trickles."""

    peer: str
    answer: str
    epoch: str
    """The worker's boot: a value that changes when the worker has restarted and has forgotten every peer and room."""


class Bind(Struct, frozen=True, forbid_unknown_fields=True):
    """Make `bindings` the bindings of `room`, all of them, and `taps` what is recorded of it. Without bindings it ends.

    A room that binds a peer to nobody but itself is an echo test, and ends when that peer is lost. An in-slot has one
    source: a binding for an in-slot that another room has filled takes the slot over.
    """

    room: str
    version: int
    """The room is left as it is when it has already seen a higher version: late messages cannot undo newer ones."""
    bindings: tuple[Binding, ...]
    taps: tuple[Tap, ...] = ()
    key: Annotated[str, Meta(max_length=44)] = ""
    """With taps: 32 bytes in Base64, with which segments are encrypted. The worker keeps it in memory alone."""


class Bound(Struct, frozen=True, forbid_unknown_fields=True):
    """The version of the room that now holds: the one sent, or the higher one that was there."""

    room: str
    version: int
    epoch: str


class Leave(Struct, frozen=True, forbid_unknown_fields=True):
    """Drop the connection of `peer`. Not an error when there is none."""

    peer: str


class Left(Struct, frozen=True, forbid_unknown_fields=True):
    """The peer has no connection."""

    peer: str


class Discard(Struct, frozen=True, forbid_unknown_fields=True):
    """Delete the segments of `room`: they are kept elsewhere now. Not an error when there are none."""

    room: str


class Discarded(Struct, frozen=True, forbid_unknown_fields=True):
    """The worker has nothing recorded of `room`."""

    room: str


class Segment(Struct, frozen=True, forbid_unknown_fields=True):
    """A file of the spool."""

    name: str
    bytes: int


class Spooled(Struct, frozen=True, forbid_unknown_fields=True):
    """What a worker's spool holds of a room, also from before its last restart."""

    room: str
    segments: tuple[Segment, ...]
    open: bool
    """It is being recorded now, or its last seconds are not on the disk yet."""


class Spool(Struct, frozen=True, forbid_unknown_fields=True):
    """Everything in a worker's spool."""

    rooms: tuple[Spooled, ...]


class Drain(Struct, frozen=True, forbid_unknown_fields=True):
    """Take no new rooms from now on, or take them again. What is here stays; a restart forgets it. Answered by `Alive`."""

    draining: bool


class Register(Struct, frozen=True, forbid_unknown_fields=True):
    """What a worker says to signaling, again and again: it can be spoken to at `url`."""

    url: Annotated[str, Meta(min_length=8, max_length=256, pattern="^https?://[^/?#]+$")]


class Registered(Struct, frozen=True, forbid_unknown_fields=True):
    """Signaling follows the worker; it forgets one that is gone and has not registered for `lease_s`."""

    lease_s: float


class Fault(Struct, frozen=True, forbid_unknown_fields=True):
    """Why a request was not carried out: `code` is one of `rvw.errors`, `text` a sentence for the person who runs it."""

    code: str
    text: str


class WorkerStarted(Struct, frozen=True, forbid_unknown_fields=True, tag="worker_started", tag_field="type"):
    """The first line of every notification stream. Another `epoch` than before means: everybody must rejoin."""

    epoch: str
    peers: tuple[str, ...]
    """The peers connected now."""


class PeerConnected(Struct, frozen=True, forbid_unknown_fields=True, tag="peer_connected", tag_field="type"):
    """DTLS is up: what is bound to and from the peer flows."""

    peer: str


class PeerLost(Struct, frozen=True, forbid_unknown_fields=True, tag="peer_lost", tag_field="type"):
    """Nothing authenticated has come from the peer for `consent_s` (RFC 7675, section 5.1), or it closed DTLS."""

    peer: str
    reason: Literal["consent", "closed"]


class Alive(Struct, frozen=True, forbid_unknown_fields=True, tag="alive", tag_field="type"):
    """Sent every second, so that a reader knows a silent worker from a dead one, and with the first line."""

    peers: int
    rooms: int
    core_share: float = 0.0
    """How much of its processor core the worker has used since the last one: 1.0 is all of it."""
    packets_per_s: int = 0
    """Datagrams that came in."""
    draining: bool = False
    """It takes no new rooms: somebody wants to stop it."""


class Quality(Struct, frozen=True, forbid_unknown_fields=True, tag="quality", tag_field="type"):
    """How well a peer's line carries, said when the word changes or pictures are paused or go on; judged each second."""

    peer: str
    word: Literal["good", "fair", "poor"]
    rtt_ms: int
    lost_percent: int
    """Of what the peer sends or is sent, the worse of the two."""
    paused: bool
    """Pictures to this peer are held back so that sound gets through; they come again by themselves."""


class OnDisk(Struct, frozen=True, forbid_unknown_fields=True):
    """How far the recording of one room is safe."""

    room: str
    up_to: float
    """Everything that came until this instant is on the disk, flushed."""
    bytes: int
    """Of this room, since the worker has begun to record it."""
    lost: int
    """Packets that were not kept, because the disk did not take them in time."""


class Recorded(Struct, frozen=True, forbid_unknown_fields=True, tag="recorded", tag_field="type"):
    """Sent each second while something is recorded: only rooms are in it of which more is on the disk than before."""

    rooms: tuple[OnDisk, ...]


class RecordingFailed(Struct, frozen=True, forbid_unknown_fields=True, tag="recording_failed", tag_field="type"):
    """The disk does not take the recording of a room; the worker goes on trying, and keeps some seconds meanwhile."""

    room: str
    reason: Literal["full", "read_only", "slow", "broken"]


Notification: TypeAlias = WorkerStarted | PeerConnected | PeerLost | Alive | Quality | Recorded | RecordingFailed
"""One line of the notification stream."""
