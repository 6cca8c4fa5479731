"""The loop of a worker that forwards, compiled: wait, read, pass on, tell publishers, send; Python is asked seldom.

`run` comes back for what it does not know: a datagram that is not ordinary, messages that the kernel did not take, a file
of the event loop's that is ready, a time that has come. It makes system calls through their addresses; what it is in the
middle of stands in the row `turn`, so it goes on where it stopped. Other threads run meanwhile.
"""

from typing import Any, Final

from numba import types
from numba.core.dispatcher import Dispatcher

from media.core.feeding import feed
from media.core.machine import CONNECTION, LONG, MESSAGE_BYTES, ROUND, TURN, at, call, compiled
from media.core.rows import RECEIVED_AT_ONCE
from media.core.sending import add, begin, lay_out
from media.core.settled import walk
from media.core.twcc import PATIENCE_S

DONE, STRANGE, REFUSED = 0, 1, 2
"""Why `run` came back: it is time, or a file is ready; datagram `turn.number` is not ordinary; message `turn.done` did not
go."""

_DONTWAIT: Final = 0x40
_REALTIME, _MONOTONIC = 0, 1
_LONGEST_MS: Final = 60_000


@compiled
def run(turn_address: int) -> int:
    """Forward until Python is needed, or `turn.until`; whatever has come is read once at least. Returns why."""
    turn = at(turn_address, 1, TURN)[0]
    while True:
        if turn.made and not _send(turn_address, turn):
            return REFUSED
        if turn.number < turn.count and not turn.full:
            turn.number = walk(turn_address, turn.number, turn.count, turn.now, turn.shift)
            if turn.number < turn.count and not turn.full:
                return STRANGE
        fed = feed(turn, _clock(turn, _MONOTONIC) + turn.origin)
        if turn.outgoing_count and not _send(turn_address, turn):
            return REFUSED
        if turn.full or not fed:
            turn.full = 0
        elif turn.leaving:
            turn.leaving = 0
            return DONE
        else:
            _wait(turn)


@compiled
def _clock(turn: Any, which: int) -> float:
    call(turn.clock_gettime, which, turn.time, 0)
    time = at(turn.time, 2, LONG)
    return time[0] + time[1] * 1e-9


@compiled
def _send(turn_address: int, turn: Any) -> bool:
    """Send what is laid out. False when the kernel does not take message `turn.done`."""
    if not turn.made:
        turn.made = lay_out(turn_address)
    while turn.done < turn.made:
        first = turn.messages + turn.done * MESSAGE_BYTES
        sent = call(turn.sendmmsg, turn.socket, first, turn.made - turn.done, _DONTWAIT)
        if sent <= 0:
            return False
        turn.done += sent
    begin(turn_address)
    return True


@compiled
def _wait(turn: Any) -> None:
    """Wait for a datagram, for the event loop, or for a time; read what has come."""
    now = _clock(turn, _MONOTONIC) + turn.origin
    due = turn.until
    owed = at(turn.round, 1, ROUND)[0].first
    if owed:
        due = min(due, at(owed, 1, CONNECTION)[0].feedback_at + PATIENCE_S)
    # Whole milliseconds, rounded up: what is early would be waited for again.
    left = 0 if due <= now else int(min((due - now) * 1000, _LONGEST_MS)) + 1
    found = call(turn.poll, turn.sockets, 2, left)
    turn.now = _clock(turn, _MONOTONIC) + turn.origin
    turn.shift = turn.now - _clock(turn, _REALTIME)
    if found < 0 or turn.theirs >> 16 or turn.now >= turn.until:
        turn.leaving = 1
    turn.number = turn.count = 0
    if found > 0 and turn.ours >> 16:
        turn.count = max(0, call(turn.recvmmsg, turn.socket, turn.incoming, RECEIVED_AT_ONCE, _DONTWAIT, 0))


def prepare() -> None:
    """Compile what is called from Python, or load what was compiled: the first packet must not wait for it."""
    word = types.int64
    if isinstance(run, Dispatcher):
        run.compile((word,))
        add.compile((word, word, word))
        lay_out.compile((word,))
        begin.compile((word,))
