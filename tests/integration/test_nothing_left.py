"""The real product, with its real stores: what a rule deletes is nowhere any more, and a certificate says so."""

import asyncio
import json
import os
import shutil
import sys
from asyncio import TaskGroup
from asyncio.subprocess import PIPE, STDOUT
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, ExitStack
from pathlib import Path

import httpx2
import msgspec
import pytest
from sqlalchemy import select

import config
from rvw.cli.wire import Http, Wire
from rvw.domain import commands as c
from rvw.domain import events as e
from rvw.errors import InvalidSettings
from rvw.protocol.applications import DocumentShown
from rvw.protocol.endings import RatingGiven
from rvw.protocol.rest import GuestWanted
from rvw.settings import load
from signaling.blobs.opening import open_blobs
from signaling.keeping.provider import FileKeys, Wrapped
from signaling.records import Store, open_store
from signaling.records.models import Base
from tests.fakes import papers
from tests.fakes.postgres import postgres
from tests.fakes.product import PASSWORD, Product, product
from tests.fakes.sender import Sender
from tests.fakes.talking import agreed, handed_over, page, tokens

NAME = "东方测试不败"
"""Of the resident, made up, planted wherever a name can be."""
NUMBER = "110105200002290013"
PHONE = "13800007777"

RULE = """
[[rule]]
id = "cards-at-once"
kind = "dossier"
days = 0
basis = "测试规定"
matters = ["social-card"]
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of the records; empty for SQLite in the data folder."""
    with ExitStack() as stack:
        yield stack.enter_context(postgres()) if request.param == "postgresql" else ""


@pytest.fixture
def catalogue(tmp_path: Path) -> Path:
    """The product's catalogue, by which nothing is deleted yet."""
    folder = tmp_path / "catalogue"
    shutil.copytree(config.FOLDER / "catalogue", folder)
    (folder / "keeping.toml").write_text("")
    return folder


