"""`python -m signaling.recordings.compose`: the files of one visit's recording into one film, as a process of its own.

Reads a `Script` from standard input; says how far it is, at the end `Made` and then the film, or `Failed`. It has the files
by inheriting them, encrypted, and nothing else: no key of the visit, no store, no network address. It ends with the process
that started it, takes the processor only when nobody else wants it, and no more memory than `MEMORY_BYTES`.
"""

import ctypes
import os
import resource
import signal
import sys
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

from rvw.clock import Seconds
from rvw.errors import NotWhole, RvwError, TooLarge
from signaling.recordings.filming import FPS, Filming
from signaling.recordings.plan import Failed, Made, Progress, Script, Word
from signaling.recordings.reels import RATE, NoFrames, Sight, Voice, mixed, times
from signaling.recordings.scenes import HEIGHT, SCREEN_STANDS_S, STANDS_S, WIDTH, Stretch, joined, scenes
from signaling.recordings.stage import Stage
from signaling.recordings.veil import Veiled

NICENESS: Final = 15
PR_SET_PDEATHSIG: Final = 1
"""prctl(2): this process ends with the one that started it."""
MEMORY_BYTES: Final = 3 * 1024**3
"""Eight pictures of 1920 × 1080 under way need a third of it."""
LONGEST_S: Final[Seconds] = 8 * 3600.0
"""A recording that is longer makes no film: what each party has sent can be watched."""
TELLS_S: Final[Seconds] = 5.0
"""Of the film: so often it says how far it is."""

Whose = tuple[str, str]


class Reels:
    """The files of a recording, and when something came in each; `files` lets them go in the end."""

    def __init__(self, script: Script, files: ExitStack) -> None:
        self.sights: dict[Whose, list[Sight]] = {}
        self.voices: list[Voice] = []
        self.people: dict[str, list[Stretch]] = {actor: [] for actor in script.words.names}
        self.screens: dict[str, tuple[Stretch, ...]] = {}
        for reel in script.reels:
            file = files.enter_context(closing(Veiled.inherited(reel.file)))
            stands_s = SCREEN_STANDS_S if reel.out == "share" else STANDS_S
            came = joined(((at, at + 1 / FPS) for at in times(file)), stands_s)
            if reel.out == "share":
                self.screens[reel.actor] = joined((*self.screens.get(reel.actor, ()), *came), stands_s)
            else:
                self.people.setdefault(reel.actor, []).extend(came)
            if reel.out == "mic":
                self.voices.append(files.enter_context(closing(Voice(file))))
            else:
                self.sights.setdefault((reel.actor, reel.out), []).append(files.enter_context(closing(Sight(file))))

    def damaged(self) -> int:
        """Return how many pictures and sounds could not be read."""
        sights = [sight for several in self.sights.values() for sight in several]
        return sum(one.damaged for one in (*sights, *self.voices))


def compose(script: Script, into: Veiled, tell: Callable[[Word], None]) -> Made:
    """Return what the film is that is in `into` then. Raises `NotWhole`, `TooLarge`."""
    if script.seconds > LONGEST_S:
        raise TooLarge(f"a recording of {script.seconds:.0f} s makes no film")
    with ExitStack() as files:
        return _composed(script, Reels(script, files), into, tell)


def _composed(script: Script, reels: Reels, into: Veiled, tell: Callable[[Word], None]) -> Made:
    shown = scenes(reels.people, reels.screens, script.spans, script.seconds)
    stage = Stage(shown, reels.sights, script.words, script.since)
    film = Filming(into, WIDTH, HEIGHT)
    ticks = max(1, round(script.seconds * FPS))
    for tick in range(ticks):
        # The nearest picture, not the last one: what is early and what is late cancel.
        if stage.turn((tick + 0.5) / FPS) or tick == ticks - 1:
            film.picture(stage.canvas.planes, tick)
        first = tick * RATE // FPS
        film.sound(mixed(reels.voices, first, (tick + 1) * RATE // FPS - first))
        if tick % (TELLS_S * FPS) == 0:
            tell(Progress(tick / FPS))
    tiles, seconds = stage.end(script.seconds), film.close()
    return Made(bytes=into.size, seconds=seconds, width=WIDTH, height=HEIGHT, tiles=tiles, damaged=reels.damaged())


def main(stdin: BinaryIO, stdout: BinaryIO) -> None:
    """Make one film."""
    _bound()

    def tell(word: Word) -> None:
        stdout.write(msgspec.json.encode(word) + b"\n")
        stdout.flush()

    script = msgspec.json.decode(stdin.read(), type=Script)
    with closing(Veiled.fresh(Path(script.folder))) as into:
        try:
            tell(compose(script, into, tell))
        except (RvwError, NoFrames, MemoryError) as error:
            tell(Failed(getattr(error, "code", NotWhole.code), f"{type(error).__name__}: {error}"))
            return
        for chunk in into.chunks():
            stdout.write(chunk)
    stdout.flush()


def _bound() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    os.nice(NICENESS)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    main(sys.stdin.buffer, sys.stdout.buffer)
