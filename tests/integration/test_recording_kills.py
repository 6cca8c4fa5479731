"""Parts are killed while a talk is recorded: what was acknowledged is in the record, and the recording reaches the kill."""

import asyncio
import os
import random
import statistics
import sys
import time
from asyncio import TaskGroup
from contextlib import AsyncExitStack, suppress
from io import BytesIO
from pathlib import Path

import av
import httpx2

from rvw.cli.verify import check_path
from rvw.cli.wire import RefusedError, Wire, open_wire
from rvw.domain import commands as c
from rvw.domain import events as e
from rvw.domain.handover import RECORDED, Dossier, decode
from rvw.domain.package import DOSSIER, EVIDENCE, FILES, MANIFEST, Whole
from rvw.domain.visit import State
from rvw.errors import RvwError, Unavailable
from signaling.blobs import Blobs
from signaling.dossiers.keys import open_keys
from signaling.recordings.opus import SILENCE
from signaling.records.archive import Record
from signaling.records.recordings import Recording
from tests.fakes.films import kept
from tests.fakes.product import Product, product
from tests.fakes.talking import agreed, handed_over, page, tokens

PARTS = {
    "the media worker": ("media-1",),
    "signaling": ("signaling",),
    "Valkey": ("valkey",),
    "all three": ("media-1", "signaling", "valkey"),
    "everything, and what started it": (),
}
"""What is killed in the middle of a talk, each in its turn."""

AFTER = "signaling and the case system, after the closing"
"""And in another kind of talk: while its recording is collected, sealed and handed over."""

KINDS = (*PARTS, AFTER)
KILLS = int(os.environ.get("KILLS_OF_A_RECORDING", len(KINDS)))
"""Set it to 20 and more for the distribution."""

LOST_S = 5.0
TALK_S = 4.0
"""How long they have talked at least when it happens."""
PATIENCE_S = 120.0


class Talk:
    """One talk with two parties who really send, and what was acknowledged to them."""

    def __init__(self, running: Product, kiosk: str, officer: str) -> None:
        self.running = running
        self.kiosk = kiosk
        self.officer = officer
        self.visit = ""
        self.said: list[str] = []

    async def until_killed(self, kind: str, after_s: float) -> float:
        """Talk, kill parts in the middle of it or at its end, and return until when it went on."""
        async with AsyncExitStack() as stack:
            kiosk, officer = [
                await stack.enter_async_context(page(self.running.origin, one)) for one in (self.kiosk, self.officer)
            ]
            await officer.do(c.SetPresence("ready"))
            self.visit = await kiosk.do(c.Open("social-card", "310115", answers=agreed()))
            await officer.shown(self.visit)
            await officer.do(c.Accept(), self.visit)
            await officer.event(e.RecordingStarted, self.visit)
            async with TaskGroup() as tasks:
                chatting = tasks.create_task(self._chat(officer))
                if kind == AFTER:
                    await asyncio.sleep(TALK_S)
                    over_at = time.time()
                    chatting.cancel()
                    await officer.do(c.Close("guided", "示例"), self.visit)
                    await asyncio.sleep(after_s)
                    await self.running.kill("signaling", "case-system")
                else:
                    await asyncio.sleep(TALK_S + after_s)
                    over_at = time.time()
                    await self._lose(PARTS[kind])
                    chatting.cancel()
        return over_at

    async def _lose(self, parts: tuple[str, ...]) -> None:
        if parts:
            await self.running.kill(*parts)
        else:
            await self.running.power_cut()

    async def close(self) -> None:
        """Come back, close the visit unless it is closed, and wait until the case system has it."""
        async with asyncio.timeout(PATIENCE_S):
            while not await self._closed():  # noqa: ASYNC110 - who is not there has no events
                await asyncio.sleep(0.2)
            async with kept(self.running) as (store, _, _):
                await handed_over(store, self.visit)

    async def _closed(self) -> bool:
        with suppress(Unavailable, RefusedError, OSError):
            async with open_wire(self.running.origin, self.officer) as officer:
                if any(one.id == self.visit and one.state is not State.CLOSED for one in officer.welcome.visits):
                    await officer.do(c.Close("guided", "示例"), self.visit)
                return True
        return False

    async def _chat(self, officer: Wire) -> None:
        for number in range(10_000):
            text = f"第{number}句"
            try:
                await officer.do(c.Say(text), self.visit)
            except RvwError:
                return
            self.said.append(text)
            await asyncio.sleep(0.05)


