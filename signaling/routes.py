"""The HTTP interface: one table of routes, from which both the application and its OpenAPI document are made."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import msgspec
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from rvw.domain.catalogue import Catalogue, ancestry, takes
from rvw.domain.people import Actor
from rvw.errors import InvalidInput, NotSignedIn, OutOfRange, RvwError, TooLarge
from rvw.protocol import rest
from rvw.protocol.codec import Codec, encode
from signaling.ranges import Part

MAX_BODY_BYTES = 16_384
"""The longest body of a request: signing in and enrolling need a few hundred bytes."""

VERSION = "0.1.0"

ON_PAGE = 1_000
"""Matters that a page holds itself: 275 are 193 kB (37 kB compressed), 10,000 would be 4.6 MB (0.9 MB)."""


class Call(Struct, frozen=True):
    """A request, decoded."""

    body: Any
    actor: Actor | None
    path: dict[str, str]
    query: Any
    """Of the endpoint's `query` type."""
    address: str
    """The network address it comes from, for limits."""
    range: str = ""
    """The header `Range`: which part of a file is asked for."""


class Bytes(Struct, frozen=True):
    """An answer that is a file, in pieces. The first is there already, so that what is wrong can still be told."""

    type: str
    length: int | None
    """Of what is sent, in bytes; `None` for one that is made while it is sent."""
    name: str
    chunks: AsyncIterator[bytes]
    part: Part | None = None
    """Which part of the file that is; `None`: all of it."""


