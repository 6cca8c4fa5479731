"""The audit log: every change to it is found and named, whoever writes at once, over restarts, in file and database."""

import asyncio
import json
import time
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from typer.testing import CliRunner

from rvw.cli import app
from rvw.domain.chain import FIRST
from rvw.domain.people import Actor, Role
from rvw.domain.seal import PublicKeys
from rvw.domain.trail import Check, Line, Noted, noted, sealed_head
from rvw.errors import NotWhole, Unavailable
from signaling.dossiers.keys import SealKeys, open_keys
from signaling.keeping.audit import Audit
from signaling.records import Store, open_store
from signaling.records.database import sqlite_url
from tests.fakes.case_system import T0

LEAD = Actor("lead-feng", Role.SUPERVISOR, "冯督导", "sh-pudong")


def a_log(length: int) -> list[Noted]:
    """Return a log of so many entries."""
    entries: list[Noted] = []
    last = (0, FIRST)
    for number in range(length):
        entries.append(noted(last, T0 + number, "lead-feng", "supervisor", "saw", f"v{number}", "dossier 1"))
        last = (entries[-1].number, entries[-1].link)
    return entries


def check(entries: list[Noted], keys: PublicKeys, seal: bytes | None = None) -> int:
    """Return how many entries were checked."""
    checking = Check(keys)
    for entry in entries:
        checking.entry(entry)
    if seal:
        checking.seal(seal)
    return checking.end().entries


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> SealKeys:
    """A key to seal with."""
    return open_keys(tmp_path_factory.mktemp("keys"), T0)


@given(data=st.data())
def test_the_first_entry_that_does_not_fit_is_named(keys: SealKeys, data: st.DataObject) -> None:
    """Any field of any entry is another: that entry is named, not a later one."""
    entries = a_log(6)
    place = data.draw(st.integers(0, 5))
    field = data.draw(st.sampled_from(["at", "actor", "role", "did", "visit", "what", "link"]))
    other = {"at": T0 - 1.5, "did": "took", "link": "ab" * 32}.get(field, "somebody else")
    entries[place] = msgspec.structs.replace(entries[place], **{field: other})
    with pytest.raises(NotWhole, match=f"entry {place + 1} "):
        check(entries, keys.public())


def test_what_is_left_out_moved_or_cut_off_is_named(keys: SealKeys) -> None:
    """One in the middle is gone, two are exchanged, the last are cut off after a seal, all is written anew."""
    entries = a_log(6)
    seal = sealed_head(entries[4], keys.signer(), T0)
    assert check(entries[:5], keys.public(), seal) == 5
    for wrong, told in (
        (entries[:2] + entries[3:], "entry 3 is missing"),
        ([entries[1], entries[0], *entries[2:]], "entry 1 is missing"),
        (entries[:4], "entry 5 is missing"),
        ([], "entry 1 is missing"),
        (entries, "the seal of entry 5 is not in its place"),
    ):
        with pytest.raises(NotWhole, match=told):
            check(wrong, keys.public(), seal)
    anew = [noted((0, FIRST), T0, "nobody", "officer", "saw", "v0", "dossier 1")]
    for _ in range(4):
        anew.append(noted((anew[-1].number, anew[-1].link), T0, "nobody", "officer", "saw", "v0", "dossier 1"))
    with pytest.raises(NotWhole, match="entry 5 is not the one that was sealed"):
        check(anew, keys.public(), seal)
    forged = sealed_head(anew[-1], open_keys_of_another().signer(), T0)
    with pytest.raises(NotWhole, match="not among the public keys"):
        check(anew, keys.public(), forged)


def open_keys_of_another() -> SealKeys:
    """Return somebody else's key."""
    import tempfile

    return open_keys(Path(tempfile.mkdtemp(prefix="rvw-test-")), T0)


async def audited(store: Store, folder: Path) -> Audit:
    """Return the log of a process."""
    return Audit(store.trail, open_keys(folder, T0), lambda: T0)


