"""A visit that is over and was recorded, put into a running product as filing and collecting leave one.

Its time line is always the same, told by position in the recording. Pictures and voices are made by ffmpeg: a white screen
with grey lines, colour bars for faces, a tone for voices; nothing in them is as red as ink.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from msgspec import Struct

from rvw.clock import Instant
from rvw.domain import events as e
from rvw.domain.fold import evolve
from rvw.domain.handover import FileEntry, Names
from rvw.domain.marks import pack
from rvw.domain.people import Role
from rvw.domain.visit import Visit
from rvw.protocol.playback import Tile
from rvw.settings import load
from signaling.blobs import Blobs
from signaling.blobs.opening import open_blobs
from signaling.dossiers.keys import open_keys
from signaling.dossiers.sealing import Sealer
from signaling.keeping.opening import open_provider
from signaling.records import Store, open_store
from signaling.records.recordings import Film, Recording, TrackFile
from tests.fakes.product import Product

SECONDS = 56
"""How long the talk is recorded, with a hold from 32 to 40."""

SHARED, DRAWN, ERASED, HELD, RESUMED, STAMPED = 8.0, 12.0, 24.0, 32.0, 40.0, 48.0
"""Positions of what happens."""

LINE = ((3000, 5000), (7000, 5000))
"""Where the mark is: across the middle of the screen, in ten-thousandths."""

SCREEN = (
    "color=white:s=1280x720:r=5,drawbox=x=120:y=110:w=620:h=26:color=0x333333:t=fill,"
    "drawgrid=x=0:y=180:w=1280:h=72:c=0xd8d8d8:t=2"
)
FACE = "smptebars=s=320x240:r=10"
BLUE_FACE = "color=0x28486e:s=320x240:r=10,drawbox=x=110:y=60:w=100:h=120:color=0xc9b79c:t=fill"
TILE = Tile(actor="", out="share", begin=SHARED, end=HELD, x=0, y=90, width=960, height=540)


class People(Struct, frozen=True):
    """Who takes part, and where."""

    authority: str
    region: str
    kiosk: str
    hall: str
    officer: str
    host: str


def story(visit: str, people: People, since: Instant) -> tuple[Visit, tuple[e.Recorded, ...]]:
    """Return the visit and its events, marks and papers among them, in order of time."""
    officer = (people.officer, "甲示例")
    told: list[tuple[str, float, str, e.Event]] = [
        ("visit", -60, people.kiosk, _opened(people, since)),
        ("visit", -20, "system", e.Offered(people.officer, people.authority, since - 1)),
        ("visit", -6, people.officer, e.Accepted(*officer, since + 7200)),
        ("visit", -4, people.host, e.Entered(people.host, Role.HOST, "丙帮办", 2, "join")),
        ("visit", 0, "system", e.RecordingStarted((people.host, people.kiosk, people.officer))),
        ("visit", 4, people.officer, e.Said(*officer, Role.OFFICER, "您好，我把申请表打开给您看。")),
        ("visit", SHARED, people.officer, e.ShareStarted(*officer)),
        ("marks", DRAWN, people.officer, _drawn("pen")),
        ("visit", 14, people.host, e.Said(people.host, "丙帮办", Role.HOST, "阿姨问户籍地址填哪里？")),
        ("marks", 16, people.officer, _drawn("text", "这里填户籍地址")),
        ("papers", 20, people.host, e.PaperAsked("identity-card", "居民身份证", "请拍正面", "丙帮办")),
        ("marks", ERASED, people.officer, e.Erased(1)),
        ("papers", 28, people.officer, e.PaperAccepted("identity-card", "甲示例")),
        ("visit", HELD, "system", e.RecordingStopped("held")),
        ("visit", HELD, people.officer, e.Held(since + 600)),
        ("visit", RESUMED, people.officer, e.Resumed(since + 7200)),
        ("visit", RESUMED, "system", e.RecordingStarted((people.host, people.kiosk, people.officer))),
        ("application", 44, people.officer, e.FieldFilled("phone", "138****0000", "", "甲示例")),
        ("visit", STAMPED, people.officer, e.Said(*officer, Role.OFFICER, "都齐了，证件领取会发短信。")),
        ("visit", SECONDS, "system", e.RecordingStopped("ended")),
        ("visit", SECONDS, people.officer, e.Ended("officer", since + 900)),
        ("visit", SECONDS + 20, people.officer, e.Closed("done", "accepted", "材料齐全，已受理", "等短信取证")),
    ]
    versions: dict[str, int] = {}
    state: Visit | None = None
    recorded = []
    for stream, position, by, event in told:
        versions[stream] = versions.get(stream, 0) + 1
        recorded.append(e.Recorded(f"{stream}:{visit}", versions[stream], since + position, by, "", event))
        if stream == "visit":
            state = evolve(state, recorded[-1])
    assert state is not None
    return state, tuple(recorded)


def _opened(people: People, since: Instant) -> e.Opened:
    return e.Opened(
        authority=people.authority,
        kiosk=people.kiosk,
        kiosk_name="一号终端",
        hall=people.hall,
        matter="social-card",
        region=people.region,
        language="zh",
        desks=(people.authority,),
        priority=0,
        ticket="A017",
        deadline=since + 7200,
        recording_rule="allowed",
    )


def _drawn(tool: e.Tool, words: str = "") -> e.Drawn:
    points = [(2200, 6200)] if words else [LINE[0], (5000, 5000), LINE[1]]
    return e.Drawn("share:7", tool, "red", pack(points), words, "甲示例")


@asynccontextmanager
async def kept(running: Product) -> AsyncIterator[tuple[Store, Blobs, Sealer]]:
    """Open what the product keeps, as a second signaling process would."""
    settings = load("", {}, {"store.data": str(running.data), "security.demo": "true"})
    async with open_store(running.sql, open_provider(settings)) as store:
        yield store, open_blobs(settings, store.keys), Sealer(open_keys(running.data, time.time()), time.time)


async def file_visit(running: Product, folder: Path, visit: str, people: People, *, film: bool) -> Recording:
    """File the visit with a file for each party's voice, picture and screen, and with a film of all if told so."""
    since = time.time() - 3600
    closed, events = story(visit, people, since)
    async with kept(running) as (store, blobs, sealer):
        tracks = [
            await _track(blobs, folder, visit, actor, out, source)
            for actor, out, source in (
                (people.kiosk, "mic", "sine=f=440:r=48000"),
                (people.kiosk, "camera", BLUE_FACE),
                (people.officer, "mic", "sine=f=880:b=2:r=48000"),
                (people.officer, "camera", FACE),
                (people.officer, "share", SCREEN),
            )
        ]
        composed = await _film(blobs, folder, visit, people) if film else None
        files = tuple(_entry(one) for one in tracks)
        names = Names("社会保障卡补换", "示例区", "示例区政务服务中心", "示例窗口")
        await store.archive.keep(await asyncio.to_thread(sealer.first, closed, events, files, names))
        assert await store.recordings.claim(visit, since, since + 1)
        recording = Recording(
            visit=visit,
            state="composed" if film else "uncomposed",  # else the product would make one
            since=since,
            spans=((since, since + HELD), (since + RESUMED, since + SECONDS)),
            files=tuple(tracks),
            film=composed,
        )
        await store.recordings.keep(recording, since)
    return recording


