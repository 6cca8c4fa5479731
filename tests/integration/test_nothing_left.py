"""The real product, with its real stores: what a rule deletes is nowhere any more, and a certificate says so."""

import asyncio
import json
import os
import shutil
import sys
from asyncio.subprocess import PIPE, STDOUT
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx2
import msgspec
import pytest

import config
from rvw.cli.wire import Http, Wire, open_wire
from rvw.domain import commands as c
from rvw.domain import events as e
from rvw.domain.catalogue.consent import current, digest
from rvw.domain.commands.consent import Answer
from rvw.protocol.applications import DocumentShown
from rvw.protocol.endings import RatingGiven
from rvw.protocol.rest import GuestWanted
from signaling.catalogue_watch import read
from signaling.keeping.provider import FileKeys
from signaling.records import open_store
from tests.fakes import papers
from tests.fakes.postgres import postgres
from tests.fakes.product import PASSWORD, Product, product
from tests.fakes.sender import Sender

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
    """A name is said, written, signed with and handed over; held, then let go: no file of any store has it afterwards."""
    settings = {
        "catalogue": catalogue, "handover.adapter": "folder", "keeping.from_hour": 0, "keeping.until_hour": 24,
        "keeping.look_s": 0.5, "store.sql": database,
    }  # fmt: skip
    words = [word for name, one in settings.items() for word in ("--set", f"{name}={one}")]
    async with product(tmp_path / "data", *words) as it:
        keeper = Keeper(it, database, catalogue)
        visit = await a_visit(it, catalogue)
        stores = [it.data, *([Path(database.partition("host=")[2])] if database else [])]
        planted = {path.parent.name for path in found(stores, NAME)}
        assert {"appendonlydir", "handover"} <= planted, "what was planted can be found"
        wrapped = await keeper.wrapped(visit)
        assert found(stores, wrapped)

        held = json.loads((await keeper.says("hold", visit, "--why", "行政复议")).said)
        (catalogue / "keeping.toml").write_text(RULE)
        assert json.loads((await keeper.says("due")).said)[0]["obstacle"] == "held"
        assert (await keeper.says("lift", held["id"], "--why", "复议已结")).code == 0

        sealed = await keeper.certificate(visit)
        assert found(stores, NAME) == []
        assert found([it.data], NUMBER) == found([it.data], PHONE) == []
        if not database:  # PostgreSQL's write-ahead log keeps it until it is recycled, or the wrapping key is rotated
            assert found(stores, wrapped) == []
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


async def a_visit(it: Product, catalogue: Path) -> str:
    """Let somebody come, say, hand in and be named, and be handed over; return the visit."""
    http = Http(it.origin)
    lead = await http.login("lead-pudong", PASSWORD)
    kiosk_token = (await http.enrol((await http.new_enrolment("kiosk-pudong-1", lead.token)).code)).token
    officer_token = (await http.login("pudong1", PASSWORD)).token
    text = current(read(catalogue).texts, "resident")
    assert text is not None
    agreed = Answer("sensitive", True, digest(text, "zh"))
    async with open_wire(it.origin, kiosk_token) as kiosk, open_wire(it.origin, officer_token) as officer:
        await officer.do(c.SetPresence("ready"))
        visit = await kiosk.do(c.Open("social-card", "310115", answers=(agreed,)))
        await officer.shown(visit)
        await officer.do(c.Accept(), visit)
        await kiosk.event(e.Accepted, visit)
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


def found(folders: list[Path], wanted: str | bytes) -> list[Path]:
    """Return the files that hold the words, however a program here may have written them."""
    spellings = [wanted] if isinstance(wanted, bytes) else [
        wanted.encode(), wanted.encode("utf-16-le"), wanted.encode("utf-16-be"), wanted.encode("gb18030"),
        json.dumps(wanted)[1:-1].encode(), "".join(f"\\x{byte:02x}" for byte in wanted.encode()).encode(),
    ]  # fmt: skip
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    return [path for path in files if any(one in path.read_bytes() for one in spellings)]


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

    async def wrapped(self, visit: str) -> bytes:
        """Return the visit's key as it is kept."""
        async with open_store(self._sql, FileKeys(self._it.data / "data-keys.json")) as store:
            found = (await store.keys._rows.many([visit]))[visit]
        assert found is not None
        return found.data

    async def certificate(self, visit: str) -> bytes:
        """Return the certificate, when the product has made it by itself."""
        async with open_store(self._sql, FileKeys(self._it.data / "data-keys.json")) as store, asyncio.timeout(60):
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
