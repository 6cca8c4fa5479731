"""The real product, started by its command, talked to as pages talk to it: with people of the demo, who are here alone."""

import asyncio
import json
import signal
import sys
from asyncio.subprocess import PIPE, STDOUT
from datetime import datetime
from pathlib import Path

import httpx2
import pytest
from websockets.asyncio.client import connect

from rvw.cli.wire import Http, RefusedError, Wire, open_wire
from rvw.clock import WINDOW_TIME
from rvw.domain import commands as c
from rvw.domain import events as e
from rvw.domain.fold import evolve
from rvw.domain.visit import Visit
from rvw.errors import NotAllowed
from rvw.protocol import server
from rvw.protocol.codec import SERVER
from tests.fakes.product import Product, product

PASSWORD = "demo-window"


async def kiosk_token(running: Product, kiosk: str, lead: str) -> str:
    """Enrol a kiosk afresh, as a supervisor and the kiosk do."""
    http = Http(running.origin)
    supervisor = await http.login(lead, PASSWORD)
    return (await http.enrol((await http.new_enrolment(kiosk, supervisor.token)).code)).token


async def token(running: Product, user: str) -> str:
    """Sign in."""
    return (await Http(running.origin).login(user, PASSWORD)).token


async def begin(kiosk: Wire, officer: Wire, region: str) -> str:
    """From the ticket to the talk."""
    await officer.do(c.SetPresence("ready"))
    visit = await kiosk.do(c.Open("social-card", region))
    await officer.shown(visit)
    await officer.do(c.Accept(), visit)
    return visit


async def test_a_page_that_was_away_resumes_with_what_it_missed(running: Product) -> None:
    """The officer's page is cut off, lines are written, it comes back: the missed events follow, and the fold is whole."""
    kiosk_name = await kiosk_token(running, "kiosk-pudong-1", "lead-pudong")
    officer_name = await token(running, "pudong1")
    async with open_wire(running.origin, kiosk_name) as kiosk:
        async with open_wire(running.origin, officer_name) as officer:
            visit = await begin(kiosk, officer, "310115")
            snapshot = await officer.shown(visit)
            await officer.event(e.Accepted, visit)
            seq, known = _last(officer), _folded(snapshot, officer)
        for text in ("一", "二"):
            await kiosk.do(c.Say(text), visit)
        async with open_wire(running.origin, officer_name, resume=seq) as officer:
            assert officer.welcome.resumed
            said = await officer.until(lambda m: _said(m, "二"))
            assert said
            assert [line.text for line in _folded(known, officer).chat] == ["一", "二"]
            await officer.do(c.Close("guided", "内部备注"), visit)
            closed = await kiosk.event(e.Closed, visit)
            assert closed.note == "", "the officer's note is not for the kiosk"
            assert (await officer.event(e.HandedOver, visit)).receipt.startswith("SL-")
        async with open_wire(running.origin, officer_name, resume="1-1") as officer:
            assert not officer.welcome.resumed, "the log does not reach back there: a snapshot"
            await officer.do(c.SetPresence("signed_out"))


async def test_two_pages_of_one_account_supersede_each_other(running: Product) -> None:
    """The older one is told so and closed."""
    name = await token(running, "yangpu1")
    async with open_wire(running.origin, name) as older, open_wire(running.origin, name):
        goodbye = await older.until(lambda m: m if isinstance(m, server.Goodbye) else None)
        assert goodbye.code == "superseded"


async def test_others_see_nothing_of_a_visit(running: Product) -> None:
    """A host of another hall, an officer of another district: no snapshot, no event, no command."""
    async with (
        open_wire(running.origin, await kiosk_token(running, "kiosk-baoshan-1", "lead-baoshan")) as kiosk,
        open_wire(running.origin, await token(running, "baoshan1")) as officer,
        open_wire(running.origin, await token(running, "hall-jiaxing")) as stranger,
        open_wire(running.origin, await token(running, "hall-baoshan")) as host,
    ):
        visit = await begin(kiosk, officer, "310113")
        await host.until(
            lambda m: m if isinstance(m, server.Happened) and isinstance(m.recorded.event, e.Accepted) else None
        )
        await host.do(c.Enter(), visit)
        with pytest.raises(RefusedError, match="not_allowed"):
            await stranger.do(c.Enter(), visit)
        await officer.do(c.Close("guided"), visit)
        await officer.event(e.HandedOver, visit)
        assert stranger.welcome.visits == ()
        assert not [m for m in stranger.messages if isinstance(m, server.Happened | server.Shown)]
        await officer.do(c.SetPresence("signed_out"))


@pytest.mark.parametrize(
    ("first", "code"),
    [
        ('{"type":"hello","token":"nonsense"}', "not_signed_in"),
        ('{"type":"ping"}', "bad_request"),
        ("not json", "bad_request"),
        ('{"type":"hello","token":"x","role":"supervisor"}', "bad_request"),
        ('{"type":"do","ref":"1","command":{"type":"offer","officer":"a","desk":"b"}}', "bad_request"),
    ],
)
async def test_who_does_not_say_hello_properly_is_told_why(running: Product, first: str, code: str) -> None:
    """A role in the message, a system command, no token: one sentence, and the socket closes."""
    async with connect(f"ws{running.origin.removeprefix('http')}/ws", proxy=None) as socket:
        await socket.send(first)
        goodbye = SERVER.decode(await socket.recv())
        assert isinstance(goodbye, server.Goodbye)
        assert goodbye.code == code


