"""`python -m signaling.recordings.remux`: the segments of one visit into a file a party and slot, as a process of its own.

Reads a `Task` from standard input; writes each file to standard output, a `Head` on a line and then its bytes, and at the
end a `Summary`. Low priority: it never takes the processor from a talk. What it puts on the disk meanwhile is encrypted.
"""

import os
import sys
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import msgspec

from rvw.protocol.spool import Kind
from signaling.recordings.muxing import TYPES, Mux
from signaling.recordings.pictures import Pictures, Piece, Sounds, assembler
from signaling.recordings.plan import Head, Summary, Task
from signaling.recordings.reading import read
from signaling.recordings.timing import Number, Overview, Reordered, survey
from signaling.recordings.veil import Veiled

NICENESS = 15


class Line:
    """One track on its way into a file: put in order, put together."""

    def __init__(self, overview: Overview, number: Number, into: Mux) -> None:
        course = overview.courses[number]
        self.reordered = Reordered(course)
        self.assembler: Pictures | Sounds = assembler(course.source.codec)
        self.into = into


class File:
    """What one party has sent in one slot, over all connections and workers."""

    def __init__(self, head: Head, codec: str, since: float, folder: Path) -> None:
        self.head = head
        self.veiled = Veiled.fresh(folder)
        self.mux = Mux(codec, self.veiled, since)
        self.lines: list[Line] = []

    def finished(self) -> Head:
        """Return the head, now that all is in it."""
        dropped = sum(line.assembler.dropped for line in self.lines)
        mux = self.mux
        return msgspec.structs.replace(
            self.head,
            bytes=self.veiled.size,
            begin=mux.begin,
            seconds=mux.seconds,
            frames=mux.frames,
            dropped=dropped,
        )


def remux(task: Task) -> tuple[list[File], Summary]:
    """Return the files of a recording, and what there is to say of it. Raises `NotWhole`."""
    key, folder = b64decode(task.key), Path(task.folder)
    overview = survey(read(folder, task.room, key))
    since = overview.spans[0][0] if overview.spans else 0.0
    files: dict[tuple[str, str, str], File] = {}
    lines: dict[Number, Line] = {}
    for reel, entry in read(folder, task.room, key):
        if entry.kind != Kind.PACKET or (course := overview.courses.get((reel, entry.track))) is None:
            continue
        number = (reel, entry.track)
        if number not in lines:
            source = course.source
            if source.codec not in TYPES:
                continue
            whose = (source.peer, source.out, source.codec)
            if whose not in files:
                head = Head(actor=source.peer, out=source.out, codec=source.codec, type=TYPES[source.codec][1])
                files[whose] = File(head, source.codec, since, folder)
            for before in files[whose].lines:  # a connection that has ended: nothing more comes of it
                _pass(before, before.reordered.rest())
            lines[number] = Line(overview, number, files[whose].mux)
            files[whose].lines.append(lines[number])
        _pass(lines[number], lines[number].reordered.take(entry))
    for line in lines.values():
        _pass(line, line.reordered.rest())
    for file in files.values():
        file.mux.close()
    return [*files.values()], Summary(since=since, spans=tuple(overview.spans), lost=overview.lost)


def _pass(line: Line, pieces: Iterator[Piece]) -> None:
    for piece in pieces:
        for frame in line.assembler.take(piece):
            line.into.put(frame)


def main(stdin: BinaryIO, stdout: BinaryIO) -> None:
    """Do one task."""
    os.nice(NICENESS)
    task = msgspec.json.decode(stdin.read(), type=Task)
    files, summary = remux(task)
    for file in files:
        head = file.finished()
        if head.frames:
            stdout.write(msgspec.json.encode(head) + b"\n")
            for chunk in file.veiled.chunks():
                stdout.write(chunk)
    stdout.write(msgspec.json.encode(summary) + b"\n")
    stdout.flush()


if __name__ == "__main__":
    main(sys.stdin.buffer, sys.stdout.buffer)
