"""What the HTTP endpoints do: the handlers behind the table of `routes`."""

from collections.abc import Awaitable, Callable, Mapping

from msgspec import Struct

from rvw.domain.catalogue import Catalogue
from rvw.errors import NotSignedIn, Unavailable
from rvw.protocol import rest
from signaling.auth import Auth
from signaling.routes import VERSION, Call, Endpoint, catalogue_view

Check = Callable[[], Awaitable[None]]
"""Returns when the part has answered; raises `Unavailable` otherwise."""


class Api:
    """The handlers, and their table."""

    def __init__(self, auth: Auth, catalogue: Catalogue, checks: Mapping[str, Check]) -> None:
        self._auth = auth
        self._view = catalogue_view(catalogue)
        self._checks = checks

    def table(self) -> tuple[Endpoint, ...]:
        """Return every endpoint."""
        return (
            Endpoint("GET", "/api/health", "Whether every part answers", self.health, rest.Health),
            Endpoint("GET", "/api/catalogue", "What kiosks offer", self.catalogue, rest.CatalogueView),
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


async def _answers(check: Check) -> bool:
    try:
        await check()
    except Unavailable:
        return False
    return True
