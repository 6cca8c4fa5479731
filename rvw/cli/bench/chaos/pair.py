"""What is tortured: a real Valkey, a media worker, and two signaling processes over the same records, as on one machine."""

import asyncio
import os
import secrets
import shutil
import signal
import tempfile
from asyncio import TaskGroup
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import msgspec

from rvw.cli import machine
from rvw.cli.processes import Supervisor
from rvw.cli.product import server, valkey
from rvw.errors import Unavailable

START_S = 60.0
"""How long the parts may take to answer: the machine may be busy."""

TERMS: Mapping[str, str] = {
    "queue.offer_s": "8",
    "queue.lease_s": "8",
    "queue.absence_s": "15",
    "queue.interruption_s": "15",
    "queue.hold_s": "20",
    "queue.wrapping_s": "20",
    "web.hellos_per_address": "2000",
}
"""Shorter than in a hall, so that within minutes every deadline is met with; and all pages have one address."""


class Pair:
    """The running processes. `origins` is where the two are, `redis` and `sql` where what they keep is."""

    def __init__(self, folder: Path, sql: str) -> None:
        self.secrets = machine.own_secrets(folder)
        control, *ports = machine.free_ports("127.0.0.1", 3)
        self.origins = tuple(f"http://127.0.0.1:{port}" for port in ports)
        self.redis = f"unix://{folder / 'valkey.sock'}"
        self.sql = sql or f"sqlite:///{folder / 'rvw.sqlite3'}"
        self.kills = 0
        self._run = folder / "run"
        settings = {
            "store.data": str(folder),
            "store.redis": self.redis,
            "store.sql": self.sql,
            "media_workers": f"http://127.0.0.1:{control}",
            "media.control_port": str(control),
            "log_level": "warning",
            **TERMS,
        }
        self._parts = [valkey(folder / "valkey.sock", folder), server("media", "media", settings, self.secrets)]
        compiled = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(folder / "compiled")}
        for number, port in enumerate(ports):
            part = server(f"signaling-{number}", "signaling", settings | {"web.port": str(port)}, self.secrets)
            # Compiled once, as an installed product is: a restart is to cost what it costs in a hall.
            self._parts.append(msgspec.structs.replace(part, environment={**part.environment, **compiled}))

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Keep all parts running; stop them in the end. Raises `Unavailable` when they do not come up."""
        supervisor = Supervisor(self._run)
        async with TaskGroup() as tasks:
            for part in self._parts:
                tasks.create_task(supervisor.keep(part))
            try:
                await self.ready()
                yield
            finally:
                await supervisor.stop()

    async def ready(self) -> None:
        """Return when both processes answer. Raises `Unavailable`."""
        async with httpx2.AsyncClient(timeout=2.0) as http:
            try:
                async with asyncio.timeout(START_S):
                    for origin in self.origins:
                        while not await _answers(http, origin):  # noqa: ASYNC110 - a process tells nobody that it answers
                            await asyncio.sleep(0.1)
            except TimeoutError as error:
                raise Unavailable(f"the processes do not answer: see {self._run}") from error

    def kill(self, number: int) -> None:
        """End one of the two as a power cut would; it is started again."""
        os.kill(int((self._run / f"signaling-{number}.pid").read_text()), signal.SIGKILL)
        self.kills += 1

    def complaints(self) -> list[str]:
        """Return what the two have logged as errors: a crash would be here."""
        logs = [self._run / f"signaling-{number}.log" for number in range(len(self.origins))]
        return [one for log in logs for one in complaints(log.read_text(errors="replace").splitlines())]


def complaints(lines: list[str]) -> list[str]:
    """Return what is logged as an error, and tracebacks whole: a process that ends by itself says why in one."""
    found, within = list[str](), False
    for line in lines:
        if within:
            found[-1] += f"\n{line}"
            within = line.startswith(" ")  # the exception itself is the first that does not
        elif line.startswith("Traceback"):
            found.append(line)
            within = True
        elif '"level": "error"' in line:
            found.append(line)
    return found


async def _answers(http: httpx2.AsyncClient, origin: str) -> bool:
    try:
        return (await http.get(f"{origin}/api/health")).status_code == httpx2.codes.OK
    except httpx2.HTTPError:
        return False


@asynccontextmanager
async def folder() -> AsyncIterator[Path]:
    """Give a folder for the run whose path is short enough for a socket (unix(7): 107 bytes)."""
    made = Path(tempfile.gettempdir()) / f"rvw-chaos-{secrets.token_hex(4)}"
    made.mkdir(mode=0o700)
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)
