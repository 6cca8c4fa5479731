"""A page that does not give up: it reconnects to whichever process answers, resumes, and repeats what was not answered.

It folds what it is told as the real pages do, and so notices when an event is missing.
"""

import asyncio
import random
import secrets
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack, suppress

from msgspec import Struct, field

from rvw.cli.wire import RefusedError, Wire, open_wire
from rvw.domain import events as e
from rvw.domain import shift as shifts
from rvw.domain.commands import ClientCommand
from rvw.domain.fold import evolve
from rvw.domain.shift import Shift
from rvw.domain.visit import State, Visit
from rvw.errors import RvwError, Unavailable
from rvw.protocol import server
from rvw.protocol.rest import Session

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.2, 3.0
"""Between attempts to connect: `web/src/visit/wire.ts`."""

WELCOME_S = 12.0
"""How long a page waits for its welcome."""

RETRY_S = 1.0
"""After `unavailable` the same command is sent again."""


class Seen(Struct):
    """What all pages together have been promised and have noticed."""

    opened: dict[str, str] = field(default_factory=dict)
    """The kiosk of each visit whose opening was acknowledged."""
    said: dict[str, list[str]] = field(default_factory=dict)
    """Lines of chat that were acknowledged, by visit."""
    gaps: list[str] = field(default_factory=list)
    """Events that a page was never told of."""
    reconnects_s: list[float] = field(default_factory=list)
    resumed: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    turned_away: Counter[str] = field(default_factory=Counter)
    """Attempts to connect that somebody answered with something else than a welcome."""


class Page:
    """One actor at one page after another."""

    def __init__(self, origins: Sequence[str], session: Session, seen: Seen, dice: random.Random) -> None:
        self.me = session.actor.id
        self.visits: dict[str, Visit] = {}
        self.shift = Shift(actor=self.me)
        self._origins = origins
        self._token = session.token
        self._seen = seen
        self._dice = dice
        self._seq = ""
        self._wire: Wire | None = None
        self._changed = asyncio.Event()
        self._away_s: float | None = None
        """For how long the plug is pulled."""

    async def run(self) -> None:
        """Be connected, again and again, until cancelled."""
        lost_at: float | None = None
        attempt = self._dice.randrange(len(self._origins))
        failures = 0
        while True:
            try:
                async with AsyncExitStack() as stack:
                    async with asyncio.timeout(WELCOME_S):
                        origin = self._origins[attempt % len(self._origins)]
                        wire = await stack.enter_async_context(open_wire(origin, self._token, self._seq))
                    if lost_at is not None:
                        self._seen.reconnects_s.append(time.monotonic() - lost_at)
                        self._seen.resumed += wire.welcome.resumed
                    failures = 0
                    await self._use(wire)
                lost_at = time.monotonic() if self._away_s is None else None
                await asyncio.sleep(self._away_s or 0.0)
            except (RvwError, TimeoutError) as error:
                if not isinstance(error, Unavailable):
                    self._seen.turned_away[str(error) or "no welcome in time"] += 1
            attempt += 1
            failures += 1
            pause = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** (failures - 1))
            await asyncio.sleep(pause * (0.6 + 0.4 * self._dice.random()))

    async def _use(self, wire: Wire) -> None:
        """Follow the connection until it breaks."""
        self._begin(wire.welcome)
        self._wire, self._away_s = wire, None
        self._tell()
        try:
            async for message in wire.follow():
                self._take(message)
        finally:
            self._wire = None
            self._tell()

    def cut(self, away_s: float) -> None:
        """Pull the plug for so long."""
        if self._wire is not None:
            self._away_s = away_s
            self._wire.drop()

    def _begin(self, welcome: server.Welcome) -> None:
        if not welcome.resumed:
            self._seq = welcome.seq
            self.visits = {visit.id: visit for visit in welcome.visits}
            self.shift = next((one for one in welcome.shifts if one.actor == self.me), Shift(actor=self.me))
        self._tell()

    def _take(self, message: server.ServerMessage) -> None:
        match message:
            case server.Shown(seq, visit):
                self.visits[visit.id] = visit
            case server.Hidden(seq, gone):
                self.visits.pop(gone, None)
            case server.Happened(seq, recorded):
                self._fold(recorded)
            case _:
                return
        self._seq = seq
        self._tell()

    def _fold(self, recorded: e.Recorded) -> None:
        kind, _, name = recorded.stream.partition(":")
        known = self.visits.get(name) if kind == "visit" else self.shift
        version = known.version if known else 0
        if recorded.version <= version or (kind == "shift" and name != self.me):
            return
        if recorded.version > version + 1:
            if known is not None:
                self._seen.gaps.append(f"{self.me}: {recorded.stream} {recorded.version} after {version}")
            return
        if kind == "visit":
            self.visits[name] = evolve(self.visits.get(name), recorded)
        else:
            self.shift = shifts.evolve(self.shift, recorded)

    def _tell(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    def look(self) -> None:
        """Let whoever waits look again: something outside has changed."""
        self._tell()

    async def until(self, holds: Callable[[], bool], within_s: float | None = None) -> bool:
        """Return when something holds, or after so long; tell whether it does."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                while not holds():
                    await self._changed.wait()
        return holds()

    async def do(self, command: ClientCommand, visit: str = "") -> str:
        """Have a command carried out, over as many connections as it takes. Raises `RefusedError`."""
        ref = secrets.token_hex(8)
        while True:
            await self.until(lambda: self._wire is not None)
            wire = self._wire
            assert wire is not None  # noqa: S101 - nothing was awaited since
            try:
                return await wire.do(command, visit, ref)
            except RefusedError as error:
                self._seen.refused[error.refused.code] += 1
                if error.refused.code != Unavailable.code:
                    raise
                await asyncio.sleep(RETRY_S)
            except Unavailable:
                await self._other_than(wire)

    async def _other_than(self, broken: Wire) -> None:
        await self.until(lambda: self._wire is not broken)

    @property
    def own(self) -> Visit | None:
        """The open visit that this officer has, or is offered."""
        return next((v for v in self.visits.values() if v.officer == self.me and v.state is not State.CLOSED), None)
