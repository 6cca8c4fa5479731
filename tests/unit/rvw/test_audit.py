"""The auditor finds what must not be: each kind is planted in a real Valkey and is named."""

import itertools
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio
from redis.asyncio import Redis
from typer.testing import CliRunner

from rvw.cli.audit import Source, app, read
from rvw.domain import commands as c
from rvw.domain import events as e
from rvw.domain.audit import Finding, Store, audit
from rvw.domain.people import SYSTEM
from rvw.domain.visit import Visit
from rvw.ids import make_id
from rvw.protocol.codec import encode
from signaling.keys import Keys
from signaling.ledger import Ledger, connect
from signaling.office import Office
from tests.fakes.clock import NOON, ManualClock
from tests.fakes.counter import TERMS, Counter
from tests.fakes.town import KIOSK_ONE, KIOSK_TWO, OFFICER_LI, OFFICER_ZHOU, TOWN
from tests.fakes.valkey import Valkey, running_valkey

CELLS = itertools.count()


class Scene:
    """A small queue in a real Valkey: one visit on offer to Li, one waiting, one closed."""

    def __init__(self, client: "Redis", url: str, keys: Keys) -> None:
        self.redis = client
        self.keys = keys
        self.clock = ManualClock()
        self._serials = itertools.count(1)
        self.office = Office(Ledger(client, keys), lambda: TOWN, TERMS, self.clock, self._id, self._ticket, self._nothing)
        self.source = Source(url, keys.cell)
        self.offered = self.waiting = self.closed = ""

    async def play(self) -> None:
        """Let it come to that."""
        for actor in (KIOSK_ONE, KIOSK_TWO, OFFICER_LI, OFFICER_ZHOU):
            await self.office.perform(actor, c.SetPresence("ready"))
        self.closed = await self.office.perform(KIOSK_ONE, c.Open("card", "310113"))
        await self.office.perform(KIOSK_ONE, c.Leave(), self.closed)
        self.offered = await self.office.perform(KIOSK_ONE, c.Open("card", "310113"))
        self.waiting = await self.office.perform(KIOSK_TWO, c.Open("shop", "310113"))
        await self.office.perform(SYSTEM, c.Offer("li", "baoshan"), self.offered)

    async def findings(self, later: float = 0.0, recorded: frozenset[str] | None = frozenset()) -> list[Finding]:
        """Read the store and ask the auditor."""
        store = await read(self.source)
        store.recorded = recorded
        return list(audit(store, self.clock() + later))

    async def add(self, stream: str, version: int, event: e.Event) -> None:
        """Write an event past every rule."""
        recorded = e.Recorded(stream, version, self.clock(), "nobody", "", event)
        await self.redis.xadd(self.keys.stream(stream), {"r": encode(recorded)}, id=f"{version}-0")

    def _id(self) -> str:
        return make_id(self.clock(), next(self._serials).to_bytes(8))

    async def _ticket(self, _visit: str) -> str:
        return "A001"

    async def _nothing(self, _before: Visit | None, _after: Visit) -> None:
        """Media is another test's."""


@pytest_asyncio.fixture(scope="module")
async def valkey() -> AsyncIterator[Valkey]:
    """One server for all scenes; each has a cell of its own."""
    async with running_valkey() as server:
        yield server


@pytest_asyncio.fixture
async def scene(valkey: Valkey) -> AsyncIterator[Scene]:
    """A queue in good order."""
    async with connect(valkey.url) as client:
        made = Scene(client, valkey.url, Keys(f"audit-{next(CELLS)}"))
        await made.play()
        yield made


async def test_a_queue_in_order_has_no_findings(scene: Scene) -> None:
    """Not at once, and not while deadlines are ahead."""
    assert await scene.findings() == []
    assert await scene.findings(later=20) == []


async def two_officers(scene: Scene) -> str:
    await scene.add(f"visit:{scene.offered}", 3, e.Offered("zhou", "baoshan", NOON + 20))
    await scene.add("shift:zhou", 2, e.Engaged(scene.offered))
    return f"visit:{scene.offered}"


async def two_visits(scene: Scene) -> str:
    await scene.add("shift:li", 3, e.Engaged(scene.waiting))
    return "shift:li"


async def gap(scene: Scene) -> str:
    await scene.add(f"visit:{scene.waiting}", 3, e.Interrupted("kiosk-2", NOON + 60))
    return f"visit:{scene.waiting}"


async def unreadable(scene: Scene) -> str:
    await scene.redis.xadd(scene.keys.stream("shift:zhou"), {"r": "{}"}, id="2-0")
    return "shift:zhou"


async def impossible(scene: Scene) -> str:
    await scene.add(f"visit:{scene.waiting}", 2, e.Held(NOON + 60))
    return f"visit:{scene.waiting}"


async def row(scene: Scene) -> str:
    await scene.redis.hdel(scene.keys.of("board"), f"visit:{scene.waiting}")
    return f"visit:{scene.waiting}"


async def stray_row(scene: Scene) -> str:
    found = await scene.redis.hget(scene.keys.of("board"), f"visit:{scene.waiting}")
    await scene.redis.hset(scene.keys.of("board"), "visit:ghost", str(found))
    return "visit:ghost"


async def no_deadline(scene: Scene) -> str:
    await scene.redis.zrem(scene.keys.of("deadlines"), f"visit:{scene.waiting}")
    return f"visit:{scene.waiting}"


async def wrong_deadline(scene: Scene) -> str:
    await scene.redis.zadd(scene.keys.of("deadlines"), {f"visit:{scene.waiting}": NOON + 9e6})
    return f"visit:{scene.waiting}"


async def shift(scene: Scene) -> str:
    await scene.add("shift:zhou", 2, e.Engaged(scene.waiting))
    return "shift:zhou"


