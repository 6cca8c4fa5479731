"""When to look at the socket: at once while little comes, by a beat while much does.

Waking up is what a forwarded packet costs most at a low rate. After something has come the socket is not waited for any
more; a timer of the kernel looks at it each `beat_s`, until beats in a row have found nothing. So packets that come
close to each other are read, forwarded and sent together, and none waits longer than a beat.
"""

import asyncio
import os
from collections.abc import Callable
from typing import Any, Final

from cffi import FFI  # type: ignore[import-untyped]

from rvw.clock import Seconds

IDLE_BEATS = 3
"""Beats in a row without anything: then the socket itself is waited for again."""

BEATS_IN_A_ROW = 8
"""Beats taken before the event loop has its turn again: a turn of the loop costs as much as two packets. Control requests
wait at most so long, 4 ms with the usual beat."""

_MONOTONIC = 1
_CLOSE_ON_EXEC = 0o2000000

_ffi: Final = FFI()
_ffi.cdef(
    """
    struct times { long interval_s; long interval_ns; long first_s; long first_ns; };
    int timerfd_create(int clock, int flags);
    int timerfd_settime(int fd, int flags, struct times *times, void *before);
    """
)


class Beat:
    """A periodic timer of the kernel, finer than the event loop's milliseconds (timerfd_create(2))."""

    def __init__(self, period_s: Seconds) -> None:
        """Raises `OSError` or `AttributeError` where there are none."""
        self._library: Any = _ffi.dlopen(None)
        self._fd = int(self._library.timerfd_create(_MONOTONIC, _CLOSE_ON_EXEC))
        if self._fd < 0:
            raise OSError(_ffi.errno, "no timer")
        period = (int(period_s), int(period_s % 1 * 1e9))
        self._on = _ffi.new("struct times *", (*period, *period))
        self._off = _ffi.new("struct times *")

    def fileno(self) -> int:
        """Return what to wait on."""
        return self._fd

    def start(self) -> None:
        """Beat from now on."""
        self._library.timerfd_settime(self._fd, 0, self._on, _ffi.NULL)

    def stop(self) -> None:
        """Beat no more."""
        self._library.timerfd_settime(self._fd, 0, self._off, _ffi.NULL)

    def take(self) -> None:
        """Wait for the next beat, at most one period; returns at once when one has been."""
        os.read(self._fd, 8)

    def close(self) -> None:
        """Give the timer back."""
        os.close(self._fd)


class Pace:
    """Calls `look` when there may be something on the socket; it says whether there was."""

    def __init__(self, loop: asyncio.AbstractEventLoop, fd: int, look: Callable[[], bool], beat_s: Seconds) -> None:
        """With a `beat_s` of 0, or where there is no such timer, every arrival wakes us."""
        self._loop, self._fd, self._look = loop, fd, look
        self._beat = _beat(beat_s)
        self._idle = 0
        loop.add_reader(fd, self._arrived)

    def close(self) -> None:
        """Look no more."""
        self._loop.remove_reader(self._fd)
        if self._beat is not None:
            self._loop.remove_reader(self._beat.fileno())
            self._beat.close()

    def _arrived(self) -> None:
        if self._look() and self._beat is not None:
            self._idle = 0
            self._loop.remove_reader(self._fd)
            self._loop.add_reader(self._beat.fileno(), self._beaten)
            # libuv makes what it watches non-blocking; a beat is waited for.
            os.set_blocking(self._beat.fileno(), True)
            self._beat.start()

    def _beaten(self) -> None:
        if self._beat is None:
            return
        for _ in range(BEATS_IN_A_ROW):
            self._beat.take()
            if not self._look():
                break
            self._idle = 0
        else:
            return
        self._idle += 1
        if self._idle >= IDLE_BEATS:
            self._beat.stop()
            self._loop.remove_reader(self._beat.fileno())
            self._loop.add_reader(self._fd, self._arrived)


def _beat(period_s: Seconds) -> Beat | None:
    if period_s <= 0:
        return None
    try:
        return Beat(period_s)
    except (OSError, AttributeError):
        return None
