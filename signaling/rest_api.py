"""What the HTTP endpoints do: the handlers behind the table of `routes`."""

from collections.abc import Awaitable, Callable, Mapping
from time import monotonic

from msgspec import Struct

from rvw.domain.board import Board
from rvw.domain.catalogue import Catalogue, Matter, ancestry, rules_of, takes
from rvw.domain.catalogue.consent import Reader, current, digest
from rvw.domain.people import Actor, Role
from rvw.domain.shift import Shift
from rvw.errors import NotAllowed, NotFound, NotSignedIn, TooMany, Unavailable
from rvw.protocol import rest
from signaling.auth import Auth
from signaling.catalogue_watch import Current
from signaling.limits import Buckets
from signaling.records.people import People
from signaling.routes import VERSION, Call, Endpoint, catalogue_view

SEARCHES_PER_S, SEARCHES_AT_ONCE = 10, 20
"""Of one actor: faster than anybody types, with what a page asks when it has been offline."""

Check = Callable[[], Awaitable[None]]
"""Returns when the part has answered; raises `Unavailable` otherwise."""


class Api:
    """The handlers, and their table."""

    def __init__(
        self,
        auth: Auth,
        current: Current,
        board: Board,
        people: People,
        pool: Callable[[], rest.MediaPool],
        checks: Mapping[str, Check],
    ) -> None:
        self._auth = auth
        self._current = current
        self._current.watchers.append(self._look)
        self._look()
        self._board = board
        self._people = people
        self._pool = pool
        self._checks = checks
        self._searches = Buckets(SEARCHES_AT_ONCE, SEARCHES_PER_S)

    def _look(self) -> None:
        self._view = catalogue_view(self._current.catalogue)

    def table(self) -> tuple[Endpoint, ...]:
        """Return every endpoint."""
        return (
            Endpoint("GET", "/api/health", "Whether every part answers", self.health, rest.Health),
            Endpoint("GET", "/api/catalogue", "What kiosks offer", self.catalogue, rest.CatalogueView),
            Endpoint(
                "GET",
                "/api/matters",
                "Find a matter by what people say",
                self.matters,
                rest.MattersFound,
                query=rest.MatterSearch,
                signed_in=True,
            ),
            Endpoint("GET", "/api/matters/{code}", "A matter and what it asks for", self.matter, rest.MatterDetail),
            Endpoint(
                "GET",
                "/api/consent",
                "What people are told before they are asked whether they may be recorded",
                self.consent,
                rest.ConsentTexts,
            ),
            Endpoint(
                "GET",
                "/api/colleagues",
                "Which other officers are there, those of one's own authority first",
                self.colleagues,
                rest.Colleagues,
                signed_in=True,
            ),
            Endpoint("GET", "/api/halls", "What halls are called", self.halls, rest.Halls, signed_in=True),
            Endpoint(
                "GET",
                "/api/media",
                "The media workers and their load, for supervisors",
                self.media,
                rest.MediaPool,
                signed_in=True,
            ),
            Endpoint("POST", "/api/login", "Sign in", self.login, rest.Session, body=rest.Login),
            Endpoint("POST", "/api/enrol", "Enrol a kiosk by its one-time code", self.enrol, rest.Session, body=rest.Enrol),
            Endpoint(
                "POST",
                "/api/kiosks/{kiosk}/enrolment",
                "Make a one-time code for a kiosk of one's own authority",
                self.new_enrolment,
                rest.NewEnrolment,
                signed_in=True,
            ),
        )

    async def health(self, _call: Call) -> Struct:
        """Ask every part."""
        parts = {name: await _answers(check) for name, check in self._checks.items()}
        return rest.Health("ok" if all(parts.values()) else "degraded", parts, VERSION)

    async def catalogue(self, _call: Call) -> Struct:
        """Return what kiosks offer."""
        return self._view

    async def matters(self, call: Call) -> Struct:
        """Search. Raises `NotFound` for a region that is not there, `TooMany` for who asks more often than one can type."""
        asked: rest.MatterSearch = call.query
        if call.actor is None or not self._searches.take(call.actor.id, monotonic()):
            raise TooMany(f"at most {SEARCHES_PER_S} searches a second")
        wanted = _wanted(self._current.catalogue, asked)
        return rest.MattersFound(tuple(self._current.index.find(asked.q, asked.limit, wanted)))

    async def matter(self, call: Call) -> Struct:
        """Return a matter with its rule pack."""
        catalogue = self._current.catalogue
        rules = rules_of(catalogue, call.path["code"])
        return rest.MatterDetail(catalogue.matters[call.path["code"]], rules)

    async def consent(self, _call: Call) -> Struct:
        """Return the texts that hold now, with their hashes."""
        catalogue = self._current.catalogue
        return rest.ConsentTexts(*(_words(catalogue, reader) for reader in ("resident", "joining", "staff")))

    async def halls(self, _call: Call) -> Struct:
        """Return the names. Raises `Unavailable`."""
        halls = await self._people.halls()
        return rest.Halls(tuple(rest.HallName(one.id, one.name, one.name_en) for one in halls))

    async def colleagues(self, call: Call) -> Struct:
        """Return who can be asked for help."""
        if call.actor is None:
            raise NotSignedIn("sign in first")
        return colleagues_of(call.actor, self._board)

    async def media(self, call: Call) -> Struct:
        """Return the media workers. Raises `NotAllowed` for who is no supervisor."""
        if call.actor is None or call.actor.role is not Role.SUPERVISOR:
            raise NotAllowed("media workers are shown to supervisors")
        return self._pool()

    async def login(self, call: Call) -> Struct:
        """Sign somebody in."""
        body: rest.Login = call.body
        return await self._auth.login(body.user, body.password, call.address)

    async def enrol(self, call: Call) -> Struct:
        """Enrol a kiosk."""
        body: rest.Enrol = call.body
        return await self._auth.enrol(body.code, call.address)

    async def new_enrolment(self, call: Call) -> Struct:
        """Make a code for a kiosk."""
        if call.actor is None:
            raise NotSignedIn("sign in first")
        return await self._auth.new_enrolment(call.actor, call.path["kiosk"])


