"""The simulated devices of a kiosk, as a process beside the product: what `rvw device-sim run` starts."""

import asyncio
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from rvw.cli.devices.bridge import say


class Devices:
    """A running bridge; `does` is what somebody does at the devices."""

    def __init__(self, port: int, printed: Path) -> None:
        self._port = port
        self._printed = printed

    async def does(self, line: str) -> None:
        """Do what a script line says. Fails for a line that says nothing."""
        said = await say(self._port, line)
        assert said == f"done: {line}", said

    def printed(self) -> list[bytes]:
        """Return what was printed."""
        return [file.read_bytes() for file in sorted(self._printed.glob("*.pdf"))]


@asynccontextmanager
async def device_sim(port: int, origin: str, data: Path) -> AsyncIterator[Devices]:
    """Start the devices for pages of `origin`; `data` is the product's folder, with the made-up verifier's key."""
    words = ["device-sim", "run", "--port", str(port), "--origin", origin, "--data", str(data)]
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "rvw.cli", *words, stdin=PIPE, stdout=PIPE)
    assert process.stdout is not None
    try:
        assert b"devices of a kiosk" in await process.stdout.readline()
        yield Devices(port, data / "printed")
    finally:
        process.terminate()
        await process.communicate()
