"""`POST /media/workers`: a media worker says where it can be spoken to, and is given rooms within a second.

Whoever holds the control secret may; the reverse proxy does not pass it on. The address is kept with a lease for all
signaling processes of the cell (`rvw.protocol.media.Register`).
"""

import hmac

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from rvw.clock import Clock
from rvw.errors import InvalidInput, NotSignedIn, RvwError
from rvw.protocol.codec import Codec, encode
from rvw.protocol.media import Register, Registered
from signaling.board import SharedBoard
from signaling.media_client import LEASE_S
from signaling.routes import bounded, refused

REGISTER: Codec[Register] = Codec(Register)


def registration(shared: SharedBoard, secret: str, clock: Clock) -> Route:
    """Return the route."""

    async def register(request: Request) -> Response:
        try:
            _authorise(request, secret)
            told = REGISTER.decode(await bounded(request))
            await shared.register_worker(told.url, clock() + LEASE_S)
        except RvwError as error:
            return refused(error)
        return Response(encode(Registered(LEASE_S)), media_type="application/json")

    return Route("/media/workers", register, methods=["POST"])


def _authorise(request: Request, secret: str) -> None:
    if not secret:
        raise InvalidInput("security.control_secret is empty: no media worker can register")
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not hmac.compare_digest(token.encode("latin-1", "replace"), secret.encode()):
        raise NotSignedIn("the request does not carry the control secret")