def _wanted(catalogue: Catalogue, asked: rest.MatterSearch) -> Callable[[Matter], bool]:
    """Return what of the catalogue is asked for, as a question to a matter."""
    if asked.region and asked.region not in catalogue.regions:
        raise NotFound(f"there is no region {asked.region}")
    places = set(ancestry(catalogue, asked.region)) if asked.region else set()
    desks = [desk for desk in catalogue.desks.values() if desk.region in places]

    def wanted(matter: Matter) -> bool:
        fits = not asked.audience or matter.audience in (asked.audience, "both")
        return fits and (not asked.region or any(takes(desk, matter) for desk in desks))

    return wanted


def colleagues_of(actor: Actor, board: Board) -> rest.Colleagues:
    """Return the other officers who are there. Raises `NotAllowed` for who is neither officer nor supervisor."""
    if actor.role not in (Role.OFFICER, Role.SUPERVISOR):
        raise NotAllowed(f"a {actor.role} has no directory of colleagues")
    there = [one for one in board.shifts.values() if _is_colleague(one, actor)]
    there.sort(key=lambda one: (one.authority != actor.authority, one.authority, bool(one.visit), one.name, one.actor))
    return rest.Colleagues(
        tuple(rest.Colleague(o.actor, o.name, o.authority, o.desks, o.presence, free=not o.visit) for o in there)
    )


def _is_colleague(one: Shift, actor: Actor) -> bool:
    return one.role is Role.OFFICER and one.presence != "signed_out" and one.actor != actor.id


def _words(catalogue: Catalogue, reader: Reader) -> rest.ConsentWords | None:
    text = current(catalogue.texts, reader)
    return None if text is None else rest.ConsentWords(text, digest(text, "zh"), digest(text, "en"))


async def _answers(check: Check) -> bool:
    try:
        await check()
    except Unavailable:
        return False
    return True