async def filed(running: Product, talk: Talk, folder: Path) -> tuple[Dossier, Recording, dict[str, BytesIO]]:
    """Return what is kept of a talk, and check it as `rvw verify` does."""
    async with kept(running) as (store, blobs, _):
        record = await store.archive.record(talk.visit)
        recording = await store.recordings.find(talk.visit)
        assert record is not None
        assert recording is not None
        content = decode(record.dossier)
        files = {one.sha256: await whole(blobs, talk.visit, one.sha256) for one in content.files}
    write(record, files, folder)
    told = await asyncio.to_thread(check_path, folder, open_keys(running.data, time.time()).public())
    assert isinstance(told, Whole)
    assert told.files == len(content.files)
    return content, recording, files


async def whole(blobs: Blobs, visit: str, sha256: str) -> BytesIO:
    """Return a file."""
    return BytesIO(b"".join([chunk async for chunk in blobs.read(visit, sha256)]))


async def cases(running: Product) -> list[str]:
    """Return the visits of the cases that the case system has."""
    async with httpx2.AsyncClient() as http:
        return [one["visit"] for one in (await http.get(f"{running.case_system}/api/records")).json()]


def write(record: Record, files: dict[str, BytesIO], folder: Path) -> None:
    """Write a record as the package that leaves the house."""
    parts = {DOSSIER: record.dossier, EVIDENCE: record.evidence, MANIFEST: record.manifest}
    for name, data in (*parts.items(), *((f"{FILES}{name}", one.getvalue()) for name, one in files.items())):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)


def played(file: BytesIO) -> list[float]:
    """Return the positions of what has come in a file, all of which can be decoded."""
    file.seek(0)
    found = []
    with av.open(file, "r") as container:
        stream = container.streams[0]
        for packet in container.demux(stream):
            packet.decode()
            if packet.pts is not None and packet.time_base is not None and bytes(packet) != SILENCE:
                found.append(float(packet.pts * packet.time_base))
    return found


async def test_a_recording_reaches_the_kill(tmp_path: Path) -> None:
    """Each part, all of them, and even what supervises them is killed, each in a talk of its own, at a moment nobody chose.

    Every line that was acknowledged is in the record, what each has sent plays up to five seconds before it, verify
    passes, and the case system has one case of each talk.
    """
    dice = random.Random(7)
    lost: dict[str, list[float]] = {}
    talks: list[str] = []
    async with product(tmp_path / "data") as running:
        kiosk, officer = await tokens(running)
        for number in range(KILLS):
            kind = KINDS[number % len(KINDS)]
            talk = Talk(running, kiosk, officer)
            killed_at = await talk.until_killed(kind, 2 * dice.random())
            await talk.close()
            content, recording, files = await filed(running, talk, tmp_path / f"package-{number}")

            texts = [link.event.text for link in content.events if isinstance(link.event, e.Said)]
            assert talk.said, "something was acknowledged"
            assert [text for text in talk.said if text not in texts] == []
            tracks = [one for one in content.files if one.what in RECORDED and one.type != "video/mp4"]
            assert len(tracks) == len(recording.files) == 4, "a voice and a picture of each"
            for one in recording.files:
                before = [at for at in played(files[one.sha256]) if recording.since + at <= killed_at]
                away_s = killed_at - recording.since - max(before)
                lost.setdefault(kind, []).append(away_s)
                assert away_s <= LOST_S, (kind, one.out)
            sys.stdout.write(f"{number + 1}. {kind}: {len(talk.said)} lines, {talk.visit}\n")
            talks.append(talk.visit)
        assert sorted(await cases(running)) == sorted(talks)
        async with asyncio.timeout(PATIENCE_S):
            while [*running.data.rglob("*.spool")]:  # noqa: ASYNC110 - files have no events
                await asyncio.sleep(0.5)
    for name, seconds in lost.items():
        sys.stdout.write(
            f"{name}: of {len(seconds)} files the last {statistics.median(seconds):.2f} s (median), "
            f"{max(seconds):.2f} s (most) before the kill are missing\n"
        )
