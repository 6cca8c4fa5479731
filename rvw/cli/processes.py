"""Runs the parts of one machine as child processes: starts them, restarts one that dies, and stops them all.

No child outlives its parent, however the parent ends: the kernel sends SIGTERM on its behalf (prctl(2), PR_SET_PDEATHSIG).
"""

import asyncio
import ctypes
import os
import signal
import sys
import time
from asyncio.subprocess import Process
from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec import Struct

PR_SET_PDEATHSIG = 1

STOP_S = 5.0
"""How long a child may take to stop before it is killed."""

STEADY_S = 5.0
"""A child that has lived so long is started again at once: people wait for it."""

RESTART_S = 0.2
LONGEST_RESTART_S = 10.0
"""How long to wait before one that keeps dying is started again: first, twice as long each time, and at most."""

LIBC = ctypes.CDLL(None)


class Part(Struct, frozen=True):
    """A child process."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = {}
    keep_output: bool = True
    """Let its output go to ours; otherwise to `<name>.log` in the run folder."""


class Supervisor:
    """Starts parts and keeps them running. Their process ids are in `<folder>/<name>.pid`."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._running: dict[str, Process] = {}
        self._stopping = False

    async def keep(self, part: Part) -> None:
        """Run `part`, again whenever it ends, until `stop`."""
        pause_s = RESTART_S
        while not self._stopping:
            began = time.monotonic()
            process = await self._start(part)
            code = await process.wait()
            if self._stopping:
                break
            print(f"{part.name} has ended ({code}): starting it again", file=sys.stderr)
            if time.monotonic() - began >= STEADY_S:
                pause_s = RESTART_S
            else:
                await asyncio.sleep(pause_s)
                pause_s = min(2 * pause_s, LONGEST_RESTART_S)

    async def stop(self) -> None:
        """Stop every child, politely first."""
        self._stopping = True
        for process in self._running.values():
            if process.returncode is None:
                process.terminate()
        waits = [process.wait() for process in self._running.values()]
        try:
            async with asyncio.timeout(STOP_S):
                await asyncio.gather(*waits)
        except TimeoutError:
            for process in self._running.values():
                if process.returncode is None:
                    process.kill()
                    await process.wait()
        for name in self._running:
            (self._folder / f"{name}.pid").unlink(missing_ok=True)

    async def _start(self, part: Part) -> Process:
        environment = {**os.environ, **part.environment}
        with (self._folder / f"{part.name}.log").open("ab") as log:
            output = None if part.keep_output else log
            process = await asyncio.create_subprocess_exec(
                *part.command,
                env=environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,  # Ctrl-C is for us: we stop them in order
                preexec_fn=_die_with_parent,
            )
        self._running[part.name] = process
        fresh = self._folder / f"{part.name}.pid.new"
        fresh.write_text(str(process.pid))
        fresh.replace(self._folder / f"{part.name}.pid")  # whoever reads it never finds half a number
        return process


def _die_with_parent() -> None:
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
