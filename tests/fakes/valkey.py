"""A real Valkey, started as the product starts it, that a test may kill."""

import asyncio
import shutil
import signal
import tempfile
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from rvw.cli.product import valkey
from rvw.errors import Unavailable
from signaling.board import SharedBoard
from signaling.keys import Keys
from signaling.ledger import connect

START_S = 20.0


class Valkey:
    """One server at one socket, with its append-only file."""

    def __init__(self, folder: Path) -> None:
        self.url = f"unix://{folder / 'valkey.sock'}"
        self._part = valkey(folder / "valkey.sock", folder)
        self._process: Process

    async def start(self) -> None:
        """Start, and return when it answers."""
        self._process = await asyncio.create_subprocess_exec(*self._part.command, stdout=DEVNULL, stderr=DEVNULL)
        async with asyncio.timeout(START_S), connect(self.url) as client:
            shared = SharedBoard(client, Keys("start"))
            while True:
                try:
                    return await shared.ping()
                except Unavailable:
                    await asyncio.sleep(0.01)

    async def kill(self) -> None:
        """End as a power cut would."""
        self._process.send_signal(signal.SIGKILL)
        await self._process.wait()


@asynccontextmanager
async def running_valkey() -> AsyncIterator[Valkey]:
    """Give a server in a fresh folder, whose path is short enough for a socket."""
    folder = Path(tempfile.mkdtemp(prefix="rvw-test-"))
    server = Valkey(folder)
    await server.start()
    try:
        yield server
    finally:
        await server.kill()
        shutil.rmtree(folder)
