"""Compiles `media.turning` and brings it into a running worker, without ever making media wait.

Machine code is kept in a folder, under a name made of the sources: what was compiled from others is never taken. It is
compiled by a process of its own at the lowest priority (`python -m media.compiling FOLDER`); a worker forwards meanwhile,
and for ever where that fails, with the Python of `media.core` alone.
"""

import asyncio
import fcntl
import hashlib
import importlib
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from rvw.clock import Seconds

LONGEST_S: Seconds = 300.0
"""A compilation that takes longer is given up: it takes 10 to 20 s of one idle core."""

SWITCH_S: Seconds = 0.0005
"""How long loading may keep packets waiting at a time; Python's own 5 ms would be heard."""

_VARIABLE = "NUMBA_CACHE_DIR"

COMPILED = "media.turning"

_LAID_DOWN_BY = (
    "turning",
    *(f"core/{name}" for name in ("feeding", "machine", "reading", "sending", "settled")),
    *(f"core/{name}" for name in ("rows", "rtcp", "rtp", "sequence", "tap", "track", "twcc")),
)
"""The modules whose source is in the machine code: with another of them it must be compiled again."""


def load(folder: Path, name: str = COMPILED, sources: tuple[Path, ...] = ()) -> ModuleType:
    """Return a module of compiled functions, ready to be called; compiles first if there is nothing to load.

    `sources` are the files in its machine code beside our own. Raises `ImportError` where numba is not
    installed or does not run, `OSError` when the folder cannot be written.
    """
    place = folder / _name(sources)
    place.mkdir(parents=True, exist_ok=True)
    with (place / "lock").open("w") as lock, _cache_in(place):
        fcntl.flock(lock, fcntl.LOCK_EX)  # several workers start at once, and one compiles
        module = importlib.import_module(name)
        module.prepare()
    return module


async def hasten(folder: Path, take: Callable[[ModuleType], None]) -> str:
    """Compile elsewhere, load here and hand over to `take`. Returns why that was not possible, or nothing."""
    try:
        compiler = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "media.compiling", str(folder), stderr=asyncio.subprocess.PIPE
        )
        try:
            async with asyncio.timeout(LONGEST_S):
                said = (await compiler.communicate())[1]
        finally:
            if compiler.returncode is None:
                compiler.kill()
        if compiler.returncode:
            return (said.decode(errors="replace").strip().splitlines() or ["no reason"])[-1]
        interval = sys.getswitchinterval()
        sys.setswitchinterval(SWITCH_S)
        try:
            take(await asyncio.to_thread(load, folder))
        finally:
            sys.setswitchinterval(interval)
    except (OSError, ImportError, AttributeError, TimeoutError) as error:
        return f"{type(error).__name__}: {error}"
    return ""


def folder(data: Path) -> Path:
    """Return where machine code is kept: numba's own variable says so, or with the product's data."""
    return Path(os.environ.get(_VARIABLE) or data / "compiled")


@contextmanager
def _cache_in(place: Path) -> Iterator[None]:
    """Let numba keep its cache there. Processes started later choose for themselves."""
    before = os.environ.get(_VARIABLE, "")
    os.environ[_VARIABLE] = str(place)
    try:
        yield
    finally:
        os.environ[_VARIABLE] = before


def _name(sources: tuple[Path, ...] = ()) -> str:
    """Return a name that only these sources have."""
    digest = hashlib.sha256()
    for source in (*(Path(__file__).parent / f"{module}.py" for module in _LAID_DOWN_BY), *sources):
        digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


if __name__ == "__main__":
    os.nice(19)
    load(Path(sys.argv[1]))
