"""Frames into a file that plays, without decoding: WebM for Opus, VP8, VP9 and AV1, Matroska for H.264, by PyAV's muxers.

Where no sound has come, silence is written. Chromium plays the sounds of a file one right after the other whatever their
timestamps (measured: of a file that has lost a tenth, what was said after ten seconds is heard after nine), and others
do alike; so a pause or a loss would put all that follows out of step with the picture.
"""

from fractions import Fraction
from io import BytesIO
from typing import Any, Final

import av

from rvw.clock import Seconds
from signaling.recordings.opus import SILENCE, SILENCE_S, lasts
from signaling.recordings.pictures import Frame
from signaling.recordings.veil import Veiled

MILLISECONDS: Final = Fraction(1, 1000)
TYPES: Final = {
    "OPUS": ("webm", "audio/webm"),
    "VP8": ("webm", "video/webm"),
    "VP9": ("webm", "video/webm"),
    "AV1": ("webm", "video/webm"),
    "H264": ("matroska", "video/x-matroska"),
}
SAME_BYTES: Final = {"fflags": "+bitexact"}
"""The same frames make the same file: collecting it again after a crash adds nothing."""

_RAW: Final = {"H264": "h264", "AV1": "obu"}
_ENCODERS: Final = {"VP8": "libvpx", "VP9": "libvpx-vp9"}
"""Only their names and headers are needed: nothing is encoded."""


class Mux:
    """One file with one stream; `since` is the instant at its position 0."""

    def __init__(self, codec: str, into: Veiled, since: float) -> None:
        self.frames = 0
        self.begin: Seconds = 0.0
        self.seconds: Seconds = 0.0
        self._codec = codec
        self._since = since
        self._container: Any = av.open(into, "w", format=TYPES[codec][0], options=SAME_BYTES)
        self._stream: Any = None
        self._last = -1
        self._heard: Seconds = 0.0
        """Where a player is that has played all that was written: never further from the truth than half a packet."""

    def put(self, frame: Frame) -> None:
        """Append a frame: a picture after the first keyframe; of two at one millisecond the later waits for the next."""
        if self._stream is None:
            if not frame.key:
                return
            self._stream = self._begin(frame)
        at = max(0.0, frame.at - self._since)
        if self._codec == "OPUS":
            while at - self._heard > SILENCE_S / 2:
                self._write(SILENCE, self._heard, key=True)
                self._heard += SILENCE_S
            self._heard += lasts(frame.data)
        self._write(frame.data, at, frame.key)
        self.frames += 1
        self.seconds = self._last / 1000
        if self.frames == 1:
            self.begin = self.seconds

    def close(self) -> None:
        """Write the end of the file."""
        self._container.close()

    def _write(self, data: bytes, at: Seconds, key: bool) -> None:
        packet = av.Packet(data)
        packet.stream, packet.time_base = self._stream, MILLISECONDS
        packet.pts = packet.dts = self._last = max(self._last + 1, round(1000 * at))
        packet.is_keyframe = key
        self._container.mux(packet)

    def _begin(self, frame: Frame) -> Any:
        if self._codec == "OPUS":
            stream = self._container.add_stream("libopus", rate=48_000)
            stream.codec_context.layout = "stereo"
            return stream
        if self._codec in _RAW:  # the header is in the keyframe, where FFmpeg's own reader finds it
            with av.open(BytesIO(frame.data), format=_RAW[self._codec]) as probe:
                return self._container.add_stream_from_template(probe.streams.video[0], opaque=True)
        stream = self._container.add_stream(_ENCODERS[self._codec], rate=30)
        stream.width, stream.height = frame.size if frame.size[0] else (640, 480)
        stream.pix_fmt = "yuv420p"
        return stream
