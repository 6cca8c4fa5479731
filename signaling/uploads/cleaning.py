"""The cleaning process: `python -m signaling.uploads.cleaning FILE FOLDER LIMITS`. Cleans one file, and ends.

Whatever a file does to a decoder it does to this process, which has no network address, no key and no store, and whose
memory, time and files are bounded by the kernel before the first byte is read.
"""

import ctypes
import resource
import signal
import sys
from pathlib import Path
from typing import Final

import msgspec

from rvw.errors import Bomb, RvwError
from signaling.uploads.results import Cleaned, Limits, Refused

PR_SET_PDEATHSIG: Final = 1
"""prctl(2): this process ends with the one that started it."""

WRITTEN_BYTES: Final = 512 * 1024 * 1024
OPEN_FILES: Final = 64


def main(words: list[str]) -> None:
    """Clean, and print what came of it."""
    file, folder, limits = Path(words[0]), Path(words[1]), msgspec.json.decode(words[2], type=Limits)
    _bound(limits)
    try:
        told: Cleaned | Refused = _clean(file.read_bytes(), folder, limits)
    except MemoryError:
        told = Refused(Bomb.code, "this file needs too much memory")
    except RvwError as error:
        told = Refused(error.code, str(error))
    sys.stdout.write(msgspec.json.encode(told).decode())


def _clean(data: bytes, folder: Path, limits: Limits) -> Cleaned:
    # Decoders are loaded only within the bounds, and only those that are needed.
    from signaling.uploads.kinds import kind_of

    kind = kind_of(data)
    if kind == "application/pdf":
        from signaling.uploads.documents import clean_document

        return clean_document(data, folder, limits)
    from signaling.uploads.pictures import clean_picture

    return clean_picture(data, kind, folder, limits)


def _bound(limits: Limits) -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    for what, most in (
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_CPU, limits.cpu_s),
        (resource.RLIMIT_FSIZE, WRITTEN_BYTES),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


if __name__ == "__main__":
    main(sys.argv[1:])
