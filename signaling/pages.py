"""The built pages, and the headers every answer carries: nothing runs in a page that did not come from here."""

from http import HTTPStatus
from pathlib import Path

import anyio
from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

PAGES = ("kiosk", "officer", "hall", "operations", "join", "ticket", "sign", "send", "records")

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "media-src 'self' blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "worker-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
"""CSP Level 3. `'self'` in `connect-src` covers the WebSocket of the same host and port (section 6.7.2.8)."""

HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(self), display-capture=(self)",
}

NOT_BUILT = "The pages are not built: run ./rvw.sh up, or npm run build in web/.\n"


def pages(folder: Path) -> list[BaseRoute]:
    """Return the routes of the pages in `folder` (`web/dist`)."""
    names = {f"/{name}": folder / f"{name}.html" for name in PAGES}
    names |= {"/": folder / "index.html", "/record/{visit}": folder / "record.html"}
    routes: list[BaseRoute] = [Route(path, _page(file)) for path, file in names.items()]
    return [*routes, Mount("/assets", StaticFiles(directory=folder / "assets", check_dir=False))]


def _page(file: Path) -> ASGIApp:
    async def page(_request: Request) -> Response:
        if not await anyio.Path(file).is_file():
            return PlainTextResponse(NOT_BUILT, HTTPStatus.SERVICE_UNAVAILABLE)
        return FileResponse(file, headers={"Cache-Control": "no-cache"})

    return page  # type: ignore[return-value]  # Starlette takes a function of a request here


class SecurityHeaders:
    """Puts `HEADERS` on every HTTP answer, and a year of caching on assets, whose names carry a hash of their content."""

    def __init__(self, app: ASGIApp | Starlette, bridge: str = "") -> None:
        """`bridge`: the one address beside this server that a kiosk's page may connect to."""
        self._app = app
        at_kiosk = CONTENT_SECURITY_POLICY.replace("connect-src 'self'", f"connect-src 'self' {bridge}".rstrip())
        self._kiosk = {**HEADERS, "Content-Security-Policy": at_kiosk}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request (ASGI 3)."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(self._kiosk if scope["path"] == "/kiosk" else HEADERS)
                if scope["path"].startswith("/assets/") and message["status"] == HTTPStatus.OK:
                    headers["Cache-Control"] = "public, max-age=31536000, immutable"
            await send(message)

        await self._app(scope, receive, send_with_headers if scope["type"] == "http" else send)
