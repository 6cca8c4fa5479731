"""Makes recordings as a media worker would leave them: real pictures and Opus, cut into RTP, on a publisher's own clocks.

Every second a white flash and a beep at the same moment. What happens between (loss, holds, clocks that stand still) is
told to it step by step.
"""

import re
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy

from rvw.protocol.spool import REPORT, SALT_BYTES, Cipher, Entry, Kind, Source, beat_entry, reel_entry, source_entry

KEY = bytes(range(32))
START = 1_800_000_000.0
FPS, SOUNDS = 25, 50
MTU = 1100


def flashes(second: float) -> bool:
    """Tell whether it is the tenth of a second in which there is light and sound."""
    return second % 1 < 0.1


class Publisher:
    """One party that sends a picture and a voice; `skew` is by how much the own clock is wrong."""

    def __init__(
        self, peer: str, first_track: int, size: tuple[int, int] = (160, 120), skew: float = 0.0, codec: str = "VP8"
    ) -> None:
        self.peer, self.skew, self.lap, self.codec = peer, skew, 0, codec
        self.mic, self.camera = first_track, first_track + 1
        self.sequence = {self.mic: 1000, self.camera: 65_000}
        self.stood_still = 0.0
        self._video: Any = None
        self._audio: Any = None
        self.resize(size)
        self._restart_audio()

    def resize(self, size: tuple[int, int]) -> None:
        """Film in another size from now on, beginning with a keyframe."""
        self._size = size
        name, options = ENCODERS[self.codec]
        self._video = av.CodecContext.create(name, "w")
        self._video.width, self._video.height = size
        self._video.pix_fmt, self._video.time_base = "yuv420p", Fraction(1, FPS)
        self._video.thread_count = 1  # more only wait for each other over so small a picture
        self._video.options = {**options, "g": str(FPS * 2)}
        self._video.bit_rate = 300_000

    def _restart_audio(self) -> None:
        self._audio = av.CodecContext.create("libopus", "w")
        self._audio.sample_rate, self._audio.layout, self._audio.format = 48_000, "mono", "s16"

    def sources(self) -> list[Entry]:
        """Return what stands for the two tracks."""
        return [
            source_entry(self.mic, Source(self.peer, "mic", "OPUS", 48_000), START),
            source_entry(self.camera, Source(self.peer, "camera", self.codec, 90_000), START),  # type: ignore[arg-type]
        ]

    def picture(self, at: float) -> Iterator[Entry]:
        """Yield the packets of the frame filmed at that instant, as they arrive 30 ms later."""
        light = 255 if flashes(at) else 16
        plane = numpy.full((self._size[1], self._size[0], 3), light, numpy.uint8)
        frame = av.VideoFrame.from_ndarray(plane, "rgb24").reformat(format="yuv420p")
        frame.pts = None
        for packet in self._video.encode(frame):
            payloads = PAYLOADS[self.codec](bytes(packet), packet.is_keyframe)
            for number, payload in enumerate(payloads):
                yield self._entry(self.camera, at, 90_000, 128 * (number == len(payloads) - 1), payload)

    def voice(self, at: float) -> Iterator[Entry]:
        """Yield the packet of the 20 ms that begin at that instant."""
        time = at + numpy.arange(960) / 48_000
        tone = numpy.where(time % 1 < 0.1, 12_000 * numpy.sin(2 * numpy.pi * 1000 * time), 0).astype(numpy.int16)
        frame = av.AudioFrame.from_ndarray(tone.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate = 48_000
        for packet in self._audio.encode(frame):
            yield self._entry(self.mic, at, 48_000, 0, bytes(packet))

    def reports(self, at: float) -> Iterator[Entry]:
        """Yield the sender reports of that instant, with the publisher's clock laid on ours as the worker does."""
        for track, rate in ((self.mic, 48_000), (self.camera, 90_000)):
            said = REPORT.pack(at + 0.03)
            yield Entry(at + 0.03, 0, self._ticks(track, at, rate), self.lap, track, Kind.REPORT, 0, said)

    def _entry(self, track: int, at: float, rate: int, marker: int, payload: bytes) -> Entry:
        self.sequence[track] += 1
        ticks = self._ticks(track, at, rate)
        return Entry(at + 0.03, self.sequence[track], ticks, self.lap, track, Kind.PACKET, marker, payload)

    def _ticks(self, track: int, at: float, rate: int) -> int:
        return round((at - START - self.stood_still + self.skew) * rate + 4_294_900_000 + 7919 * track) & 0xFFFFFFFF


def _vp8(data: bytes, key: bool) -> list[bytes]:
    """RFC 7741, section 4.2: the first packet of a frame begins partition 0."""
    return [(b"\x00" if start else b"\x10") + data[start : start + MTU] for start in range(0, len(data), MTU)]


def _vp9(data: bytes, key: bool) -> list[bytes]:
    """RFC 9628, section 4.2: whether the picture needs others, whether the packet begins and whether it ends it."""
    made = []
    for start in range(0, len(data), MTU):
        flags = 0x40 * (not key) | 0x08 * (start == 0) | 0x04 * (start + MTU >= len(data))
        made.append(bytes((flags,)) + data[start : start + MTU])
    return made


def _h264(data: bytes, key: bool) -> list[bytes]:
    """RFC 6184: parameter sets in one packet (STAP-A), small units alone, large ones cut (FU-A)."""
    units = [unit for unit in re.split(rb"\x00\x00\x00?\x01", data) if unit]
    sets = [unit for unit in units if unit[0] & 31 in (7, 8)]
    made = [b"\x78" + b"".join(len(unit).to_bytes(2) + unit for unit in sets)] if sets else []
    for unit in units:
        if unit[0] & 31 in (7, 8, 6, 9):
            continue
        if len(unit) <= MTU:
            made.append(unit)
            continue
        rest = unit[1:]
        for start in range(0, len(rest), MTU):
            flags = 0x80 * (start == 0) | 0x40 * (start + MTU >= len(rest))
            made.append(bytes((unit[0] & 0xE0 | 28, flags | unit[0] & 31)) + rest[start : start + MTU])
    return made


def _av1(data: bytes, key: bool) -> list[bytes]:
    """AV1's payload format, section 4.4: units without sizes, cut where a packet is full; N where a sequence begins."""
    units, at = [], 0
    while at < len(data):
        head, size, start = data[at], 0, at + 1
        for shift in range(0, 56, 7):
            octet = data[start]
            start += 1
            size |= (octet & 0x7F) << shift
            if not octet & 0x80:
                break
        if head >> 3 & 15 != 2:  # no temporal delimiters
            units.append(bytes((head & ~2,)) + data[start : start + size])
        at = start + size
    made: list[bytes] = []
    for unit in units:
        for start in range(0, len(unit), MTU):
            flags = 0x80 * (start > 0) | 0x40 * (start + MTU < len(unit)) | 0x10 | 0x08 * (key and not made)
            made.append(bytes((flags,)) + unit[start : start + MTU])
    return made


REALTIME = {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0"}
ENCODERS = {
    "VP8": ("libvpx", REALTIME),
    "VP9": ("libvpx-vp9", REALTIME),
    "AV1": ("libsvtav1", {"preset": "11", "svtav1-params": "rc=2:pred-struct=1:rtc=1:lp=1"}),
    "H264": ("libx264", {"preset": "ultrafast", "tune": "zerolatency", "profile": "baseline"}),
}
PAYLOADS = {"VP8": _vp8, "VP9": _vp9, "H264": _h264, "AV1": _av1}


def segment(folder: Path, name: str, begun: float, frames: list[list[Entry]], room: str = "visit") -> Path:
    """Write a segment: its reel, and these frames."""
    cipher = Cipher(KEY, name.encode().ljust(SALT_BYTES, b".")[:SALT_BYTES], room)
    path = folder / f"{name}.spool"
    plains = [reel_entry(begun).pack(), *(b"".join(one.pack() for one in frame) for frame in frames)]
    path.write_bytes(cipher.head + b"".join(cipher.seal(plain) for plain in plains))
    return path


def talk(people: list[Publisher], begin: float, end: float) -> list[list[Entry]]:
    """Return what is tapped from `begin` to `end`, seconds after `START`, in frames of half a second."""
    made: list[Entry] = [entry for person in people for entry in person.sources()]
    frames: list[list[Entry]] = [made]
    for half in range(round(2 * begin), round(2 * end)):
        first = START + half / 2
        found: list[Entry] = []
        for person in people:
            for number in range(FPS // 2 + half % 2):
                found += person.picture(first + (number + (half % 2) / 2) / FPS)
            for number in range(SOUNDS // 2):
                found += person.voice(first + number / SOUNDS)
            if half % 2 == 0:
                found += person.reports(first + 0.21)
        frames.append([*sorted(found, key=lambda one: one.arrival), beat_entry(0, first + 0.53)])
    return frames
