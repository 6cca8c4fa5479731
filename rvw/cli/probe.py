"""`rvw probe`: a synthetic visit from enrolment to receipt, without a browser, through the real product.

IT staff run it before the halls open; so do the tests. Its matter and its desk are its own (`window-probe`), so that no
officer is ever offered it. The media ends are aiortc's client classes: real encoders, real DTLS, real packets.
"""

import asyncio
import statistics
import time
from asyncio import TaskGroup
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TypeVar

from aiortc import (
    AudioStreamTrack,
    MediaStreamTrack,
    RTCBundlePolicy,
    RTCConfiguration,
    RTCPeerConnection,
    RTCSessionDescription,
    VideoStreamTrack,
)
from aiortc.mediastreams import MediaStreamError
from msgspec import Struct

from rvw.cli.wire import Http, Wire, open_wire
from rvw.domain import commands as c
from rvw.domain import events as e
from rvw.errors import RvwError
from rvw.protocol.media import LAYOUT
from rvw.protocol.rest import Session

MATTER = "window-probe"
KIOSK = "kiosk-probe"
STEP_S = 15.0
"""How long a step may take."""

Result = TypeVar("Result")


class Credentials(Struct, frozen=True):
    """Who the probe is: an officer of the probe's desk, and a supervisor who may enrol the probe's kiosk."""

    officer: str = "probe-officer"
    supervisor: str = "probe-lead"
    password: str = "demo-window"  # noqa: S105 - the demo tenancy's, refused in production
    region: str = "310000"


class Failure(Exception):
    """A step has failed: `step` is its name."""

    def __init__(self, step: str, reason: str) -> None:
        super().__init__(f"{step}: {reason}")
        self.step = step
        self.reason = reason


class Steps:
    """The milliseconds of each step, by name, in order."""

    def __init__(self) -> None:
        self.ms: dict[str, float] = {}

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time a step; raise `Failure` with its name when it fails."""
        began = time.monotonic()
        try:
            yield
        except TimeoutError as error:
            raise Failure(name, f"nothing within {STEP_S:.0f} s") from error
        except (RvwError, OSError, ValueError, MediaStreamError) as error:
            raise Failure(name, str(error) or type(error).__name__) from error
        self.ms[name] = round((time.monotonic() - began) * 1000, 1)

    async def timed(self, name: str, work: Awaitable[Result]) -> Result:
        """Time one awaitable."""
        with self.step(name):
            async with asyncio.timeout(STEP_S):
                return await work


class End:
    """One end of the call: a page's media connection by aiortc."""

    def __init__(self, camera: Callable[[], VideoStreamTrack] = VideoStreamTrack) -> None:
        self._camera = camera
        self._connection = RTCPeerConnection(RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE))
        self.first: dict[str, float] = {}
        """When the first decoded media of each kind came (`time.monotonic`)."""
        self._heard = asyncio.Event()
        self._connected = asyncio.Event()

    async def join(self, wire: Wire) -> None:
        """Offer the layout, send sound and picture, and wait until DTLS is up."""
        connection = self._connection
        connection.on("connectionstatechange", self._state_changed)
        for slot in LAYOUT:
            transceiver = connection.addTransceiver(slot.kind, "sendonly" if slot.direction == "out" else "recvonly")
            if slot.name == "mic":
                transceiver.sender.replaceTrack(AudioStreamTrack())
            elif slot.name == "camera":
                transceiver.sender.replaceTrack(self._camera())
        await connection.setLocalDescription(await connection.createOffer())
        answer = await wire.join(connection.localDescription.sdp)
        await connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        await self._connected.wait()

    def _state_changed(self) -> None:
        if self._connection.connectionState == "connected":
            self._connected.set()

    def tracks(self) -> list[MediaStreamTrack]:
        """Return what may arrive, in the order of the layout."""
        return [t.receiver.track for t in self._connection.getTransceivers() if t.direction == "recvonly"]

    async def listen(self, track: MediaStreamTrack) -> None:
        """Note when the first of a track comes."""
        try:
            await track.recv()
        except MediaStreamError:
            return
        self.first.setdefault(track.kind, time.monotonic())
        if len(self.first) == len(("audio", "video")):
            self._heard.set()

    async def heard(self) -> None:
        """Return when sound and picture have come."""
        await self._heard.wait()

    async def close(self) -> None:
        """Close the connection."""
        await self._connection.close()