async def test_many_processes_write_one_chain(tmp_path: Path) -> None:
    """Three stores note at once, sixty times, and one starts anew: one chain without a gap, over all of them."""
    async with open_store(sqlite_url(tmp_path)) as one, open_store(sqlite_url(tmp_path)) as two:
        logs = [await audited(store, tmp_path) for store in (one, two)]
        await asyncio.gather(*(log.note(LEAD, "saw", f"v{n}", "marks") for n in range(30) for log in logs))
        await logs[0].seal()
        await logs[1].seal()  # nothing new: no second seal
    async with open_store(sqlite_url(tmp_path)) as again:
        await (await audited(again, tmp_path)).note(LEAD, "changed", "v1", "dossier 2, corrected")
        checking = Check(open_keys(tmp_path, T0).public())
        async for line in again.trail.lines():
            checking.entry(line.entry) if line.entry else checking.seal(line.sealed.encode())
        intact = checking.end()
        assert (intact.entries, intact.seals, intact.sealed) == (61, 1, 60)
        assert [entry.did for entry in await again.trail.of("v1", 10)] == ["changed", "saw", "saw"]


@pytest.mark.parametrize("change", ["UPDATE audit_log SET actor = 'x'", "DELETE FROM audit_log", "DELETE FROM audit_seals"])
async def test_the_database_refuses_changes(tmp_path: Path, change: str) -> None:
    """A statement that changes or deletes entries fails."""
    async with open_store(sqlite_url(tmp_path)) as store:
        log = await audited(store, tmp_path)
        await log.note(LEAD, "saw", "v1", "marks")
        await log.seal()
        with pytest.raises(Unavailable):
            await run(store, change)


async def run(store: Store, statement: str) -> None:
    """Run a statement."""
    async with store.database.writing() as connection:
        await connection.execute(text(statement))


async def test_what_cannot_be_noted_is_not_shown(tmp_path: Path) -> None:
    """The table is gone: the note raises, so that who asks is refused."""
    async with open_store(sqlite_url(tmp_path)) as store:
        log = await audited(store, tmp_path)
        await run(store, "DROP TABLE audit_log")
        with pytest.raises(Unavailable):
            await log.note(LEAD, "saw", "v1", "marks")


def test_export_and_verify_by_the_command_line(tmp_path: Path) -> None:
    """`rvw audit export` and `verify`: whole; then one bit of the file, then one row of the database, is named."""

    async def some() -> None:
        async with open_store(sqlite_url(tmp_path)) as store:
            log = Audit(store.trail, open_keys(tmp_path, time.time()), time.time)
            for number in range(5):
                await log.note(LEAD, "saw", f"v{number}", "dossier 1")

    asyncio.run(some())
    file = tmp_path / "log.ndjson"
    runner = CliRunner()
    assert runner.invoke(app, ["audit", "export", "--to", str(file), "--data", str(tmp_path)]).exit_code == 0
    told = runner.invoke(app, ["audit", "verify", "--file", str(file), "--data", str(tmp_path), "--json"])
    assert told.exit_code == 0
    assert json.loads(told.stdout)["entries"] == json.loads(told.stdout)["sealed"] == 6
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join([*lines[:2], lines[2].replace(b'"saw"', b'"took"'), *lines[3:]]))
    told = runner.invoke(app, ["audit", "verify", "--file", str(file), "--data", str(tmp_path)])
    assert told.exit_code == 1
    assert "entry 3 " in told.stdout

    async def forge() -> None:
        async with open_store(sqlite_url(tmp_path)) as store:
            await run(store, "DROP TRIGGER audit_log_update")
            await run(store, "UPDATE audit_log SET visit = 'v9' WHERE number = 4")

    assert runner.invoke(app, ["audit", "verify", "--data", str(tmp_path)]).exit_code == 0
    asyncio.run(forge())
    told = runner.invoke(app, ["audit", "verify", "--data", str(tmp_path)])
    assert told.exit_code == 1
    assert "entry 4 " in told.stdout


def test_a_line_is_a_line() -> None:
    """What is written is read again."""
    (entry,) = a_log(1)
    assert msgspec.json.decode(msgspec.json.encode(Line(entry=entry)), type=Line) == Line(entry=entry)
