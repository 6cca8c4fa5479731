"""The real product, as `./rvw.sh up` starts it, for tests: its own port and data folder, every part a real process."""

import asyncio
import os
import re
import select
import signal
import sys
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path

from rvw.cli.machine import free_port
from rvw.cli.wire import Http

PASSWORD = "demo-window"
"""Of every made-up person of the demo."""

START_S = 90.0


class Product:
    """A running product. `kiosks` has an enrolment address of each kiosk, `said` what it printed."""

    def __init__(self, command: Sequence[str], process: Process, data: Path, said: str) -> None:
        self._command = command
        self.process = process
        self.said = said
        self.data = data
        self.origin = re.findall(r"kiosk +(http\S+)/kiosk\n", said)[0]
        self.kiosks = dict(re.findall(r"(kiosk-\S+) +(http\S+enrol=\S+)", said))

    @property
    def case_system(self) -> str:
        """Where the reference case system answers."""
        return str(re.findall(r"case system (http\S+)/\n", self.said)[0])

    @property
    def sql(self) -> str:
        """The address of its records."""
        return f"sqlite:///{(self.data / 'rvw.sqlite3').absolute()}"

    @property
    def certificate(self) -> Path:
        """What it shows when it serves TLS: at any other host than this machine's own."""
        return self.data / "certificate.pem"

    def pid(self, part: str) -> int:
        """Return the process id of a part: `signaling`, `media-1`, `valkey`, `case-system`."""
        return int((self.data / "run" / f"{part}.pid").read_text())

    async def kill(self, *parts: str) -> None:
        """End parts as a power cut would, all at once, and return when they are there again."""
        before = {part: self.pid(part) for part in parts}
        for pid in before.values():
            os.kill(pid, signal.SIGKILL)
        async with asyncio.timeout(START_S):
            while any(self.pid(part) == pid for part, pid in before.items()):  # noqa: ASYNC110 - files have no events
                await asyncio.sleep(0.02)

    async def power_cut(self) -> None:
        """End every part and what supervises them, all at once, and start the product again with what is on its disk."""
        pids = [self.process.pid, *(int(file.read_text()) for file in (self.data / "run").glob("*.pid"))]
        with ExitStack() as held:
            parts = [os.pidfd_open(pid) for pid in pids]
            for part in parts:
                held.callback(os.close, part)
            for part in parts:
                signal.pidfd_send_signal(part, signal.SIGKILL)
            for part in parts:
                await asyncio.to_thread(select.select, [part], [], [])
        await self.process.communicate()
        self.process, self.said = await _started(self._command)

    async def kiosk_address(self, kiosk: str, lead: str) -> str:
        """Return an address that sets the kiosk up, with a code that a supervisor has just made."""
        http = Http(self.origin)
        supervisor = await http.login(lead, PASSWORD)
        return f"{self.origin}/kiosk?enrol={(await http.new_enrolment(kiosk, supervisor.token)).code}"

    def log(self, part: str) -> str:
        """Return what a part has logged."""
        return (self.data / "run" / f"{part}.log").read_text()


@asynccontextmanager
async def product(data: Path, *words: str, host: str = "127.0.0.1") -> AsyncIterator[Product]:
    """Start the product, with the demo's people; stop it as Ctrl-C does."""
    port = free_port(host)
    command = [
        sys.executable,
        "-m",
        "rvw.cli",
        "up",
        "--demo",
        "--host",
        host,
        "--port",
        str(port),
        "--data",
        str(data),
        *words,
    ]
    process, said = await _started(command)
    it = Product(command, process, data, said)
    try:
        yield it
    finally:
        if it.process.returncode is None:
            it.process.send_signal(signal.SIGINT)
        await it.process.communicate()


async def _started(command: Sequence[str]) -> tuple[Process, str]:
    """Start it, and return it with what it said when it was ready."""
    process = await asyncio.create_subprocess_exec(*command, stdout=PIPE, stderr=STDOUT)
    try:
        async with asyncio.timeout(START_S):
            return process, await _said(process)
    except BaseException:
        if process.returncode is None:
            process.send_signal(signal.SIGINT)
        await process.communicate()
        raise


async def _said(process: Process) -> str:
    assert process.stdout is not None
    said = ""
    while "Stop: Ctrl-C" not in said:
        text = (await process.stdout.readline()).decode()
        if not text:
            raise AssertionError(f"the product did not start:\n{said}")
        said += text
    return said
