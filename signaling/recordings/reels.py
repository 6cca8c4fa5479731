"""The files of a recording, read for a film: when something came, and the pictures and sounds themselves, each in its time.

What no decoder can read is left out and counted: one broken picture costs no film.
"""

from collections.abc import Iterator
from typing import Any, Final

import av
import numpy
from numpy.typing import NDArray

from rvw.clock import Seconds
from rvw.errors import NotWhole
from signaling.recordings.canvas import Picture
from signaling.recordings.opus import SILENCE
from signaling.recordings.veil import Veiled

RATE: Final = 48_000
"""Sounds a second."""

APART: Final = RATE * 30 // 1000
"""Sounds; a packet that lies no further from where the one before ended follows it without a gap."""

NoFrames = av.FFmpegError
"""What FFmpeg cannot do."""

Sound = NDArray[numpy.float32]


def times(file: Veiled) -> Iterator[Seconds]:
    """Yield the positions at which something came, but for silence put where nothing did. Raises `NotWhole`."""
    with _opened(file) as container:
        stream = container.streams[0]
        for packet in container.demux(stream):
            if packet.pts is not None and not (packet.size == len(SILENCE) and bytes(packet) == SILENCE):
                yield float(packet.pts * packet.time_base)


class _Reel:
    """One file with one stream, decoded frame by frame. Raises `NotWhole` for one that is none."""

    def __init__(self, file: Veiled) -> None:
        self._container = _opened(file)
        self._stream: Any = self._container.streams[0]
        self._stream.codec_context.thread_count = 1  # a film takes no more than one core
        self._frames = self._decoded()
        self.damaged = 0

    def _decoded(self) -> Iterator[Any]:
        for packet in self._container.demux(self._stream):
            try:
                yield from packet.decode()
            except av.InvalidDataError:
                self.damaged += 1

    def close(self) -> None:
        """Let the file go."""
        self._container.close()


class Sight(_Reel):
    """Pictures."""

    def __init__(self, file: Veiled) -> None:
        super().__init__(file)
        self._next = next(self._frames, None)
        self.seen: Seconds = -1.0
        """The position of the picture that was given last."""

    def at(self, position: Seconds) -> Picture | None:
        """Return the newest picture of that position, to be asked in order; `None` if it is the one given before."""
        newest: Picture | None = None
        while self._next is not None and self._next.time <= position:
            newest, self._next = self._next, next(self._frames, None)
        if newest is not None:
            self.seen = newest.time
        return newest


class Voice(_Reel):
    """Sounds, as one channel."""

    def __init__(self, file: Veiled) -> None:
        super().__init__(file)
        self._begin = 0
        """Which sound the first of those held is."""
        self._held: Sound = numpy.zeros(0, numpy.float32)
        self._ended = False

    def read(self, first: int, count: int) -> Sound:
        """Return so many sounds from the one with that number on, to be asked in order: silence where there are none."""
        made = numpy.zeros(count, numpy.float32)
        while not self._ended and self._begin + len(self._held) < first + count:
            self._hold(next(self._frames, None))
        end = first + count
        start = min(max(first, self._begin), end)
        found = self._held[start - self._begin : end - self._begin]
        made[start - first : start - first + len(found)] = found
        gone = min(max(0, end - self._begin), len(self._held))
        self._held, self._begin = self._held[gone:], self._begin + gone
        return made

    def _hold(self, frame: Any) -> None:
        """Take a frame: where the one before ended, or, after a gap, where its time says."""
        if frame is None:
            self._ended = True
            return
        sounds = frame.to_ndarray().mean(axis=0, dtype=numpy.float32)
        end = self._begin + len(self._held)
        begin = round(frame.time * RATE)
        if abs(begin - end) <= APART:
            begin = end
        if begin < end:  # it is of a time of which something is held already
            sounds, begin = sounds[end - begin :], end
        self._held = numpy.concatenate([self._held, numpy.zeros(begin - end, numpy.float32), sounds])


def mixed(voices: list[Voice], first: int, count: int) -> Sound:
    """Return all voices as one: as loud as they were, and softly held below the loudest that can be written."""
    total = numpy.zeros(count, numpy.float32)
    for voice in voices:
        total += voice.read(first, count)
    over = numpy.abs(total) > SOFT
    total[over] = numpy.sign(total[over]) * (SOFT + (1 - SOFT) * numpy.tanh((numpy.abs(total[over]) - SOFT) / (1 - SOFT)))
    return total


SOFT: Final = 0.8
"""Of full scale; several who shout at once are beyond it."""


def _opened(file: Veiled) -> Any:
    file.seek(0)
    try:
        container = av.open(file, "r")
    except (av.FFmpegError, ValueError) as error:
        raise NotWhole(f"a recorded file cannot be read: {error}") from error
    if not container.streams:
        raise NotWhole("a recorded file has nothing in it")
    return container
