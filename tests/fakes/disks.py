"""Disks of their own, in memory: small ones, and ones that may not be written."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def disk(folder: Path, options: str) -> Iterator[Path]:
    """Give a disk at a new folder, as `mount` makes it with these options. Skips the test where nobody may mount."""
    folder.mkdir()
    try:
        run("mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder))
    except subprocess.CalledProcessError:
        pytest.skip("a disk of its own needs the right to mount")
    try:
        yield folder
    finally:
        run("umount", str(folder))


def run(*words: str) -> None:
    """Run a command that must succeed."""
    subprocess.run(words, check=True, capture_output=True)
