"""`rvw bench recording`: what recording costs beside forwarding, and what comes after it.

The same load goes through a worker of ours with and without taps, by turns; what the difference has cost is the recording.
What lies in the spool then is read back: bytes, and whether a packet was lost. A film is made of two parties' real pictures
and voices, by the process that makes films.
"""

import json
import subprocess
import sys
import tempfile
import time
from base64 import b64decode
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from statistics import median
from typing import Any

import msgspec

from rvw.cli.bench import ours
from rvw.cli.bench.figures import Plan, Seen
from rvw.cli.bench.runs import Bench
from rvw.cli.bench.seats import resident_bytes
from rvw.errors import Unavailable
from rvw.protocol.spool import Kind
from signaling.recordings.muxing import Mux
from signaling.recordings.pictures import Frame
from signaling.recordings.plan import Reel, Script, Words
from signaling.recordings.reading import read
from signaling.recordings.timing import survey
from signaling.recordings.veil import Veiled

AIM = 0.25
"""Of what forwarding costs."""

WIDTH, HEIGHT, FPS = 640, 480, 20
"""Of a face, as pages send it."""


def measure(visits: int, seconds: int, rounds: int, film_s: int, *, quiet: bool) -> dict[str, Any]:
    """Return the figures. Raises `Unavailable` if the worker does not start, or the film is not made."""
    bench = Bench(quiet=quiet)
    plain: list[Seen] = []
    taped: list[Seen] = []
    disk: list[dict[str, float]] = []
    for _ in range(rounds):
        plain.append(_run(bench, Plan(visits=visits, peers=2, seconds=seconds), []))
        taped.append(_run(bench, Plan(visits=visits, peers=2, seconds=seconds, recorded=True), disk))
    by_name = {"off": plain, "on": taped}
    cost = {name: median(seen.cpu_us_per_forwarded_packet for seen in runs) for name, runs in by_name.items()}
    share = cost["on"] / cost["off"] - 1
    return {
        "visits": visits,
        "seconds": seconds,
        "cpu_us_per_forwarded_packet": {name: round(value, 2) for name, value in cost.items()},
        "share_of_forwarding": round(share, 3),
        "aim": AIM,
        "kept": share <= AIM,
        "spool": {name: round(median(one[name] for one in disk), 4) for name in disk[0]},
        "delay_ms_p99": {name: round(median(seen.delay_ms["p99"] for seen in runs), 2) for name, runs in by_name.items()},
        "film": film(film_s),
        "runs": msgspec.to_builtins(by_name),
    }


def table(figures: dict[str, Any]) -> str:
    """Return the figures for people."""
    cost, spool, made = figures["cpu_us_per_forwarded_packet"], figures["spool"], figures["film"]
    return (
        f"{figures['visits']} visits of two: {cost['off']:.2f} µs of processor a forwarded packet, {cost['on']:.2f} when "
        f"recorded: {100 * figures['share_of_forwarding']:+.0f} % (aim: {100 * AIM:.0f} % at most)\n"
        f"on the disk: {spool['bytes_per_visit_minute'] / 1e6:.1f} MB a minute of a visit, "
        f"{spool['overhead']:.1%} of it not media; {spool['lost']:.0f} packets lost\n"
        f"a film of two faces: {made['cpu_s_per_minute']:.1f} s of processor ({made['s_per_minute']:.1f} s by the clock) "
        f"and {made['bytes_per_minute'] / 1e6:.1f} MB a minute"
    )


def _run(bench: Bench, plan: Plan, disk: list[dict[str, float]]) -> Seen:
    with tempfile.TemporaryDirectory(prefix="rvw-bench-") as folder:
        with ours.running(bench.cores[0], (f"media.spool={folder}",)) as server:
            seen = bench.once(server, plan, resident_bytes(server.pid), bench.cores[-1])
        if plan.recorded:
            disk.append(on_disk(Path(folder), plan.visits))
        return seen


def on_disk(spool: Path, visits: int) -> dict[str, float]:
    """Return what lies in a spool. Raises `Unavailable` if a visit is missing."""
    rooms = [one for one in spool.iterdir() if one.is_dir()]
    if len(rooms) != visits:
        raise Unavailable(f"of {visits} visits {len(rooms)} were recorded")
    stored = sum(one.stat().st_size for one in spool.rglob("*.spool"))
    lasted = lost = media = 0.0
    for room in rooms:
        found = list(read(room, room.name, b64decode(ours.SPOOL_KEY)))
        overview = survey(found)
        lasted += sum(end - begin for begin, end in overview.spans)
        lost += overview.lost
        media += sum(len(entry.payload) for _, entry in found if entry.kind == Kind.PACKET)
    return {"bytes_per_visit_minute": stored / (lasted / 60), "overhead": 1 - media / stored, "lost": lost}


