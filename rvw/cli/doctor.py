"""`rvw doctor`: what of the product can be reached from this machine, and by which ways, without a browser.

Asks as a page does: HTTP, WebSocket, one media join, then signed connectivity checks to the worker, straight and through
each relay. Each finding says what to do about it. Nothing is changed but that the probe's officer joins media.
"""

import asyncio
import re
import resource
import shutil
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_bytes
from urllib.parse import urlsplit

from aioice import stun, turn
from aiortc import RTCPeerConnection
from cryptography import x509
from msgspec import Struct

from rvw.cli import stores
from rvw.cli.finding import Finding
from rvw.cli.probe import Credentials
from rvw.cli.wire import Http, open_wire
from rvw.errors import RvwError, Unavailable
from rvw.protocol.media import LAYOUT
from rvw.protocol.rest import IceServer, IceServers

PATIENCE_S = 8.0
"""How long one check may take."""

RETRY_S = 0.3
"""After how long an unanswered connectivity check is sent again."""

CERTIFICATE_DAYS = 14
CERTIFICATE_DO = (
    "have it signed for this name by an authority that halls' machines trust, or install the self-made one there "
    "(certificate.pem of the data folder); untrusted, browsers warn and give no camera. Renew it before it ends"
)
SKEW_S = 5.0
FREE_BYTES = 2 * 1024**3
OPEN_FILES = 4096

Address = tuple[str, int]


class Place(Struct, frozen=True):
    """Where a worker waits for checks, and how they are signed."""

    candidates: tuple[Address, ...]
    ufrag: str
    password: str


class _Listener(asyncio.DatagramProtocol):
    """Waits for the answer to a check."""

    def __init__(self) -> None:
        self.answered: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def datagram_received(self, data: bytes, _: Address) -> None:
        if not self.answered.done() and data[:2] == b"\x01\x01":
            self.answered.set_result(None)


class Stores(Struct, frozen=True):
    """What can be looked at of the servers' side; empty addresses are not."""

    data: Path
    redis: str
    sql: str

    @classmethod
    def of(cls, data: Path, redis: str, sql: str) -> "Stores":
        """Take what is told, else what a running `rvw up` has in its data folder."""
        note, file = data / "run" / "redis.url", data / "rvw.sqlite3"
        own = note.read_text().strip() if note.exists() else ""
        return cls(data, redis or own, sql or (f"sqlite:///{file.absolute()}" if file.exists() else ""))


async def examine(origin: str, credentials: Credentials, where: Stores) -> list[Finding]:
    """Return all findings, in the order in which they build on each other."""
    found = [_disk(where.data), _files()]
    found += await stores.live_store(where.redis) if where.redis else []
    found += await stores.records(where.sql) if where.sql else []
    found += [await _found("pages", _web(origin), "start the product, or open the proxy's port in the firewall")]
    if origin.startswith("https"):
        found += [await _found("certificate", _certificate(origin), CERTIFICATE_DO)]
    try:
        session = await Http(origin).login(credentials.officer, credentials.password)
    except RvwError as error:
        return [*found, Finding("sign-in", False, str(error), "name the probe's officer and password (see rvw probe)")]
    found.append(Finding("sign-in", True, credentials.officer))
    place: Place | None = None
    fault = "no answer"
    try:
        async with asyncio.timeout(PATIENCE_S), open_wire(origin, session.token) as wire:
            found += [Finding("WebSocket", True, "welcomed"), _skew(wire.welcome.now)]
            place = _place(await wire.join(await _offer()))
    except* (RvwError, OSError, TimeoutError) as group:
        fault = str(group.exceptions[0]) or fault
    if place is None:
        do = "let the proxy pass `Upgrade` for /ws; see that a media worker runs"
        return [*found, Finding("WebSocket and join", False, fault, do)]
    ice = await Http(origin).ice(session.token)
    found.append(await _found("UDP to the media worker", _check(_straight, place), f"open UDP to {_told(place)}"))
    return [*found, *[await _relay(server, url, place) for server in ice.servers for url in server.urls], *_none(ice)]


async def _found(what: str, work: Awaitable[str], do: str) -> Finding:
    try:
        async with asyncio.timeout(PATIENCE_S):
            return Finding(what, True, await work)
    except TimeoutError:
        return Finding(what, False, f"nothing within {PATIENCE_S:.0f} s", do)
    except (RvwError, OSError, ValueError, stun.TransactionError) as error:
        return Finding(what, False, str(error) or type(error).__name__, do)


async def _web(origin: str) -> str:
    health = await Http(origin).health()
    ill = [part for part, well in health.parts.items() if not well]
    if ill:
        raise Unavailable(f"{', '.join(ill)} does not answer")
    return f"every part answers, version {health.version}"


