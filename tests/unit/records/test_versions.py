"""Corrections after the hand-over, systems that fetch, and days without a case system: once each, in order, none lost."""

import random
from pathlib import Path

import pytest

from rvw.domain.chain import Corrected, Redacted
from rvw.domain.handover import decode
from rvw.domain.package import check
from rvw.domain.people import Actor, Role
from rvw.errors import Conflict, InvalidInput, NotAllowed, NotFound
from rvw.settings import Handover
from signaling.dossiers.amending import Amendments
from signaling.dossiers.evidence import attached, render
from signaling.dossiers.packages import Memory
from signaling.handover.outbox import Outbox
from signaling.records import Store
from tests.fakes.case_system import T0, FakeCaseSystem, Mood, closed_visit, sealer
from tests.fakes.dossiers import files_of, public

DAY_S = 86_400.0
OFFICER = Actor("pudong1", Role.OFFICER, "李示例", "pudong")
LEAD = Actor("lead", Role.SUPERVISOR, "王督导", "pudong")
STRANGER = Actor("other", Role.SUPERVISOR, "别处", "huangpu")
SETTINGS = Handover(timeout_s=0.01, longest_retry_s=4 * 3600.0)


class Town:
    """A store with its outbox, a case system, and a clock that is moved by hand."""

    def __init__(self, store: Store, folder: Path, way: str = "http") -> None:
        self.store, self.now, self.way = store, T0 + 1000.0, way
        self.case_system = FakeCaseSystem()
        self.told: list[tuple[str, str]] = []
        self.sealer = sealer(folder)
        self.box = Outbox(store.parcels, self.case_system, SETTINGS, self._told, lambda: self.now, random.Random(7))
        self.amendments = Amendments(store.archive, self.sealer, lambda _m: way, lambda: None, lambda: self.now)

    async def _told(self, visit: str, receipt: str) -> None:
        self.told.append((visit, receipt))

    async def close(self, visit: str) -> None:
        """File a closed visit now."""
        await self.store.archive.keep(self.sealer.first(*closed_visit(visit)), self.way, self.now)

    async def pass_(self, until: float) -> None:
        """Let the outbox do all that is due until then."""
        while (due := await self.store.parcels.next_due()) is not None and due <= until:
            self.now = max(self.now, due)
            await self.box.step()
        self.now = max(self.now, until)


@pytest.fixture
def town(store: Store, tmp_path: Path) -> Town:
    """A case system that is posted to."""
    return Town(store, tmp_path)


async def test_a_correction_goes_after_what_it_corrects(town: Town) -> None:
    """The case system is down; three versions wait, and arrive one after another, each once."""
    town.case_system.mood = "fails"
    await town.close("v1")
    for note in ("一", "二"):
        await town.amendments.correct(OFFICER, "v1", Corrected("", note, "漏写"))
    await town.pass_(town.now + DAY_S)
    assert town.case_system.arrived == []
    town.case_system.mood = "takes"
    await town.pass_(town.now + 3 * SETTINGS.longest_retry_s)
    assert town.case_system.arrived == [("v1", 1), ("v1", 2), ("v1", 3)]
    first = await town.store.archive.record("v1", 1)
    second = await town.store.archive.record("v1", 2)
    assert first is not None
    assert second is not None
    assert decode(second.dossier).supersedes == first.sha256


@pytest.mark.parametrize("seed", range(2))
async def test_two_days_of_every_kind_of_trouble(town: Town, seed: int) -> None:
    """Down, flapping, slow, garbage, and answers that are lost: each version of each visit arrives once, in order."""
    rng = random.Random(seed)
    moods: list[Mood] = ["fails", "takes, then fails", "hangs", "fails", "takes"]
    expected = []
    for number in range(4):
        await town.close(f"v{number}")
        expected.append((f"v{number}", 1))
        if number % 2:
            await town.amendments.correct(LEAD, f"v{number}", Corrected("guided", "", "点错了"))
            expected.append((f"v{number}", 2))
    until = town.now + 2 * DAY_S
    while town.now < until:
        town.case_system.mood = rng.choice(moods[:4] if town.now < until - DAY_S else moods)
        await town.pass_(town.now + rng.uniform(60, 6 * 3600))
    town.case_system.mood = "takes"
    await town.pass_(town.now + 3 * SETTINGS.longest_retry_s)
    assert sorted(town.case_system.arrived) == sorted(expected)
    assert all(
        town.case_system.arrived.index((v, 1)) < town.case_system.arrived.index((v, n)) for v, n in expected if n > 1
    )
    assert {visit for visit, _ in town.told} == {visit for visit, _ in expected}
    assert (await town.store.parcels.count())["acknowledged"] == len(expected)