async def probe(origin: str, credentials: Credentials) -> dict[str, float]:
    """Make one visit and return the milliseconds of each step. Raises `Failure`."""
    steps = Steps()
    http = Http(origin)
    officer = await steps.timed("login", http.login(credentials.officer, credentials.password))
    kiosk = await steps.timed("enrol", _enrol(http, credentials))
    try:
        await _visit(steps, origin, kiosk, officer, credentials)
    except BaseExceptionGroup as group:
        raise _cause(group) from group
    return steps.ms


def _cause(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """Return the failed step out of the task groups it came through, else the first error of any kind."""
    leaves: list[BaseException] = [group]
    while any(isinstance(leaf, BaseExceptionGroup) for leaf in leaves):
        leaves = [one for leaf in leaves for one in (leaf.exceptions if isinstance(leaf, BaseExceptionGroup) else (leaf,))]
    found = next((leaf for leaf in leaves if isinstance(leaf, Failure)), leaves[0])
    return Failure("connection", str(found)) if isinstance(found, RvwError) else found


async def _enrol(http: Http, credentials: Credentials) -> Session:
    lead = await http.login(credentials.supervisor, credentials.password)
    return await http.enrol((await http.new_enrolment(KIOSK, lead.token)).code)


async def _visit(steps: Steps, origin: str, kiosk: Session, officer: Session, credentials: Credentials) -> None:
    async with (
        _page(steps, "kiosk", origin, kiosk) as (resident, resident_end),
        _page(steps, "officer", origin, officer) as (clerk, clerk_end),
        TaskGroup() as listening,
    ):
        hearers = [listening.create_task(end.listen(track)) for end in (resident_end, clerk_end) for track in end.tracks()]
        await _tidy(resident, clerk)
        await steps.timed("ready", clerk.do(c.SetPresence("ready")))
        open_command = c.Open(MATTER, credentials.region)
        visit = await steps.timed("open", resident.do(open_command))
        await steps.timed("offered", clerk.shown(visit))
        accepted_at = time.monotonic()
        await steps.timed("accept", clerk.do(c.Accept(), visit))
        await steps.timed("live", resident.event(e.Accepted, visit))
        await steps.timed("media_at_kiosk", resident_end.heard())
        await steps.timed("media_at_officer", clerk_end.heard())
        for name, end in (("kiosk", resident_end), ("officer", clerk_end)):
            steps.ms[f"media_at_{name}"] = round((min(end.first.values()) - accepted_at) * 1000, 1)
            steps.ms[f"picture_at_{name}"] = round((end.first["video"] - accepted_at) * 1000, 1)
        await steps.timed("close", clerk.do(c.Close("guided", "probe"), visit))
        await steps.timed("receipt", clerk.event(e.HandedOver, visit))
        await clerk.do(c.SetPresence("signed_out"))
        for hearer in hearers:
            hearer.cancel()


async def _tidy(resident: Wire, clerk: Wire) -> None:
    """End what an earlier probe that was cut off has left."""
    for visit in resident.welcome.visits:
        await resident.do(c.Leave(), visit.id)
    for visit in clerk.welcome.visits:
        if visit.state in ("live", "held", "wrapping"):
            await clerk.do(c.Close("guided", "probe"), visit.id)


@asynccontextmanager
async def _page(steps: Steps, name: str, origin: str, session: Session) -> AsyncIterator[tuple[Wire, End]]:
    end = End()
    try:
        async with open_wire(origin, session.token) as wire:
            await steps.timed(f"{name}_connected", end.join(wire))
            yield wire, end
    finally:
        await end.close()


def summary(runs: list[dict[str, float]]) -> dict[str, float]:
    """Return the median of each step, in milliseconds."""
    return {name: round(statistics.median(run[name] for run in runs), 1) for name in runs[0]}


async def run(origin: str, credentials: Credentials, count: int, tell: Callable[[str], None]) -> dict[str, object]:
    """Probe `count` times; return what is printed. Never raises `Failure`: it is in the answer."""
    runs: list[dict[str, float]] = []
    try:
        for number in range(count):
            runs.append(await probe(origin, credentials))
            tell(f"visit {number + 1} of {count}: {runs[-1]}")
    except Failure as failure:
        return {"ok": False, "failed": failure.step, "reason": failure.reason, "visits": len(runs)}
    return {"ok": True, "visits": count, "median_ms": summary(runs), "runs_ms": runs}