async def _certificate(origin: str) -> str:
    """Say whether a browser here would take it. Raises `Unavailable`, with the reason in words."""
    parts = urlsplit(origin)
    at = (str(parts.hostname), parts.port or 443)
    text = await asyncio.to_thread(ssl.get_server_certificate, at)
    days = (x509.load_pem_x509_certificate(text.encode()).not_valid_after_utc - datetime.now(UTC)).days
    try:
        _, writer = await asyncio.open_connection(*at, ssl=ssl.create_default_context())
        writer.close()
    except ssl.SSLCertVerificationError as error:
        raise Unavailable(f"this machine does not trust it ({error.verify_message}); good for {days} days") from error
    if days < CERTIFICATE_DAYS:
        raise Unavailable(f"it ends in {days} days")
    return f"trusted here, good for {days} days"


async def _offer() -> str:
    connection = RTCPeerConnection()
    try:
        for slot in LAYOUT:
            connection.addTransceiver(slot.kind, "sendonly" if slot.direction == "out" else "recvonly")
        await connection.setLocalDescription(await connection.createOffer())
        return str(connection.localDescription.sdp)
    finally:
        await connection.close()


def _place(answer: str) -> Place:
    found = re.findall(r"^a=candidate:\S+ 1 udp \d+ (\S+) (\d+) typ host", answer, re.MULTILINE)
    ufrag, password = (re.findall(rf"^a=ice-{name}:(\S+)", answer, re.MULTILINE)[0] for name in ("ufrag", "pwd"))
    return Place(tuple(dict.fromkeys((host, int(port)) for host, port in found)), ufrag, password)


def _told(place: Place) -> str:
    return ", ".join(f"{host} port {port}" for host, port in place.candidates)


@asynccontextmanager
async def _straight(to: Address) -> AsyncIterator[tuple[Callable[[bytes], None], _Listener]]:
    loop = asyncio.get_running_loop()
    transport, listener = await loop.create_datagram_endpoint(_Listener, remote_addr=to)
    try:
        yield transport.sendto, listener
    finally:
        transport.close()


async def _check(way: Callable[[Address], object], place: Place) -> str:
    """Have a check answered at any address of the worker; return which, and how long it took. Raises `Unavailable`."""
    for address in place.candidates:
        try:
            async with asyncio.timeout(PATIENCE_S / (len(place.candidates) + 1)), way(address) as (send, listener):  # type: ignore[attr-defined]
                while True:
                    began = time.monotonic()
                    send(_request(place))
                    await asyncio.wait([listener.answered], timeout=RETRY_S)
                    if listener.answered.done():
                        return f"{address[0]} port {address[1]} answers after {(time.monotonic() - began) * 1000:.0f} ms"
        except (TimeoutError, OSError):
            continue
    raise Unavailable(f"no answer from {_told(place)}")


def _request(place: Place) -> bytes:
    request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
    request.attributes["USERNAME"] = f"{place.ufrag}:doctor"
    request.attributes["PRIORITY"] = 1
    request.attributes["ICE-CONTROLLING"] = int.from_bytes(token_bytes(8))
    request.add_message_integrity(place.password.encode())
    request.add_fingerprint()
    return bytes(request)


async def _relay(server: IceServer, url: str, place: Place) -> Finding:
    scheme, host, port, transport = _parts(url)
    context = ssl.create_default_context() if scheme == "turns" else None

    @asynccontextmanager
    async def by_relay(to: Address) -> AsyncIterator[tuple[Callable[[bytes], None], _Listener]]:
        relayed, listener = await turn.create_turn_endpoint(
            _Listener, server_addr=(host, port), username=server.username, password=server.credential,
            ssl=context or False, transport=transport,
        )  # fmt: skip
        try:
            yield lambda data: relayed.sendto(data, to), listener
        finally:
            relayed.close()

    do = f"open {transport.upper()} {port} to {host}; compare turn.secret with its static-auth-secret; allow it the worker"
    return await _found(f"relay {url}", _check(by_relay, place), do)


def _parts(url: str) -> tuple[str, str, int, str]:
    """Return scheme, host, port and transport of a relay's address (RFC 7065)."""
    scheme, _, rest = url.partition(":")
    address, _, query = rest.partition("?transport=")
    host, _, port = address.partition("]:") if address.startswith("[") else address.partition(":")
    default, secure = ("tcp", 5349) if scheme == "turns" else ("udp", 3478)
    return scheme, host.strip("[]"), int(port or secure), query or default


def _none(ice: IceServers) -> list[Finding]:
    return [] if ice.servers else [Finding("relays", True, "none is named (turn.urls): halls without UDP cannot talk")]


def _skew(server: float) -> Finding:
    skew = abs(time.time() - server)
    return Finding("clock", skew < SKEW_S, f"{skew:.1f} s apart from the server's", "let NTP set the time of both machines")


def _disk(data: Path) -> Finding:
    free = shutil.disk_usage(data if data.exists() else Path()).free
    return Finding("disk", free > FREE_BYTES, f"{free / 1024**3:.0f} GiB free", "make room: a full disk keeps nothing")


def _files() -> Finding:
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return Finding("open files", limit >= OPEN_FILES, f"at most {limit}", f"raise it (ulimit -n) to {OPEN_FILES} or more")
