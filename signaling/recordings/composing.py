"""Makes a film of each recorded visit whose record is filed: when the settings say, and nobody else needs the processor.

All is done in the order in which it can be gone on with: the file is kept, then its facts, then the next version of the
record has it, then it counts as composed. A process that dies leaves the visit to whoever looks next, who begins anew; the
same recording makes the same bytes, so nothing is kept twice.
"""

import fcntl
from asyncio import Event, TaskGroup, timeout, to_thread
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import monotonic

import msgspec
import structlog
from msgspec import Struct

from rvw.clock import Clock, Instant, Seconds, within_hours
from rvw.domain.handover import FILM, Dossier, FileEntry, decode
from rvw.errors import NotFound, NotMade, NotPossible, RvwError, Unavailable
from rvw.settings import Films
from signaling.blobs import Blobs
from signaling.blobs.objects import told
from signaling.dossiers.amending import Amendments
from signaling.dossiers.words import ROLES, word
from signaling.recordings.children import bytes_of, child, line
from signaling.recordings.leases import LEASE_S, Leases
from signaling.recordings.plan import Failed, Made, Reel, Script, Word, Words
from signaling.recordings.playing import FILM_TYPE
from signaling.recordings.veil import Veiled
from signaling.records.archive import Archive
from signaling.records.recordings import Film, Recording, Recordings, TrackFile

log = structlog.get_logger()

LOOK_S: Seconds = 5.0
STALL_S: Seconds = 600.0
"""A process that makes a film and comes no further for so long has failed. It may have to wait for the processor."""
RETRY_S: Seconds = 60.0
MOST_TRIES = 3
"""What has failed so often will not be made, and a supervisor is told. A process that was killed has not failed."""
MOST_BYTES = 16 * 1024**3

WORD: msgspec.json.Decoder[Word] = msgspec.json.Decoder(Word)
TEXTS = {"no_picture": ("没有画面", "No picture"), "not_recorded": ("这一段没有录制", "This part was not recorded")}


class Statistics(Struct, frozen=True):
    """Films."""

    waiting: int = 0
    """Still to be made, by whichever process; 0 while none are made."""
    since: Instant = 0.0
    """When the oldest of those was collected."""
    made: int = 0
    """By this process, as what follows."""
    failed: int = 0


