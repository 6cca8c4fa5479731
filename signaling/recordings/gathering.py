"""Fetches a visit's segments from the media workers, wherever they lie: also what a killed worker has left behind."""

import shutil
from asyncio import to_thread
from collections.abc import Callable, Iterable
from pathlib import Path

from rvw.errors import Unavailable
from rvw.protocol.media import Spooled
from signaling.media_client import Worker


class Gathering:
    """Segments of one machine's working folder. They are encrypted there as they were at the worker."""

    def __init__(self, folder: Path, workers: Callable[[], Iterable[Worker]]) -> None:
        self._folder = folder
        self._workers = workers

    def folder(self, visit: str) -> Path:
        """Return where a visit's segments are put."""
        return self._folder / visit

    async def where(self, visit: str) -> dict[Worker, Spooled] | None:
        """Return which workers have something of a visit; `None` while one does not answer, or still writes it.

        A worker that is gone and does not come back is forgotten with its lease, and not waited for any more.
        """
        found: dict[Worker, Spooled] = {}
        for worker in self._workers():
            try:
                rooms = [one for one in await worker.spooled() if one.room == visit]
            except Unavailable:
                return None
            if any(one.open for one in rooms):
                return None
            if rooms and rooms[0].segments:
                found[worker] = rooms[0]
        return found

    async def visits(self) -> set[str]:
        """Return the visits of which there is something here, or with a worker. Raises `Unavailable`."""
        found = await to_thread(self._here)
        for worker in self._workers():
            found |= {one.room for one in await worker.spooled() if not one.open}
        return found

    async def fetch(self, visit: str, where: dict[Worker, Spooled]) -> Path:
        """Bring the segments here; those that two workers share come once. Raises `Unavailable`."""
        folder = self.folder(visit)
        await to_thread(folder.mkdir, parents=True, exist_ok=True, mode=0o700)
        for worker, spooled in where.items():
            for segment in spooled.segments:
                await self._bring(worker, visit, segment.name, segment.bytes, folder)
        return folder

    async def let_go(self, visit: str) -> None:
        """Delete the segments here and at the workers: all that was in them is kept. Raises `Unavailable`."""
        for worker in self._workers():
            await worker.discard(visit)
        await to_thread(shutil.rmtree, self.folder(visit), ignore_errors=True)

    def _here(self) -> set[str]:
        return {path.name for path in self._folder.iterdir() if path.is_dir()} if self._folder.is_dir() else set()

    async def _bring(self, worker: Worker, visit: str, name: str, size: int, folder: Path) -> None:
        path = folder / Path(name).name
        if path.exists() and path.stat().st_size == size:
            return
        part = path.with_suffix(".part")
        try:
            with await to_thread(part.open, "wb") as file:
                async for chunk in worker.segment(visit, name):
                    await to_thread(file.write, chunk)
            part.replace(path)
        except OSError as error:
            raise Unavailable(f"a recording cannot be put on this machine's disk: {error.strerror}") from error
