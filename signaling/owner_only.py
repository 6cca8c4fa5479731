"""Files of secrets: readable by their owner only, written whole or not at all, and one only though many processes start."""

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from rvw.errors import InvalidSettings

MODE: Final = 0o600


def read(file: Path) -> bytes:
    """Return what is in it. Raises `InvalidSettings` if others may read it too, or it cannot be read."""
    try:
        if file.stat().st_mode & 0o077:
            raise InvalidSettings(f"{file} can be read by others than its owner: chmod 600 it, and rotate the key")
        return file.read_bytes()
    except OSError as error:
        raise InvalidSettings(f"{file} holds no keys: {error}") from error


def make(file: Path, content: Callable[[], bytes]) -> None:
    """Write the file unless there is one. Of several processes at once the first one's stays. Raises `OSError`."""
    file.parent.mkdir(parents=True, exist_ok=True)
    if file.exists():
        return
    fresh = _fresh(file, content())
    with suppress(FileExistsError):  # another process was faster: its file is ours too
        os.link(fresh, file)
    fresh.unlink()


def replace(file: Path, content: bytes) -> None:
    """Write other content into the file. Raises `OSError`; then the old one is there."""
    _fresh(file, content).replace(file)


def _fresh(file: Path, content: bytes) -> Path:
    """Return a file beside it with the content, on the disk."""
    fresh = file.with_name(f".{file.name}.{os.getpid()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, MODE)
    with os.fdopen(descriptor, "wb") as opened:
        opened.write(content)
        opened.flush()
        os.fsync(opened.fileno())
    return fresh