async def unrecorded(scene: Scene) -> str:
    await scene.redis.srem(scene.keys.of("unrecorded"), f"visit:{scene.closed}")
    return f"visit:{scene.closed}"


async def step_too_early(scene: Scene) -> str:
    busy = (e.Passed("baoshan", "busy"),)
    await scene.add(f"visit:{scene.waiting}", 2, e.StepReached("city", busy, None))
    return f"visit:{scene.waiting}"


async def step_to_a_stranger(scene: Scene) -> str:
    await scene.add(f"visit:{scene.waiting}", 2, e.StepReached("pudong", (e.Passed("baoshan", "closed"),), None))
    return f"visit:{scene.waiting}"


async def step_without_its_reason(scene: Scene) -> str:
    await scene.add(f"visit:{scene.waiting}", 2, e.StepReached("city", (), None))
    return f"visit:{scene.waiting}"


async def offer_of_a_desk_that_is_not_asked(scene: Scene) -> str:
    await scene.add(f"visit:{scene.waiting}", 2, e.Offered("zhou", "city", NOON + 20))
    return f"visit:{scene.waiting}"


async def head_start_off_the_board(scene: Scene) -> str:
    await scene.add(f"visit:{scene.waiting}", 2, e.Prioritised("elder", "", 600))
    return f"visit:{scene.waiting}"


PLANTED: tuple[tuple[str, Callable[[Scene], Awaitable[str]]], ...] = (
    ("two_officers", two_officers),
    ("two_visits", two_visits),
    ("gap", gap),
    ("unreadable", unreadable),
    ("impossible", impossible),
    ("row", row),
    ("row", stray_row),
    ("no_deadline", no_deadline),
    ("no_deadline", wrong_deadline),
    ("shift", shift),
    ("unrecorded", unrecorded),
    ("step", step_too_early),
    ("step", step_to_a_stranger),
    ("step", step_without_its_reason),
    ("step", offer_of_a_desk_that_is_not_asked),
    ("row", head_start_off_the_board),
)


@pytest.mark.parametrize(("kind", "plant"), PLANTED, ids=[plant.__name__ for _, plant in PLANTED])
async def test_what_is_planted_is_named(scene: Scene, kind: str, plant: Callable[[Scene], Awaitable[str]]) -> None:
    """Kind and stream."""
    stream = await plant(scene)
    assert (kind, stream) in {(one.kind, one.stream) for one in await scene.findings()}


async def test_a_visit_past_its_deadline_is_reported(scene: Scene) -> None:
    """The offer was to end after twenty seconds, and nobody did anything for half a minute."""
    overdue = [one for one in await scene.findings(later=31) if one.kind == "overdue"]
    assert [one.stream for one in overdue] == [f"visit:{scene.offered}"]


async def test_a_recorded_visit_need_not_be_on_the_list(scene: Scene) -> None:
    """And without the records nobody can say."""
    stream = await unrecorded(scene)
    assert await scene.findings(recorded=frozenset({stream})) == []
    assert await scene.findings(recorded=None) == []


async def test_without_an_officer_a_talk_has_no_owner(scene: Scene) -> None:
    """A visit that goes on though nobody has accepted it."""
    await scene.add(f"visit:{scene.waiting}", 2, e.Accepted("zhou", "周示例", NOON + 60))
    kinds = {one.kind for one in await scene.findings() if one.stream == f"visit:{scene.waiting}"}
    assert {"no_owner", "impossible"} <= kinds


def events(counter: Counter) -> Iterator[str]:
    """The log of a counter, one event a line."""
    return (msgspec.json.encode(entry.recorded).decode() for entry in counter.ledger.log)


def test_the_command_reads_a_file_and_exits_with_one(tmp_path: Path) -> None:
    """In order: 0. A line left out: 1, with its name. A line that is no event: said with its number."""
    counter = Counter()
    counter.perform(KIOSK_ONE, c.SetPresence("ready"))
    visit = counter.perform(KIOSK_ONE, c.Open("card", "310113"))
    counter.perform(KIOSK_ONE, c.Leave(), visit)
    file = tmp_path / "events.ndjson"
    file.write_text("\n".join(events(counter)))
    good = CliRunner().invoke(app, ["queue", "--file", str(file)])
    assert (good.exit_code, json.loads(good.stdout)["violations"]) == (0, [])
    file.write_text("\n".join(text for text in events(counter) if '"type":"opened"' not in text))
    bad = CliRunner().invoke(app, ["queue", "--file", str(file)])
    assert bad.exit_code == 1
    assert "gap" in {one["kind"] for one in json.loads(bad.stdout)["violations"]}
    file.write_text("{}")
    assert "line 1" in str(CliRunner().invoke(app, ["queue", "--file", str(file)]).exception)


def test_the_two_reckonings_agree_and_a_difference_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The auditor does not take the fold's word."""
    counter = Counter()
    counter.perform(KIOSK_ONE, c.SetPresence("ready"))
    counter.perform(KIOSK_ONE, c.Open("card", "310113"))
    store = Store(
        streams={name: [(r.version, r) for r in stream] for name, stream in counter.ledger.streams.items()},
    )
    assert audit(store, NOON) == ()
    monkeypatch.setattr("rvw.domain.visit.due", lambda _visit: NOON)
    assert [one.kind for one in audit(store, NOON)] == ["disagreement"]


def test_the_running_product_says_where_its_store_is(tmp_path: Path) -> None:
    """And without it the command says what is missing."""
    assert "is `rvw up" in str(CliRunner().invoke(app, ["queue", "--data", str(tmp_path)]).exception)
    assert "--redis" in str(CliRunner().invoke(app, ["queue"]).exception)
