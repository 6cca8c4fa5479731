"""Who watches what was recorded: at which moments it flashes, and at which it beeps."""

from io import BytesIO
from typing import Any

import av
import numpy

RATE = 48_000


def played(file: BytesIO) -> Any:
    """Return how loud it is at each sample, as a player has it that puts one packet right after the other."""
    file.seek(0)
    with av.open(file, "r") as container:
        frames = [numpy.abs(frame.to_ndarray()) for frame in container.decode(container.streams.audio[0])]
    return numpy.concatenate([frame.max(axis=0) for frame in frames])


def beeps(file: BytesIO) -> list[float]:
    """Return at which positions a beep begins for that player."""
    sound = played(file)
    loud = numpy.convolve(sound > 0.05 * sound.max(), numpy.ones(960), "same") > 0
    return [at / RATE for at in numpy.flatnonzero(numpy.diff(loud.astype(int)) == 1)]


def flashes(file: BytesIO, where: tuple[slice, slice] = (slice(None), slice(None))) -> list[float]:
    """Return at which positions a flash begins in that part of the picture: lines, then columns."""
    found, before = [], False
    file.seek(0)
    with av.open(file, "r") as container:
        for frame in container.decode(container.streams.video[0]):
            light = frame.to_ndarray(format="gray")[where].mean() > 128
            if light and not before:
                found.append(float(frame.time))
            before = light
    return found
