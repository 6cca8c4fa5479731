"""Parts are killed while a talk is recorded: what was acknowledged is in the record, and the recording reaches the kill."""

import asyncio
import os
import random
import statistics
import sys
import time
from asyncio import TaskGroup
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from io import BytesIO
from pathlib import Path

import av
from aiortc import VideoStreamTrack

import config
from rvw.cli.probe import End
from rvw.cli.verify import check_path
from rvw.cli.wire import Http, RefusedError, Wire, open_wire
from rvw.domain import commands as c
from rvw.domain import events as e
from rvw.domain.catalogue.consent import current, digest
from rvw.domain.handover import RECORDED, Dossier, decode
from rvw.domain.package import DOSSIER, EVIDENCE, FILES, MANIFEST, Whole
from rvw.errors import RvwError, Unavailable
from signaling.blobs import Blobs
from signaling.catalogue_watch import read
from signaling.dossiers.keys import open_keys
from signaling.recordings.opus import SILENCE
from signaling.records.archive import Record
from signaling.records.recordings import Recording
from tests.fakes.films import kept
from tests.fakes.product import PASSWORD, Product, product

KILLS = int(os.environ.get("KILLS_OF_A_RECORDING", "4"))
"""Set it to 20 for the distribution."""

PARTS = (("media-1",), ("signaling",), ("valkey",), ("media-1", "signaling", "valkey"))
"""Each in its turn; the last is everything at once."""

LOST_S = 5.0
TALK_S = 4.0
"""How long they have talked at least when it happens."""
PATIENCE_S = 120.0


class Camera(VideoStreamTrack):
    """Ten small pictures a second: a sender that is late would look as if what it has not sent were lost."""

    async def recv(self) -> av.VideoFrame:
        """Return the next."""
        for _ in range(3):
            pts, time_base = await self.next_timestamp()
        frame = av.VideoFrame(160, 120)
        frame.pts, frame.time_base = pts, time_base
        return frame


class Talk:
    """One talk with two parties who really send, and what was acknowledged to them."""

    def __init__(self, running: Product, kiosk: str, officer: str) -> None:
        self.running = running
        self.kiosk = kiosk
        self.officer = officer
        self.visit = ""
        self.said: list[str] = []

    async def until_killed(self, parts: tuple[str, ...], after_s: float) -> float:
        """Talk, kill parts in the middle of it, and return when that was."""
        async with AsyncExitStack() as stack:
            kiosk, officer = [await stack.enter_async_context(self._page(one)) for one in (self.kiosk, self.officer)]
            await officer.do(c.SetPresence("ready"))
            self.visit = await kiosk.do(c.Open("social-card", "310115", answers=(agreed(),)))
            await officer.shown(self.visit)
            await officer.do(c.Accept(), self.visit)
            await officer.event(e.RecordingStarted, self.visit)
            async with TaskGroup() as tasks:
                chatting = tasks.create_task(self._chat(officer))
                await asyncio.sleep(TALK_S + after_s)
                killed_at = time.time()
                await self.running.kill(*parts)
                chatting.cancel()
        return killed_at

    async def close(self) -> None:
        """Come back, close the visit, and wait until the case system has it."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                with suppress(Unavailable, RefusedError, OSError):
                    async with open_wire(self.running.origin, self.officer) as officer:
                        shown = [one for one in officer.welcome.visits if one.id == self.visit]
                        if shown:
                            await officer.do(c.Close("guided", "示例"), self.visit)
                        await officer.event(e.HandedOver, self.visit)
                        return
                await asyncio.sleep(0.2)

    async def _chat(self, officer: Wire) -> None:
        for number in range(10_000):
            text = f"第{number}句"
            try:
                await officer.do(c.Say(text), self.visit)
            except RvwError:
                return
            self.said.append(text)
            await asyncio.sleep(0.05)

    @asynccontextmanager
    async def _page(self, token: str) -> AsyncIterator[Wire]:
        """Give a page that sends sound and pictures."""
        end = End(Camera)
        try:
            async with open_wire(self.running.origin, token) as wire:
                await end.join(wire)
                yield wire
        finally:
            await end.close()


def agreed() -> c.Answer:
    """Return that the resident may be recorded."""
    text = current(read(config.FOLDER / "catalogue").texts, "resident")
    assert text is not None
    return c.Answer("recording", True, digest(text, "zh"))


async def tokens(running: Product) -> tuple[str, str]:
    """Return those of a kiosk and an officer."""
    http = Http(running.origin)
    lead = await http.login("lead-pudong", PASSWORD)
    kiosk = (await http.enrol((await http.new_enrolment("kiosk-pudong-1", lead.token)).code)).token
    return kiosk, (await http.login("pudong1", PASSWORD)).token


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
    """A worker, signaling, Valkey, and all of them are killed, each in a talk of its own, at a moment nobody chose.

    Every line that was acknowledged is in the record, what each has sent plays up to five seconds before it, and verify
    passes.
    """
    dice = random.Random(7)
    lost: dict[str, list[float]] = {}
    async with product(tmp_path / "data") as running:
        kiosk, officer = await tokens(running)
        for number in range(KILLS):
            parts = PARTS[number % len(PARTS)]
            talk = Talk(running, kiosk, officer)
            killed_at = await talk.until_killed(parts, 2 * dice.random())
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
                lost.setdefault("+".join(parts), []).append(away_s)
                assert away_s <= LOST_S, (parts, one.out)
            sys.stdout.write(f"{number + 1}. {'+'.join(parts)}: {len(talk.said)} lines, {talk.visit}\n")
    for name, seconds in lost.items():
        sys.stdout.write(
            f"{name}: of {len(seconds)} files the last {statistics.median(seconds):.2f} s (median), "
            f"{max(seconds):.2f} s (most) before the kill are missing\n"
        )
