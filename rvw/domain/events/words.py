"""The words that events are made of, and the base of events and commands."""

from typing import Literal, TypeAlias

from msgspec import Struct

Outcome: TypeAlias = Literal["accepted", "guided", "returned", "transferred", "unresolved", "left"]
"""How the matter stands when a visit is closed: accepted (受理), guided (指导), returned with notice (退回补正),
transferred (转办), unresolved (办不成事), left (群众离开)."""

Presence: TypeAlias = Literal["ready", "serving_here", "on_break", "paused", "signed_out"]
"""What an officer has said of the own availability; `paused` is set by the system after a missed offer."""

TurnDownReason: TypeAlias = Literal["declined", "missed", "lost"]
RequeueReason: TypeAlias = Literal["officer_lost", "hold_limit", "officer"]
"""`officer`: the officer has put the resident back at the front of the queue, and says why."""

OfferReason: TypeAlias = Literal["longest_idle", "best_grade", "only_one"]
"""Why this officer of a desk: idle longest of the best; knows the matter better than who was idle longer; nobody else."""

ReleaseReason: TypeAlias = Literal["", "stranded"]

PassedReason: TypeAlias = Literal["busy", "nobody_there", "closed", "lunch", "holiday"]
"""Why a desk does not serve a visit at once."""

PriorityReason: TypeAlias = Literal["none", "elder", "disability", "pregnancy", "appointment", "returned", "other"]
"""Why somebody is served before others. `returned`: was face to face, and had to wait again."""

Mode: TypeAlias = Literal["join", "listen", "whisper"]
"""How somebody takes part: `join` among all; `listen` unheard; `whisper` heard by the officer alone. The visit shows it."""

Tool: TypeAlias = Literal["pen", "highlighter", "arrow", "box", "ellipse", "text", "stamp"]
"""What a mark is drawn with."""

Colour: TypeAlias = Literal["red", "blue", "green", "black"]
"""Each is legible on white paper, and by its outline on anything else."""

Audience: TypeAlias = Literal["kiosks", "officers", "both"]
"""Where a notice is shown."""

Urgency: TypeAlias = Literal["at_once", "soon", "long"]
"""How soon something that could not be done is to be: how many working days each means is in the settings."""

RatingLevel: TypeAlias = Literal[5, 4, 3, 2, 1]
"""非常满意, 满意, 基本满意, 不满意, 非常不满意 (GB/T 39735)."""

RatingWay: TypeAlias = Literal["kiosk", "ticket"]
"""Where it was given: at the end, or later with the ticket."""

ConsentSubject: TypeAlias = Literal["recording", "sensitive"]
"""What is asked, each by itself: whether sound and picture are recorded, whether sensitive data are used."""

ConsentAnswer: TypeAlias = Literal["given", "refused", "withdrawn"]

ConsentBasis: TypeAlias = Literal["consent", "employment"]
"""`employment`: an officer, for whom it is a term of the work; the text for staff says so."""
RecordingRule: TypeAlias = Literal["none", "allowed", "required"]
"""What the matter's rule pack says of recording."""

RecordingTrouble: TypeAlias = Literal["full", "read_only", "slow", "broken", "unreachable"]
"""Why nothing comes to the disk: it is full, may not be written, does not answer in time, is broken; or the media worker
itself says nothing."""

StopReason: TypeAlias = Literal["held", "moved", "ended", "withdrawn", "nobody"]
"""`moved`: the visit waits again. `withdrawn`: the resident's consent. `nobody`: nobody is left who has agreed."""

EndReason: TypeAlias = Literal["officer", "resident_left", "resident_lost", "limit", "supervisor"]
CloseReason: TypeAlias = Literal["done", "left", "lost", "unanswered", "unwrapped", "supervisor", "promised"]


class Tagged(Struct, frozen=True, forbid_unknown_fields=True, tag_field="type"):
    """The base of events and commands: the field `type` names the struct."""