async def test_the_rest_interface_says_what_it_is(running: Product) -> None:
    """Health, OpenAPI, errors with codes, and the headers that keep strangers' code out of the pages."""
    async with httpx2.AsyncClient(base_url=running.origin) as http:
        assert (await http.get("/api/health")).json()["status"] == "ok"
        document = (await http.get("/api/openapi.json")).json()
        assert document["openapi"].startswith("3.1")
        assert {"/api/login", "/api/enrol", "/api/health"} <= set(document["paths"])
        wrong = await http.post("/api/login", content=json.dumps({"user": "pudong1", "password": "wrong-password"}))
        assert (wrong.status_code, wrong.json()["code"]) == (401, "wrong_credentials")
        unknown = await http.post("/api/login", content=json.dumps({"user": "a", "password": "b", "role": "supervisor"}))
        assert (unknown.status_code, unknown.json()["code"]) == (400, "bad_request")
        assert (await http.post("/api/kiosks/kiosk-pudong-1/enrolment")).status_code == 401
        page = await http.get("/kiosk")
        assert "unsafe" not in page.headers["content-security-policy"]
        assert (await http.post("/api/login", content=b"x" * 20_000)).json()["code"] == "too_large"


async def test_an_enrolment_code_works_once(running: Product) -> None:
    """The second kiosk that brings it is refused."""
    code = running.kiosks["kiosk-jiaxing-1"].partition("enrol=")[2]
    http = Http(running.origin)
    assert (await http.enrol(code)).actor.id == "kiosk-jiaxing-1"
    with pytest.raises(NotAllowed, match="wrong_credentials"):
        await http.enrol(code)


async def test_the_probe_makes_a_visit_and_says_how_long_each_step_took(running: Product) -> None:
    """Enrolled, offered, accepted, sound and picture at both ends, closed, receipt; JSON and exit code 0."""
    code, said = await _rvw("probe", running.origin, "--json")
    outcome = json.loads(said)
    assert (code, outcome["ok"]) == (0, True), said
    assert {"open", "offered", "accept", "media_at_kiosk", "media_at_officer", "receipt"} <= set(outcome["median_ms"])


async def test_the_record_of_a_visit_is_whole_for_whoever_has_the_public_keys(running: Product, tmp_path: Path) -> None:
    """A visit through every real part, the month exported for the archive, checked with nothing but the published keys."""
    code, said = await _rvw("probe", running.origin, "--json")
    assert code == 0, said
    keys, bag = tmp_path / "keys.json", tmp_path / "bag"
    async with httpx2.AsyncClient(trust_env=False) as client:
        keys.write_bytes((await client.get(f"{running.origin}/.well-known/rvw-seal-keys.json")).content)
    month = f"{datetime.now(WINDOW_TIME):%Y-%m}"
    code, said = await _rvw("archive", "export", "--month", month, "--to", str(bag), "--data", str(running.data))
    assert code == 0, said
    code, said = await _rvw("archive", "verify", str(bag), "--keys", str(keys))
    assert (code, said.startswith("WHOLE: ")) == (0, True), said
    package = next(path for path in (bag / "data").iterdir() if path.is_dir())
    code, said = await _rvw("verify", str(package), "--keys", str(keys), "--json")
    assert (code, json.loads(said)["ok"]) == (0, True), said


async def test_the_probe_names_the_step_that_fails(running: Product) -> None:
    """A wrong password: exit code 1, and the step."""
    code, said = await _rvw("probe", running.origin, "--json", "--password", "not-the-password")
    assert (code, json.loads(said)["failed"]) == (1, "login")


async def test_a_second_start_on_the_same_data_is_refused(running: Product) -> None:
    """One sentence that says what to do."""
    code, said = await _rvw("up", "--data", str(running.data), "--port", "0")
    assert code == 2
    assert "another ./rvw.sh up uses" in said


async def test_it_stops_on_ctrl_c_and_leaves_no_process(tmp_path: Path) -> None:
    """Every part has ended when the command has."""
    async with product(tmp_path) as one:
        pids = [one.pid(part) for part in ("valkey", "media-1", "signaling", "case-system")]
        one.process.send_signal(signal.SIGINT)
        assert await one.process.wait() == 0
    assert _alive(pids) == []
    assert _pid_files(tmp_path) == []


async def test_beyond_loopback_it_serves_tls_and_wants_secrets_or_demo(tmp_path: Path) -> None:
    """Without --demo a production start refuses; with it, the address is https and the probe works through it."""
    code, said = await _rvw("up", "--host", "0.0.0.0", "--data", str(tmp_path / "a"))
    assert code == 2
    assert "RVW_SECURITY__SECRET" in said
    async with product(tmp_path / "b", "--host", "0.0.0.0", "--demo") as one:
        assert one.origin.startswith("https://")
        code, said = await _rvw("probe", one.origin, "--json")
        assert code == 0, said


async def _rvw(*words: str) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "rvw.cli", *words, stdout=PIPE, stderr=STDOUT)
    said, _ = await process.communicate()
    return process.returncode or 0, said.decode()


def _last(wire: Wire) -> str:
    seqs = [m.seq for m in wire.messages if isinstance(m, server.Happened | server.Shown | server.Hidden)]
    return seqs[-1] if seqs else wire.welcome.seq


def _folded(visit: Visit, wire: Wire) -> Visit:
    for message in wire.messages:
        if isinstance(message, server.Happened) and message.recorded.stream == f"visit:{visit.id}":
            visit = evolve(visit, message.recorded) if message.recorded.version > visit.version else visit
    return visit


def _said(message: server.ServerMessage, text: str) -> e.Said | None:
    if not isinstance(message, server.Happened) or not isinstance(message.recorded.event, e.Said):
        return None
    return message.recorded.event if message.recorded.event.text == text else None


def _alive(pids: list[int]) -> list[int]:
    return [pid for pid in pids if Path(f"/proc/{pid}").exists()]


def _pid_files(data: Path) -> list[Path]:
    return list(data.glob("run/*.pid"))
