"""A film as MP4: H.264 and AAC, which everything plays. The index stands in front, so that watching begins at once."""

from fractions import Fraction
from typing import Any, Final

import av
import numpy

from rvw.clock import Seconds
from signaling.recordings.canvas import Plane
from signaling.recordings.reels import RATE, Sound
from signaling.recordings.veil import Veiled

FPS: Final = 15
"""Pictures a second at most; where nothing moves there is one, for the clock. More would cost as much time again, and lips
are out of step by half a picture, 33 ms, at most. A minute of two faces takes 12 s of one core (`rvw bench recording`)."""

SOUNDS: Final = 1024
"""In one frame of AAC."""

SOUND_BPS: Final = 64_000
X264: Final = {
    "preset": "superfast",
    "crf": "27",
    "maxrate": "1500k",
    "bufsize": "3000k",
    "bf": "0",
    "g": str(2 * FPS),
    "threads": "1",
}
SAME_BYTES: Final = {"fflags": "+bitexact", "movflags": "+faststart"}
"""The same recording makes the same film: making it again after a crash adds nothing."""


class Filming:
    """One film on its way into a file."""

    def __init__(self, into: Veiled, width: int, height: int) -> None:
        self._into = into
        self._read: list[Veiled] = []
        # To put the index in front, the muxer reads what it has written.
        self._container: Any = av.open(into, "w", format="mp4", options=SAME_BYTES, io_open=self._reading)
        self._video: Any = self._container.add_stream("libx264", rate=FPS, options=X264)
        self._video.width, self._video.height, self._video.pix_fmt = width, height, "yuv420p"
        self._video.codec_context.time_base = Fraction(1, FPS)
        self._audio: Any = self._container.add_stream("aac", rate=RATE)
        self._audio.layout, self._audio.bit_rate = "mono", SOUND_BPS
        self._held: Sound = numpy.zeros(0, numpy.float32)
        self._sounds = 0

    def picture(self, planes: Plane, tick: int) -> None:
        """Show this from a tick on: there are `FPS` in a second."""
        frame = av.VideoFrame.from_ndarray(planes, "yuv420p")
        frame.pts, frame.time_base = tick, Fraction(1, FPS)
        self._container.mux(self._video.encode(frame))

    def sound(self, sounds: Sound) -> None:
        """Let this be heard next."""
        held = numpy.concatenate([self._held, sounds])
        whole = len(held) // SOUNDS * SOUNDS
        for start in range(0, whole, SOUNDS):
            self._hear(held[start : start + SOUNDS])
        self._held = held[whole:]

    def close(self) -> Seconds:
        """Write the end; return how long it is."""
        if len(self._held):
            self._hear(self._held)
        for stream in (self._video, self._audio):
            self._container.mux(stream.encode(None))
        self._container.close()
        for reader in self._read:
            reader.close()
        return self._sounds / RATE

    def _hear(self, sounds: Sound) -> None:
        frame = av.AudioFrame.from_ndarray(sounds.reshape(1, -1), "fltp", "mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE, self._sounds, Fraction(1, RATE)
        self._sounds += len(sounds)
        self._container.mux(self._audio.encode(frame))

    def _reading(self, name: str, flags: int, options: dict[str, str]) -> Veiled:
        self._read.append(self._into.again())
        return self._read[-1]