async def begun(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Return the pieces, of which the first has been read. Raises what reading it raises."""
    first = await anext(chunks, b"")

    async def all_of_them() -> AsyncIterator[bytes]:
        yield first
        async for chunk in chunks:
            yield chunk

    return all_of_them()


class Endpoint(Struct, frozen=True):
    """One row of the table."""

    method: str
    path: str
    summary: str
    handle: Callable[[Call], Awaitable[Struct]]
    answer: type[Struct]
    body: type[Struct] | None = None
    query: type[Struct] | None = None
    raw: int = 0
    """The body is bytes, and so many of them at most."""
    signed_in: bool = False
    """Needs `Authorization: Bearer <token>`."""
    parts: bool = False
    """The answer is a file that may be asked for in parts."""
    guard: Callable[[str], None] | None = None
    """Needs another program's token in the same place: raises `NotSignedIn` unless this is it."""


def signed_in(call: Call) -> Actor:
    """Return who calls an endpoint that needs a token."""
    assert call.actor is not None  # noqa: S101 - the table says so, and `_served` sees to it
    return call.actor


def routes(table: tuple[Endpoint, ...], identify: Callable[[str], Awaitable[Actor]]) -> list[Route]:
    """Return the application's routes for the table, and the one for its OpenAPI document."""
    document = encode(openapi(table))

    async def describe(_request: Request) -> Response:
        return Response(document, media_type="application/json")

    served = [Route(row.path, _served(row, identify), methods=[row.method]) for row in table]
    return [*served, Route("/api/openapi.json", describe)]


def _served(row: Endpoint, identify: Callable[[str], Awaitable[Actor]]) -> Callable[[Request], Awaitable[Response]]:
    decoder: Codec[Struct] | None = Codec(row.body) if row.body else None

    async def endpoint(request: Request) -> Response:
        try:
            body: Any = decoder.decode(await bounded(request)) if decoder else None
            query = _query(request, row.query) if row.query else None
            if row.guard:
                row.guard(_bearer(request))
            actor = await identify(_bearer(request)) if row.signed_in else None
            if row.raw:  # only from somebody known
                body = await bounded(request, row.raw)
            address = request.client.host if request.client else ""
            wanted = request.headers.get("range", "")
            answer = await row.handle(Call(body, actor, dict(request.path_params), query, address, wanted))
        except RvwError as error:
            return refused(error)
        if isinstance(answer, Bytes):
            return _file(answer, row.parts)
        healthy = not isinstance(answer, rest.Health) or answer.status == "ok"
        status = HTTPStatus.OK if healthy else HTTPStatus.SERVICE_UNAVAILABLE
        return Response(encode(answer), status, media_type="application/json", headers={"Cache-Control": "no-store"})

    return endpoint


def _file(answer: Bytes, parts: bool) -> Response:
    """Return a file that a page asks for by script or plays. Nothing opens it by itself, and no disk keeps it."""
    headers = {
        "Cache-Control": "no-store",
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(answer.name, safe='')}",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    if answer.length is not None:
        headers["Content-Length"] = str(answer.length)
    if parts:
        headers["Accept-Ranges"] = "bytes"
    if answer.part:
        headers["Content-Range"] = answer.part.told()
    status = HTTPStatus.PARTIAL_CONTENT if answer.part else HTTPStatus.OK
    return StreamingResponse(answer.chunks, status, media_type=answer.type, headers=headers)


def refused(error: RvwError) -> Response:
    """Return the answer that tells of an error."""
    headers = {"Content-Range": f"bytes */{error.length}"} if isinstance(error, OutOfRange) else None
    problem = encode(rest.Problem(error.code, str(error)))
    return Response(problem, error.status, media_type="application/json", headers=headers)


async def bounded(request: Request, most: int = MAX_BODY_BYTES) -> bytes:
    """Return the body. Raises `TooLarge` when it is too long; no more than that is ever held."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise TooLarge(f"a request has at most {most} bytes")
    return bytes(body)


def _query(request: Request, kind: type[Struct]) -> Struct:
    try:
        return msgspec.convert(dict(request.query_params), kind, strict=False)
    except msgspec.ValidationError as error:
        raise InvalidInput(f"not understood: {error}") from error


def _bearer(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise NotSignedIn("sign in first")
    return token


def catalogue_view(catalogue: Catalogue) -> rest.CatalogueView:
    """Return what kiosks offer: listed matters, desks, and the regions that a desk serves with all above them.

    Of very many matters only the first `ON_PAGE` go to the page; it asks for the others.
    """
    listed = tuple(m for m in catalogue.matters.values() if m.listed)
    served = {code for desk in catalogue.desks.values() for code in ancestry(catalogue, desk.region)}
    below = {region.code for region in catalogue.regions.values() if region.parent in served and region.level == "street"}
    return rest.CatalogueView(
        regions=tuple(r for r in catalogue.regions.values() if r.code in served | below),
        matters=listed[:ON_PAGE],
        desks=tuple(d for d in catalogue.desks.values() if any(takes(d, m) for m in listed)),
        listed=len(listed),
    )


def openapi(table: tuple[Endpoint, ...]) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of the table."""
    kinds = (
        {row.answer for row in table if row.answer is not Bytes} | {row.body for row in table if row.body} | {rest.Problem}
    )
    _, components = msgspec.json.schema_components(
        sorted(kinds, key=lambda kind: kind.__name__), ref_template="#/components/schemas/{name}"
    )
    paths: dict[str, dict[str, Any]] = {}
    for row in table:
        paths.setdefault(row.path, {})[row.method.lower()] = _operation(row)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Remote Virtual Window", "version": VERSION, "license": {"name": "Apache-2.0"}},
        "paths": paths,
        "components": {"schemas": components, "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
    }


def _operation(row: Endpoint) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "summary": row.summary,
        "operationId": f"{row.method.lower()}{row.path.replace('/', '_').replace('{', '').replace('}', '')}",
        "responses": {
            "200": {"description": "Done.", "content": BINARY if row.answer is Bytes else _json(row.answer)},
            "default": {"description": "Refused.", "content": _json(rest.Problem)},
        },
    }
    if row.parts:
        operation["responses"]["206"] = {"description": "The part, or its beginning.", "content": BINARY}
    if row.answer is rest.Health:
        operation["responses"]["503"] = {"description": "A part does not answer.", "content": _json(row.answer)}
    if row.body:
        operation["requestBody"] = {"required": True, "content": _json(row.body)}
    if row.raw:
        operation["requestBody"] = {"required": True, "content": BINARY}
    if row.signed_in or row.guard:
        operation["security"] = [{"token": []}]
    parameters = [*_in_path(row.path), *(_in_query(row.query) if row.query else ()), *((RANGE,) if row.parts else ())]
    if parameters:
        operation["parameters"] = parameters
    return operation


BINARY = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
RANGE = {"name": "Range", "in": "header", "required": False, "schema": {"type": "string"}}


def _in_path(path: str) -> Iterator[dict[str, Any]]:
    for part in path.split("/"):
        if part.startswith("{"):
            yield {"name": part[1:-1], "in": "path", "required": True, "schema": {"type": "string"}}


def _in_query(kind: type[Struct]) -> Iterator[dict[str, Any]]:
    schema = msgspec.json.schema(kind)["$defs"][kind.__name__]
    for name, told in schema["properties"].items():
        yield {"name": name, "in": "query", "required": name in schema.get("required", ()), "schema": told}


def _json(kind: type[Struct]) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{kind.__name__}"}}}