class Composing:
    """One owned task. Every process runs one."""

    def __init__(
        self,
        recordings: Recordings,
        archive: Archive,
        blobs: Blobs,
        amendments: Amendments,
        folder: Path,
        chosen: Films,
        leases: Leases,
        clock: Clock,
        failed: Callable[[Dossier, str], Awaitable[None]],
    ) -> None:
        """`folder` is where this machine works; `failed` tells people of a film that cannot be made."""
        self._recordings = recordings
        self._archive = archive
        self._blobs = blobs
        self._amendments = amendments
        self._folder = folder
        self._chosen = chosen
        self._leases = leases
        self._clock = clock
        self._failed = failed
        self._news = Event()
        self._told = Statistics()

    def look_again(self) -> None:
        """A record may have been filed."""
        self._news.set()

    def statistics(self) -> Statistics:
        """Return the figures of now."""
        return self._told

    async def run(self) -> None:
        """Compose until cancelled."""
        if self._chosen.when == "off":
            return
        async with TaskGroup() as tasks:
            for _ in range(self._chosen.at_a_time):
                tasks.create_task(self._go())

    async def once(self) -> None:
        """Make every film that is due now. Raises `Unavailable`."""
        waiting = await self._recordings.waiting()
        self._told = msgspec.structs.replace(self._told, waiting=waiting.count, since=waiting.since)
        for visit in await self._recordings.to_compose(self._clock()) if self._may_begin() else ():
            with _room(self._folder, self._chosen.at_a_time) as room:
                if not room:
                    return
                await self._look(visit)

    async def _go(self) -> None:
        while True:
            self._news.clear()
            try:
                await self.once()
            except Unavailable as error:
                log.warning("composing waits", reason=str(error))
            try:
                async with timeout(LOOK_S):
                    await self._news.wait()
            except TimeoutError:
                continue

    def _may_begin(self) -> bool:
        chosen = self._chosen
        return chosen.when == "at_once" or within_hours(self._clock(), chosen.from_hour, chosen.until_hour)

    async def _look(self, visit: str) -> None:
        """Bring one visit as far as it goes. What is wrong with it keeps no other waiting."""
        async with self._leases.held(visit) as ours:
            if not ours:
                return
            try:
                record = await self._archive.record(visit)
                if record is None:  # it is not filed yet
                    return await self._recordings.release(visit)
                recording = await self._recordings.find(visit)
                if recording is not None and recording.state == "collected":
                    await self._go_on(recording, decode(record.dossier))
            except RvwError as error:
                log.warning("a film waits", visit=visit, code=error.code, reason=str(error))
                await self._recordings.release(visit, self._clock() + RETRY_S)
            except BaseException:
                await self._recordings.release(visit)
                raise

    async def _go_on(self, recording: Recording, content: Dossier) -> None:
        try:
            await self._compose(recording, content)
        except NotMade as error:
            await self._count(recording, content, str(error))

    async def _compose(self, recording: Recording, content: Dossier) -> None:
        """Make the film, unless it is there, and put it into the record. Raises `NotMade`, `Unavailable`."""
        if not recording.files:
            return await self._keep(recording, "uncomposed")
        try:
            if (film := recording.film) is None:
                film = await self._filmed(recording, content)
                recording = msgspec.structs.replace(recording, film=film)
                now = self._clock()
                await self._recordings.keep(recording, now, now + LEASE_S)
            await self._amendments.add_film(recording.visit, entry_of(film), film.seconds)
        except (NotPossible, NotFound) as error:  # a part was removed by law, or the whole record, while it was made
            log.info("a film is not kept", visit=recording.visit, reason=str(error))
            if recording.film:
                await self._blobs.remove(recording.visit, recording.film.sha256)
            return await self._keep(msgspec.structs.replace(recording, film=None), "uncomposed")
        await self._keep(recording, "composed")
        self._told = msgspec.structs.replace(self._told, made=self._told.made + 1)

    async def _filmed(self, recording: Recording, content: Dossier) -> Film:
        """Make the film and keep it. Raises `NotMade`, `Unavailable`."""
        began = monotonic()
        with ExitStack() as stack:
            reels = []
            for one in recording.files:
                veiled = await self._veiled(recording.visit, one, stack)
                reels.append(Reel(one.actor, one.out, veiled.veil()))
            script = script_of(recording, content, tuple(reels), self._folder)
            film, damaged = await self._made(recording.visit, script)
        log.info(
            "film composed", visit=recording.visit, seconds=film.seconds, bytes=film.bytes, damaged=damaged,
            took_s=round(monotonic() - began, 1),
        )  # fmt: skip
        return film

    async def _made(self, visit: str, script: Script) -> tuple[Film, int]:
        """Let another process make it. Raises `NotMade`, `Unavailable`."""
        descriptors = tuple(reel.file.descriptor for reel in script.reels)
        async with child("signaling.recordings.compose", script, descriptors) as process:
            while True:
                try:
                    async with timeout(STALL_S):
                        said = await line(process, WORD.decode)
                except TimeoutError:
                    raise NotMade(f"the process that makes a film has stood still for {STALL_S:.0f} s") from None
                match said:
                    case Made():
                        blob = await self._blobs.put(visit, bytes_of(process, said.bytes), MOST_BYTES)
                        facts = {name: getattr(said, name) for name in ("seconds", "width", "height", "tiles")}
                        return Film(sha256=blob.sha256, bytes=blob.bytes, **facts), said.damaged
                    case Failed(code, reason):
                        raise NotMade(f"{code}: {reason}")
                    case None:
                        break
        raise NotMade("the process that makes a film has ended without one")

    async def _veiled(self, visit: str, file: TrackFile, stack: ExitStack) -> Veiled:
        """Put a file where the other process can read it, and nobody else."""
        with told():
            veiled = await to_thread(Veiled.fresh, self._folder)
            stack.callback(veiled.close)
            async for chunk in self._blobs.read(visit, file.sha256):
                await to_thread(veiled.write, chunk)
        return veiled

    async def _count(self, recording: Recording, content: Dossier, reason: str) -> None:
        """Note that it has failed once more; the last time, tell people."""
        tries = recording.tries + 1
        log.error("a film was not made", visit=recording.visit, tries=tries, reason=reason)
        recording = msgspec.structs.replace(recording, tries=tries)
        if tries < MOST_TRIES:
            await self._recordings.keep(recording, self._clock(), self._clock() + RETRY_S)
            return
        self._told = msgspec.structs.replace(self._told, failed=self._told.failed + 1)
        await self._failed(content, reason)
        await self._keep(recording, "uncomposed")

    async def _keep(self, recording: Recording, state: str) -> None:
        changed = msgspec.convert({**msgspec.to_builtins(recording), "state": state}, Recording)
        await self._recordings.keep(changed, self._clock())


def script_of(recording: Recording, content: Dossier, reels: tuple[Reel, ...], folder: Path) -> Script:
    """Return what the film is made by."""
    since: Instant = recording.since
    spans = tuple((begin - since, end - since) for begin, end in recording.spans)
    ends = [file.seconds for file in recording.files] + [end for _, end in spans]
    return Script(
        folder=str(folder), since=since, spans=spans, seconds=max(ends), reels=reels, words=_words(content, recording)
    )


def entry_of(film: Film) -> FileEntry:
    """Return the film as a file of the record."""
    return FileEntry(name="film.mp4", sha256=film.sha256, bytes=film.bytes, type=FILM_TYPE, what=FILM)


def _words(content: Dossier, recording: Recording) -> Words:
    sent = {file.actor for file in recording.files}
    names = {
        party.actor: f"{party.name or party.actor} · {word(ROLES, party.role, content.language)}"
        for party in content.parties
        if party.actor in sent
    }
    texts = {name: word(TEXTS, name, content.language) for name in TEXTS}
    title = " · ".join(part for part in (content.names.matter or content.matter, content.ticket) if part)
    return Words(title=title, names=names, **texts)


@contextmanager
def _room(folder: Path, at_a_time: int) -> Iterator[bool]:
    """Give whether fewer processes of this machine make a film than may; that stays so until this ends.

    Raises `Unavailable`.
    """
    with ExitStack() as held:
        for number in range(at_a_time):
            with told():
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                lock = held.enter_context((folder / f"composing-{number}.lock").open("w"))
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                continue
            yield True
            return
        yield False