def film(seconds: int) -> dict[str, float]:
    """Make a film of two parties, and return what it has cost. Raises `Unavailable`."""
    with tempfile.TemporaryDirectory(prefix="rvw-bench-") as folder, ExitStack() as stack:
        reels = []
        for actor in ("kiosk", "officer"):
            for out, codec in (("camera", "VP8"), ("mic", "OPUS")):
                file = stack.enter_context(closing(Veiled.fresh(Path(folder))))
                _filled(Mux(codec, file, 0.0), _pictures(seconds) if out == "camera" else _sounds(seconds))
                reels.append(Reel(actor, out, file.veil()))
        words = Words("bench", {"kiosk": "kiosk", "officer": "officer"}, "-", "-")
        script = Script(folder=folder, since=0.0, spans=(), seconds=float(seconds), reels=tuple(reels), words=words)
        return _timed(script)


def _timed(script: Script) -> dict[str, float]:
    before, began = getrusage(RUSAGE_CHILDREN), time.monotonic()
    ran = subprocess.run(
        [sys.executable, "-m", "signaling.recordings.compose"],
        input=msgspec.json.encode(script),
        capture_output=True,
        pass_fds=[reel.file.descriptor for reel in script.reels],
        check=False,
    )
    took, after = time.monotonic() - began, getrusage(RUSAGE_CHILDREN)
    said = next((line for line in ran.stdout.split(b"\n") if not line.startswith(b'{"line":"progress"')), b"")
    made = json.loads(said) if said.startswith(b"{") else {}
    if made.get("line") != "made":
        raise Unavailable(f"no film was made: {made.get('reason') or ran.stderr.decode()[-300:]}")
    minutes = script.seconds / 60
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {
        "seconds": script.seconds,
        "s_per_minute": round(took / minutes, 2),
        "cpu_s_per_minute": round(cpu_s / minutes, 2),
        "bytes_per_minute": round(made["bytes"] / minutes),
    }


def _filled(mux: Mux, frames: Iterator[Frame]) -> None:
    for frame in frames:
        mux.put(frame)
    mux.close()


def _pictures(seconds: int) -> Iterator[Frame]:
    """Yield a face as browsers encode it: something that moves before something that does not, and noise over all."""
    import av
    import numpy

    encoder: Any = av.CodecContext.create("libvpx", "w")
    encoder.width, encoder.height, encoder.pix_fmt, encoder.framerate = WIDTH, HEIGHT, "yuv420p", FPS
    encoder.bit_rate, encoder.options = 600_000, {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0"}
    dice = numpy.random.default_rng(7)
    noise = [dice.integers(-6, 7, (HEIGHT, WIDTH), numpy.int16) for _ in range(8)]
    across, down = numpy.meshgrid(numpy.arange(WIDTH), numpy.arange(HEIGHT))
    planes = numpy.full((HEIGHT * 3 // 2, WIDTH), 128, numpy.uint8)
    for number in range(seconds * FPS):
        centre = WIDTH // 2 + 60 * numpy.sin(number / 9)
        face = (across - centre) ** 2 / 120**2 + (down - HEIGHT / 2) ** 2 / 160**2 < 1
        planes[:HEIGHT] = numpy.where(face, 170, 40 + across // 8) + noise[number % 8]
        frame = av.VideoFrame.from_ndarray(planes, "yuv420p")
        frame.pts = number
        for packet in encoder.encode(frame):
            yield Frame(number / FPS, bytes(packet), packet.is_keyframe, (WIDTH, HEIGHT))


def _sounds(seconds: int) -> Iterator[Frame]:
    """Yield a voice: half a second of tones, half a second of nothing."""
    import av
    import numpy

    encoder: Any = av.CodecContext.create("libopus", "w")
    encoder.sample_rate, encoder.layout, encoder.format = 48_000, "mono", "s16"
    for number in range(seconds * 50):
        at = (960 * number + numpy.arange(960)) / 48_000
        tone = numpy.where(at % 1 < 0.5, 8000 * numpy.sin(2 * numpy.pi * 200 * at), 0).astype(numpy.int16)
        frame = av.AudioFrame.from_ndarray(tone.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate = 48_000
        for packet in encoder.encode(frame):
            yield Frame(number / 50, bytes(packet), key=True)
