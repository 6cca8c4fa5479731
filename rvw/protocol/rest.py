"""What goes over HTTP: signing in, enrolling a kiosk, the catalogue, colleagues, tasks, tickets, figures, health."""

from typing import Annotated, Literal, TypeAlias

from msgspec import Meta, Struct

from rvw.domain.catalogue import Desk, Matter, Region, RulePack
from rvw.domain.catalogue.consent import ConsentText
from rvw.domain.catalogue.matter import Audience
from rvw.domain.events import Presence, Recorded
from rvw.domain.people import Actor
from rvw.domain.task import Kind, Task, TaskCommand, TaskState
from rvw.domain.visit import State

Day = Annotated[str, Meta(pattern="^([0-9]{4}-[0-9]{2}-[0-9]{2})?$")]
"""A date as `2026-11-22`, or nothing."""


class Login(Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /api/login`."""

    user: Annotated[str, Meta(min_length=1, max_length=64)]
    password: Annotated[str, Meta(min_length=1, max_length=256)]


class Enrol(Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /api/enrol`: a kiosk gives the one-time code it was set up with."""

    code: Annotated[str, Meta(min_length=1, max_length=64)]


class Session(Struct, frozen=True, forbid_unknown_fields=True):
    """The answer to both: a token for `hello`, and who you are."""

    token: str
    actor: Actor
    expires_at: float


class NewEnrolment(Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /api/kiosks/{kiosk}/enrolment`, by a supervisor of the kiosk's authority: the new one-time code."""

    kiosk: str
    code: str
    expires_at: float


class CatalogueView(Struct, frozen=True, forbid_unknown_fields=True):
    """`GET /api/catalogue`: what a kiosk offers. Only regions that a desk serves, with all above them."""

    regions: tuple[Region, ...]
    matters: tuple[Matter, ...]
    desks: tuple[Desk, ...]
    listed: int = 0
    """How many matters there are. When they are more than `matters`, the page searches with `GET /api/matters`."""


class MatterSearch(Struct, frozen=True, forbid_unknown_fields=True):
    """The question of `GET /api/matters`."""

    q: Annotated[str, Meta(max_length=64)] = ""
    """What was typed: Chinese, pinyin, first letters, English. Empty for the first of all."""
    region: Annotated[str, Meta(max_length=12)] = ""
    """Only what some desk does for this region."""
    audience: Audience | Literal[""] = ""
    """Only what is for persons, or for businesses."""
    limit: Annotated[int, Meta(ge=1, le=100)] = 20


class MattersFound(Struct, frozen=True, forbid_unknown_fields=True):
    """Its answer, best first."""

    matters: tuple[Matter, ...]


class MatterDetail(Struct, frozen=True, forbid_unknown_fields=True):
    """`GET /api/matters/{code}`: a matter and what it asks for."""

    matter: Matter
    rules: RulePack


class ConsentWords(Struct, frozen=True, forbid_unknown_fields=True):
    """What one reader is told, with the hashes that an answer names: of the Chinese words and of the English ones."""

    text: ConsentText
    sha256_zh: str
    sha256_en: str


class ConsentTexts(Struct, frozen=True, forbid_unknown_fields=True):
    """`GET /api/consent`: what people are told before they are asked whether they may be recorded, as it holds now.

    `None` where nobody has written a text: nobody can be asked then, and nobody is recorded.
    """

    resident: ConsentWords | None
    joining: ConsentWords | None
    staff: ConsentWords | None


class Colleague(Struct, frozen=True, forbid_unknown_fields=True):
    """An officer who is there."""

    id: str
    name: str
    authority: str
    desks: tuple[str, ...]
    presence: Presence
    free: bool
    """In no visit: may be asked to come in."""


class Colleagues(Struct, frozen=True, forbid_unknown_fields=True):
    """`GET /api/colleagues`, for officers and supervisors: the other officers who are there, own authority first."""

    colleagues: tuple[Colleague, ...]


class HallName(Struct, frozen=True, forbid_unknown_fields=True):
    """A hall, as people call it."""

    id: str
    name: str
    name_en: str


class Halls(Struct, frozen=True, forbid_unknown_fields=True):
    """`GET /api/halls`, for whoever is signed in: what halls are called."""

    halls: tuple[HallName, ...]


class GuestWanted(Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /api/visits/{visit}/guests`, by the visit's officer."""

    name: Annotated[str, Meta(min_length=1, max_length=50)]
    """Whom it is for, in the officer's words."""
    origin: Annotated[str, Meta(pattern=r"^https?://[A-Za-z0-9.:\[\]-]{1,255}$")]
    """Where the officer's page is served from: the link leads there."""


class GuestLink(Struct, frozen=True, forbid_unknown_fields=True):
    """The answer: told once, and kept nowhere but in its hash."""

    guest: str
    """The id under which the guest is invited, to take the link back with `uninvite`."""
    url: str
    """The secret stands after `#`, which browsers send to nobody: it is in no log."""
    qr: str
    """The same as a picture: an SVG in a `data:` address."""
    expires_at: float


class GuestComes(Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /api/guests`, by whoever has a link: answered with a session."""

    link: Annotated[str, Meta(min_length=1, max_length=100)]
    name: Annotated[str, Meta(min_length=1, max_length=30)]
    """How the guest wants to be called; everybody in the visit reads it."""


class TicketShown(Struct, frozen=True, forbid_unknown_fields=True):
    """`GET /api/visits/{visit}/ticket`, for the visit's own kiosk: what finds the visit again at any kiosk."""

    code: str
    pin: str
    """Four digits: typed after the code."""
    qr: str
    """The same as a picture: an SVG in a `data:` address."""


class TicketClaim(Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /api/tickets`, by a kiosk."""

    ticket: Annotated[str, Meta(min_length=1, max_length=128)]
    """`A012 4821` as typed, or the text of the QR code."""


class Promise(Struct, frozen=True, forbid_unknown_fields=True):
    """What the resident was promised, as the ticket shows it."""

    id: str
    kind: Kind
    state: TaskState
    due_at: float
    deadline: float
    outcome: str
    answer: str
    """The desk's answer to a message."""
    contact: str
    """How the number of a call-back ends."""
    tries: int


class TicketFound(Struct, frozen=True, forbid_unknown_fields=True):
    """Its answer. A visit that goes on is this kiosk's now, and is `shown` to it; of another, what has become of it."""

    visit: str
    state: State
    matter: str
    region: str
    close_reason: str
    end_reason: str
    receipt: str
    promises: tuple[Promise, ...]


class Ways(Struct, frozen=True, forbid_unknown_fields=True):
    """`GET /api/visits/{visit}/ways`, for the visit's own kiosk: what can be promised to a resident who waits."""

    desk: str
    """The desk that promises it."""
    closed: bool
    """It is closed now."""
    opens_at: float
    """When it is open next; now if it is."""
    times: tuple[float, ...]
    """When there is a place for an appointment."""
    call_back_until: float
    message_until: float


class PromiseWish(Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /api/visits/{visit}/promises`, by the visit's own kiosk: the resident waits no longer."""

    kind: Literal["call_back", "message", "appointment"]
    number: Annotated[str, Meta(pattern=r"^(\+?[0-9]{5,15})?$")] = ""
    """For a call-back; with an appointment, to be rung if it was missed.

    Kept encrypted, and shown to nobody but the officer who takes it.
    """
    name: Annotated[str, Meta(max_length=50)] = ""
    text: Annotated[str, Meta(max_length=1000)] = ""
    at: float = 0.0
    """For an appointment: one of the `times`."""


class AppointmentKept(Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /api/appointments/{task}`: the resident is there, with a new visit at this kiosk."""

    ticket: Annotated[str, Meta(min_length=1, max_length=128)]
    """The ticket the appointment was made with."""
    visit: Annotated[str, Meta(min_length=1, max_length=64)]


class PromiseCalledOff(Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /api/promises/{task}/call-off`, by whoever has the ticket: it is not needed any more."""

    ticket: Annotated[str, Meta(min_length=1, max_length=128)]


class TaskQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """The question of `GET /api/tasks`."""

    done: bool = False
    """Those that are over, the last ones first, instead of those to be done."""


class TaskList(Struct, frozen=True, forbid_unknown_fields=True):
    """`GET /api/tasks`, for officers (of their desks) and supervisors (of their authority): the next deadline first."""

    tasks: tuple[Task, ...]


class TaskDo(Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /api/tasks/{task}`: do something with a task."""

    command: TaskCommand


class TaskDone(Struct, frozen=True, forbid_unknown_fields=True):
    """Its answer: the task as it is now."""

    task: Task


class TaskNumber(Struct, frozen=True, forbid_unknown_fields=True):
    """`GET /api/tasks/{task}/number`, for who has taken the call-back: the telephone number."""

    number: str


class IceServer(Struct, frozen=True, forbid_unknown_fields=True):
    """One relay, as a browser takes it (W3C WebRTC, `RTCIceServer`)."""

    urls: tuple[str, ...]
    username: str
    credential: str


class KioskDevices(Struct, frozen=True, forbid_unknown_fields=True):
    """`GET /api/devices`, for kiosks: where the device bridge is on their own machine, and what residents may do there."""

    bridge: str
    """Empty: kiosks have no devices."""
    files: bool
    """Residents may choose files of the kiosk's machine, such as those on a memory stick."""


class IceServers(Struct, frozen=True, forbid_unknown_fields=True):
    """`GET /api/ice`: what a media connection is made with: relays, with credentials that end by themselves, and codecs."""

    servers: tuple[IceServer, ...]
    relay_only: bool
    """Never try the straight way."""
    codecs: tuple[str, ...]
    """The video codecs of the deployment (`media.codecs`): a page offers these alone."""
    renew_at: float
    """When to ask again, before the next connection: long before the credentials end."""


class FiguresQuestion(Struct, frozen=True, forbid_unknown_fields=True, rename={"first": "from", "last": "to"}):
    """The question of `GET /api/figures`: whole days in the window's time zone, both included; today if nothing is said."""

    first: Day = ""
    last: Day = ""
    desk: Annotated[str, Meta(max_length=64)] = ""
    """Only the visits of which this desk is the nearest; all that the supervisor may see, if empty."""
    region: Annotated[str, Meta(max_length=12)] = ""
    """Only the desks of this region."""


class Events(Struct, frozen=True, forbid_unknown_fields=True):
    """`GET /api/visits/{visit}/events`: everything that has happened in a visit, in order."""

    events: tuple[Recorded, ...]


class MediaWorker(Struct, frozen=True, forbid_unknown_fields=True):
    """A media worker, as this signaling process sees it."""

    url: str
    state: Literal["serving", "draining", "away"]
    """`draining`: takes no new rooms; `away`: does not answer."""
    peers: int
    rooms: int
    core_share: float
    """Of its processor core, 1.0 is all of it."""
    packets_per_s: int


class MediaPool(Struct, frozen=True, forbid_unknown_fields=True):
    """`GET /api/media`, for supervisors: the media workers and their load, as of the last second."""

    workers: tuple[MediaWorker, ...]


Path: TypeAlias = Literal["udp", "turn_udp", "turn_tcp", "turn_tls"]
"""Ways of packets between a browser and a media worker, the best first."""

Share = Annotated[int, Meta(ge=0, le=100)]
Figure = Annotated[int, Meta(ge=0, le=10_000_000)]


class PathTest(Struct, frozen=True, forbid_unknown_fields=True):
    """How one way did. The figures are 0 when it did not work; `lost_percent` and `kbps` are of both directions at once."""

    path: Path
    works: bool
    rtt_ms: Figure
    lost_percent: Share
    kbps: Figure


class NewLineTest(Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /api/line-tests`: a kiosk tells what its test has found. A way for which there is no relay is left out."""

    paths: Annotated[tuple[PathTest, ...], Meta(min_length=1, max_length=4)]


class LineTest(Struct, frozen=True, forbid_unknown_fields=True):
    """Its answer: the test, as it is kept."""

    at: float
    paths: tuple[PathTest, ...]


class LineTestQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """The question of `GET /api/line-tests`."""

    kiosk: Annotated[str, Meta(max_length=64)] = ""
    """Every kept test of this one; empty for the last test of each."""


class KioskLine(Struct, frozen=True, forbid_unknown_fields=True):
    """Tests of one kiosk, the last first."""

    kiosk: str
    name: str
    tests: tuple[LineTest, ...]


class LineTests(Struct, frozen=True, forbid_unknown_fields=True):
    """`GET /api/line-tests`, for supervisors: the kiosks of the authority that have been tested."""

    kiosks: tuple[KioskLine, ...]


class Health(Struct, frozen=True, forbid_unknown_fields=True):
    """`GET /api/health`: 200 when all parts answer, 503 otherwise."""

    status: Literal["ok", "degraded"]
    parts: dict[str, bool]
    version: str


class Problem(Struct, frozen=True, forbid_unknown_fields=True):
    """Every answer that is an error."""

    code: str
    text: str