async def _track(blobs: Blobs, folder: Path, visit: str, actor: str, out: str, source: str) -> TrackFile:
    sound = out == "mic"
    path = folder / f"{actor}-{out}.webm"
    coded = ("-c:a", "libopus", "-b:a", "24k") if sound else ("-c:v", "libvpx", "-deadline", "realtime", "-g", "20")
    await ffmpeg("-f", "lavfi", "-i", source, "-t", str(SECONDS), *coded, str(path))
    blob = await blobs.put_file(visit, path)
    return TrackFile(
        actor=actor,
        out=out,
        codec="OPUS" if sound else "VP8",
        type="audio/webm" if sound else "video/webm",
        sha256=blob.sha256,
        bytes=blob.bytes,
        begin=SHARED if out == "share" else 0.0,
        seconds=float(SECONDS),
        frames=SECONDS * 10,
        dropped=0,
    )


async def _film(blobs: Blobs, folder: Path, visit: str, people: People) -> Film:
    path = folder / "film.mp4"
    picture = (
        "color=0x0c1716:s=1280x720:r=10[b];[0:v]scale=960:540[s];[1:v]scale=320:240[f];"
        f"[b][s]overlay=x={TILE.x}:y={TILE.y}[p];[p][f]overlay=x=960:y=90,format=yuv420p"
    )
    inputs = ("-f", "lavfi", "-i", SCREEN, "-f", "lavfi", "-i", BLUE_FACE, "-f", "lavfi", "-i", "sine=f=440:r=48000")
    coded = ("-c:v", "libx264", "-preset", "ultrafast", "-g", "20", "-c:a", "aac", "-movflags", "+faststart")
    await ffmpeg(*inputs, "-filter_complex", picture, "-map", "2:a", "-t", str(SECONDS), *coded, str(path))
    blob = await blobs.put_file(visit, path)
    tiles = (
        Tile(actor=people.officer, out="share", begin=SHARED, end=HELD, x=TILE.x, y=TILE.y, width=960, height=540),
        Tile(actor=people.kiosk, out="camera", begin=0.0, end=float(SECONDS), x=960, y=90, width=320, height=240),
    )
    return Film(sha256=blob.sha256, bytes=blob.bytes, seconds=float(SECONDS), width=1280, height=720, tiles=tiles)


def _entry(file: TrackFile) -> FileEntry:
    name = f"{file.out}-{file.actor}.webm"
    return FileEntry(name=name, sha256=file.sha256, bytes=file.bytes, type=file.type, what="recording")


async def ffmpeg(*words: str) -> None:
    """Run it; what it has to say is in the error."""
    command = ("ffmpeg", "-nostdin", "-v", "error", "-y", *words)
    process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE)
    _, said = await process.communicate()
    assert process.returncode == 0, said.decode()
