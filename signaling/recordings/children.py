"""Processes that make files of a recording: started, told by standard input, listened to, and ended with us."""

import asyncio
import sys
import tempfile
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TypeVar

import msgspec

from rvw.errors import NotMade

CHUNK_BYTES = 256 * 1024
LONGEST_LINE = 1024 * 1024

Line = TypeVar("Line")


@asynccontextmanager
async def child(module: str, told: msgspec.Struct, descriptors: Sequence[int] = ()) -> AsyncIterator[Process]:
    """Run a module of ours that reads `told` and inherits open files. Raises `NotMade` if it fails, with its last words."""
    with tempfile.TemporaryFile() as words:  # not a pipe: one that nobody reads would stop the process
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", module, stdin=PIPE, stdout=PIPE, stderr=words, limit=LONGEST_LINE, pass_fds=descriptors
        )
        assert process.stdin is not None  # noqa: S101 - it was asked for
        try:
            process.stdin.write(msgspec.json.encode(told))
            process.stdin.close()
            yield process
            if await process.wait():
                words.seek(0)
                last = (words.read().decode(errors="replace").strip().splitlines() or ["no reason"])[-1]
                raise NotMade(f"{module} has failed: {last}")
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()


async def line(process: Process, decode: Callable[[bytes], Line]) -> Line | None:
    """Return the next line; `None` at the end. Raises `NotMade` for one that is none."""
    assert process.stdout is not None  # noqa: S101 - it was asked for
    try:
        text = await process.stdout.readline()
        return decode(text) if text else None
    except (ValueError, msgspec.MsgspecError) as error:
        raise NotMade(f"a process that makes recordings says what nobody understands: {error}") from error


async def bytes_of(process: Process, count: int) -> AsyncIterator[bytes]:
    """Yield so many bytes after a line. Raises `NotMade` if they do not come."""
    assert process.stdout is not None  # noqa: S101 - it was asked for
    while count:
        data = await process.stdout.read(min(count, CHUNK_BYTES))
        if not data:
            raise NotMade("a process that makes recordings has ended in the middle of a file")
        count -= len(data)
        yield data
