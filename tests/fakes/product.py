"""The real product, as `./rvw.sh up` starts it, for tests: its own port and data folder, every part a real process."""

import asyncio
import os
import re
import signal
import sys
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from rvw.cli.machine import free_port
from rvw.cli.wire import Http

PASSWORD = "demo-window"
"""Of every made-up person of the demo."""

START_S = 90.0


class Product:
    """A running product. `kiosks` has an enrolment address of each kiosk, `said` what it printed."""

    def __init__(self, process: Process, data: Path, said: str) -> None:
        self.process = process
        self.said = said
        self.data = data
        self.origin = re.findall(r"kiosk +(http\S+)/kiosk\n", said)[0]
        self.case_system = re.findall(r"case system (http\S+)/\n", said)[0]
        self.kiosks = dict(re.findall(r"(kiosk-\S+) +(http\S+enrol=\S+)", said))

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
    process = await asyncio.create_subprocess_exec(*command, stdout=PIPE, stderr=STDOUT)
    try:
        async with asyncio.timeout(START_S):
            said = await _said(process)
        yield Product(process, data, said)
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGINT)
        await process.communicate()


async def _said(process: Process) -> str:
    assert process.stdout is not None
    said = ""
    while "Stop: Ctrl-C" not in said:
        text = (await process.stdout.readline()).decode()
        if not text:
            raise AssertionError(f"the product did not start:\n{said}")
        said += text
    return said
