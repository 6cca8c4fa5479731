"""What people do: residents who open, wait, talk, leave and come again; officers who answer, decline, miss, hold, requeue,
send on, go for lunch and lose their line. Which of it when, the dice say."""

import asyncio
import random
from collections.abc import Sequence

from rvw.cli.bench.chaos.page import Page, Seen
from rvw.cli.bench.chaos.town import MATTER
from rvw.cli.wire import RefusedError
from rvw.domain import commands as c
from rvw.domain.catalogue import Desk
from rvw.domain.events import Outcome
from rvw.domain.visit import State, Visit

REST_S = (1.0, 15.0)
"""Between two residents at a kiosk."""
PATIENCE_S = (2.0, 20.0)
"""Of those who do not wait."""
TALK_S = (4.0, 16.0)
THINK_S = (0.3, 2.0)
BLINK_S = 1.0
"""A line that comes back before anybody is given up."""
GONE_S = (20.0, 40.0)
"""A line that comes back too late."""

OUTCOMES: Sequence[Outcome] = ("guided", "unresolved")
"""Nobody hands in papers here, so nothing is complete enough to be accepted."""

QUEUED = (State.WAITING, State.OFFERED)
TALKING = (State.LIVE, State.HELD)


async def attempt(page: Page, command: c.ClientCommand, visit: str = "") -> str | None:
    """Return the visit's id, or `None` for a refusal: somebody was faster, or it is not possible any more."""
    try:
        return await page.do(command, visit)
    except RefusedError:
        return None


class Resident:
    """A kiosk with one resident after another."""

    def __init__(self, page: Page, desks: Sequence[Desk], seen: Seen, dice: random.Random, ending: asyncio.Event) -> None:
        self._page = page
        self._desks = desks
        self._seen = seen
        self._dice = dice
        self._ending = ending

    async def run(self) -> None:
        """Open visits until the end has come, and leave none open."""
        while True:
            await self._page.until(self._ending.is_set, self._dice.uniform(*REST_S))
            if self._ending.is_set():
                return
            visit = await attempt(self._page, c.Open(MATTER, self._dice.choice(self._desks).region))
            if visit:
                self._seen.opened[visit] = self._page.me
                await self._stay(visit)

    async def _stay(self, visit: str) -> None:
        page, dice = self._page, self._dice
        await page.until(lambda: visit in page.visits)
        if dice.random() < 0.15:
            await attempt(page, c.Prioritise("elder"), visit)
        patience = dice.uniform(*PATIENCE_S) if dice.random() < 0.1 else None
        await page.until(lambda: self._state(visit) not in QUEUED or self._ending.is_set(), patience)
        if self._state(visit) in QUEUED and patience is not None:
            await attempt(page, c.Leave(), visit)
        await self._talk(visit)
        while self._state(visit) in (*QUEUED, *TALKING):
            await page.until(lambda: self._may_leave(visit) or self._state(visit) not in (*QUEUED, *TALKING))
            if self._may_leave(visit):
                await attempt(page, c.Leave(), visit)
                await page.until(lambda: self._state(visit) not in QUEUED, 1.0)

    async def _talk(self, visit: str) -> None:
        """Say something, and perhaps lose the line, or walk away."""
        page, dice = self._page, self._dice
        for number in range(dice.randrange(3)):
            await asyncio.sleep(dice.uniform(*THINK_S))
            if self._state(visit) in TALKING:
                await say(page, self._seen, visit, f"{page.me} {number}")
        luck = dice.random()
        if luck < 0.04:
            page.cut(BLINK_S)
        elif luck < 0.05:
            page.cut(dice.uniform(*GONE_S))
        elif luck < 0.08 and self._state(visit) in TALKING:
            await attempt(page, c.Leave(), visit)

    def _may_leave(self, visit: str) -> bool:
        return self._ending.is_set() and self._state(visit) in QUEUED

    def _state(self, visit: str) -> State:
        """Return where the visit is; one that this page sees no more is over."""
        known = self._page.visits.get(visit)
        return known.state if known else State.CLOSED


class Officer:
    """One officer's shift."""

    def __init__(self, page: Page, desks: Sequence[Desk], seen: Seen, dice: random.Random, ending: asyncio.Event) -> None:
        self._page = page
        self._desks = desks
        self._seen = seen
        self._dice = dice
        self._ending = ending

    async def run(self) -> None:
        """Serve until cancelled."""
        page = self._page
        while True:
            visit = page.own
            if visit is None:
                await self._be_ready()
                await page.until(lambda: page.own is not None or page.shift.presence != "ready")
            elif visit.state is State.OFFERED:
                await self._answer(visit)
            elif visit.state is State.WRAPPING:
                await asyncio.sleep(self._dice.uniform(*THINK_S))
                await self._write_down(visit)
            else:
                await self._talk(visit)

    async def _be_ready(self) -> None:
        page, dice = self._page, self._dice
        if dice.random() < 0.05 and not self._ending.is_set() and page.shift.presence == "ready":
            await attempt(page, c.SetPresence("on_break", "午饭"))
            await asyncio.sleep(dice.uniform(*THINK_S))
        if page.shift.presence != "ready":
            await attempt(page, c.SetPresence("ready"))
            await page.until(lambda: page.shift.presence == "ready", 1.0)

    async def _answer(self, visit: Visit) -> None:
        page, dice = self._page, self._dice
        luck = dice.random()
        if luck < 0.05:  # does not hear it
            await page.until(lambda: page.own is None or page.own.state is not State.OFFERED)
            return
        await asyncio.sleep(dice.uniform(*THINK_S))
        await attempt(page, c.Decline() if luck < 0.1 else c.Accept(), visit.id)
        await page.until(lambda: page.own is None or page.own.state is not State.OFFERED, 1.0)

    async def _talk(self, visit: Visit) -> None:
        page, dice = self._page, self._dice
        await say(page, self._seen, visit.id, f"{page.me} 您好")
        await page.until(lambda: not self._talks_in(visit.id), dice.uniform(*TALK_S))
        if not self._talks_in(visit.id):
            return
        luck = dice.random()
        if luck < 0.1:
            await attempt(page, c.Hold(), visit.id)
            await asyncio.sleep(dice.uniform(*THINK_S))
            await attempt(page, c.Resume(), visit.id)
        elif luck < 0.14:
            await attempt(page, c.Requeue("缺一份材料"), visit.id)
        elif luck < 0.18:
            await attempt(page, c.Transfer(dice.choice(self._desks).id, "由该区办理"), visit.id)
        elif luck < 0.2:
            page.cut(BLINK_S if dice.random() < 0.7 else dice.uniform(*GONE_S))
        elif luck < 0.6:
            await attempt(page, c.End(), visit.id)
        else:
            await self._write_down(visit)
        await page.until(lambda: not self._talks_in(visit.id), 1.0)

    def _talks_in(self, visit: str) -> bool:
        own = self._page.own
        return own is not None and own.id == visit and own.state in TALKING

    async def _write_down(self, visit: Visit) -> None:
        outcome = self._dice.choice(OUTCOMES)
        await attempt(self._page, c.Close(outcome, "演练"), visit.id)
        await self._page.until(lambda: self._page.own is None or self._page.own.id != visit.id, 1.0)


async def say(page: Page, seen: Seen, visit: str, text: str) -> None:
    """Say a line of chat; one that is acknowledged must be in the record."""
    if await attempt(page, c.Say(text), visit):
        seen.said.setdefault(visit, []).append(text)
