"""Starts the cleaning process for a file, a few at a time, and turns its answer into errors and results.

A process a file: a file that breaks its decoder breaks nothing else, and its memory is the kernel's again at the end.
Starting one takes 0.2 s, which a resident who has just put a paper down does not notice.
"""

import asyncio
import sys
from asyncio.subprocess import DEVNULL, PIPE
from pathlib import Path
from typing import Final

import msgspec
import structlog

from rvw.clock import Seconds
from rvw.errors import BadFile, Bomb, BrokenFile, TooLarge, Unavailable
from signaling.uploads.results import Cleaned, Limits, Refused

log = structlog.get_logger()

MAX_WAITING: Final = 32
"""How many files may wait for their turn."""

PATIENCE: Final = 3
"""How many times its seconds of processor time the process may take by the clock."""

CODES: Final = {kind.code: kind for kind in BadFile.__subclasses__()} | {TooLarge.code: TooLarge}


class Cleaner:
    """Cleans files."""

    def __init__(self, limits: Limits, at_once: int) -> None:
        self._limits = limits
        self._turns = asyncio.Semaphore(at_once)
        self._waiting = 0

    async def clean(self, file: Path, folder: Path) -> Cleaned:
        """Clean `file` into `folder` and return what is there now.

        Raises the errors of files (`BadFile`), and `Unavailable` when too many wait.
        """
        if self._waiting >= MAX_WAITING:
            raise Unavailable("too many files are being looked at: try again")
        self._waiting += 1
        try:
            async with self._turns:
                return await self._clean(file, folder)
        finally:
            self._waiting -= 1

    async def _clean(self, file: Path, folder: Path) -> Cleaned:
        words = [str(file), str(folder), msgspec.json.encode(self._limits).decode()]
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "signaling.uploads.cleaning", *words, stdin=DEVNULL, stdout=PIPE, stderr=DEVNULL, env={}
        )
        seconds: Seconds = PATIENCE * self._limits.cpu_s
        try:
            async with asyncio.timeout(seconds):
                said, _ = await process.communicate()
        except TimeoutError as error:
            raise Bomb("this file takes too long to look at") from error
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        return _result(said, process.returncode or 0)


def _result(said: bytes, code: int) -> Cleaned:
    """Return what the process has said. One that ended without a word was ended by its bounds, or by the file."""
    try:
        told = msgspec.json.decode(said, type=Cleaned)
    except msgspec.ValidationError:
        refused = msgspec.json.decode(said, type=Refused)
        raise CODES.get(refused.code, BrokenFile)(refused.said) from None
    except msgspec.DecodeError as error:
        log.warning("a file has ended the process that cleaned it", code=code)
        raise Bomb("this file needs too much memory or time") from error
    return told