async def test_after_three_days_somebody_has_to_look(town: Town) -> None:
    """Given up, on the list of the own authority alone, and sent again with three days more."""
    town.case_system.mood = "fails"
    await town.close("v1")
    await town.pass_(town.now + 3 * DAY_S + SETTINGS.longest_retry_s)
    (stuck,) = await town.store.parcels.stuck({"pudong"}, 10)
    assert (stuck.visit, stuck.state, stuck.attempts > 20) == ("v1", "dead", True)
    assert await town.store.parcels.stuck({"huangpu"}, 10) == ()
    assert await town.store.parcels.next_due() is None
    with pytest.raises(NotFound):
        await town.store.parcels.send_again("v1", town.now, 1, {"huangpu"})
    await town.store.parcels.send_again("v1", town.now, 1, {"pudong"})
    await town.pass_(town.now + DAY_S)
    assert (await town.store.parcels.count())["waiting"] == 1
    town.case_system.mood = "takes"
    await town.pass_(town.now + 3 * SETTINGS.longest_retry_s)
    assert town.case_system.arrived == [("v1", 1)]


async def test_a_removal_before_the_delivery_leaves_nothing_to_deliver(town: Town, tmp_path: Path) -> None:
    """The words are in no row any more; the case system gets the version without them, and only that; it is whole."""
    town.sealer = sealer(tmp_path, render)
    town.amendments = Amendments(town.store.archive, town.sealer, lambda _m: "http", lambda: None, lambda: town.now)
    await town.close("v1")
    order = Redacted(("visit:v1/5",), (), "涉及他人隐私", "个人信息保护法 第四十七条")
    await town.amendments.remove(LEAD, "v1", order)
    await town.pass_(town.now + 60)
    assert town.case_system.arrived == [("v1", 2)]
    before, after = [await town.store.archive.record("v1", number) for number in (1, 2)]
    assert before is not None
    assert after is not None
    assert (before.dossier, before.evidence, before.manifest, before.seed) == (b"", b"", b"", b"")
    assert len(before.sha256) == 64
    assert "您好".encode() not in after.dossier
    assert check(Memory(files_of(after)), public(tmp_path), attached).removed == 1


async def test_who_may_change_a_record(town: Town) -> None:
    """Its officer corrects, its supervisor corrects and removes, nobody else learns that it is there."""
    await town.close("v1")
    change, order = Corrected("guided", "", "r"), Redacted(("visit:v1/5",), (), "r", "b")
    for actor in (STRANGER, Actor("pudong2", Role.OFFICER, "赵", "pudong"), Actor("k", Role.KIOSK, "k", "pudong")):
        with pytest.raises(NotFound):
            await town.amendments.correct(actor, "v1", change)
    with pytest.raises(NotAllowed):
        await town.amendments.remove(OFFICER, "v1", order)
    with pytest.raises(InvalidInput):
        await town.amendments.correct(OFFICER, "v1", Corrected("", "", "r"))
    assert (await town.amendments.correct(LEAD, "v1", change)).number == 2


async def test_two_corrections_at_once_are_two_versions_or_one_conflict(town: Town) -> None:
    """The same version is written once: the slower one is told."""
    await town.close("v1")
    record = await town.amendments.correct(OFFICER, "v1", Corrected("guided", "", "r"))
    with pytest.raises(Conflict):
        await town.store.archive.amend(record, "http", town.now, False)


async def test_a_system_that_fetches(store: Store, tmp_path: Path) -> None:
    """Nothing is posted; versions are listed one after another; the first receipt counts; then the visit is told."""
    town = Town(store, tmp_path, way="pull")
    await town.close("v1")
    await town.amendments.correct(LEAD, "v1", Corrected("guided", "", "r"))
    await town.pass_(town.now + 4 * DAY_S)
    assert town.case_system.deliveries == 0
    assert [(one.visit, one.number) for one in await store.parcels.to_fetch(10)] == [("v1", 1)]
    with pytest.raises(NotFound):
        await store.parcels.fetched("v1", 2, "SL-2", town.now)
    assert await store.parcels.fetched("v1", 1, "SL-1", town.now) == "SL-1"
    assert await store.parcels.fetched("v1", 1, "SL-again", town.now) == "SL-1"
    assert [(one.visit, one.number) for one in await store.parcels.to_fetch(10)] == [("v1", 2)]
    await town.pass_(town.now + 60)
    assert town.told == [("v1", "SL-1")]
    await store.parcels.fetched("v1", 2, "SL-2", town.now)
    assert await store.parcels.to_fetch(10) == ()