async def test_what_is_deleted_by_rule_is_nowhere_any_more(tmp_path: Path, catalogue: Path, database: str) -> None:
    """A name is said, written, signed with and handed over in a talk that is recorded; held, then let go.

    No file of any store has the name afterwards, nor anything of what was seen and heard, encrypted or not.
    """
    settings = {
        "catalogue": catalogue, "handover.adapter": "folder", "keeping.from_hour": 0, "keeping.until_hour": 24,
        "keeping.look_s": 0.5, "store.sql": database,
    }  # fmt: skip
    words = [word for name, one in settings.items() for word in ("--set", f"{name}={one}")]
    async with product(tmp_path / "data", *words) as it:
        keeper = Keeper(it, database, catalogue)
        visit = await a_visit(it)
        stores = [it.data, *([Path(database.partition("host=")[2])] if database else [])]
        seen_and_heard, lying = await keeper.recorded(visit)
        assert found(stores, *seen_and_heard) == [], "what was seen and heard lies nowhere as it was"
        assert len(found(stores, *lying)) == len(lying)
        planted = {path.parent.name for path in found(stores, NAME)}
        assert {"appendonlydir", "handover"} <= planted, "what was planted can be found"
        wrapped = await keeper.wrapped(visit)
        assert found(stores, wrapped.data)

        held = json.loads((await keeper.says("hold", visit, "--why", "行政复议")).said)
        (catalogue / "keeping.toml").write_text(RULE)
        assert json.loads((await keeper.says("due")).said)[0]["obstacle"] == "held"
        assert (await keeper.says("lift", held["id"], "--why", "复议已结")).code == 0

        sealed = await keeper.certificate(visit)
        assert found(stores, NAME) == found(stores, *seen_and_heard) == found(stores, *lying) == []
        assert not [path for path in it.data.rglob("*") if path.suffix in (".spool", ".part")]
        assert await keeper.tables(visit) <= {"audit_log", "deletions", "holds", "notices", "visit_keys"}
        assert await keeper.told(visit) == sealed
        assert found([it.data], NUMBER) == found([it.data], PHONE) == []
        if not database:  # PostgreSQL's write-ahead log keeps it until it is recycled, or the wrapping key is rotated
            assert found(stores, wrapped.data) == []
        assert await keeper.checks(sealed) == 0
        damaged = bytearray(sealed)
        damaged[len(damaged) // 2] ^= 1
        assert await keeper.checks(bytes(damaged)) == 1
        lead = (await Http(it.origin).login("lead-pudong", PASSWORD)).token
        async with httpx2.AsyncClient(base_url=it.origin, headers={"authorization": f"Bearer {lead}"}) as http:
            for path in (f"/api/records/{visit}/playback", f"/api/visits/{visit}/events", f"/api/visits/{visit}/papers"):
                assert (await http.get(path)).status_code == 404, path
        assert (await keeper.says("run")).said.strip() == "[]"
        assert found(stores, NAME) == []
        if database:
            assert await keeper.unwraps(visit, wrapped), (
                "whoever finds it in PostgreSQL's log can read it with the key file"
            )
            async with TaskGroup() as tasks:
                tasks.create_task(keeper.rotates())
                await keeper.certificate(await a_visit(it))
            assert not await keeper.unwraps(visit, wrapped)


async def a_visit(it: Product) -> str:
    """Let somebody come, say, hand in and be named, and be handed over; return the visit."""
    kiosk_token, officer_token = await tokens(it)
    async with page(it.origin, kiosk_token) as kiosk, page(it.origin, officer_token) as officer:
        await officer.do(c.SetPresence("ready"))
        visit = await kiosk.do(c.Open("social-card", "310115", answers=agreed("sensitive", "recording")))
        await officer.shown(visit)
        await officer.do(c.Accept(), visit)
        await officer.event(e.RecordingStarted, visit)
        await _is_named(it, visit, kiosk, kiosk_token, officer_token)
        await officer.do(c.Close("guided", f"{NAME}已告知", next_step=f"请{NAME}带身份证"), visit)
        await _ask(it, kiosk_token, f"visits/{visit}/rating", RatingGiven(5, text=f"{NAME}很满意"))
        await officer.event(e.HandedOver, visit)
        await officer.do(c.SetPresence("signed_out"))
    return visit


async def _is_named(it: Product, visit: str, kiosk: Wire, kiosk_token: str, officer_token: str) -> None:
    await kiosk.do(c.Say(f"我叫{NAME}，电话{PHONE}"), visit)
    shown = DocumentShown(subject="person", shown_by="card", name=NAME, number=NUMBER)
    await _ask(it, kiosk_token, f"visits/{visit}/identity", shown)
    await _ask(it, officer_token, f"visits/{visit}/guests", GuestWanted(NAME, it.origin))
    async with Sender(it.origin, kiosk_token, visit) as sender:
        await sender.send(papers.jpeg(papers.page(620, 877, "PAPER")), name=f"{NAME}.jpg", title=f"{NAME}的身份证")


async def _ask(it: Product, token: str, path: str, body: msgspec.Struct) -> None:
    async with httpx2.AsyncClient(headers={"authorization": f"Bearer {token}"}) as http:
        answer = await http.post(f"{it.origin}/api/{path}", content=msgspec.json.encode(body))
    assert answer.status_code == 200, answer.text


def found(folders: list[Path], *wanted: str | bytes) -> list[Path]:
    """Return the files that hold any of the words, however a program here may have written them."""
    spellings = [one for words in wanted for one in spelt(words)]
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    return [path for path in files if holds(path, spellings)]


def spelt(words: str | bytes) -> list[bytes]:
    """Return the bytes of words in each way of writing them."""
    return [words] if isinstance(words, bytes) else [
        words.encode(), words.encode("utf-16-le"), words.encode("utf-16-be"), words.encode("gb18030"),
        json.dumps(words)[1:-1].encode(), "".join(f"\\x{byte:02x}" for byte in words.encode()).encode(),
    ]  # fmt: skip


def holds(path: Path, spellings: list[bytes]) -> bool:
    """Tell whether a file has any of these; one that was taken away meanwhile has nothing."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return False
    return any(one in data for one in spellings)


def piece(data: bytes) -> bytes:
    """Return what is in the middle of a file: long enough that it is nowhere else by chance."""
    return data[len(data) // 2 :][:48]


class Said(msgspec.Struct):
    """What a command said."""

    code: int
    said: str


class Keeper:
    """Somebody at the machine."""

    def __init__(self, it: Product, sql: str, catalogue: Path) -> None:
        self._it = it
        self._environment = {**os.environ, "RVW_CATALOGUE": str(catalogue), "RVW_STORE__SQL": sql or it.sql}
        self._environment["RVW_HANDOVER__ADAPTER"] = "folder"
        self._sql = sql or it.sql

    async def says(self, *words: str) -> Said:
        """Type `rvw keep …`."""
        return await self._rvw("keep", *words, "--data", str(self._it.data))

    def _store(self) -> AbstractAsyncContextManager[Store]:
        return open_store(self._sql, FileKeys(self._it.data / "data-keys.json"))

    async def recorded(self, visit: str) -> tuple[list[bytes], list[bytes]]:
        """Wait until the film has been made and handed over; return pieces of every file of the visit.

        First as it plays, then as it lies on the disk.
        """
        settings = load("", {}, {"store.data": str(self._it.data)})
        async with self._store() as store, asyncio.timeout(120):
            await handed_over(store, visit, 2)
            recording = await store.recordings.find(visit)
            assert recording is not None
            assert recording.film is not None
            assert {one.out for one in recording.files} == {"mic", "camera"}
            assert recording.film.seconds > 1
            blobs = open_blobs(settings, store.keys)
            names = [*(one.sha256 for one in recording.files), recording.film.sha256]
            whole = [b"".join([chunk async for chunk in blobs.read(visit, name)]) for name in names]
        paths = [path for name in names for path in self._it.data.rglob(name)]
        assert len(paths) == len(names)
        return [piece(one) for one in whole], [piece(path.read_bytes()) for path in paths]

    async def tables(self, visit: str) -> set[str]:
        """Return the tables in which there is a row of a visit."""
        async with self._store() as store, store.database.reading() as connection:
            tables = [one for one in Base.metadata.sorted_tables if "visit" in one.c]
            assert len(tables) >= 8
            return {
                one.name
                for one in tables
                if (await connection.execute(select(one.c.visit).where(one.c.visit == visit))).first()
            }

    async def told(self, visit: str) -> bytes:
        """Return what the case system has of a visit that was deleted, when it has it."""
        async with self._store() as store, asyncio.timeout(60):
            while (notice := await store.notices.progress(visit, 3)) is None or notice.acknowledged_at is None:  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        (file,) = (self._it.data / "handover").glob(f"{visit}.*")
        return file.read_bytes()

    async def rotates(self) -> None:
        """Type that the wrapping key be changed."""
        done = await self._rvw("keys", "rotate-data", "--data", str(self._it.data))
        assert (done.code, json.loads(done.said)["destroyed"]) == (0, 1), done.said

    async def unwraps(self, visit: str, wrapped: Wrapped) -> bool:
        """Tell whether the key file opens a key of a visit."""
        try:
            return bool(await FileKeys(self._it.data / "data-keys.json").unwrap(wrapped, visit))
        except InvalidSettings:
            return False

    async def wrapped(self, visit: str) -> Wrapped:
        """Return the visit's key as it is kept."""
        async with self._store() as store:
            found = (await store.keys._rows.many([visit]))[visit]
        assert found is not None
        return found

    async def certificate(self, visit: str) -> bytes:
        """Return the certificate, when the product has made it by itself."""
        async with self._store() as store, asyncio.timeout(60):
            while (deletion := await store.deletions.find(visit, "dossier")) is None or deletion.done_at is None:  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        printed = await self.says("certificate", visit)
        assert printed.said.encode() == deletion.certificate
        return deletion.certificate

    async def checks(self, sealed: bytes) -> int:
        """Return the exit code of `rvw verify`."""
        file, keys = self._it.data.parent / "certificate.json", self._it.data.parent / "keys.json"
        file.write_bytes(sealed)
        keys.write_text((await self._rvw("keys", "show", "--data", str(self._it.data))).said)
        return (await self._rvw("verify", str(file), "--keys", str(keys))).code

    async def _rvw(self, *words: str) -> Said:
        command = [sys.executable, "-m", "rvw.cli", *words]
        process = await asyncio.create_subprocess_exec(*command, stdout=PIPE, stderr=STDOUT, env=self._environment)
        said, _ = await process.communicate()
        return Said(process.returncode or 0, said.decode())
