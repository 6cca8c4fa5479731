"""The rows that `wire` works on, for all seats of a run, and what they say afterwards."""

from collections.abc import Sequence
from itertools import accumulate
from types import ModuleType
from typing import Any

import numpy

from media.batched import Buffers
from media.core import rows, srtp
from rvw.cli.bench.path import Path
from rvw.cli.bench.seats import PICTURE, Seat
from rvw.cli.bench.stream import FRAME_PACKETS, PICTURE_TICKS, SOUND_TICKS, wheel


class Load:
    """Plays what all publishers send, counts what all receivers get. A seat's own numbers are by its place in `seats`."""

    def __init__(self, seats: Sequence[Seat], wire: ModuleType, loss: float, seed: int) -> None:
        """`wire` is `rvw.cli.bench.wire`, compiled. Pictures lose `loss` of their packets, and repeat them when asked."""
        self._wire = wire
        self._paths: list[Path] = list(dict.fromkeys(path for seat in seats for path in (seat.outward, seat.inward)))
        place = {path: number for number, path in enumerate(self._paths)}
        self._inward = [place[seat.inward] for seat in seats]
        self._run, self._path_rows = self._zeros(wire.RUN), self._zeros(wire.PATH, len(self._paths))
        self._streams = self._zeros(wire.STREAM, len(self._paths) * wire.STREAMS_EACH)
        self._senders = self._zeros(wire.SENDER, 2 * len(seats))
        self._stamps = numpy.zeros((2 * len(seats) if loss else 0, wire.KEPT), "i8")
        for path, row in zip(self._paths, self._path_rows, strict=True):
            row.socket, (row.inbound, row.outbound) = path.socket.fileno(), path.srtp.contexts
        for number, seat in enumerate(seats):
            for row, ssrc in zip(self._senders[2 * number :][:2], (seat.ssrc, seat.ssrc + PICTURE), strict=True):
                row.path, row.ssrc = place[seat.outward], ssrc
            row.rtx_ssrc = ssrc + 1
            row.stamps = self._stamps[2 * number + 1 :].ctypes.data if loss else 0
        self._number = {int(row.ssrc): number for number, row in enumerate(self._senders)}
        self._lay_out(loss, seed)

    def turn(self, tick: int, sending: bool) -> None:
        """Do what is due in that millisecond."""
        self._wire.turn(self._at, tick, sending)
        count, self._run.handed_over_count = int(self._run.handed_over_count[0]), 0
        for number in range(count):
            entry, start = self._handed_over[number], number * self._wire.LONGEST_DATAGRAM
            path = self._paths[entry.path]
            path.take(self._handed_over_data[start : start + entry.length].tobytes())
            for ssrc, wire in path.asked_again:
                self._wire.repeat(self._at, self._number.get(ssrc, 0), wire)
            path.asked_again.clear()

    def sent(self) -> int:
        """Return how many packets were made."""
        return int(self._senders.packets.sum())

    def received(self) -> int:
        """Return how many packets have come."""
        return int(self._path_rows.packets.sum())

    def delays_ns(self) -> "numpy.ndarray[Any, Any]":
        """Return the delays sampled since `forget_delays`."""
        return self._delays[: min(int(self._run.delay_count[0]), self._wire.MOST_DELAYS)]

    def forget_delays(self) -> None:
        """Sample afresh."""
        self._run.delay_count = 0

    def streams(self) -> tuple[int, int, int]:
        """Return how many streams have come, how many packets they should have had, and how many of those did not come."""
        come = self._streams[self._streams["count"] > 0]
        whole = come.highest - come["first"] + 1
        return len(come), int(whole.sum()), int(numpy.maximum(0, whole - come["count"]).sum())

    def said(self, number: int) -> list[tuple[int, int, int, int]]:
        """Return what seat `number` reports of its own streams: SSRC, timestamp, packets, octets."""
        sound, picture = self._senders[2 * number], self._senders[2 * number + 1]
        stamps = (SOUND_TICKS * sound.packets, PICTURE_TICKS * (max(0, picture.packets - 1) // FRAME_PACKETS + 1))
        return [
            (int(it.ssrc), int(it.ssrc + stamp), int(it.packets), int(it.octets))
            for it, stamp in zip((sound, picture), stamps, strict=True)
        ]

    def heard(self, number: int) -> list[int]:
        """Return the SSRCs of the streams that seat `number` receives."""
        each = self._wire.STREAMS_EACH
        ssrcs = self._streams.ssrc[self._inward[number] * each :][:each]
        return [int(it) for it in ssrcs[ssrcs > 0]]

    def _zeros(self, kind: Any, count: int = 1) -> Any:
        return numpy.zeros(count, kind).view(numpy.recarray)

    def _lay_out(self, loss: float, seed: int) -> None:
        wire, run = self._wire, self._run
        slots = wheel(len(self._senders) // 2)
        self._slots = numpy.array([0, *accumulate(len(slot) for slot in slots)], "i8")
        self._order = numpy.array([number for slot in slots for number in slot], "i8")
        self._buffers = Buffers(wire.READ_AT_ONCE, wire.LONGEST_DATAGRAM, wire.CONTROL_BYTES)
        for message in self._buffers.messages[0 : wire.READ_AT_ONCE]:
            message.name_length, message.control_length = wire.NAME_LENGTH, wire.CONTROL_BYTES
        self._words = numpy.zeros(3, "i8")
        self._scratch = numpy.zeros(wire.LONGEST_DATAGRAM, "u1")
        self._delays = numpy.zeros(wire.MOST_DELAYS, "i8")
        self._handed_over = self._zeros(wire.HANDED_OVER, wire.MOST_HANDED_OVER)
        self._handed_over_data = numpy.zeros(wire.MOST_HANDED_OVER * wire.LONGEST_DATAGRAM, "u1")
        for name, array in (
            ("paths", self._path_rows), ("senders", self._senders), ("streams", self._streams), ("slots", self._slots),
            ("order", self._order), ("scratch", self._scratch), ("now", self._words), ("length", self._words[2:]),
            ("delays", self._delays), ("handed_over", self._handed_over), ("handed_over_data", self._handed_over_data),
        ):  # fmt: skip
            run[name] = array.ctypes.data
        for name, function in wire.addresses().items():
            run[name] = function
        run.protect, run.unprotect = srtp.PROTECT, srtp.UNPROTECT
        run.messages, run.control = rows.address(self._buffers.messages), rows.address(self._buffers.control)
        run.data, run.path_count = rows.address(self._buffers.data), len(self._paths)
        run.lose, run.chance = int(loss * wire.CHANCES), seed
        self._at = run.ctypes.data
