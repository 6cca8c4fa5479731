"""The catalogue while it serves: read when it changes, replaced whole, never half.

Files are looked at every few seconds, or at once after SIGHUP. A catalogue with a fault is logged with file and line, and
the one that serves stays. What visits of today refer to stays with it (`rvw.domain.catalogue.follow`).
"""

import asyncio
import signal
from collections.abc import Callable
from pathlib import Path

import structlog

from rvw.clock import Seconds
from rvw.domain.catalogue import FILES, Catalogue, follow, parse
from rvw.domain.catalogue.difference import difference, summary
from rvw.domain.catalogue.reading import OPTIONAL
from rvw.domain.catalogue.search import Index
from rvw.errors import InvalidCatalogue

log = structlog.get_logger()

LOOK_S: Seconds = 2.0
"""How often the files are looked at: six `stat` calls."""

Marks = tuple[tuple[int, int] | None, ...]
"""Time of change and size of each file; `None` for one that is not there."""


class Current:
    """The catalogue that holds now, and its search. Whoever has this asks each time, and keeps neither over an `await`."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.index = Index(catalogue.matters.values())
        self.watchers: list[Callable[[], None]] = []
        """Called after each replacement, without an `await` between: the matcher looks again, views are made anew."""

    def held(self) -> Catalogue:
        """Return the catalogue that holds now."""
        return self.catalogue

    def replace(self, catalogue: Catalogue, index: Index) -> None:
        """Serve this one from now on."""
        self.catalogue, self.index = catalogue, index
        for watcher in self.watchers:
            watcher()


class CatalogueWatch:
    """Reads the folder again when a file of it changes."""

    def __init__(self, current: Current, folder: Path, look_s: Seconds = LOOK_S) -> None:
        self._current = current
        self._folder = folder
        self._look_s = look_s
        self._asked = asyncio.Event()
        self._read = self._marks()

    async def run(self) -> None:
        """Watch until cancelled. SIGHUP means: now, whether the files look changed or not."""
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGHUP, self._asked.set)
        try:
            while True:
                await self.look()
        finally:
            loop.remove_signal_handler(signal.SIGHUP)

    async def look(self) -> None:
        """Wait for the next look, and take what is new. A file that is still being written is waited for."""
        try:
            async with asyncio.timeout(self._look_s):
                await self._asked.wait()
        except TimeoutError:
            before = self._marks()
            if before == self._read:
                return
            await asyncio.sleep(min(0.2, self._look_s))
            if self._marks() != before:
                return
        self._asked.clear()
        await self.reload()

    async def reload(self) -> bool:
        """Read the folder and serve what it says; tell whether it could be understood."""
        self._read = self._marks()
        old = self._current.catalogue
        try:
            new, index, told = await asyncio.to_thread(_prepared, self._folder, old)
        except InvalidCatalogue as error:
            log.error("catalogue_refused", reason=str(error), kept=len(old.matters))
            return False
        self._current.replace(new, index)
        log.info("catalogue_read", changes=told)
        return True

    def _marks(self) -> Marks:
        return tuple(_mark(self._folder / name) for name in FILES)


def read(folder: Path) -> Catalogue:
    """Return the catalogue of a folder. Raises `InvalidCatalogue`."""
    return parse(**texts(folder))


def texts(folder: Path) -> dict[str, str]:
    """Return the texts of a folder by the names that `parse` takes them by. Raises `InvalidCatalogue`."""
    try:
        return {
            name.partition(".")[0]: (folder / name).read_text(encoding="utf-8")
            for name in FILES
            if name not in OPTIONAL or (folder / name).exists()
        }
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidCatalogue(f"the catalogue cannot be read: {error}") from error


def _prepared(folder: Path, old: Catalogue) -> tuple[Catalogue, Index, str]:
    """All that takes long, for a thread of its own."""
    new = read(folder)
    kept = follow(old, new)
    return kept, Index(kept.matters.values()), summary(difference(old, kept))


def _mark(file: Path) -> tuple[int, int] | None:
    try:
        told = file.stat()
    except OSError:
        return None
    return told.st_mtime_ns, told.st_size
